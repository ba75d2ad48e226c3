"""The phones that the mouth table knows (CMU's ARPAbet, as flite writes it), in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PHONES: Final = (
    "pau", "aa", "ae", "ah", "ao", "aw", "ax", "ay", "b", "ch", "d", "dh", "eh", "er", "ey", "f", "g", "hh", "ih", "iy",
    "jh", "k", "l", "m", "n", "ng", "ow", "oy", "p", "r", "s", "sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh",
)  # fmt: skip
NUMBER: Final = {phone: i for i, phone in enumerate(PHONES)}
BILABIALS: Final = ("p", "b", "m")


@dataclass(frozen=True)
class Segment:
    """One phone in time; seconds."""

    phone: str
    start: float
    end: float


def joined(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The same with neighbouring silences made one."""
    out: list[Segment] = []
    for segment in segments:
        if out and segment.phone == out[-1].phone == "pau":
            out[-1] = Segment("pau", out[-1].start, segment.end)
        else:
            out.append(segment)
    return tuple(out)
