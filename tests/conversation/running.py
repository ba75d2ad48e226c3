"""Helpers for tests of a conversation that really runs: wait for events, speak, look at processes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from conversation.conversation import Conversation
from conversation.link.events import AppEvent, StateChanged


class Listener:
    """Polls a conversation as the app does, keeps all events, and can wait for one."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.events: list[AppEvent] = []
        self._read = 0

    def wait(self, kind: Any, timeout_s: float = 60.0, *, meanwhile: Callable[[], None] | None = None) -> Any:
        """The next event of this kind after the one that was waited for last."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.events += self.conversation.poll()
            while self._read < len(self.events):
                event = self.events[self._read]
                self._read += 1
                if isinstance(event, kind):
                    return event
            assert time.monotonic() < deadline, f"no {kind} within {timeout_s} s; got {self.events}"
            if meanwhile is not None:
                meanwhile()
            time.sleep(0.01)

    def wait_for_state(self, state: str) -> None:
        """Until the conversation enters this state."""
        while self.wait(StateChanged).state != state:
            pass

    def while_playing(self, seconds: float) -> None:
        """Until the loudspeaker has taken so much more sound, or silence; the microphone goes along."""
        clock = self.conversation.clock
        end = clock.heard_at(time.monotonic_ns()) + seconds * 24_000
        deadline = time.monotonic() + 60
        while clock.heard_at(time.monotonic_ns()) < end:
            assert time.monotonic() < deadline, "the loudspeaker stands still"
            self.events += self.conversation.poll()
            time.sleep(0.01)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def tone(path: Path, seconds: float = 0.8) -> Path:
    """A "question" for engines of rules: a loud tone between silences."""
    rate = 16_000
    quiet = np.zeros(rate // 5)
    loud = 0.3 * np.sin(2 * np.pi * 200 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.concatenate([quiet, loud, quiet]), rate)
    return path


def spoken(path: Path, text: str) -> Path:
    """A question in a voice that is not the avatar's (flite)."""
    subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(path)], check=True, timeout=60)
    return path


def children(process_id: int) -> dict[int, str]:
    """Living descendants of a process, with what tells them apart: "tracker", "zombie" or "child"."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == process_id:
            kind = "zombie" if fields[0] == "Z" else "tracker" if "resource_tracker" in command else "child"
            found[int(entry.name)] = kind
            found |= children(int(entry.name))
    return found


def working_children(process_id: int | None = None) -> set[int]:
    """Living descendants that do the conversation's work."""
    return {pid for pid, kind in children(process_id or os.getpid()).items() if kind == "child"}


def gone(process_ids: set[int], timeout_s: float = 15.0) -> bool:
    """Whether all these processes end in time."""
    deadline = time.monotonic() + timeout_s
    while any(_alive(pid) for pid in process_ids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
