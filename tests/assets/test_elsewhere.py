"""A script in a process of its own: lines of JSON there and back, and what is said when it does not run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from assets.elsewhere import Elsewhere, make_environment
from assets.errors import AssetError
from assets.progress import SilentProgress

SCRIPT = """
import json, os, sys
print("a line of its own")
print("visavis: " + json.dumps({"got": json.loads(sys.argv[1]), "path": os.environ.get("PYTHONPATH")}), flush=True)
for line in sys.stdin:
    work = json.loads(line)
    if work == {"fall": True}:
        sys.exit("it fell over")
    print("visavis: " + json.dumps({"twice": 2 * work["number"]}), flush=True)
"""


class TriedError(AssetError):
    """What the tests are told."""


def program(folder: Path, text: str) -> Elsewhere:
    script = folder / "script.py"
    script.write_text(text)
    return Elsewhere(
        Path(sys.executable), script, {"name": "é"}, what="The peer", error=TriedError, hint="leave it out"
    )


def test_it_answers_what_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    there = program(tmp_path, SCRIPT)
    try:
        assert there.about == {"got": {"name": "é"}, "path": None}, "modules of this Python are not for it"
        assert [there.ask({"number": number})["twice"] for number in (1, 21)] == [2, 42]
        assert os.getpgid(there.group) == there.group
        assert os.getsid(there.group) == os.getsid(0), "a session of its own would have a share of its own"
    finally:
        there.close()
    with pytest.raises(ProcessLookupError):
        os.kill(there.group, 0)


def test_why_it_ended_is_said(tmp_path: Path) -> None:
    there = program(tmp_path, SCRIPT)
    try:
        for _ in range(2):
            with pytest.raises(TriedError, match=r"The peer does not run here \(it fell over\); leave it out\."):
                there.ask({"fall": True})
    finally:
        there.close()


def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(TriedError, match="No module named 'nowhere_at_all'"):
        program(tmp_path, "import nowhere_at_all")


def test_an_environment_is_used_again_or_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python that makes it is played: it notes that it was called, and the one that it makes knows no package."""
    maker = tmp_path / "maker"
    maker.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/log\nmkdir -p "$3/bin"\n'
        'printf \'#!/bin/sh\\necho "no such package $6" >&2; exit 1\\n\' > "$3/bin/python"\nchmod +x "$3/bin/python"\n'
    )
    maker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(maker))
    folder = tmp_path / "env"
    with SilentProgress().step("") as step:
        with pytest.raises(TriedError, match=r"It could not be installed \(no such package two==2\); is the network"):
            make_environment(folder, ["two==2"], "It", "1 MB", step, TriedError)
        assert not (folder / "installed").exists(), "half an environment is made again"
        (folder / "installed").write_text("one==1\ntwo==2")
        assert make_environment(folder, ["one==1", "two==2"], "It", "1 MB", step, TriedError) == folder / "bin/python"
        with pytest.raises(TriedError):
            make_environment(folder, ["one==2", "two==2"], "It", "1 MB", step, TriedError)
    assert (tmp_path / "log").read_text() == f"-m venv {folder}\n" * 2
