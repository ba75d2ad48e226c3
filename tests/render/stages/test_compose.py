"""Blending in display values: the rules of photographs within the avatar, those of light behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar, Blending
from render.motion.pose import rest_key
from render.offscreen import Offscreen, render_image
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.colour import BRIGHTEST
from render.stages.compose import PLAIN, SOLID, Composer, Light, Veil
from render.stages.window import whole
from render.view import View
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, placed, two_eyes

F64 = NDArray[np.float64]


@pytest.mark.parametrize("blending", ["linear", "display"])
@pytest.mark.parametrize("background", [(0.2, 0.25, 0.3, 1.0), None])
def test_a_picture_against_the_oracle(
    person: Avatar, blending: Blending, background: tuple[float, float, float, float] | None
) -> None:
    avatar = replace(person, blending=blending)
    _, (view, _) = two_eyes((0.3, 1.5, 1.3), (0.0, 1.2, 0.0))
    eye = view.pose[:3, 3]
    state = oracle.align(avatar, oracle.deform(avatar, rest_key(avatar)))
    expected = oracle.render(avatar, view, state, head=eye, model=np.eye(4), background=background)
    quality = oracle.psnr(render_image(avatar, view, background=background), expected)
    print(f"{blending}: {quality:.1f} dB")
    assert quality >= 50


def test_display_values_come_out_as_they_went_in(gl: Offscreen) -> None:
    """Every 8-bit value at three alphas, decoded, encoded again by the target and mixed with black by it."""
    values, alphas = np.arange(256) / 255, np.array([1.0, 0.5, 0.02])
    premultiplied = np.zeros((3, 256, 4), np.float16)
    premultiplied[..., :3] = (alphas[:, None] * values)[..., None] / BRIGHTEST["display"]
    premultiplied[..., 3] = alphas[:, None]
    picture = gl.ctx.texture((256, 3), 4, premultiplied.tobytes(), dtype="f2")
    target = gl.target(256, 3)
    view = View(np.eye(4), (-0.5, 0.5, 0.5, -0.5), 256, 3)
    Composer(gl.ctx, "display").run(picture, view, whole(view), target, None)
    shown = gl.read(target)[::-1].astype(int)
    decoded = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    for row, alpha in zip(shown, alphas, strict=True):
        light = alpha * decoded
        encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        assert np.abs(row[:, :3] - np.rint(255 * encoded)[:, None]).max() <= 1
        assert np.abs(row[:, 3] - round(255 * alpha)).max() <= 1


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
@pytest.mark.parametrize(("blending", "scale"), [("linear", 1.0), ("display", 0.6)])
def test_a_veil_fades_the_whole_picture(
    gl: Offscreen, person: Avatar, rasteriser: RasteriserName, blending: Blending, scale: float
) -> None:
    """In linear light, against the picture without one; and back again to the same bits."""
    avatar = replace(person, blending=blending)
    renderer = AvatarRenderer(gl.ctx, avatar, rasteriser=rasteriser, depth_range=(0.05, 100.0))
    head, views = two_eyes((0.3, 1.5, 1.3), (0.3, 1.2, -0.2))
    target = gl.target(views[0].width, views[0].height, "rgba16f")

    def drawn(veil: Veil) -> np.ndarray:
        given = {"head": head, "model": placed(), "alpha": 0.0, "background": None, "scale": scale}
        renderer.draw(views[:1], [target], veil=veil, **given)
        return gl.read_linear(target).astype(np.float64)

    solid = drawn(SOLID)
    ran = {name: count.runs for name, count in renderer.stats.items()}
    tint = np.array([0.4, 0.8, 1.2])
    ghost = drawn(Veil(0.45, (*tint, 0.7)))
    assert ran == {name: count.runs for name, count in renderer.stats.items()}, "no stage runs for a veil"
    brightness = solid[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    tinted = 0.3 * solid[..., :3] + 0.7 * brightness[..., None] * tint
    expected = 0.45 * np.dstack([tinted, solid[..., 3]])
    assert solid[..., 3].max() > 0.9
    assert np.abs(ghost - expected).max() < 2e-3
    assert np.array_equal(drawn(SOLID), solid)
    assert not drawn(Veil(0.0)).any()


def test_what_lies_behind_shows_through_a_veil(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    head, views = two_eyes((0.3, 1.5, 1.3), (0.3, 1.2, -0.2))
    target = gl.target(views[0].width, views[0].height, "rgba16f")
    wall = (0.2, 0.5, 0.3, 1.0)

    def drawn(opacity: float) -> np.ndarray:
        renderer.draw(views[:1], [target], head=head, model=placed(), alpha=0.0, background=wall, veil=Veil(opacity))
        return gl.read_linear(target).astype(np.float64)

    solid = drawn(1.0)
    assert np.abs(drawn(0.25) - (0.25 * solid + 0.75 * np.array(wall))).max() < 2e-3


@BOTH_APIS
@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_light_multiplies_what_the_avatar_sends_out(gl: Offscreen, person: Avatar, scale: float) -> None:
    """In linear light, hair's edges included and the background left alone; and back again to the same bits."""
    renderer = AvatarRenderer(gl.ctx, person)
    head, views = two_eyes((0.3, 1.5, 1.3), (0.3, 1.2, -0.2))
    target = gl.target(views[0].width, views[0].height, "rgba16f")

    def drawn(light: Light, veil: Veil = SOLID, background: tuple[float, float, float, float] | None = None) -> F64:
        given = {"head": head, "model": placed(), "alpha": 0.0, "background": background, "scale": scale}
        renderer.draw(views[:1], [target], light=light, veil=veil, **given)
        return gl.read_linear(target).astype(np.float64)

    plain, warm = drawn(PLAIN), (1.4, 0.9, 0.35)
    ran = {name: count.runs for name, count in renderer.stats.items()}
    lit = drawn(warm)
    assert ran == {name: count.runs for name, count in renderer.stats.items()}, "no stage runs for light"
    assert np.abs(lit - plain * (*warm, 1.0)).max() < 2e-3
    assert np.abs(drawn(warm, Veil(0.5)) - 0.5 * plain * (*warm, 1.0)).max() < 2e-3
    room = np.array((0.2, 0.6, 0.4, 1.0))
    assert np.abs(drawn(warm, background=tuple(room)) - (lit + (1 - plain[..., 3:]) * room)).max() < 2e-3
    assert np.array_equal(drawn(PLAIN), plain)
    assert np.abs(lit - plain).max() > 0.05
