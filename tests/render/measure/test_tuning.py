"""The fastest shape of the sort is found by the clock, kept, and found again where what was kept is no good."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from render.errors import ShaderError
from render.measure import tuning
from render.measure.store import Choices, device_key
from render.measure.tuning import sort_times, tuned_sort
from render.offscreen import Offscreen
from render.stages import sort
from render.stages.sort import GPU_SHAPES, SOFTWARE_SHAPES, SortShape, shapes
from tests.render.stepwise import in_steps


def rigged(monkeypatch: pytest.MonkeyPatch, fastest: SortShape) -> list[int]:
    """Let timings come out as told; gives the counts that were asked to be timed."""
    asked: list[int] = []

    def times(ctx: object, count: int, clock: Callable[[], float]) -> dict[SortShape, float]:
        asked.append(count)
        return {shape: 1.0 if shape == fastest else 2.0 for shape in SOFTWARE_SHAPES}

    monkeypatch.setattr(tuning, "_timing", in_steps(times))
    return asked


def test_all_are_timed_by_the_clock_that_is_given(gl: Offscreen) -> None:
    ticks = iter(range(100_000))
    times = sort_times(gl.ctx, 500, lambda: float(next(ticks)))
    assert times == dict.fromkeys(shapes(gl.ctx), 1000.0), "one tick of a second between a sort's start and its end"


@pytest.mark.parametrize("software", [True, False])
def test_a_processor_and_a_gpu_try_other_shapes(gl: Offscreen, monkeypatch: pytest.MonkeyPatch, software: bool) -> None:
    monkeypatch.setattr(sort, "is_software", lambda ctx: software)
    tried = SOFTWARE_SHAPES if software else GPU_SHAPES
    assert set(sort_times(gl.ctx, 300)) == set(tried)


def test_a_shape_is_chosen_once(gl: Offscreen, tmp_path: Path) -> None:
    store = tmp_path / "new" / "choices.json"
    first = tuned_sort(gl.ctx, Choices(store), 3000)
    assert first in shapes(gl.ctx)
    (name, kept), = json.loads(store.read_text()).items()  # fmt: skip
    assert kept == asdict(first) and name.startswith(device_key(gl.ctx))

    def never() -> float:
        raise AssertionError("timed again")

    assert tuned_sort(gl.ctx, Choices(store), 3001, never) == first


def test_the_fastest_is_chosen_for_each_class_of_work(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Choices(tmp_path / "choices.json")
    for fastest, count in zip(SOFTWARE_SHAPES, (300, 3000, 30_000, 300_000), strict=False):
        asked = rigged(monkeypatch, fastest)
        assert tuned_sort(gl.ctx, store, count) == tuned_sort(gl.ctx, store, count + 5) == fastest
        assert asked == [count]


@pytest.mark.parametrize(
    "known",
    ["serial", 3, None, ["serial", 32, 8], {}, {"kind": "serial", "chunks": 33, "local": 8},
     {"kind": "bubble", "chunks": 32, "local": 8}, {"kind": "serial", "chunks": 10**9, "local": 8}],
)  # fmt: skip
def test_a_shape_that_is_none_is_found_again(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: object
) -> None:
    store, asked = Choices(tmp_path / "choices.json"), rigged(monkeypatch, SOFTWARE_SHAPES[1])
    tuned_sort(gl.ctx, store, 300)
    (name,) = json.loads((tmp_path / "choices.json").read_text())
    store.put(name, known)
    assert tuned_sort(gl.ctx, store, 300) == SOFTWARE_SHAPES[1]
    assert len(asked) == 2


def test_no_more_than_a_million_is_sorted_to_choose(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rigged(monkeypatch, SOFTWARE_SHAPES[0])
    tuned_sort(gl.ctx, Choices(tmp_path / "choices.json"), 9_000_000)
    assert asked == [1 << 20]


def test_a_shape_that_the_driver_does_not_take_is_left_out(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_large = SortShape("group", 64, 2048)
    monkeypatch.setattr(tuning, "shapes", lambda ctx: (too_large, SOFTWARE_SHAPES[0]))
    assert set(sort_times(gl.ctx, 300)) == {SOFTWARE_SHAPES[0]}
    monkeypatch.setattr(tuning, "shapes", lambda ctx: (too_large,))
    with pytest.raises(ShaderError, match="driver"):
        tuned_sort(gl.ctx, Choices(tmp_path / "choices.json"), 300)
    assert not (tmp_path / "choices.json").exists()
