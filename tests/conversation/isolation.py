"""Every part of a real talk broken in mid-turn: is the user told, how long until the next answer, is anything left?

python -m tests.conversation.isolation --json

Processes are killed, and stopped; engines inside them raise, and do not return, once.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from conversation.conversation import Conversation
from conversation.link.events import AppEvent, Ask, Failure, Ready, StateChanged, Transcript, TurnDone
from conversation.measure.talk import QUESTIONS, speak
from conversation.processes.supervision import Supervision
from conversation.settings import ConversationSettings, Engines, EngineSpec
from tests.conversation.running import gone, working_children

SUPERVISION: Final = Supervision(recogniser_s=5.0, speech_s=5.0, language_s=8.0, process_s=5.0)
"""Less patience than a user's, so that this takes minutes."""
PATIENCE_S: Final = 120.0
PROCESSES: Final = ("audio", "conversation", "llm")
ENGINES: Final = {
    "voice_activity": "__call__",
    "recogniser": "transcribe",
    "synthesiser": "synthesise",
    "face_driver": "curve",
}
"""Those that run inside a process of the conversation, and what is called of them."""


@dataclass(frozen=True)
class Broken:
    """What came of one break; seconds count from it."""

    part: str
    how: str
    told: str
    """The first thing that the user was told."""
    told_s: float | None
    answer_s: float | None
    """Until the end of the next question's answer; None: there was none."""
    left: int
    """Processes that outlive the talk."""


def broken(engine: EngineSpec, method: str, how: str, armed: Path) -> Any:
    """A factory: the engine, whose next call, once the file `armed` is there, breaks, and takes the file away."""
    loaded = engine.load()
    kind = type(loaded)

    def call(self: Any, *args: Any, **named: Any) -> Any:
        if armed.exists():
            armed.unlink()
            if how == "crash":
                raise RuntimeError("a tensor has no memory")
            time.sleep(3600)
        return getattr(kind, method)(self, *args, **named)

    # An operator such as __call__ is looked up in the class alone, and protocols look for what the class has.
    loaded.__class__ = type(kind.__name__, (kind,), {method: call})
    return loaded


def main() -> dict[str, Any]:
    """A row for each part and way."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="visavis-isolation-") as scratch:
        here = Path(scratch)
        questions = [speak(text, here / f"{number}.wav") for number, text in enumerate(QUESTIONS[:3])]
        for part in PROCESSES:
            for how in (signal.SIGKILL, signal.SIGSTOP):
                rows.append(_break_process(part, how, questions))
                print(rows[-1], file=sys.stderr, flush=True)
        for part, method in ENGINES.items():
            for how in ("crash", "hang"):
                rows.append(_break_engine(part, method, how, questions, here / f"{part}-{how}"))
                print(rows[-1], file=sys.stderr, flush=True)
    short = [row for row in rows if row.told_s is None or row.answer_s is None or row.left]
    return {
        "breaks": len(rows),
        "told": sum(row.told_s is not None for row in rows),
        "answered_after": sum(row.answer_s is not None for row in rows),
        "left": sum(row.left for row in rows),
        "missed": [f"{row.part}, {row.how}" for row in short],
        "parts": [asdict(row) for row in rows],
    }


def _break_process(part: str, how: signal.Signals, questions: list[Path]) -> Broken:
    settings = ConversationSettings(microphone="file", speaker="file", supervision=SUPERVISION)
    with _Talk(settings, questions) as talk:

        def strike() -> None:
            target = talk.conversation.process_ids.get(part)
            if target is None:
                (target,) = working_children(talk.conversation.process_ids["conversation"])
            os.kill(target, how)

        # A language model is struck while it writes, the others while the answer is heard.
        return talk.broken(part, how.name, strike, Transcript if part == "llm" else StateChanged)


def _break_engine(part: str, method: str, how: str, questions: list[Path], armed: Path) -> Broken:
    engines = Engines()
    options = {"engine": getattr(engines, part), "method": method, "how": how, "armed": armed}
    engines = replace(engines, **{part: EngineSpec("tests.conversation.isolation:broken", options=options)})
    settings = ConversationSettings(microphone="file", speaker="file", supervision=SUPERVISION, engines=engines)
    with _Talk(settings, questions) as talk:
        return talk.broken(part, how, armed.touch, None)


class _Talk:
    """A talk of three questions, in the second of which something breaks."""

    def __init__(self, settings: ConversationSettings, questions: list[Path]) -> None:
        self.conversation = Conversation(settings)
        self._questions = questions
        self._struck_s: float | None = None
        self._told: tuple[str, float] | None = None
        self._processes: set[int] = set()

    def __enter__(self) -> _Talk:
        self.conversation.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.conversation.close()

    def broken(self, part: str, how: str, strike: Callable[[], None], when: type | None) -> Broken:
        """Strike in the second question, at an event of type `when` (speaking, where it is a state), or before it."""
        self._until(lambda event: isinstance(event, Ready))
        self._ask(0)
        self._until(lambda event: isinstance(event, TurnDone) and bool(event.timings.said))
        if when is None:
            self._strike(strike)
        self._ask(1)
        if when is not None:
            self._until(
                lambda event: (
                    isinstance(event, when) and (not isinstance(event, StateChanged) or event.state == "speaking")
                )
            )
            self._strike(strike)
        self._until(lambda event: isinstance(event, Failure))
        if not self.conversation.ready:
            self._until(lambda event: isinstance(event, Ready))
        self._ask(2)
        answered = self._until(
            lambda event: isinstance(event, TurnDone) and "summer" in event.timings.heard and event.timings.said
        )
        answer_s = self._since() if answered else None
        self._processes |= working_children()
        self.conversation.close()
        left = sum(not gone({process}, 5.0) for process in self._processes)
        message, told_s = self._told or ("", None)
        return Broken(part, how, message, told_s, answer_s, left)

    def _strike(self, strike: Callable[[], None]) -> None:
        self._processes |= working_children()
        strike()
        self._struck_s = time.monotonic()

    def _ask(self, number: int) -> None:
        self.conversation.send(Ask(str(self._questions[number])))

    def _until(self, wanted: Callable[[AppEvent], Any]) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for event in self.conversation.poll():
                if isinstance(event, Failure) and self._told is None:
                    self._told = event.message, self._since()
                if wanted(event):
                    return True
            time.sleep(0.02)
        return False

    def _since(self) -> float:
        return round(time.monotonic() - (self._struck_s or time.monotonic()), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON (the default)")
    parser.parse_args()
    found = main()
    print(json.dumps(found, indent=2))
    sys.exit(bool(found["missed"]))
