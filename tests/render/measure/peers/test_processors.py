"""Processor time of a session or group: of a real one that works, and of a table of processes written down by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from render.measure.peers.processors import processor_seconds

WORKER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]]) if len(sys.argv) > 1 else None
until = time.process_time() + 0.3
while time.process_time() < until: pass
print("worked", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("own", [{"start_new_session": True}, {"process_group": 0}], ids=["session", "group"])
def test_two_processes_that_work(own: dict[str, Any]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **own
    ) as worker:
        assert worker.stdout is not None
        assert [worker.stdout.readline() for _ in range(2)] == [b"worked\n"] * 2
        seconds = processor_seconds(worker.pid)
        assert worker.stdin is not None
        worker.stdin.close()
    assert seconds is not None and 0.55 < seconds < 3


def test_who_belongs_to_it(tmp_path: Path) -> None:
    table = {7: "7 (a) S 1 7 7", 8: "8 (b (c) d) S 7 8 7", 9: "9 (e) S 1 9 9", 12: "12 (f) S 9 7 9"}
    for number, start in table.items():
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_text(f"{start} 0 -1 0 0 0 0 0 {number * 100} 50 1 1 20 0")
    (tmp_path / "10").mkdir()
    (tmp_path / "11").mkdir()
    (tmp_path / "11" / "stat").write_text("11 (cut")
    assert processor_seconds(7, tmp_path) is None, "nothing there is called self"
    (tmp_path / "self").mkdir()
    assert processor_seconds(7, tmp_path) == pytest.approx((700 + 800 + 1200 + 3 * 50) / os.sysconf("SC_CLK_TCK"))
    assert processor_seconds(13, tmp_path) == 0.0
