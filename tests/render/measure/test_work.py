"""Bytes are counted from what is really bound, against sizes written down by hand."""

from __future__ import annotations

import pytest

from assets.avatar import Avatar
from render.gl.context import Kernel, extra
from render.measure.walk import Walk
from render.measure.work import Traffic, filled_bytes
from render.offscreen import Offscreen
from render.raster.quads import QuadRasteriser
from render.raster.rasteriser import RasteriserName
from render.raster.tiles import TileRasteriser
from render.renderer import AvatarRenderer
from render.stages.sort import shapes
from render.stages.window import TILE

N = 3000
SIZE = (96, 64)


def frame(gl: Offscreen, person: Avatar, rasteriser: RasteriserName, eyes: int = 1) -> tuple[AvatarRenderer, Traffic]:
    renderer = AvatarRenderer(gl.ctx, person, rasteriser=rasteriser)
    walk = Walk(renderer, person, *(gl.target(*SIZE) for _ in range(eyes)))
    walk.frame()
    traffic = Traffic(gl.ctx, renderer)
    renderer.watch(traffic.watch)
    walk.frame()
    return renderer, traffic


def test_a_dispatch_is_told_with_what_it_reads_and_writes(gl: Offscreen) -> None:
    told: list[tuple[int, int]] = []
    items, tally = gl.ctx.buffer(reserve=64), gl.ctx.buffer(reserve=256 * 9 * 4)
    count = Kernel(gl.ctx, "radix_serial_count", LOCAL=8, PASS=1)
    scan = Kernel(gl.ctx, "radix_serial_scan", LOCAL=8, PASS=1)
    extra(gl.ctx).listener = lambda bound: told.extend((buffer.size, times) for buffer, times in bound)
    try:
        count(1, [tally, items], count=16, chunks=8)
        scan(32, [tally], chunks=8)
    finally:
        extra(gl.ctx).listener = None
    scan(32, [tally], chunks=8)
    assert told == [(256 * 9 * 4, 1), (64, 1), (256 * 9 * 4, 2)]


def test_stages_that_pass_over_every_gaussian(gl: Offscreen, person: Avatar) -> None:
    renderer, traffic = frame(gl, person, "tiles")
    moved = traffic.moved(SIZE)
    # Two places, two turns, rest turns and shape in; position, covariance and turn out.
    assert moved["lerp"] == N * (2 * 16 + 3 * 8 + 16 + 48)
    # The world and the colour in; splat and bounds out.
    assert moved["project"] == N * (48 + 4 + 16 + 8)
    # Count (the world in, keys out; then items in), scan (tally both ways), scatter (items in, items out).
    tally = 256 * (shapes(gl.ctx)[0].chunks + 1) * 4
    assert moved["sort"] == N * (48 + 4) + 2 * N * (4 + 4) + N * 4 + 2 * 4 * tally
    window = renderer.windows[0].tiles * TILE * TILE
    assert moved["compose"] == window * (8 + 4 + 4) + SIZE[0] * SIZE[1] * 4


def test_lists_count_for_what_is_in_them(gl: Offscreen, person: Avatar) -> None:
    renderer, traffic = frame(gl, person, "tiles")
    assert isinstance(renderer.rasteriser, TileRasteriser)
    bins = renderer.rasteriser.bins
    pairs = bins.read_pairs()[1]
    assert 0 < 4 * pairs < bins.lists.size
    filled = filled_bytes(renderer.rasteriser)
    assert filled.pop(bins.lists.glo) == 4 * pairs
    (tally,) = filled.values()
    tiles = renderer.windows[0].tiles
    assert tiles * 64 * 4 <= tally < (tiles + 16) * 64 * 4, "a word for each bin and each of 64 chunks, bins by 16"
    # Filled once and drawn once.
    assert 2 * 4 * pairs < traffic.moved(SIZE)["draw"] < 2 * bins.lists.size


@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
def test_a_second_eye_moves_its_own(gl: Offscreen, person: Avatar, rasteriser: RasteriserName) -> None:
    _, one = frame(gl, person, rasteriser)
    renderer, two = frame(gl, person, rasteriser, eyes=2)
    assert isinstance(renderer.rasteriser, TileRasteriser if rasteriser == "tiles" else QuadRasteriser)
    assert two.moved(SIZE)["sort"] == one.moved(SIZE)["sort"]
    # The world and the colours once.
    assert two.moved(SIZE)["project"] - one.moved(SIZE)["project"] == N * (16 + 8)
    assert 1.2 < two.moved(SIZE)["draw"] / one.moved(SIZE)["draw"] < 3
    assert extra(gl.ctx).listener is None
