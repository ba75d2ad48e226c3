"""`visavis bench start`: from the command to the first picture, and to an avatar that listens."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from xr_app.errors import OptionError
from xr_app.headset import Headset
from xr_app.start import STEPS

TO_REACH_MS: Final = 3000.0
"""The first picture, once everything was started before."""
LONGEST_S: Final = 180.0

RunOnce = Callable[[Headset], Mapping[str, float]]


def bench_start(headset: Headset, rounds: int, run: RunOnce | None = None) -> dict[str, Any]:
    """Milliseconds to each step, the median over `rounds` warm starts after one that warms up, and each round's.

    run: starts a talk, ends it when the avatar listens, and gives what it reached; Raises OptionError where a talk
    fails.
    """
    run = run or start_once
    run(headset)
    taken = [run(headset) for _ in range(rounds)]
    steps = [step for step in STEPS if all(step in each for each in taken)]
    return {
        "headset": str(headset),
        "start_ms": {step: round(median(each[step] for each in taken), 1) for step in steps},
        "first_picture_worst_ms": max((each["first_picture"] for each in taken), default=None),
        "rounds": [dict(each) for each in taken],
    }


def start_once(headset: Headset) -> Mapping[str, float]:
    """One talk in a process of its own, which nobody says anything in. Raises OptionError."""
    with tempfile.TemporaryDirectory(prefix="visavis-") as folder:
        report = Path(folder) / "report.json"
        # Without any line to come, a talk in writing ends when it could begin.
        options: Sequence[str] = ("--text", "--set", "conversation.welcome=", "--set", "conversation.remembers=nothing")
        command = [sys.executable, "-c", "from xr_app.cli import main; main()", "run", "--headset", str(headset)]
        done = subprocess.run(
            [*command, *options, "--report", str(report)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise OptionError(f"The talk did not start ({said[-1] if said else done.returncode}).")
        reached: Mapping[str, float] = json.loads(report.read_text())["start_ms"]
    if "first_picture" not in reached:
        raise OptionError("The talk showed no picture; is the headset on a head?")
    return reached
