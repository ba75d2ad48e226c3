"""The minutes of a talk: what was asked and what was heard of the answers, from the conversation's events.

Kept by the app for as long as the talk runs, whatever the avatar's memory keeps; written into a file on request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from conversation.history.memory import Exchange
from conversation.history.transcript import FORMATS, Names, lines_of
from conversation.link.events import AppEvent, Transcript, TurnDone
from conversation.speech_text import join_clauses
from conversation.timings import TurnTimings
from xr_app.errors import OptionError
from xr_app.texts import tr

MOST: Final = 4000
"""Exchanges; the oldest go."""


class Minutes:
    """Feed it the conversation's events. `now_s`: seconds since 1970; `now_ns`: the same moment, monotonic."""

    def __init__(self, now_s: float, now_ns: int) -> None:
        self._began_s = now_s
        self._since_1970_s = now_s - now_ns / 1e9
        self._done: deque[Exchange] = deque(maxlen=MOST)
        self._asked: Transcript | None = None
        self._asked_ns = 0

    def take(self, event: AppEvent, now_ns: int) -> None:
        """Note one event."""
        match event:
            case Transcript():
                self._asked, self._asked_ns = event, now_ns
            case TurnDone(timings=timings) if timings.heard and self._done and not self._is_asked(timings):
                # The rest of an answer that was cut for a voice which meant nothing.
                last = self._done[-1]
                heard = join_clauses([part for part in (last.heard, timings.said) if part])
                self._done[-1] = replace(last, heard=heard, ended_s=self._seconds(now_ns))
            case TurnDone(timings=timings):
                asked = self._asked_ns if timings.heard else now_ns
                answered = timings.first_audible_out or timings.first_token or now_ns
                self._add(timings.heard, timings.said, timings.speech_end or min(asked, answered), answered, now_ns)
                self._asked = None if self._is_asked(timings) else self._asked

    def exchanges(self) -> list[Exchange]:
        """All that was said so far, the question that is being answered included."""
        asked = []
        if self._asked is not None:
            when = self._seconds(self._asked_ns)
            asked = [Exchange(self._began_s, self._asked.text, "", when, when, when)]
        return [*self._done, *asked]

    @contextmanager
    def written(self, file: Path | None) -> Iterator[None]:
        """Afterwards `file` holds what was said, if anything was, however the talk ended."""
        try:
            yield
        finally:
            if file is not None and (exchanges := self.exchanges()):
                write_transcript(file, exchanges)

    def _is_asked(self, timings: TurnTimings) -> bool:
        return self._asked is not None and self._asked.turn == timings.turn

    def _add(self, question: str, heard: str, asked: int, answered: int, ended: int) -> None:
        times = (self._seconds(ns) for ns in (asked, answered, ended))
        self._done.append(Exchange(self._began_s, question, heard, *times))

    def _seconds(self, monotonic_ns: int) -> float:
        return self._since_1970_s + monotonic_ns / 1e9


def require_transcript_name(file: Path) -> None:
    """Raise OptionError where its ending names no form of a transcript."""
    if _ending(file) not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise OptionError(tr(f"{file} is none of {endings}: choose one.", f"{file} 不是 {endings} 之一：请选择其一。"))


def write_transcript(file: Path, exchanges: Sequence[Exchange]) -> None:
    """Write what was said as .txt, .md, .json or .srt; raises OptionError where that cannot be."""
    require_transcript_name(file)
    text = FORMATS[_ending(file)](lines_of(exchanges), Names(user=tr("You", "你")), None)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptionError(
            tr(
                f"{file} cannot be written ({error.strerror}): choose another.",
                f"无法写入 {file}（{error.strerror}）：请另选。",
            )
        ) from None


def _ending(file: Path) -> str:
    return file.suffix.lower().removeprefix(".")
