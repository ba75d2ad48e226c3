"""The same shaders draw the same picture in GLES as in desktop GL, into every kind of target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.context import Api, is_es
from render.gl.targets import ColourFormat, read_linear, read_srgb
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.renderer import AvatarRenderer
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes

APIS: tuple[Api, ...] = ("gl", "gles")
FORMATS: tuple[ColourFormat, ...] = ("srgb8", "rgba16f")
GREY = (0.2, 0.25, 0.3, 1.0)


def drawn(api: Api, avatar: Avatar, rasteriser: RasteriserName) -> list[NDArray[np.generic]]:
    """Both eyes, from two places, on a background and without, in both formats."""
    pictures: list[NDArray[np.generic]] = []
    with Offscreen(api) as offscreen:
        assert is_es(offscreen.ctx) == (api == "gles")
        renderer = AvatarRenderer(offscreen.ctx, avatar, rasteriser=rasteriser)
        renderer.set_keys(key(avatar, 0, 1.0), key(avatar, 1, 4.0, arm_degrees=80, jawOpen=1.0))
        for place in ((1.9, 1.2, 0.2), (0.3, 1.7, 0.3)):
            head, views = two_eyes(place, (0.3, 1.3, -0.2))
            for format in FORMATS:
                targets = [offscreen.target(view.width, view.height, format) for view in views]
                for background in (GREY, None):
                    renderer.draw(views, targets, head=head, model=placed(), alpha=0.4, background=background)
                    read = read_srgb if format == "srgb8" else read_linear
                    pictures += [read(target) for target in targets]
        assert offscreen.ctx.error == "GL_NO_ERROR"
    return pictures


def psnr(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    """Decibels, of 255 steps for bytes and of 1 for light."""
    if a.dtype == np.uint8:
        return oracle.psnr(a.astype(np.uint8), b.astype(np.uint8))
    error = np.square(a.astype(float) - b.astype(float)).mean()
    return 99.0 if error == 0 else float(-10 * np.log10(error))


@pytest.mark.parametrize("rasteriser", RASTERISERS)
@pytest.mark.parametrize("degree", range(4))
def test_gles_draws_what_gl_draws(rasteriser: RasteriserName, degree: int) -> None:
    avatar = make_cloud(2000, degree=degree)
    desktop, mobile = (drawn(api, avatar, rasteriser) for api in APIS)
    assert len(desktop) == len(mobile) == 16
    assert all(np.ptp(picture[..., :3].astype(float)) > 0.2 for picture in desktop), "there is someone to see"
    quality = [psnr(a, b) for a, b in zip(desktop, mobile, strict=True)]
    print(f"{rasteriser}, degree {degree}: {min(quality):.1f} dB")
    assert min(quality) >= 55


@BOTH_APIS
@pytest.mark.parametrize("background", [(0.18, 0.18, 0.18, 1.0), None])
def test_middle_grey_is_118(gl: Offscreen, background: tuple[float, float, float, float] | None) -> None:
    """An avatar that is linear 0.18 all over is 118 in sRGB wherever it is opaque or stands before the same grey, and
    0.18 times its alpha where it is neither."""
    cloud = make_cloud(3000)
    sh = np.full_like(cloud.gaussians.sh, (0.18 - 0.5) / 0.28209479)
    avatar = replace(cloud, gaussians=replace(cloud.gaussians, sh=sh))
    renderer = AvatarRenderer(gl.ctx, avatar)
    rest = rest_key(avatar)
    renderer.set_keys(rest, rest)
    head, views = two_eyes((0.3, 1.7, 0.6), (0.3, 1.5, -0.2))
    targets = [gl.target(views[0].width, views[0].height, format) for format in FORMATS]
    renderer.draw([views[0]] * 2, targets, head=head, model=placed(), alpha=0.0, background=background)
    encoded, light = gl.read(targets[0]), gl.read_linear(targets[1])
    assert (encoded[..., 3] == 255).mean() > 0.2
    assert np.abs(encoded[encoded[..., 3] == 255][:, :3].astype(int) - 118).max() <= 1
    assert np.abs(light[..., :3] - 0.18 * light[..., 3:]).max() < 1e-3
    if background is None:
        assert ((light[..., 3] > 0.05) & (light[..., 3] < 0.95)).sum() > 100, "there are edges"
        expected = oracle.to_srgb(light.astype(float))
        assert np.abs(encoded.astype(int) - expected).max() <= 1


@BOTH_APIS
def test_light_brighter_than_white_stays_in_halves(gl: Offscreen) -> None:
    target = gl.target(2, 2, "rgba16f")
    target.clear(3.5, 0.001, 0.18, 0.25)
    assert np.allclose(gl.read_linear(target), (3.5, 0.001, 0.18, 0.25), rtol=1e-3)
    clipped = gl.target(2, 2)
    clipped.clear(3.5, 0.001, 0.18, 0.25)
    assert np.abs(gl.read(clipped).astype(int) - (255, 3, 118, 64)).max() <= 1
