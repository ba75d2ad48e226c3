"""Depth beside the colour, against the oracle: what runtimes of XR_KHR_composition_layer_depth are given."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import ViewError
from render.offscreen import Offscreen
from render.raster import quads
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.raster.splats import Splats
from render.renderer import AvatarRenderer
from render.stages.eye import Eye
from render.view import View, projection_matrix
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes
from tests.render.test_renderer import GREY, PLACES

F64 = NDArray[np.float64]
RANGE = (0.05, 100.0)


class Stand:
    """A renderer that draws depth, between two keys."""

    def __init__(
        self, gl: Offscreen, avatar: Avatar, rasteriser: RasteriserName, range: tuple[float, float] = RANGE
    ) -> None:
        self._gl, self._avatar, self._range = gl, avatar, range
        self._keys = key(avatar, 0, 1.0), key(avatar, 1, 4.0, arm_degrees=80, jawOpen=1.0)
        self.renderer = AvatarRenderer(gl.ctx, avatar, rasteriser=rasteriser, depth_range=range)
        self.renderer.set_keys(*self._keys)

    def draw(self, head: F64, views: list[View], *, scale: float = 1.0) -> list[F64]:
        """(H, W) depth from 0 to 1 of each view, top row first."""
        ctx = self._gl.ctx
        sizes = [(view.width, view.height) for view in views]
        targets = [ctx.framebuffer([ctx.texture(size, 4)], ctx.depth_texture(size)) for size in sizes]
        self.renderer.draw(views, targets, head=head, model=placed(), alpha=0.4, background=GREY, scale=scale)
        read = [np.frombuffer(t.read(components=1, attachment=-1, dtype="f4"), np.float32) for t in targets]
        return [d.reshape(t.height, t.width)[::-1].astype(float) for d, t in zip(read, targets, strict=True)]

    def metres(self, depth: F64) -> F64:
        """What the compositor makes of it, by the projection that OpenXR's depth layer names."""
        near, far = self._range
        with np.errstate(divide="ignore"):
            return 1 / (1 / near - depth * (1 / near - 1 / far))

    def expected(self, head: F64, view: View) -> tuple[F64, F64]:
        """Metres and alpha, by the oracle."""
        states = (oracle.align(self._avatar, oracle.deform(self._avatar, pose)) for pose in self._keys)
        state = oracle.between(*states, 0.4)
        return oracle.depth(self._avatar, view, state, head=head[:3, 3], model=placed())


@pytest.mark.parametrize("place", PLACES)
def test_depth_is_that_of_what_a_pixel_shows(gl: Offscreen, person: Avatar, place: str) -> None:
    head, views = two_eyes(*PLACES[place])
    drawn = {}
    for name in RASTERISERS:
        stand = Stand(gl, person, name)
        drawn[name] = [stand.metres(depth) for depth in stand.draw(head, views)]
    for eye, view in enumerate(views):
        expected, alpha = stand.expected(head, view)
        solid, edge, nothing = alpha > 0.9, (alpha > 0.105) & (alpha <= 0.9), alpha < 0.095
        assert solid.mean() > 0.02 and edge.any()
        for name in RASTERISERS:
            error = np.abs(drawn[name][eye] - expected)
            # Gaussians that are as far away as each other, to a step of the keys, may come in either order; and
            # where little is shown, a splat that ends just before or behind the pixel's centre tells.
            worst, at_edges = np.quantile(error[solid], 0.95), np.quantile(error[edge], 0.99)
            print(
                f"{place} {name}: {1e3 * worst:.2f} mm, at edges {1e3 * at_edges:.2f} ({1e3 * error[edge].max():.1f})"
            )
            assert worst <= 2e-3 and at_edges <= 2e-3 and error[solid | edge].max() < 0.02
            assert (drawn[name][eye][nothing] > 99).all()
        assert np.abs(drawn["tiles"][eye] - drawn["quads"][eye])[solid].max() <= 2e-3


@pytest.mark.parametrize("rasteriser", RASTERISERS)
@pytest.mark.parametrize("range", [(0.05, float("inf")), (100.0, 0.05), (float("inf"), 0.1)])
def test_ranges_without_end_and_backwards(
    gl: Offscreen, person: Avatar, rasteriser: RasteriserName, range: tuple[float, float]
) -> None:
    head, views = two_eyes(*PLACES["near"])
    stand = Stand(gl, person, rasteriser, range)
    depth = stand.draw(head, views[:1])[0]
    expected, alpha = stand.expected(head, views[0])
    error = np.abs(stand.metres(depth) - expected)[alpha > 0.9]
    assert np.quantile(error, 0.95) <= 2e-3 and error.max() < 0.02
    assert set(depth[alpha < 0.09]) == ({1.0} if range[0] < range[1] else {0.0})


