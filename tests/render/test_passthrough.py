"""What a transparent frame becomes over a room: at the edges of hair it must look as if it had been drawn there.

A compositor takes the frame's light and adds what its alpha lets through. Here numpy does so, in linear light, and the
renderer draws over the same backgrounds itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.targets import ColourFormat
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.renderer import AvatarRenderer
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, placed, two_eyes

F64 = NDArray[np.float64]
Colour = tuple[float, float, float, float]

ROOMS: dict[str, tuple[Colour, Colour]] = {
    "black": ((0.0, 0.0, 0.0, 1.0),) * 2,
    "white": ((1.0, 1.0, 1.0, 1.0),) * 2,
    "red and green": ((1.0, 0.0, 0.02, 1.0), (0.0, 0.9, 0.1, 1.0)),
}
"""Two colours, linear light, in a chequerboard of single pixels."""


@pytest.fixture(scope="module")
def hair() -> Avatar:
    """A person with 4,000 strands standing off the head: 20 times as long as thick, half transparent, dark and fair."""
    rng = np.random.default_rng(5)
    person = make_cloud(8000)
    gs, mesh = person.gaussians, person.mesh
    strands = np.arange(0, 8000, 2)
    scalp = np.flatnonzero(mesh.vertices[mesh.triangles].mean(axis=1)[:, 1] > 1.6)
    offset, scale, sh = gs.offset.copy(), gs.scale.copy(), gs.sh.copy()
    triangle, opacity, rotation = gs.triangle.copy(), gs.opacity.copy(), gs.rotation.copy()
    triangle[strands] = rng.choice(scalp, len(strands))
    offset[strands] = rng.uniform((0.0, -0.5, -0.5), (2.0, 0.5, 0.5), (len(strands), 3))
    scale[strands] = rng.uniform(0.02, 0.04, (len(strands), 1)) * (1, 20, 1)
    turns = rng.normal(size=(len(strands), 4))
    rotation[strands] = turns / np.linalg.norm(turns, axis=1, keepdims=True)
    opacity[strands] = rng.uniform(0.2, 0.7, len(strands))
    tone = np.where(rng.random((len(strands), 1)) < 0.5, (0.02, 0.012, 0.008), (0.7, 0.5, 0.25))
    sh[strands, 0] = (tone - 0.5) / 0.28209479
    made = replace(gs, triangle=triangle, offset=offset, scale=scale, sh=sh, opacity=opacity, rotation=rotation)
    return replace(person, gaussians=made)


class Mirror:
    """One renderer and one view of the hair, in pictures of one format."""

    def __init__(self, gl: Offscreen, avatar: Avatar, rasteriser: RasteriserName, format: ColourFormat) -> None:
        self._gl, self._format = gl, format
        self._renderer = AvatarRenderer(gl.ctx, avatar, rasteriser=rasteriser)
        self._renderer.set_keys(rest_key(avatar), rest_key(avatar))
        self._head, views = two_eyes((0.3, 1.72, 0.4), (0.3, 1.68, -0.2), 208, 176)
        self._view = views[0]
        self._target = gl.target(208, 176, format)

    def light(self, background: Colour | None, scale: float = 1.0) -> F64:
        """(H, W, 4) premultiplied linear light, as whoever is given the frame reads it."""
        self._renderer.draw(
            [self._view],
            [self._target],
            head=self._head,
            model=placed(),
            alpha=0.0,
            background=background,
            scale=scale,
        )
        if self._format == "rgba16f":
            return self._gl.read_linear(self._target).astype(np.float64)
        return decoded(self._gl.read(self._target))


def decoded(picture: NDArray[np.uint8]) -> F64:
    """Linear light of sRGB (IEC 61966-2-1), alpha as it is."""
    c = picture / 255.0
    light = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    light[..., 3] = c[..., 3]
    return light


def chequered(first: F64, second: F64) -> F64:
    """Pixels of the two in turn."""
    rows, columns = np.indices(first.shape[:2])
    return np.where(((rows + columns) % 2 == 0)[..., None], first, second)


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", RASTERISERS)
@pytest.mark.parametrize(("format", "scale"), [("srgb8", 1.0), ("rgba16f", 1.0), ("srgb8", 0.6)])
def test_hair_over_a_room_looks_as_if_drawn_there(
    gl: Offscreen, hair: Avatar, rasteriser: RasteriserName, format: ColourFormat, scale: float
) -> None:
    mirror = Mirror(gl, hair, rasteriser, format)
    frame = mirror.light(None, scale)
    alpha = frame[..., 3:]
    edges = (alpha[..., 0] > 0.02) & (alpha[..., 0] < 0.98)
    assert edges.mean() > 0.1, "there is hair that shows something through"
    for name, (first, second) in ROOMS.items():
        room = chequered(*(np.broadcast_to(np.array(colour), frame.shape) for colour in (first, second)))
        wanted = oracle.to_srgb(chequered(mirror.light(first, scale), mirror.light(second, scale)))
        composed = oracle.to_srgb(frame + (1 - alpha) * room)
        quality = oracle.psnr(composed, wanted)
        error = composed.astype(float) - wanted
        fringe = np.abs(error[edges][:, :3].mean(axis=0)).max()
        print(f"{name}: {quality:.1f} dB, largest error {np.abs(error).max():.0f}/255, fringe {fringe:.3f}/255")
        assert quality >= 50
        assert fringe < 1


def test_what_is_done_wrong_does_show(gl: Offscreen, hair: Avatar) -> None:
    """Blending display values, or colour that alpha has not weighted, fringes the hair by more than is allowed."""
    mirror = Mirror(gl, hair, "tiles", "rgba16f")
    frame, white = mirror.light(None), ROOMS["white"][0]
    alpha = frame[..., 3:]
    edges = (alpha[..., 0] > 0.02) & (alpha[..., 0] < 0.98)
    wanted = oracle.to_srgb(mirror.light(white)).astype(float)
    in_display_values = oracle.to_srgb(frame) + (1 - alpha) * 255
    weighted_twice = oracle.to_srgb(frame * alpha + (1 - alpha))
    for wrong in (in_display_values, weighted_twice):
        assert np.abs((wrong - wanted)[edges][:, :3].mean(axis=0)).max() > 3
