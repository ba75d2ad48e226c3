"""Another avatar is chosen while one talks: read and made ready beside the frames, then drawn in the place of the one
before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from assets.avatar import Avatar
from assets.errors import VisavisError
from conversation.link.events import Failure
from render.plan import MakeModel
from render.steps import Sliced, Steps, beside
from xr_app.avatar_files import DEFAULT, find_avatar
from xr_app.avatar_list import AvatarList
from xr_app.encounter import Encounter
from xr_app.likeness import Likeness
from xr_app.live import Live
from xr_app.texts import tr

SPARE_S: Final = 0.005
"""Of every frame, at most, for who is on the way."""


class Exchange:
    """Of one talk; a context manager.

    avatar: who is there, if anybody is yet; name: of it, or its file; networks: how those of an avatar are run here;
    keep: remembers a setting, by its name in visavis.toml; fail: is told what does not work; offers: whether there is a
    choice at all.
    """

    def __init__(
        self,
        avatar: Avatar | None,
        name: Path | None,
        encounter: Encounter,
        *,
        networks: Callable[[Avatar], MakeModel | None],
        keep: Callable[[str, str], None],
        fail: Callable[[Failure], None],
        offers: bool = True,
    ) -> None:
        self.avatar = avatar
        """Who is drawn."""
        self._name = str(name or DEFAULT)
        self._encounter, self._networks, self._keep, self._fail = encounter, networks, keep, fail
        self._thread = ThreadPoolExecutor(1, "visavis-avatar")
        self._wanted = ""
        self._coming: Sliced[Likeness] | None = None
        self._list = AvatarList(self._name, encounter) if offers else None

    def look(self) -> None:
        """Somebody is about to choose: see who is there now."""
        if self._list is not None:
            self._list.look()

    def choose(self, name: str) -> None:
        """Begin to load it; of several, the last one chosen counts."""
        self.pause()
        self._wanted = name
        self._encounter.wait_for(tr(f"{name} is on the way …", f"{name} 正在赶来……"))

    def pause(self) -> None:
        """The display that was drawn on is about to go; on the next one it is begun again."""
        if self._coming is not None:
            self._coming.close()
            self._coming = None

    def step(self, live: Live) -> None:
        """Go on with making ready who was chosen, and have `live` draw them once they are; to be called between two
        frames, of which none waits for more than a few milliseconds."""
        if self._list is not None:
            self._list.step()
        if not self._wanted or live.likeness is None:
            return
        if self._coming is None:
            self._coming = Sliced(self._bring(Path(self._wanted), live.likeness), self._thread)
        if not self._coming.go_on(min(live.spare_s, SPARE_S)):
            return
        (coming, self._coming), (name, self._wanted) = (self._coming, None), (self._wanted, "")
        self._encounter.wait_for("")
        try:
            likeness = coming.result
        except VisavisError as error:
            self._encounter.chose(self._name)
            self._fail(Failure("avatar", type(error).__name__, str(error)))
            return
        live.meet(likeness)
        self.avatar, self._name = likeness.avatar, name
        self._encounter.chose(name)
        self._encounter.meet(height_of(likeness.avatar))
        self._keep("avatar.name", name)

    def _bring(self, path: Path, there: Likeness) -> Steps[Likeness]:
        avatar = yield from beside(partial(find_avatar, path))
        return (yield from there.another(avatar, self._networks(avatar)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        self._thread.shutdown(cancel_futures=True)
        if self._list is not None:
            self._list.close()


def height_of(avatar: Avatar) -> float:
    """In metres."""
    return float(avatar.mesh.vertices[:, 1].max())
