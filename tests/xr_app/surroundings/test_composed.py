"""What a wearer sees: the pictures that a session submits, laid over a room as their flags say, against light that was
never split up."""

from __future__ import annotations

import numpy as np
import pytest
import xr
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.targets import colour_target, read_linear, read_srgb
from render.ground.balls import fit_balls
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.renderer import AvatarRenderer
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.eye_pictures import EyePictures
from xr_app.emulated.fb_passthrough import FbPassthrough
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.light import RoomLight
from xr_app.surroundings.mode import Mode
from xr_app.surroundings.surroundings import Surroundings
from xr_app.surroundings.ways import EXTENSIONS

F64 = NDArray[np.float64]

SIZE = (192, 192)
MODES = xr.EnvironmentBlendMode
FLAGS = xr.CompositionLayerFlags
ROOMS = {"black": (0.0, 0.0, 0.0), "white": (1.0, 1.0, 1.0), "red": (0.9, 0.05, 0.02), "green": (0.02, 0.5, 0.1)}
LIGHT = RoomLight(0.7, 3500.0)


@pytest.fixture(scope="module")
def fuzzy() -> Avatar:
    """Somebody of whom light comes through nearly everywhere."""
    return make_cloud(1500, degree=1)


def decoded(picture: NDArray[np.uint8]) -> F64:
    """Linear light of sRGB (IEC 61966-2-1), alpha as it is."""
    c = picture / 255.0
    light = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    light[..., 3] = c[..., 3]
    return light


def encoded(light: F64) -> F64:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def composed(
    picture: NDArray[np.uint8], flags: xr.CompositionLayerFlags, mode: xr.EnvironmentBlendMode, room: F64
) -> F64:
    """(H, W, 3) linear light over, or added to, that of a room (OpenXR specification, "Composition Layer Blending")."""
    layer = decoded(picture)
    colour, alpha = layer[..., :3], layer[..., 3:]
    if flags & FLAGS.UNPREMULTIPLIED_ALPHA_BIT:
        colour = colour * alpha
    if mode == MODES.ADDITIVE:
        return colour + room
    return colour + (1 - (alpha if flags & FLAGS.BLEND_TEXTURE_SOURCE_ALPHA_BIT else 1)) * room


@pytest.mark.parametrize("mode", [Mode.CAMERAS, Mode.BLENDED, Mode.ADDED])
def test_both_eyes_see_the_avatar_and_its_shadow_in_the_room(monado: MonadoService, fuzzy: Avatar, mode: Mode) -> None:
    offered = {Mode.CAMERAS: MODES.OPAQUE, Mode.BLENDED: MODES.ALPHA_BLEND, Mode.ADDED: MODES.ADDITIVE}[mode]
    emulations = [FbPassthrough()] if mode == Mode.CAMERAS else []
    key, pictures, wanted = rest_key(fuzzy), [], []
    with (
        SimulatedLayer(*emulations, eyes := EyePictures(), blend_modes=[offered]) as layer,
        XrSession(
            monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION, layer.name], extensions=EXTENSIONS
        ) as session,
    ):
        surroundings = Surroundings(session, Asked(light=LIGHT))
        renderer, ground = AvatarRenderer(session.ctx, fuzzy), Ground(session.ctx, fuzzy)
        renderer.set_keys(key, key)
        surroundings.meet(fit_balls(fuzzy))
        assert surroundings.mode == mode
        eyes.look()
        for frame in session.frames():
            surroundings.update(frame)
            with frame:
                if frame.should_render:
                    model = in_front_of(frame.head, 2.5)
                    standing = Standing(model, key, key, 0.0)
                    given = {"head": frame.head, "model": model, "alpha": 0.0, "background": None}
                    renderer.draw(frame.views, frame.targets, light=surroundings.light, **given)
                    surroundings.draw(frame, standing)
                    pictures, left = [read_srgb(target) for target in frame.targets], frame.views[0]
                    # The same by itself, in half floats, with light and shadow apart.
                    for view in frame.views:
                        target = colour_target(session.ctx, *SIZE, "rgba16f")
                        renderer.draw([view], [target], **given)
                        avatar = read_linear(target).astype(np.float64) * (*LIGHT.gain, 1.0)
                        target.clear()
                        ground.cast(standing, stage=False)
                        ground.draw_shadow(view, target)
                        shadow = read_linear(target)[..., 3:].astype(np.float64)
                        wanted.append((avatar, shadow * (mode != Mode.ADDED)))
            if pictures:
                break
        submitted = layer.frames[-1]
        surroundings.close()
    assert submitted.blend_mode == offered
    assert eyes.seen is not None and np.array_equal(eyes.seen.pixels, pictures[0]), "the headset gets what was drawn"
    assert np.allclose(eyes.seen.view.pose, left.pose, atol=1e-5) and np.allclose(eyes.seen.view.fov, left.fov)
    flags = submitted.layers[-1].layer_flags
    for picture, (avatar, shadow) in zip(pictures, wanted, strict=True):
        alpha = avatar[..., 3]
        edges = (alpha > 0.004) & (alpha < 0.98)
        assert edges.mean() > 0.01 and (shadow.max() > 0.3) == (mode != Mode.ADDED)
        for name, colour in ROOMS.items():
            room = np.broadcast_to(colour, (*SIZE[::-1], 3))
            seen = composed(picture, flags, offered, room)
            behind = room * (1 - shadow)
            through = 1.0 if mode == Mode.ADDED else 1 - avatar[..., 3:]
            error = encoded(seen) - encoded(avatar[..., :3] + through * behind)
            quality = 10 * np.log10(255**2 / (np.square(error[edges]).mean() + 1e-9))
            print(f"{mode.value} before {name}: {quality:.1f} dB at the edges, largest {np.abs(error).max():.1f}/255")
            assert quality > 45 and np.abs(error).max() < 4
