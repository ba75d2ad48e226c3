"""Shares of a processor, against the process's own clock and a child that sleeps."""

import os
import subprocess
import sys
import time

import pytest

from conversation.measure.processor import ProcessorShare

CODE = "print(flush=True); input()"
PIPES: dict[str, int] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


def test_who_computes_is_told_from_who_sleeps() -> None:
    with subprocess.Popen([sys.executable, "-c", CODE], **PIPES) as sleeper:
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        processes = {"me (not him)": os.getpid(), "sleeper": sleeper.pid, "nobody": 2**30}
        began, began_s = time.process_time(), time.monotonic()
        with ProcessorShare(processes) as share:
            while time.process_time() - began < 0.3:
                pass
        took = (time.process_time() - began) / (time.monotonic() - began_s)
        sleeper.communicate(b"\n")
    assert set(share.shares) == {"me (not him)", "sleeper"}
    assert share.shares["sleeper"] < 0.02 < took
    assert share.shares["me (not him)"] == pytest.approx(took, abs=0.15)


def test_the_language_model_is_the_conversations_child() -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CODE!r}])"
    with subprocess.Popen([sys.executable, "-c", code], **PIPES) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        with ProcessorShare({"conversation": parent.pid}) as share:
            pass
        parent.communicate(b"\n")
    assert set(share.shares) == {"conversation", "llm"}
