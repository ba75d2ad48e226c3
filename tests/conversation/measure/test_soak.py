"""What a long talk tells: of made-up talks that grow, drift and fail, and of a short real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assets.progress import SilentProgress
from conversation.measure.memory import memory_mb
from conversation.measure.soak import Moment, Watched, bench_soak, figures, missed
from conversation.measure.soak_plot import plot_soak
from conversation.settings import ConversationSettings
from conversation.timings import TurnTimings
from tests.conversation.engines_of_rules import rules
from tests.conversation.running import tone

HOUR_S = 3600.0


def talk(*, leak_mb: float = 0.0, drift_ms: float = 0.0, **changed: Any) -> dict[str, Any]:
    """Figures of an hour in which a process fills up for five minutes and then leaks, and the face drifts."""
    watched = Watched(**changed)
    for second in range(0, 3600, 5):
        share = second / HOUR_S
        memory = 200 + min(second / 300, 1) * 150 + leak_mb * share
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
    # Quarters of the 50 minutes after the warm-up: their middles are 37.5 minutes apart.
    assert leaks["memory"]["llm"]["end_mb"] - leaks["memory"]["llm"]["begin_mb"] == pytest.approx(
        30 * 37.5 / 60, abs=0.2
    )
    assert [sentence for sentence in missed(leaks) if "memory of llm" in sentence]
    assert missed(leaks | {"seconds": 60}) == [], "a short talk is not judged"
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


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told through /proc")
def test_a_short_talk(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    tone(tmp_path / "question.wav")
    settings = ConversationSettings(microphone="file", speaker="file", engines=rules())
    found = bench_soak(12.0, SilentProgress(), tmp_path, settings)
    assert found["turns"] >= 1 and not found["failed"] and not found["unanswered"]
    assert {"app", "audio", "conversation"} <= set(found["memory"])
    assert {"inbox", "audio inbox", "asr", "llm", "tts", "events", "questions"} <= set(found["queues"])
    plot_soak(found, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")
