"""Another avatar is chosen while one talks: loaded beside the frames, then drawn in the place of the one before."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from assets.avatar import Avatar
from assets.errors import VisavisError
from conversation.link.events import Failure
from render.gl.context import nothing_stays
from render.plan import MakeModel
from render.steps import at_once
from xr_app.avatar_files import DEFAULT, find_avatar
from xr_app.avatar_list import AvatarList
from xr_app.encounter import Encounter
from xr_app.live import Live
from xr_app.texts import tr


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
        self._loading: Future[Avatar] | None = None
        self._list = AvatarList(self._name, encounter) if offers else None

    def look(self) -> None:
        """Somebody is about to choose: see who is there now."""
        if self._list is not None:
            self._list.look()

    def choose(self, name: str) -> None:
        """Begin to load it; of several, the last one chosen counts."""
        if self._loading is not None:
            self._loading.cancel()
        self._wanted, self._loading = name, self._thread.submit(find_avatar, Path(name))
        self._encounter.wait_for(tr(f"{name} is on the way …", f"{name} 正在赶来……"))

    def step(self, live: Live) -> None:
        """Have `live` draw it, if it is loaded; to be called between two frames."""
        if self._list is not None:
            self._list.step()
        if self._loading is None or not self._loading.done():
            return
        loading, self._loading = self._loading, None
        self._encounter.wait_for("")
        try:
            avatar = loading.result()
            assert live.likeness is not None
            with nothing_stays(live.ctx):
                live.meet(at_once(live.likeness.another(avatar, self._networks(avatar))))
                gc.unfreeze()
            gc.freeze()
        except VisavisError as error:
            self._encounter.chose(self._name)
            self._fail(Failure("avatar", type(error).__name__, str(error)))
            return
        self.avatar, self._name = avatar, self._wanted
        self._encounter.chose(self._name)
        self._encounter.meet(height_of(avatar))
        self._keep("avatar.name", self._name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
        if self._list is not None:
            self._list.close()


def height_of(avatar: Avatar) -> float:
    """In metres."""
    return float(avatar.mesh.vertices[:, 1].max())
