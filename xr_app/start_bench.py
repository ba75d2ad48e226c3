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
"""The avatar's first picture, once everything was started before; the figure in its place is there long before."""
LONGEST_S: Final = 180.0

Steps = Mapping[str, float]
RunOnce = Callable[[Headset], tuple[Steps, Steps]]


def bench_start(headset: Headset, rounds: int, run: RunOnce | None = None) -> dict[str, Any]:
    """Milliseconds to each step (start.py), and how many of them the app's process computed: medians over `rounds`
    warm starts after one that warms up, and each round's.

    run: starts a talk, ends it when the avatar listens, and gives both. Raises OptionError where a talk fails.
    """
    run = run or start_once
    run(headset)
    taken = [run(headset) for _ in range(rounds)]
    reached, computed = [each for each, _ in taken], [each for _, each in taken]
    return {
        "headset": str(headset),
        "start_ms": _medians(reached),
        "start_cpu_ms": _medians(computed),
        "figure_worst_ms": max(each["figure"] for each in reached),
        "first_picture_worst_ms": max(each["first_picture"] for each in reached),
        "rounds": [dict(each) for each in reached],
    }


def _medians(taken: Sequence[Steps]) -> dict[str, float]:
    steps = [step for step in STEPS if all(step in each for each in taken)]
    return {step: round(median(each[step] for each in taken), 1) for step in steps}


def start_once(headset: Headset) -> tuple[Steps, Steps]:
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
            errors = done.stderr.strip().splitlines()
            raise OptionError(f"The talk did not start ({errors[-1] if errors else done.returncode}).")
        said = json.loads(report.read_text())
    reached: Steps = said["start_ms"]
    if "first_picture" not in reached:
        raise OptionError("The talk showed no picture; is the headset on a head?")
    return reached, said["start_cpu_ms"]