def test_depth_is_what_the_projection_matrix_gives(gl: Offscreen, person: Avatar) -> None:
    head, views = two_eyes(*PLACES["side"])
    stand = Stand(gl, person, "tiles")
    depth = stand.draw(head, views[:1])[0]
    expected, alpha = stand.expected(head, views[0])
    points = np.stack([0 * expected, 0 * expected, -expected, 1 + 0 * expected], axis=-1)[alpha > 0.9]
    clip = points @ projection_matrix(views[0], *RANGE).T
    assert np.abs(depth[alpha > 0.9] - (clip[:, 2] / clip[:, 3] + 1) / 2).max() < 1e-4


def test_a_smaller_picture_keeps_its_depths_apart(gl: Offscreen, person: Avatar) -> None:
    """Enlarged, an edge is either here or there."""
    head, views = two_eyes(*PLACES["far"])
    stand = Stand(gl, person, "tiles")
    whole, half = (stand.metres(stand.draw(head, views[:1], scale=scale)[0]) for scale in (1.0, 0.5))
    near, far = whole[whole < 50].min(), whole[whole < 50].max()
    assert (((half > near - 0.1) & (half < far + 0.1)) | (half > 99)).all()
    both = (whole < 50) & (half < 50)
    assert both.mean() > 0.8 * (whole < 50).mean()
    assert np.median(np.abs(whole - half)[both]) < 0.02


@pytest.mark.parametrize("rasteriser", RASTERISERS)
def test_the_picture_is_the_same_with_and_without(gl: Offscreen, person: Avatar, rasteriser: RasteriserName) -> None:
    head, views = two_eyes(*PLACES["near"])
    pictures = []
    for range in (None, RANGE):
        renderer = AvatarRenderer(gl.ctx, person, rasteriser=rasteriser, depth_range=range)
        renderer.set_keys(key(person, 0), key(person, 1, 1.0))
        targets: list[moderngl.Framebuffer] = [gl.target(view.width, view.height) for view in views]
        renderer.draw(views, targets, head=head, model=placed(), alpha=0.5, background=None)
        pictures.append(np.stack([gl.read(target) for target in targets]))
        assert (renderer.projector.depths is None) == (range is None)
    assert oracle.psnr(*pictures) > 70


@BOTH_APIS
@pytest.mark.parametrize(("rasteriser", "texel"), [("tiles", None), ("quads", "f4"), ("quads", "f2")])
def test_depth_in_both_apis_and_where_floats_do_not_blend(
    gl: Offscreen, person: Avatar, monkeypatch: pytest.MonkeyPatch, rasteriser: RasteriserName, texel: str | None
) -> None:
    monkeypatch.setattr(quads, "_depth_type", lambda ctx: texel)
    renderer = AvatarRenderer(gl.ctx, person, rasteriser=rasteriser, depth_range=RANGE)
    keys = key(person, 0, 1.0), key(person, 1, 4.0, arm_degrees=80, jawOpen=1.0)
    renderer.set_keys(*keys)
    head, (view, _) = two_eyes(*PLACES["far"])
    target = gl.target(view.width, view.height)
    renderer.draw([view], [target], head=head, model=placed(), alpha=0.4, background=None)
    size = -(-view.width // 8) * 8, -(-view.height // 8) * 8
    picture, depth = gl.ctx.texture(size, 4, dtype="f2"), gl.ctx.texture(size, 1, dtype="f4")
    projected, order = renderer.projector, renderer.sorter.order
    count = len(person.gaussians)
    splats = Splats(projected.eyes, projected.splats, projected.bounds, order, count, projected.depths)
    renderer.rasteriser.run([Eye(view, renderer.windows[0])], splats, picture, depth)
    read = np.frombuffer(gl.ctx.framebuffer([depth]).read(components=4, dtype="f4"), np.float32)
    metres = read.reshape(size[1], size[0], 4)[: view.height, : view.width, 0][::-1]
    state = oracle.between(*(oracle.align(person, oracle.deform(person, pose)) for pose in keys), 0.4)
    expected, alpha = oracle.depth(person, view, state, head=head[:3, 3], model=placed())
    error = np.abs(metres - expected)[alpha > 0.9]
    print(f"{rasteriser} {texel}: {1e3 * error.max():.2f} mm")
    assert error.max() <= 2e-3


@pytest.mark.parametrize("range", [(0.0, 10.0), (1.0, 1.0), (0.1, -5.0)])
def test_a_range_that_spans_nothing_is_refused(gl: Offscreen, person: Avatar, range: tuple[float, float]) -> None:
    with pytest.raises(ViewError, match="cannot span"):
        AvatarRenderer(gl.ctx, person, depth_range=range)
