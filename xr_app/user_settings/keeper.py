"""Settings that are changed while frames are drawn: written one after the other by a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from assets.errors import VisavisError
from xr_app.user_settings import set_setting


class SettingsKeeper:
    """A context manager; what was told to be kept is written when it ends. say: shows a sentence, from any thread."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._thread = ThreadPoolExecutor(1, "visavis-settings")

    def keep(self, name: str, value: object | None) -> None:
        """Write one setting soon; a sentence is shown where that fails."""
        self._thread.submit(self._write, name, value)

    def _write(self, name: str, value: object | None) -> None:
        try:
            told = set_setting(name, value)
        except VisavisError as error:
            told = str(error)
        if told:
            self._say(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
