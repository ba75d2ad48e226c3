"""An avatar that is read while everything else that a start needs is loaded and opened."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from assets.avatar import Avatar
from xr_app.avatar_files import find_avatar, located


class Reading:
    """An avatar that is read on a thread; a context manager.

    name: of it, or its file; the one who comes with visavis if not given. Raises AvatarError where there is none.
    """

    def __init__(self, name: Path | None) -> None:
        located(name)
        self.pool = ThreadPoolExecutor(1, "visavis-avatar")
        """Whose thread has time for more, once that is done."""
        self._read: Future[Avatar] = self.pool.submit(find_avatar, name)

    def check(self) -> None:
        """Raise what is known to be wrong with it by now: AvatarError."""
        if self._read.done():
            self._read.result()

    def result(self) -> Avatar:
        """The avatar, waited for. Raises AvatarError."""
        return self._read.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.pool.shutdown(cancel_futures=True)
