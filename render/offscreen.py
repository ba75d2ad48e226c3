"""Pictures without a headset: a context of its own, GL or GLES, targets, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.gl.context import Api, give_back, standalone_context
from render.gl.egl import Egl
from render.gl.targets import ColourFormat, colour_target, encode_srgb, read_linear, read_srgb
from render.motion.pose import PoseKey, rest_key
from render.renderer import AvatarRenderer
from render.stages.compose import Colour
from render.view import View, look_at_view

__all__ = ["Offscreen", "look_at_view", "render_image"]

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


class Offscreen:
    """A context with sRGB framebuffers; use it in a `with` statement, after which the thread draws again with what it
    drew with before."""

    def __init__(self, api: Api = "gl") -> None:
        self._egl = Egl()
        self._before = self._egl.current()
        self.ctx = standalone_context(api)
        self._own = self._egl.current()
        self.ctx.gc_mode = "context_gc"
        encode_srgb(self.ctx)

    def __enter__(self) -> Offscreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ctx.release()
        self._egl.make_current(self._before)

    def use(self) -> None:
        """Let this thread draw with it, where it drew with another meanwhile, and give back to the GPU what nobody
        holds any more."""
        self._egl.make_current(self._own)
        give_back(self.ctx)

    def target(self, width: int, height: int, format: ColourFormat = "srgb8") -> moderngl.Framebuffer:
        """A framebuffer that takes linear light and keeps sRGB, or halves of linear light."""
        return colour_target(self.ctx, width, height, format)

    def read(self, target: moderngl.Framebuffer) -> U8:
        """(H, W, 4) sRGB of an `srgb8` target, top row first."""
        return read_srgb(target)

    def read_linear(self, target: moderngl.Framebuffer) -> F32:
        """(H, W, 4) linear light of an `rgba16f` target, premultiplied, top row first."""
        return read_linear(target)


def render_image(
    avatar: Avatar,
    view: View | Sequence[View],
    *,
    expression: NDArray[np.float32] | None = None,
    joints: NDArray[np.float32] | None = None,
    background: Colour | None = (0.18, 0.18, 0.18, 1.0),
    gaussians: int | None = None,
    api: Api = "gl",
) -> U8:
    """One picture of an avatar, (H, W, 4) sRGB; several views stand side by side, each sorted from its own eye.

    `expression` (E,) and `joints` (J, 4, 4) pose it, at rest where they are None; `background` is linear light, or
    None for transparent; `gaussians` draws only the most important ones; `api` says what draws.
    Raises ContextError, ViewError.
    """
    views = [view] if isinstance(view, View) else list(view)
    rest = rest_key(avatar)
    key = PoseKey(0, rest.expression if expression is None else expression, rest.joints if joints is None else joints)
    with Offscreen(api) as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar, gaussians=gaussians)
        renderer.set_keys(key, key)
        pictures = []
        for eye in views:
            target = offscreen.target(eye.width, eye.height)
            renderer.draw([eye], [target], head=eye.pose, model=np.eye(4), alpha=0.0, background=background)
            pictures.append(offscreen.read(target))
        return np.concatenate(pictures, axis=1)
