"""Quads against tiles and against the oracle, and what they leave on the GPU."""

from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.raster import bins
from render.raster.quads import QuadRasteriser
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.raster.splats import Splats
from render.raster.tiles import TileRasteriser
from render.renderer import AvatarRenderer
from render.stages.eye import Eye, EyeNumbers
from render.stages.window import whole
from render.view import View
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes
from tests.render.test_renderer import GREY, PLACES

U8 = NDArray[np.uint8]
Background = tuple[float, float, float, float] | None


class Pair:
    """All rasterisers before the same avatar between the same keys."""

    def __init__(self, gl: Offscreen, avatar: Avatar) -> None:
        self._gl, self.avatar = gl, avatar
        self.keys = key(avatar, 0, 1.0), key(avatar, 1, 4.0, arm_degrees=80, jawOpen=1.0)
        self.renderers = {name: AvatarRenderer(gl.ctx, avatar, rasteriser=name) for name in RASTERISERS}
        for renderer in self.renderers.values():
            renderer.set_keys(*self.keys)

    def draw(
        self, name: RasteriserName, head: NDArray[np.float64], views: list[View], background: Background = GREY
    ) -> list[U8]:
        targets: list[moderngl.Framebuffer] = [self._gl.target(view.width, view.height) for view in views]
        self.renderers[name].draw(views, targets, head=head, model=placed(), alpha=0.4, background=background)
        return [self._gl.read(target) for target in targets]

    def expected(self, head: NDArray[np.float64], view: View, background: Background) -> U8:
        """What the oracle draws."""
        states = (oracle.align(self.avatar, oracle.deform(self.avatar, pose)) for pose in self.keys)
        state = oracle.between(*states, 0.4)
        return oracle.render(self.avatar, view, state, head=head[:3, 3], model=placed(), background=background)

    def psnr(self, head: NDArray[np.float64], views: list[View], background: Background = GREY) -> list[float]:
        """Quads against each kind of tiles, each view."""
        pictures = {name: self.draw(name, head, views, background) for name in RASTERISERS}
        quads = pictures.pop("quads")
        return [oracle.psnr(a, b) for tiles in pictures.values() for a, b in zip(tiles, quads, strict=True)]


@pytest.fixture
def pair(gl: Offscreen, person: Avatar) -> Pair:
    return Pair(gl, person)


@BOTH_APIS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("background", [GREY, None])
def test_both_eyes_as_tiles_and_the_oracle_draw_them(pair: Pair, place: str, background: Background) -> None:
    head, views = two_eyes(*PLACES[place])
    quads = pair.draw("quads", head, views, background)
    tiles = pair.draw("tiles", head, views, background)
    for view, picture, other in zip(views, quads, tiles, strict=True):
        expected = pair.expected(head, view, background)
        like_tiles, like_oracle = oracle.psnr(picture, other), oracle.psnr(picture, expected)
        print(f"{place}: {like_tiles:.1f} dB to tiles, {like_oracle:.1f} dB to the oracle")
        assert np.ptp(picture[..., :3].astype(int)) > 60, "there is someone to see"
        assert like_tiles >= 50
        assert like_oracle >= 50


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 7), (400, 301)])
def test_any_size(pair: Pair, size: tuple[int, int]) -> None:
    assert min(pair.psnr(*two_eyes((0.3, 1.6, 0.6), (0.3, 1.5, -0.2), *size))) >= 50


def test_windows_that_grow_shrink_and_move_leave_nothing_behind(pair: Pair) -> None:
    for place in ("far", "near", "side", "far", "below"):
        assert min(pair.psnr(*two_eyes(*PLACES[place]), background=None)) >= 50, place
    head, views = two_eyes((0, 1.5, 2), (0, 1.5, 4))
    assert all(not picture.any() for picture in pair.draw("quads", head, views, None))


