"""What a wearer sees: the cameras' picture, and what an app submitted over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.gl.targets import read_linear
from render.offscreen import Offscreen
from xr_app.emulated.camera_picture import CameraPicture
from xr_app.emulated.eye_pictures import EyePicture
from xr_app.emulated.room import Room

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]


def over_room(eye: EyePicture, room: Room, origin: F64) -> U8:
    """(H, W, 3) sRGB: a picture with BLEND_TEXTURE_SOURCE_ALPHA over what cameras see, mixed as linear light (OpenXR
    specification, "Composition Layer Blending"); origin: (4, 4) of the room in the picture's space."""
    with Offscreen() as offscreen:
        cameras = CameraPicture(offscreen.ctx, room)
        target = offscreen.target(eye.view.width, eye.view.height, "rgba16f")
        target.clear()
        cameras.draw(eye.view, target, origin)
        behind = read_linear(target)[..., :3].astype(np.float64)
        cameras.release()
    shown = eye.pixels / 255.0
    return _encoded(_decoded(shown[..., :3]) + (1.0 - shown[..., 3:]) * behind)


def _decoded(srgb: F64) -> F64:
    """Linear light (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _encoded(light: F64) -> U8:
    light = np.clip(light, 0.0, 1.0)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255.0 * srgb).astype(np.uint8)
