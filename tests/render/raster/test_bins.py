"""The bins' lists against lists made in Python from the same bounds, and what happens when they do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from render.errors import RenderError
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


def _run(
    gl: Offscreen, window: Window, bounds: U32, order: U32, eyes: int = 1
) -> tuple[TileBins, int, list[list[int]]]:
    """The bins, their side in tiles, and for each tile of each eye in turn the splats that it is told to draw."""
    made, grid = TileBins(gl.ctx, len(order)), (window.columns, window.rows)
    made.run(grid, eyes, gl.ctx.buffer(bounds.tobytes()), gl.ctx.buffer(order.tobytes()), len(order))
    shift, columns, _, _, each = np.frombuffer(made.plan.read(20), np.uint32).tolist()
    starts = np.frombuffer(made.starts.read(), np.uint32)
    lists = np.frombuffer(made.lists.read(), np.uint32)
    drawn = []
    for eye, y, x in np.ndindex(eyes, window.rows, window.columns):
        bin = eye * each + (y >> shift) * columns + (x >> shift)
        mine = lists[starts[bin] : starts[bin + 1]]
        half = max(shift - 1, 0)
        quarter = (x >> half & 1) + 2 * (y >> half & 1)
        drawn.append((mine[mine >> 24 + quarter & 1 == 1] & 0xFFFFFF).tolist())
    return made, 1 << shift, drawn


def _expected(window: Window, bounds: U32, order: U32, side: int = 1) -> list[list[int]]:
    """For each tile, the splats that touch it, or the quarter of its bin in which it lies."""
    part = max(side // 2, 1)
    first = np.stack([bounds[:, 0] & 0xFFFF, bounds[:, 0] >> 16], axis=1) // part
    last = np.stack([bounds[:, 1] & 0xFFFF, bounds[:, 1] >> 16], axis=1) // part
    seen = bounds[:, 0] <= bounds[:, 1]
    lists = []
    for y, x in np.ndindex(window.rows, window.columns):
        at = np.array((x, y)) // part
        touching = seen & (first <= at).all(axis=1) & (at <= last).all(axis=1)
        lists.append(order[touching[order]].tolist())
    return lists


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
@pytest.mark.parametrize("window", [Window(0, 0, 1, 1), Window(2, 3, 7, 5), Window(0, 0, 31, 18)])
def test_every_tile_lists_its_splats_front_to_back(gl: Offscreen, count: int, window: Window) -> None:
    bounds, order = _random(np.random.default_rng(count), count, window, 6)
    made, side, lists = _run(gl, window, bounds, order)
    expected = _expected(window, bounds, order)
    assert side == 1 and lists == expected
    assert made.read_pairs() == (1, sum(map(len, expected)))


@pytest.mark.parametrize("eyes", [2, 3, 4])
@pytest.mark.parametrize(("room", "side"), [(1 << 20, 1), (3000, 4), (700, 1 << 15)])
def test_each_eye_has_lists_of_its_own(
    gl: Offscreen, monkeypatch: pytest.MonkeyPatch, eyes: int, room: int, side: int
) -> None:
    monkeypatch.setattr(bins, "pair_capacity", lambda ctx, count, eyes: eyes * room)
    rng, count, windows = np.random.default_rng(eyes), 700, (Window(0, 0, 21, 17), Window(4, 2, 13, 19))
    both = Window(0, 0, 21, 19)
    bounds = [_random(rng, count, windows[eye % 2], 9)[0] for eye in range(eyes)]
    order = rng.permutation(count).astype(np.uint32)
    made, taken, lists = _run(gl, both, np.concatenate(bounds), order, eyes)
    assert taken == side
    expected = [
        [eye * count + splat for splat in drawn]
        for eye, each in enumerate(bounds)
        for drawn in _expected(both, each, order, side)
    ]
    assert lists == expected
    assert made.read_pairs()[1] <= made.capacity


def test_more_splats_than_lists_can_tell_apart_are_refused(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins, "MOST_SPLATS", 1000)
    bounds, order = _random(np.random.default_rng(5), 600, Window(0, 0, 4, 4), 2)
    assert _run(gl, Window(0, 0, 4, 4), bounds, order)[1] == 1
    with pytest.raises(RenderError, match="600 Gaussians cannot be drawn for 2 eyes at once; draw 500 at most"):
        _run(gl, Window(0, 0, 4, 4), np.concatenate([bounds, bounds]), order, 2)


def test_nothing_visible(gl: Offscreen) -> None:
    window = Window(0, 0, 9, 4)
    made, _, lists = _run(gl, window, np.tile(np.uint32((1, 0)), (500, 1)), np.arange(500, dtype=np.uint32))
    assert not any(lists) and made.read_pairs()[1] == 0


@pytest.mark.parametrize(
    ("capacity", "side"), [(15_000, 1), (14_000, 2), (5000, 4), (3500, 8), (2500, 16), (2000, 1 << 15)]
)
def test_where_pairs_do_not_fit_bins_grow_and_nothing_is_lost(
    gl: Offscreen, monkeypatch: pytest.MonkeyPatch, capacity: int, side: int
) -> None:
    monkeypatch.setattr(bins, "pair_capacity", lambda ctx, count, eyes: capacity)
    window = Window(0, 0, 37, 26)
    bounds, order = _random(np.random.default_rng(1), 2000, window, 5)
    made, taken, lists = _run(gl, window, bounds, order)
    assert taken == side
    assert lists == _expected(window, bounds, order, side)
    listed, pairs = made.read_pairs()
    print(f"{pairs} pairs in bins of {listed} x {listed}")
    assert 0 < pairs <= made.capacity == capacity


def test_tallies_have_a_limit_too(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins, "_MOST_TALLIES", 64 * 32)
    window = Window(0, 0, 21, 9)
    bounds, order = _random(np.random.default_rng(4), 700, window, 4)
    _, side, lists = _run(gl, window, bounds, order)
    assert side == 4 and lists == _expected(window, bounds, order, 4)


@pytest.mark.parametrize("crowded", [0, 5])
def test_no_pair_is_lost_where_one_invocation_would_walk_too_long(gl: Offscreen, crowded: int) -> None:
    """Splats that each cover the window, all of them or those of one chunk in 64: single tiles would take up to
    140,000 steps a chunk, more than llvmpipe's loops do."""
    window, count = Window(0, 0, 25, 25), 12_500
    bounds = np.tile(_bounds(np.zeros((1, 2), int), np.array([[24, 24]])), (count, 1))
    order = np.arange(count, dtype=np.uint32)
    if crowded:
        bounds[order // 224 != crowded] = _bounds(np.zeros((1, 2), int), np.zeros((1, 2), int))
    assert 224 * window.tiles > 65_535
    _, side, lists = _run(gl, window, bounds, order)
    assert side > 1 and lists == _expected(window, bounds, order, side)


def test_as_many_chunks_as_a_real_gpu_takes(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins, "serial_chunks", lambda ctx: 512)
    window = Window(0, 0, 13, 9)
    bounds, order = _random(np.random.default_rng(2), 900, window, 5)
    _, _, lists = _run(gl, window, bounds, order)
    assert lists == _expected(window, bounds, order)


def test_windows_and_counts_may_change_from_run_to_run(gl: Offscreen) -> None:
    rng, made = np.random.default_rng(3), TileBins(gl.ctx, 1500)
    for count, window in ((1500, Window(0, 0, 5, 4)), (200, Window(1, 1, 30, 20)), (1500, Window(0, 0, 3, 3))):
        bounds, order = _random(rng, count, window, 3)
        grid, buffers = (window.columns, window.rows), (gl.ctx.buffer(each.tobytes()) for each in (bounds, order))
        made.run(grid, 1, *buffers, count)
        assert made.read_pairs() == (1, sum(map(len, _expected(window, bounds, order))))


def test_chunks_keep_walks_short_and_tallies_small() -> None:
    assert chunks_for(1000, 100, 64) == chunks_for(250_000, 46_000, 64) == 64
    assert chunks_for(250_000, 46_000, 512) == 256
    for count, tiles in ((1 << 24, 1 << 17), (10, 1 << 20), (250_000, 1)):
        for wished in (64, 512):
            chunks = chunks_for(count, tiles, wished)
            assert chunks % 8 == 0 and count <= chunks * 30_000
            assert chunks == 64 or chunks * tiles <= 1 << 24 or chunks * 15_000 < count
