"""Programs run by a Python of its own, which has packages that this one does not want.

What a bench compares with is large, or clashes with what is installed here: it lives in an environment in the cache,
and a script that runs there is talked with by lines of JSON. Errors are of the type that the caller names.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from assets.errors import VisavisError
from assets.progress import Step

ANSWER: Final = "visavis: "
"""Begins every answer of a script; packages write lines of their own between them."""
_DONE: Final = "installed"


def make_environment(
    folder: Path, requirements: Sequence[str], what: str, size: str, step: Step, error: type[VisavisError]
) -> Path:
    """The Python of an environment in `folder` that has exactly these `requirements`, made unless it is there.

    `what` it is called, also by the `error` that is raised, and its `size`, are told to `step`.
    """
    python, done = folder / "bin" / "python", folder / _DONE
    wanted = "\n".join(requirements)
    if python.exists() and done.exists() and done.read_text() == wanted:
        return python
    step.say(f"fetching {what}, {size}")
    shutil.rmtree(folder, ignore_errors=True)
    run_or([sys.executable, "-m", "venv", str(folder)], f"An environment for {what}", error)
    run_or([str(python), "-m", "pip", "install", "--disable-pip-version-check", "-q", *requirements], what, error)
    done.write_text(wanted)
    return python


def run_or(command: Sequence[str], what: str, error: type[VisavisError]) -> None:
    """Install something; raises `error` with the last line that was said."""
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode:
        said = [line for line in (result.stderr or result.stdout).splitlines() if line.strip()]
        why = said[-1].strip() if said else f"exit code {result.returncode}"
        raise error(f"{what} could not be installed ({why}); is the network there?")


class Elsewhere:
    """A script in a process of its own, started with a JSON as its argument; it answers that, and each line after it,
    with a line. Raises `error` (what it is, why, `hint`) where it does not run or ends early."""

    def __init__(
        self,
        python: Path,
        script: Path,
        argument: Mapping[str, Any],
        *,
        what: str,
        error: type[VisavisError],
        hint: str,
    ) -> None:
        self._what, self._error, self._hint = what, error, hint
        self._folder = tempfile.TemporaryDirectory(prefix="visavis-elsewhere-")
        self._said = Path(self._folder.name) / "stderr"
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [str(python), str(script), json.dumps(argument)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, env=environment,
                # No session of its own: Linux weighs sessions against each other, and it would get more than its share.
                process_group=0,
            )  # fmt: skip
        try:
            self.about = self._answer()
            """What it said first."""
        except BaseException:
            self.close()
            raise

    @property
    def group(self) -> int:
        """Its process, which leads a process group of its own."""
        return self._process.pid

    def ask(self, work: Mapping[str, Any]) -> dict[str, Any]:
        """What it answers."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(work) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End it, and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._folder.cleanup()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(ANSWER):
                answer: dict[str, Any] = json.loads(line[len(ANSWER) :])
                return answer
        said = [line for line in self._said.read_text(errors="replace").splitlines() if line.strip()]
        why = said[-1] if said else "it says nothing"
        raise self._error(f"{self._what} does not run here ({why}); {self._hint}.")
