"""`visavis visit`: a whole visit in the simulated headset, as a film, as pictures and as a list of checks."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from conversation.measure.talk import speak
from xr_app.emulated.composed import over_room
from xr_app.frame_log import FrameLog
from xr_app.headset import Headset
from xr_app.report import Report
from xr_app.talk import talk
from xr_app.talk_options import TalkOptions
from xr_app.texts import tr
from xr_app.visit.check import Check
from xr_app.visit.headset import ROOM, VisitHeadset
from xr_app.visit.notes import Step
from xr_app.visit.visitor import Visitor

QUESTIONS: Final = (
    "Tell me a long story about a little dog.",
    "Wait, please. One moment. What is the capital of France?",
    "Hello, I am back again.",
)
"""The second one is asked while the first one is being answered, and begins as people do who interrupt; the third one
while the headset is off, and again when it is on."""
PICTURES: Final = {
    "at the table": "table", "pointed": "place", "placed": "placed", "walked": "walk", "answer": "talk",
    "second answer": "interrupt", "grabbed": "grab", "smaller": "scale", "figures on": "menu", "stage": "stage",
    "put on again": "again", "found again": "found",
}  # fmt: skip
"""Steps that there is a picture of, with its name."""
_WIDE: Final = 480
"""Pixels of a picture, each way."""


@dataclass(frozen=True)
class Visit:
    """What came of one."""

    checks: list[Check]
    talk: Report
    steps_s: dict[str, float]
    """When each step was done, in the film's time."""

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return all(check.ok for check in self.checks)

    def json(self) -> str:
        """Everything, for programs."""
        found: dict[str, Any] = {
            "ok": self.ok,
            "checks": msgspec.to_builtins(self.checks),
            "steps_s": self.steps_s,
            "talk": msgspec.to_builtins(self.talk),
        }
        return json.dumps(found, indent=2, ensure_ascii=False)

    def show(self, console: Console) -> None:
        """Print the list."""
        table = Table(title=tr("The visit", "这次拜访"), show_header=False, title_justify="left")
        for check in self.checks:
            table.add_row("✓" if check.ok else "✗", check.name, check.told)
        console.print(table)


def visit(
    options: TalkOptions,
    *,
    report: Path | None = None,
    pictures: Path | None = None,
    steps: Sequence[Step] = tuple(Step),
    pace: float = 1.0,
) -> Visit:
    """Go there, and look at everything. Raises VisavisError.

    options: `film` is where the film goes; report: of the checks; pictures: a folder for one of what the headset
    showed and, where there is a film, one of each step; steps: what is done; pace: how fast the guest moves, 1 like
    people.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="visavis-")))
        file = stack.enter_context(_validated(folder / "validation.txt"))
        headset = stack.enter_context(VisitHeadset(folder / "anchors"))
        wavs = [speak(text, folder / f"question{number}.wav") for number, text in enumerate(QUESTIONS)]
        visitor = Visitor(headset, list(zip(wavs, QUESTIONS, strict=True)), folder, file, steps, pace)
        told = talk(replace(options, headset=Headset.SIMULATED, questions=tuple(wavs)), visitor)
    done = Visit(visitor.checks, told, _steps(visitor.notes.at, visitor.log))
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(done.json() + "\n", encoding="utf-8")
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        if options.film is not None and options.film.exists():
            _draw_pictures(options.film, done.steps_s, pictures)
        if "placed" in visitor.notes.eyes:
            seen = Image.fromarray(over_room(visitor.notes.eyes["placed"], ROOM, np.eye(4)))
            seen.resize((_WIDE, _WIDE), Image.Resampling.LANCZOS).save(pictures / "visit-seen.jpg", quality=88)
    return done


def _steps(at: Mapping[str, int], log: FrameLog | None) -> dict[str, float]:
    if log is None or not log.frames:
        return {}
    return {name: round((when - log.frames[0].seen_ns) / 1e9, 2) for name, when in at.items()}


def _draw_pictures(film: Path, steps_s: Mapping[str, float], folder: Path) -> None:
    for step, name in PICTURES.items():
        if step in steps_s:
            subprocess.run(
                [
                    *("ffmpeg", "-v", "error", "-y", "-ss", f"{max(steps_s[step] - 0.1, 0.0):.2f}", "-i", str(film)),
                    *("-frames:v", "1", "-vf", f"scale={_WIDE}:-1", "-q:v", "5", str(folder / f"visit-{name}.jpg")),
                ],
                check=False,
                stdin=subprocess.DEVNULL,
            )


@contextmanager
def _validated(file: Path) -> Iterator[Path]:
    """Meanwhile the core validation layer writes into `file` (its own variables' names)."""
    ours = {"XR_CORE_VALIDATION_EXPORT_TYPE": "text", "XR_CORE_VALIDATION_FILE_NAME": str(file)}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield file
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