def test_a_near_view_of_large_splats(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for all pairs of tile and splat in the tiles' lists, and with less and less (bins.py)."""
    cloud = make_cloud(1500)
    long = cloud.gaussians.scale * np.array((6.0, 1.0, 1.0), np.float32)
    pair = Pair(gl, replace(cloud, gaussians=replace(cloud.gaussians, scale=long)))
    head, views = two_eyes((0.3, 1.5, 0.5), (0.3, 1.3, -0.2), 640, 520)
    expected = pair.expected(head, views[0], GREY)
    assert oracle.psnr(pair.draw("quads", head, views[:1])[0], expected) >= 50
    sides = []
    for room in (1 << 20, 100_000, 20_000, 1500):
        monkeypatch.setattr(bins, "pair_capacity", lambda ctx, count, eyes, room=room: room)
        pair = Pair(gl, pair.avatar)
        quality = min(oracle.psnr(pair.draw(name, head, views[:1])[0], expected) for name in ("tiles", "tiles64"))
        tiles = pair.renderers["tiles"].rasteriser
        assert isinstance(tiles, TileRasteriser)
        side, pairs = tiles.bins.read_pairs()
        print(f"{pairs} pairs in bins of {side} x {side}: {quality:.1f} dB")
        assert quality >= 50
        sides.append(side)
    assert sides == sorted(set(sides)), "less room, larger bins"


@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
def test_needles_that_halves_cannot_hold(gl: Offscreen, rasteriser: RasteriserName) -> None:
    """Rounded as they are, a few conics would have no end: all must end, and none brighten on the way."""
    cloud = make_cloud(6000)
    scale = cloud.gaussians.scale.copy()
    scale[::600] *= np.array((60.0, 0.02, 0.02), np.float32)
    pair = Pair(gl, replace(cloud, gaussians=replace(cloud.gaussians, scale=scale)))
    head, views = two_eyes((0.3, 1.5, 1.0), (0.3, 1.3, -0.2), 640, 520)
    pictures = pair.draw(rasteriser, head, views)
    projector = pair.renderers[rasteriser].projector
    bounds = np.frombuffer(projector.bounds.read(), np.uint32).reshape(-1, 2)
    words = np.frombuffer(projector.splats.read(), np.uint32).reshape(-1, 4)[bounds[:, 0] <= bounds[:, 1], 1:3]
    conics = np.ascontiguousarray(words).view(np.float16).astype(np.float64).reshape(-1, 4)
    slant = conics[:, 1] ** 2 / (4 * conics[:, 0] * conics[:, 2])
    assert slant.max() < 1
    assert slant.max() > 0.997, "there are conics that had to be held"
    for view, picture in zip(views, pictures, strict=True):
        quality = oracle.psnr(picture, pair.expected(head, view, GREY))
        print(f"{quality:.1f} dB")
        assert quality >= 45


def test_what_hides_all_hides_a_bright_background_too(pair: Pair) -> None:
    head, views = two_eyes(*PLACES["near"])
    opaque = pair.draw("quads", head, views, None)[0][..., 3] == 255
    assert opaque.mean() > 0.1
    black, white = (pair.draw("quads", head, views, colour)[0] for colour in ((0, 0, 0, 1), (1, 1, 1, 1)))
    same = (np.abs(black.astype(int) - white)[opaque] <= 1).mean()
    tiles = [pair.draw("tiles", head, views, colour)[0] for colour in ((0, 0, 0, 1), (1, 1, 1, 1))]
    assert same >= (np.abs(tiles[0].astype(int) - tiles[1])[opaque] <= 1).mean() - 0.01


@pytest.mark.parametrize("count", [1, 63, 64, 65, 5000, 40_000])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_visible_ones_are_drawn_farthest_first(gl: Offscreen, count: int, share: float) -> None:
    rng = np.random.default_rng(count)
    rasteriser = QuadRasteriser(gl.ctx, count, 3.0)
    order = rng.permutation(count).astype(np.uint32)
    seen = rng.random(count) < share
    bounds = np.where(seen[:, None], [0, 0x10001], [1, 0]).astype(np.uint32)
    splats = np.zeros((count, 4), np.uint32)
    splats[:, 1:3] = np.array([-1, 0, -1, 0], np.float16).view(np.uint32)  # round, opaque
    splats[:, 3] = np.arange(count)
    view = two_eyes(*PLACES["far"], 16, 16)[1][0]
    buffers = [gl.ctx.buffer(array.tobytes()) for array in (splats, bounds, order)]
    eyes, numbers = [Eye(view, whole(view))], EyeNumbers(gl.ctx)
    numbers.write(eyes, np.eye(4))
    rasteriser.run(eyes, Splats(numbers.buffer, *buffers, count), gl.ctx.texture((16, 16), 4, dtype="f2"))
    expected = order[seen[order]][::-1]
    assert np.frombuffer(rasteriser.command.read(16), np.uint32).tolist() == [4, len(expected), 0, 0]
    quads = np.frombuffer(rasteriser.quads.read(), np.uint32).reshape(-1, 8)[: len(expected)]
    assert np.array_equal(quads[:, 7], expected)


@BOTH_APIS
def test_state_that_others_left_does_not_show(gl: Offscreen, pair: Pair) -> None:
    """A room draws with depth test and culling, and blends otherwise."""
    head, views = two_eyes(*PLACES["side"])
    rest = rest_key(pair.avatar)
    before = pair.draw("quads", head, views)
    pair.renderers["quads"].set_keys(rest, rest)
    pair.draw("quads", head, views)
    gl.ctx.enable(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
    gl.ctx.blend_func = moderngl.ONE, moderngl.ZERO
    pair.renderers["quads"].set_keys(*pair.keys)
    assert np.array_equal(before, pair.draw("quads", head, views))
