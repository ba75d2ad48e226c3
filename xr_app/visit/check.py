"""One thing that a visit has to show, and what it is found by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from conversation.measure.word_errors import units
from xr_app.frame_log import FrameLog
from xr_app.visit.heard import Heard
from xr_app.visit.notes import Notes

if TYPE_CHECKING:
    from conversation.audio.recording import Recording
    from xr_app.report import Report

WORDS_WRONG = 0.2


class Check(msgspec.Struct, frozen=True):
    """One of them."""

    name: str
    ok: bool
    told: str
    """The figure behind it."""


Checks = Iterator[Check]


@dataclass(frozen=True)
class Evidence:
    """What is there when a visit is over."""

    notes: Notes
    log: FrameLog
    heard: Heard
    recording: Recording | None
    report: Report
    questions: tuple[str, ...]
    """What the guest said (script.Performance)."""
    validation: str | None
    """What the API layer wrote, None where it did not run."""


def missed(text: str, heard: str) -> float:
    """Share of a question's words that were not heard; of one that interrupts its last sentence counts."""
    words, there = units(text.split(". ")[-1], "en"), units(heard, "en")
    return sum(word not in there for word in words) / len(words)
