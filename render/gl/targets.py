"""Pictures to draw into, and what they hold afterwards, on GL and GLES alike.

What is drawn is linear light, colour premultiplied by alpha. `srgb8` keeps eight bits of its sRGB encoding, which is
what displays take; `rgba16f` keeps the light as it is, in halves: a compositor can blend and scale it without steps.
"""

from __future__ import annotations

from typing import Final, Literal

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import is_es

ColourFormat = Literal["srgb8", "rgba16f"]

GL_FRAMEBUFFER_SRGB: Final = 0x8DB9
GL_SRGB8_ALPHA8: Final = 0x8C43


def encode_srgb(ctx: moderngl.Context) -> None:
    """Have what is written into sRGB pictures encoded: desktop GL does so when told, GLES always."""
    if not is_es(ctx):
        ctx.enable_direct(GL_FRAMEBUFFER_SRGB)


def colour_target(
    ctx: moderngl.Context, width: int, height: int, format: ColourFormat = "srgb8"
) -> moderngl.Framebuffer:
    """A framebuffer with one colour picture; the caller has `encode_srgb` on."""
    if format == "rgba16f":
        return ctx.framebuffer([ctx.texture((width, height), 4, dtype="f2")])
    return ctx.framebuffer([ctx.texture((width, height), 4, internal_format=GL_SRGB8_ALPHA8)])


def widest(ctx: moderngl.Context) -> int:
    """Pixels that a picture can be wide or high."""
    return int(ctx.info.get("GL_MAX_TEXTURE_SIZE", 2048))


def read_srgb(target: moderngl.Framebuffer) -> NDArray[np.uint8]:
    """(H, W, 4) of an `srgb8` target as it holds them, top row first."""
    pixels = np.frombuffer(target.read(components=4), np.uint8)
    return np.ascontiguousarray(pixels.reshape(target.height, target.width, 4)[::-1])


def read_linear(target: moderngl.Framebuffer) -> NDArray[np.float32]:
    """(H, W, 4) linear light of an `rgba16f` target, top row first."""
    pixels = np.frombuffer(target.read(components=4, dtype="f4"), np.float32)
    return np.ascontiguousarray(pixels.reshape(target.height, target.width, 4)[::-1])
