"""Strokes and dots in the room, drawn beside the avatar: rays, cursors, fingers.

Strokes lie before the avatar or behind it, by a plane through its middle that is turned to the eye; those behind it are
seen where it lets light through, hair and veil included. That asks for no depth, so pictures are the same where targets
keep none. Draw them when the avatar is in the target and nothing else is: what lies beneath everything comes after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import shader_source
from render.view import View, projection_matrix

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FLOATS: Final = 19
"""Of one stroke: two points with their radii (metres, the world's), two colours (linear light, opacity), which share
of the radius is a dark rim, how round it is shaded, 0 to 1, and over which share of the length its opacity rises from
nothing. Both points in one place are a dot."""
NONE: Final[F32] = np.zeros((0, FLOATS), np.float32)
"""No strokes."""
_MOST: Final = 256
_GIVEN: Final = ("clip", "eye", "pixel", "parting", "side")
_NO_DEPTH: Final = (0.02, 100.0)
"""Metres between which strokes are seen where no depth is kept."""


class Strokes:
    """Draws them in one GL context."""

    def __init__(self, ctx: moderngl.Context, depth_range: tuple[float, float] | None = None) -> None:
        """depth_range: metres at which depth is 0 and 1, where targets keep it: strokes then leave theirs."""
        self._ctx, self._range = ctx, depth_range
        sources = (shader_source(ctx, name, {}) for name in ("strokes_vertex", "strokes_fragment"))
        vertex, fragment = sources
        self._program = ctx.program(vertex_shader=vertex, fragment_shader=fragment)
        self._given: dict[str, Any] = {name: self._program[name] for name in self._program if name in _GIVEN}
        self._buffer = ctx.buffer(reserve=_MOST * FLOATS * 4, dynamic=True)
        content = (self._buffer, "4f 4f 4f 4f 3f/i", "first", "last", "first_colour", "last_colour", "look")
        self._shape = ctx.vertex_array(self._program, [content])

    def draw(
        self,
        views: Sequence[View],
        targets: Sequence[moderngl.Framebuffer],
        strokes: F32,
        middle: F64 | None = None,
    ) -> None:
        """(n, FLOATS) strokes over what each target holds, linear light premultiplied, 256 at most: those that are
        shaded round after the others, and of them the farthest first.

        middle: (3,) of the avatar, behind which they lie beneath it; None where there is none. Leaves blending on and
        depth test off.
        """
        strokes = strokes[:_MOST]
        if not len(strokes):
            return
        strokes = _sorted(strokes, views)
        self._buffer.orphan()
        self._buffer.write(strokes.tobytes())
        a, c, d = _parting(middle, views)
        self._given["parting"].value = a, 0.0, c, d
        ends = a * strokes[:, 0:5:4] + c * strokes[:, 2:7:4] - d
        sides = [near for near in (False, True) if (ends.max() >= 0 if near else ends.min() < 0)]
        for view, target in zip(views, targets, strict=True):
            self._look(view)
            target.use()
            for near in sides:
                self._paint(len(strokes), near=near)
        self._ctx.enable_only(moderngl.BLEND)

    def _look(self, view: View) -> None:
        given = self._given
        clip = projection_matrix(view, *(self._range or _NO_DEPTH)) @ view.world_to_eye
        given["clip"].write(clip.T.astype("f4").tobytes())
        given["eye"].value = tuple(view.pose[:3, 3].tolist())
        left, right, _, _ = view.tangents
        given["pixel"].value = (right - left) / view.width

    def _paint(self, count: int, *, near: bool) -> None:
        ctx = self._ctx
        self._given["side"].value = 1.0 if near else -1.0
        # What is before the avatar is the nearest in its pixels; GL writes no depth where it tests none.
        depth = near and self._range is not None
        ctx.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST if depth else moderngl.BLEND)
        ctx.blend_func = (
            (moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA) if near else (moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE)
        )
        if depth:
            ctx.depth_func = "1"
        self._shape.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=count)
        if depth:
            ctx.depth_func = "<"

    def close(self) -> None:
        """Give the GL objects back."""
        self._shape.release()
        self._buffer.release()
        self._program.release()


def _sorted(strokes: F32, views: Sequence[View]) -> F32:
    solid = strokes[:, 17] > 0
    if not solid.any():
        return strokes
    eye = sum(view.pose[:3, 3] for view in views) / len(views)
    away = np.square((strokes[:, 0:3] + strokes[:, 4:7]) / 2 - eye).sum(axis=1)
    return np.asarray(strokes[np.argsort(np.where(solid, -away, -np.inf), kind="stable")])


def _parting(middle: F64 | None, views: Sequence[View]) -> tuple[float, float, float]:
    """The upright plane through a point that is turned to the eyes: x and z of its normal, towards them, and how far
    along that it is; one behind everything where there is no such point, or the eyes are above or below it."""
    if middle is None:
        return 0.0, 0.0, -1.0
    x, z = float(middle[0]), float(middle[2])
    a = sum(float(view.pose[0, 3]) for view in views) / len(views) - x
    c = sum(float(view.pose[2, 3]) for view in views) / len(views) - z
    length = math.hypot(a, c)
    return (a / length, c / length, (a * x + c * z) / length) if length > 1e-3 else (0.0, 0.0, -1.0)
