"""The tiles' lists against lists made in Python from the same bounds, and what happens when they do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from render.offscreen import Offscreen
from render.raster import bins
from render.raster.bins import TileBins, chunks_for
from render.stages.window import Window

U32 = NDArray[np.uint32]


def _bounds(first: NDArray[np.int64], last: NDArray[np.int64]) -> U32:
    packed = np.stack([first[:, 0] | first[:, 1] << 16, last[:, 0] | last[:, 1] << 16], axis=1).astype(np.uint32)
    packed[(first > last).any(axis=1)] = (1, 0)
    return packed


def _random(rng: np.random.Generator, count: int, window: Window, most: int) -> tuple[U32, U32]:
    """Bounds of boxes up to `most` tiles wide, one in ten nowhere, and a random order."""
    first = rng.integers(0, (window.columns, window.rows), (count, 2))
    last = np.minimum(first + rng.integers(0, most, (count, 2)), (window.columns - 1, window.rows - 1))
    last[rng.random(count) < 0.1] = -1
    return _bounds(first, last), rng.permutation(count).astype(np.uint32)


def _run(gl: Offscreen, window: Window, bounds: U32, order: U32, tiles_a_splat: float) -> tuple[TileBins, list[U32]]:
    made = TileBins(gl.ctx, len(bounds))
    made.run(window, gl.ctx.buffer(bounds.tobytes()), gl.ctx.buffer(order.tobytes()), len(order), tiles_a_splat)
    ranges = np.frombuffer(made.ranges.read(), np.uint32).reshape(-1, 2)[: window.tiles]
    lists = np.frombuffer(made.lists.read(), np.uint32)
    return made, [lists[start:end] for start, end in ranges]


def _expected(window: Window, bounds: U32, order: U32) -> list[list[int]]:
    lists: list[list[int]] = [[] for _ in range(window.tiles)]
    for splat in order:
        (first, last) = bounds[splat].tolist()
        if first <= last:
            for y in range(first >> 16, (last >> 16) + 1):
                for x in range(first & 0xFFFF, (last & 0xFFFF) + 1):
                    lists[y * window.columns + x].append(int(splat))
    return lists


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
@pytest.mark.parametrize("window", [Window(0, 0, 1, 1), Window(2, 3, 7, 5), Window(0, 0, 31, 18)])
def test_every_tile_lists_its_splats_front_to_back(gl: Offscreen, count: int, window: Window) -> None:
    bounds, order = _random(np.random.default_rng(count), count, window, 6)
    _, lists = _run(gl, window, bounds, order, 9)
    assert [each.tolist() for each in lists] == _expected(window, bounds, order)


def test_nothing_visible(gl: Offscreen) -> None:
    window = Window(0, 0, 9, 4)
    _, lists = _run(gl, window, np.tile(np.uint32((1, 0)), (500, 1)), np.arange(500, dtype=np.uint32), 1)
    assert not any(len(each) for each in lists)


def test_no_pair_is_lost_where_one_invocation_would_walk_too_long(gl: Offscreen) -> None:
    """Splats that each cover the window: 64 chunks would take 122,000 steps each, more than llvmpipe's loops do."""
    window, count = Window(0, 0, 25, 25), 12_500
    assert count * window.tiles / 64 > 65_535
    bounds = np.tile(_bounds(np.zeros((1, 2), int), np.array([[24, 24]])), (count, 1))
    order = np.arange(count, dtype=np.uint32)
    made, lists = _run(gl, window, bounds, order, window.tiles)
    wanted = int(np.frombuffer(made.starts.read(), np.uint32)[window.tiles + 1])
    assert wanted == count * window.tiles
    assert all(np.array_equal(each, order[: len(each)]) for each in lists), "each list is the nearest of them"


def test_lists_that_do_not_fit_lose_their_far_ends(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins, "pair_capacity", lambda count, tiles: 3000)
    window = Window(0, 0, 12, 10)
    bounds, order = _random(np.random.default_rng(1), 2000, window, 5)
    made, lists = _run(gl, window, bounds, order, 6)
    expected = _expected(window, bounds, order)
    wanted = sum(map(len, expected))
    assert made.capacity == 3000 < wanted == int(np.frombuffer(made.starts.read(), np.uint32)[window.tiles + 1])
    assert sum(map(len, lists)) <= 3000
    for cut, full in zip(lists, expected, strict=True):
        assert cut.tolist() == full[: len(cut)]
        share = 3000 / wanted * len(full)
        assert share - len(full) / 10 - 4 <= len(cut) <= share


def test_as_many_chunks_as_a_real_gpu_takes(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins, "serial_chunks", lambda ctx: 512)
    window = Window(0, 0, 13, 9)
    bounds, order = _random(np.random.default_rng(2), 900, window, 5)
    _, lists = _run(gl, window, bounds, order, 6)
    assert [each.tolist() for each in lists] == _expected(window, bounds, order)


def test_chunks_grow_with_the_work_and_stay_within_memory() -> None:
    assert chunks_for(1000, 100, 4) == 64
    assert chunks_for(250_000, 46_000, 25) == 256
    for count, tiles, each in ((1 << 24, 1 << 17, 1e6), (10, 1 << 20, 1), (250_000, 1, 1e4)):
        chunks = chunks_for(count, tiles, each)
        assert 64 <= chunks <= 1024 and chunks % 8 == 0
        assert chunks == 64 or chunks * tiles <= 1 << 24
