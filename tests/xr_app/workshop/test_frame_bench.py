"""The bench of a frame, in short: that every case is measured, and that what must disturb does."""

import pytest

from assets.progress import SilentProgress
from xr_app.workshop import frame_bench


def test_every_case_is_measured_in_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_bench, "WARM_UP", 20)
    monkeypatch.setattr(frame_bench, "SETTLING", 2)
    monkeypatch.setattr(frame_bench.Memory, "FRAMES", 10)
    found = frame_bench.bench_frame(1, 10, SilentProgress())
    assert list(found["cases"]) == ["as it is", "collector on", "busy thread", "busy, 0.5 ms", "busy process"]
    for case in found["cases"].values():
        assert 0 < case["cpu_ms"]["p50"] <= case["cpu_ms"]["p99"]
        assert case["wall_ms"]["p50"] >= 0.9 * case["cpu_ms"]["p50"]
        assert case["fps"] > 0
    # A thread that holds Python's lock keeps the frame waiting, whatever else the machine does.
    assert found["cases"]["busy thread"]["ratio"]["wall"] > 1.5
    assert found["memory"]["most_kb"]["p50"] > 0
