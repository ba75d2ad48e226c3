"""What a long talk tells: of made-up talks that grow, drift and fail, and of one on a clock turned by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from assets.arkit import ARKIT_SHAPES
from assets.progress import SilentProgress
from conversation.audio.base import SPEAKER_RATE
from conversation.engines.base import F32
from conversation.errors import ConversationError
from conversation.link.events import AppEvent, Ask, Caption, Failure, Ready, StateChanged, TurnDone
from conversation.measure.memory import memory_mb
from conversation.measure.soak import Moment, Talk, Watched, bench_soak, figures, missed
from conversation.measure.soak_plot import plot_soak
from conversation.timings import TurnTimings

HOUR_S = 3600.0


def talk(
    *, leak_mb: float = 0.0, late_mb: float = 0.0, answer_mb: float = 0.0, drift_ms: float = 0.0, **changed: Any
) -> dict[str, Any]:
    """Figures of an hour in which a process fills up for five minutes and then leaks, holds each minute's answer for
    half of it, and the face drifts."""
    watched = Watched(**changed)
    for second in range(0, 3600, 5):
        share = second / HOUR_S
        memory = 200 + min(second / 300, 1) * 150 + leak_mb * share + late_mb * (second >= 3300)
        memory += answer_mb * (second % 60 < 30)
        watched.moments.append(Moment(float(second), {"llm": memory, "app": 90.0}, {"tts": second % 3}, second // 10))
    watched.turns = [TurnTimings(i, speech_end=0, first_audible_out=10**6 * (500 + i)) for i in range(101)]
    watched.mouth_ms = [20 + drift_ms * i / 300 for i in range(300)]
    watched.clock_ms = [0.0] * 300
    return {"seconds": 3600, **figures(watched, HOUR_S)}


def test_a_talk_in_order_misses_nothing() -> None:
    found = talk()
    assert missed(found) == []
    assert found["memory"]["llm"] == {"begin_mb": 350.0, "end_mb": 350.0, "growth_percent": 0.0}
    assert found["queues"] == {"tts": {"max": 2, "end": 3595 % 3}}
    assert found["speech_end_to_audio_ms"] == {"p50": 550.0, "p95": 595.0}
    assert len(found["moments"]) == 60 and found["moments"][-1]["turns"] == 359


def test_what_grows_drifts_or_fails_is_found() -> None:
    leaks = talk(leak_mb=30.0)
    # From the middle of the first quarter of the 50 minutes after the warm-up, minute 16.25, to the end.
    assert leaks["memory"]["llm"]["end_mb"] - leaks["memory"]["llm"]["begin_mb"] == pytest.approx(
        30 * 43.75 / 60, abs=0.2
    )
    assert [sentence for sentence in missed(leaks) if "memory of llm" in sentence]
    assert missed(talk(late_mb=33.0)) == ["The memory of llm grows by 9.43 %."], "in the last five minutes"
    assert missed(leaks | {"seconds": 60}) == [], "a short talk is not judged"
    assert missed(talk(answer_mb=33.0)) == [], "an answer that waits to be heard is given back"
    assert "mouth_ms drifts by" in missed(talk(drift_ms=-20.0))[0]
    failure = {"at_s": 3, "stage": "tts", "error": "EngineError", "message": "It broke."}
    assert missed(talk(failures=[failure], failed=1, unanswered=2)) == [
        "1 failures were told.",
        "2 questions were not answered.",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told through /proc")
def test_memory_counts_what_a_process_allocated() -> None:
    code = "import sys; kept = b'x' * {}; print('there', flush=True); sys.stdin.read()"
    found: list[float] = []
    for size in (0, 50_000_000):
        with subprocess.Popen(
            [sys.executable, "-c", code.format(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            found.append(memory_mb({"it": process.pid})["it"])
            process.communicate()
    assert found[1] - found[0] == pytest.approx(50, abs=2)
    assert memory_mb({"gone": process.pid}) == {}
    assert memory_mb({"me": os.getpid()})["me"] > 5


class Scripted:
    """As a conversation: answers after 2 s for 1 s, with the mouth open 50 ms later; the third question fails, the
    fourth is forgotten. Time passes when the looker sleeps."""

    process_ids: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[str] = []
        self.clock = self.face = self
        self._events: list[tuple[float, AppEvent]] = [(101.0, Ready())]

    def start(self) -> None:
        self._open_from = 1e9

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def queues(self) -> dict[str, int]:
        return {"tts": len(self.asked) % 2}

    def heard_at(self, time_ns: float) -> float:
        return time_ns * SPEAKER_RATE / 1e9

    def at(self, sample: float) -> F32:
        return np.full(len(ARKIT_SHAPES), 0.0 if sample / SPEAKER_RATE < self._open_from else 0.5, np.float32)

    def send(self, command: Ask) -> None:
        self.asked.append(command.path)
        turn, now = len(self.asked), self.now
        if turn == 3:
            self._events.append((now + 1, Failure("tts", "EngineError", "It broke.")))
        if turn == 4:
            return
        self._open_from = now + 2.05
        first = round((now + 2) * SPEAKER_RATE)
        first_ns = round((now + 2) * 1e9)
        timings = TurnTimings(
            turn, question_end=round(now * 1e9), speech_end=round(now * 1e9), first_sample_out=first_ns,
            first_audible_out=first_ns,
        )  # fmt: skip
        self._events += [
            (now + 1, StateChanged("thinking", turn)),
            (now + 2, StateChanged("speaking", turn)),
            (now + 2, Caption(turn, 0, first, SPEAKER_RATE, (), "calm", 0.0)),
            (now + 3, StateChanged("listening", turn)),
            (now + 3, TurnDone(timings)),
        ]

    def poll(self) -> list[AppEvent]:
        due = [event for at, event in self._events if at <= self.now]
        self._events = [(at, event) for at, event in self._events if at > self.now]
        return due


def test_a_talk_asks_one_after_the_other_and_waits_for_no_answer_for_ever() -> None:
    scripted = Scripted()
    looker = Talk(scripted, [Path("a.wav"), Path("b.wav")], scripted.time, scripted.sleep)  # type: ignore[arg-type]
    looker.begin()
    with SilentProgress().step("Talk", 120) as step:
        looker.run(120.0, step)
    watched = looker.watched
    assert scripted.asked[:5] == ["a.wav", "b.wav", "a.wav", "b.wav", "a.wav"]
    # Three turns of 3 s, 90 s for the fourth, and 3 s for each after it.
    assert len(scripted.asked) == pytest.approx(4 + 21 / 3, abs=1) and watched.unanswered == 1
    assert [failure["message"] for failure in watched.failures] == ["It broke."] and watched.failed == 1
    assert watched.mouth_ms == pytest.approx([50] * len(watched.turns), abs=11)
    assert watched.clock_ms == pytest.approx([0] * len(watched.turns), abs=0.1)
    assert [round(moment.at_s) for moment in watched.moments[:3]] == [0, 5, 10]
    assert {"app"} == set(watched.moments[0].memory_mb) and {"tts"} == set(watched.moments[0].queues)


def test_a_talk_as_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    failure = {"at_s": 300, "stage": "tts", "error": "EngineError", "message": "It broke."}
    plot_soak(talk(failures=[failure]), tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_questions_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConversationError, match="no sound files"):
        bench_soak(1.0, SilentProgress(), tmp_path)
