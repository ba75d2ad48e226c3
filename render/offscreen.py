"""Pictures without a headset: a context of its own, sRGB targets, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.context import GL_FRAMEBUFFER_SRGB, GL_SRGB8_ALPHA8, standalone_context
from render.motion.pose import PoseKey, rest_key
from render.renderer import AvatarRenderer
from render.stages.compose import Colour
from render.view import View, look_at_view

__all__ = ["Offscreen", "look_at_view", "render_image"]

U8 = NDArray[np.uint8]


class Offscreen:
    """A context with sRGB framebuffers; use it in a `with` statement."""

    def __init__(self) -> None:
        self.ctx = standalone_context()
        self.ctx.gc_mode = "context_gc"
        self.ctx.enable_direct(GL_FRAMEBUFFER_SRGB)

    def __enter__(self) -> Offscreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ctx.release()

    def target(self, width: int, height: int) -> moderngl.Framebuffer:
        """A framebuffer that takes linear light and keeps sRGB."""
        return self.ctx.framebuffer([self.ctx.texture((width, height), 4, internal_format=GL_SRGB8_ALPHA8)])

    def read(self, target: moderngl.Framebuffer) -> U8:
        """(H, W, 4) sRGB, top row first."""
        pixels = np.frombuffer(target.read(components=4), np.uint8)
        return np.ascontiguousarray(pixels.reshape(target.height, target.width, 4)[::-1])


def render_image(
    avatar: Avatar,
    view: View | Sequence[View],
    *,
    expression: NDArray[np.float32] | None = None,
    joints: NDArray[np.float32] | None = None,
    background: Colour | None = (0.18, 0.18, 0.18, 1.0),
    gaussians: int | None = None,
) -> U8:
    """One picture of an avatar, (H, W, 4) sRGB; several views stand side by side, each sorted from its own eye.

    `expression` (E,) and `joints` (J, 4, 4) pose it, at rest where they are None; `background` is linear light, or
    None for transparent; `gaussians` draws only the most important ones. Raises ContextError, ViewError.
    """
    views = [view] if isinstance(view, View) else list(view)
    rest = rest_key(avatar)
    key = PoseKey(0, rest.expression if expression is None else expression, rest.joints if joints is None else joints)
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar, gaussians=gaussians)
        renderer.set_keys(key, key)
        pictures = []
        for eye in views:
            target = offscreen.target(eye.width, eye.height)
            renderer.draw([eye], [target], head=eye.pose, model=np.eye(4), alpha=0.0, background=background)
            pictures.append(offscreen.read(target))
        return np.concatenate(pictures, axis=1)
