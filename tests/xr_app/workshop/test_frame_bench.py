"""The bench of a frame, in short: that cases are measured in turn, and that what disturbs comes and goes."""

import gc
import multiprocessing
import sys
import threading

import pytest

from assets.progress import SilentProgress
from xr_app.workshop import frame_bench
from xr_app.workshop.disturbances import CASES
from xr_app.workshop.frame_bench import bench_frame


def test_cases_are_measured_in_turn_in_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_bench, "WARM_UP", 10)
    monkeypatch.setattr(frame_bench, "SETTLING", 2)
    monkeypatch.setattr(frame_bench.Memory, "FRAMES", 5)
    cases = {name: CASES[name] for name in ("as it is", "collector on")}
    found = bench_frame(2, 8, SilentProgress(), cases=cases)
    assert list(found["cases"]) == list(cases)
    for case in found["cases"].values():
        assert 0 < case["cpu_ms"]["p50"] <= case["cpu_ms"]["p99"]
        assert case["loop_ms"]["p50"] > case["cpu_ms"]["p50"]
        assert case["fps"] > 0
    assert found["memory"]["most_kb"]["p50"] > 0
    assert found["gaussians"] == 100 and not found["conversation"]


def test_what_disturbs_comes_and_goes() -> None:
    threads, interval = threading.active_count(), sys.getswitchinterval()
    with CASES["busy thread"]():
        assert threading.active_count() == threads + 1 and sys.getswitchinterval() == interval
    with CASES["busy, 0.5 ms"]():
        assert threading.active_count() == threads + 1 and sys.getswitchinterval() == pytest.approx(0.0005)
    assert threading.active_count() == threads and sys.getswitchinterval() == interval
    with CASES["busy process"]():
        assert len(multiprocessing.active_children()) == 1
    assert not multiprocessing.active_children()
    gc.disable()
    try:
        with CASES["collector on"]():
            assert gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
