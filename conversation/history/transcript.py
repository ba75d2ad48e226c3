"""A conversation written down: plain text, Markdown, JSON for programs, SubRip (.srt) for a film."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Final, Literal

from conversation.history.memory import Exchange

CAPTION: Final = 80
"""Characters that are read at once."""
BETWEEN_CONVERSATIONS_S: Final = 2.0
SHORTEST_CAPTION_S: Final = 0.5


@dataclass(frozen=True)
class Names:
    """What the two are called."""

    user: str = "You"
    avatar: str = "Visavis"


@dataclass(frozen=True)
class Line:
    """What one of the two said, from when to when (seconds since 1970)."""

    conversation: float
    speaker: Literal["user", "avatar"]
    text: str
    start_s: float
    end_s: float


def lines_of(exchanges: Sequence[Exchange]) -> list[Line]:
    """In the order in which they were said; what was never heard is not there."""
    lines = list[Line]()
    for e in exchanges:
        lines.append(Line(e.conversation, "user", e.question, e.asked_s, max(e.asked_s, e.answered_s)))
        lines.append(Line(e.conversation, "avatar", e.heard, e.answered_s, max(e.answered_s, e.ended_s)))
    return [line for line in lines if line.text]


def as_text(lines: Sequence[Line], names: Names, zone: tzinfo | None = None) -> str:
    """A line each, under the date of each conversation; times in `zone`, or that of this machine."""
    return "\n".join(
        f"{_date(start, zone)}\n"
        + "".join(f"[{_time(line.start_s, zone)}] {_name(line, names)}: {line.text}\n" for line in part)
        for start, part in groupby(lines, lambda line: line.conversation)
    )


def as_markdown(lines: Sequence[Line], names: Names, zone: tzinfo | None = None) -> str:
    """A heading for each conversation, a paragraph for each line; nothing in the text is taken as markup."""
    return "\n".join(
        f"## {_date(start, zone)}\n\n" + "\n".join(f"**{_name(line, names)}:** {_plain(line.text)}\n" for line in part)
        for start, part in groupby(lines, lambda line: line.conversation)
    )


def as_json(lines: Sequence[Line], names: Names, zone: tzinfo | None = None) -> str:
    """A list of the lines with ISO 8601 times beside the seconds."""
    entries = [
        {**asdict(line), "name": _name(line, names), "start": _moment(line.start_s, zone).isoformat()} for line in lines
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def as_srt(lines: Sequence[Line], names: Names, zone: tzinfo | None = None) -> str:
    """Captions from the first word on; of the time between two conversations BETWEEN_CONVERSATIONS_S stay."""
    captions, shift, end = list[str](), 0.0, 0.0
    for _, group in groupby(lines, lambda line: line.conversation):
        part = list(group)
        shift = part[0].start_s - (end + BETWEEN_CONVERSATIONS_S if captions else 0.0)
        for line in part:
            text = f"{_name(line, names)}: {line.text.replace('-->', '→')}"
            pieces = textwrap.wrap(text, CAPTION) or [text]
            # A clock that was set back must not turn captions round.
            start = max(line.start_s - shift, end)
            length = max(line.end_s - line.start_s, SHORTEST_CAPTION_S * len(pieces))
            written = 0
            for piece in pieces:
                begin = start + length * written / sum(map(len, pieces))
                written += len(piece)
                end = start + length * written / sum(map(len, pieces))
                captions.append(f"{len(captions) + 1}\n{_srt_time(begin)} --> {_srt_time(end)}\n{piece}\n")
    return "\n".join(captions)


Write = Callable[[Sequence[Line], Names, tzinfo | None], str]
FORMATS: Final[Mapping[str, Write]] = {"txt": as_text, "md": as_markdown, "json": as_json, "srt": as_srt}
"""By the ending of the file."""


def _name(line: Line, names: Names) -> str:
    return names.user if line.speaker == "user" else names.avatar


def _moment(seconds: float, zone: tzinfo | None) -> datetime:
    """With its zone, also where that is the machine's own."""
    moment = datetime.fromtimestamp(seconds, zone)
    return moment if zone else moment.astimezone()


def _date(seconds: float, zone: tzinfo | None) -> str:
    return f"{_moment(seconds, zone):%Y-%m-%d %H:%M}"


def _time(seconds: float, zone: tzinfo | None) -> str:
    return f"{_moment(seconds, zone):%H:%M:%S}"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", text)


def _srt_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"
