"""What a device is said to cost: from a made-up clock, and as kept."""

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

from render.load import LLVMPIPE, Costs
from render.measure import costs as measured
from render.measure.costs import costing, measure_costs
from render.measure.store import Choices, device_key
from render.offscreen import Offscreen
from render.steps import at_once
from tests.render.stepwise import in_steps


class Ticks:
    """A clock that moves on by what it is told each draw took: two readings a draw."""

    def __init__(self, durations: Iterator[float]) -> None:
        self._durations, self._now, self._drawing = durations, 0.0, False

    def __call__(self) -> float:
        if self._drawing:
            self._now += next(self._durations)
        self._drawing = not self._drawing
        return self._now


def slow_when_full(large: float, small: float) -> Iterator[float]:
    """Seconds of draws of the smaller level, then of the whole."""
    each = len(measured.DISTANCES_M) * len(measured.SCALES) * (measured.WARM_UP + measured.ROUNDS)
    yield from [small] * each
    yield from [large] * each


def test_time_that_goes_with_the_gaussians_is_theirs(gl: Offscreen) -> None:
    clock = Ticks(slow_when_full(large=0.040, small=0.010))
    found = measure_costs(gl.ctx, "tiles", gaussians=2000, level=500, side=64, clock=clock)
    print(found)
    assert found.gaussian * 2000 == pytest.approx(40, rel=0.1)
    assert found.tile * 128 < 2 and found.frame < 2


def test_time_that_nothing_changes_is_the_frames(gl: Offscreen) -> None:
    clock = Ticks(slow_when_full(large=0.007, small=0.007))
    found = measure_costs(gl.ctx, "tiles", gaussians=2000, level=500, side=64, clock=clock)
    assert found.frame == pytest.approx(7, rel=0.01)


def test_a_software_gpu_is_known(gl: Offscreen, tmp_path: Path) -> None:
    assert at_once(costing(gl.ctx, Choices(tmp_path / "choices.json"), "tiles")) == LLVMPIPE


@pytest.mark.parametrize(
    "damaged", [None, "fast", [1, 2], [1, 2, 3, "4"], [0, 0, 0, 0], [1, -1, 1, 1], [1, 1, 1, 1e999]]
)
def test_a_gpu_is_measured_once(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: object
) -> None:
    monkeypatch.setattr(measured, "is_software", lambda ctx: False)
    made = []

    def measure(*args: object, **kwargs: object) -> Costs:
        made.append(args)
        return Costs(1.0, 2.0, 3.0, 4.0)

    monkeypatch.setattr(measured, "_measuring", in_steps(measure))
    store = Choices(tmp_path / "choices.json")
    if damaged is not None:
        store.put(f"{device_key(gl.ctx)} | costs | tiles", damaged)
    for _ in range(2):
        assert astuple(at_once(costing(gl.ctx, store, "tiles"))) == (1.0, 2.0, 3.0, 4.0)
    assert len(made) == 1
    at_once(costing(gl.ctx, store, "quads"))
    assert len(made) == 2
