"""The bench of a frame, in short: that cases are measured in turn, and that what disturbs comes and goes."""

import gc
import multiprocessing
import sys
import threading

import pytest

from assets.progress import SilentProgress
from render.gl.context import standalone_context
from xr_app.workshop import frame_bench
from xr_app.workshop.disturbances import CASES
from xr_app.workshop.driver_clock import CALLS, DriverClock
from xr_app.workshop.frame_bench import bench_frame
from xr_app.workshop.frame_looks import DriverLook, MemoryLook


def test_cases_are_measured_in_turn_in_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_bench, "WARM_UP", 10)
    monkeypatch.setattr(frame_bench, "SETTLING", 2)
    monkeypatch.setattr(MemoryLook, "FRAMES", 5)
    monkeypatch.setattr(DriverLook, "FRAMES", 8)
    cases = {name: CASES[name] for name in ("as it is", "collector on")}
    found = bench_frame(2, 8, SilentProgress(), cases=cases)
    assert list(found["cases"]) == list(cases)
    for case in found["cases"].values():
        assert 0 < case["cpu_ms"]["p50"] <= case["cpu_ms"]["p99"]
        assert case["loop_ms"]["p50"] > case["cpu_ms"]["p50"]
        assert case["fps"] > 0
    assert found["memory"]["most_kb"]["p50"] > 0
    assert 0 < found["driver"]["share"] < 1 and found["driver"]["calls"] > 50
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


def test_the_driver_is_timed_while_it_is_watched_and_works_as_before() -> None:
    ctx, clock = standalone_context(), DriverClock()
    before = {kind: [getattr(kind, name) for name in names] for kind, names in CALLS.items()}
    buffer = ctx.buffer(reserve=1 << 24)
    with clock.watching():
        buffer.write(bytes(1 << 24))
        assert buffer.read(4) == bytes(4)
    assert clock.calls == 2 and clock.total_ns > 0
    buffer.read(4)
    assert clock.calls == 2
    assert before == {kind: [getattr(kind, name) for name in names] for kind, names in CALLS.items()}
    ctx.release()
