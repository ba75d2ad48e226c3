"""Which avatars the menu lists: those on this machine, read anew beside the frames when somebody is about to choose."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from xr_app.avatar_files import known
from xr_app.encounter import Encounter


class AvatarList:
    """Of one talk. first: who is there at its start, a name or a file, and listed whatever else there is."""

    def __init__(self, first: str, encounter: Encounter) -> None:
        self._first, self._encounter = first, encounter
        self._thread = ThreadPoolExecutor(1, "visavis-avatars")
        self._reading: Future[dict[str, Path]] | None = None
        self._offer(known(), first)

    def look(self) -> None:
        """Begin to read which there are now; waits for nothing."""
        if self._reading is None:
            self._reading = self._thread.submit(known)

    def step(self) -> None:
        """Have the menu list those that were read, if that is done; to be called between two frames."""
        if self._reading is not None and self._reading.done():
            reading, self._reading = self._reading, None
            if reading.exception() is None:  # a folder that cannot be read now leaves the list as it is
                self._offer(reading.result(), self._encounter.panels.choices.avatar)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(cancel_futures=True)

    def _offer(self, there: dict[str, Path], chosen: str) -> None:
        titles = {self._first: Path(self._first).stem, **{name: name for name in there}}
        self._encounter.offer(list(titles.items()), chosen)
