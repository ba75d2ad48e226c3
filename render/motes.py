"""Somebody who is not there yet: soft grains of light in the shape of a body that breathes, and a ring where it stands.

Costs one draw of some hundred small squares an eye, needs no avatar, and is made within milliseconds: it is what is
seen while an avatar is read and made ready. It moves with the time that it is given, and with nothing else.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import shader_source
from render.stages.compose import PLAIN, Light, lit
from render.view import View

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class _Limb(NamedTuple):
    """A cone with round ends."""

    a: tuple[float, float, float]
    b: tuple[float, float, float]
    """Metres; of those with an x, there is one on the other side, too."""
    radius_a: float
    radius_b: float


HEIGHT_M: Final = 1.72
_COUNT: Final = 1300
"""Grains of the body."""
_RING: Final = 170
_RING_M: Final = 0.4
_FACED: Final = 1.8
"""So many times as densely as the rest is the head filled, which is what one looks at."""
_GRAIN_M: Final = 0.029
"""Radius of one."""
_COLOUR: Final[Light] = (0.62, 0.78, 0.95)
"""Linear light, cool: nobody takes it for someone who has come."""
_BODY: Final = (
    _Limb((0.0, 1.55, 0.02), (0.0, 1.63, 0.01), 0.080, 0.088),
    _Limb((0.0, 1.40, -0.01), (0.0, 1.47, 0.0), 0.055, 0.050),
    _Limb((0.09, 1.34, 0.0), (0.05, 1.06, 0.0), 0.085, 0.085),
    _Limb((0.05, 1.06, 0.0), (0.08, 0.92, 0.0), 0.090, 0.100),
    _Limb((0.18, 1.36, 0.0), (0.24, 1.09, -0.02), 0.050, 0.042),
    _Limb((0.24, 1.09, -0.02), (0.26, 0.84, 0.05), 0.040, 0.032),
    _Limb((0.26, 0.82, 0.05), (0.26, 0.74, 0.07), 0.035, 0.028),
    _Limb((0.09, 0.88, 0.0), (0.10, 0.48, 0.01), 0.085, 0.055),
    _Limb((0.10, 0.48, 0.01), (0.105, 0.10, -0.02), 0.052, 0.038),
    _Limb((0.105, 0.04, -0.03), (0.115, 0.03, 0.12), 0.038, 0.030),
)
"""Facing +z, feet on y = 0; of nobody in particular."""


class Motes:
    """In one GL context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = ctx.program(
            vertex_shader=shader_source(ctx, "motes_vertex", {}),
            fragment_shader=shader_source(ctx, "motes_fragment", {}),
        )
        self._grains = ctx.buffer(grains().tobytes())
        self._squares = ctx.vertex_array(self._program, [(self._grains, "4f 1f/i", "mote", "phase")])

    def draw(
        self,
        view: View,
        target: moderngl.Framebuffer,
        model: F64,
        time_s: float,
        *,
        gone: float = 0.0,
        light: Light = PLAIN,
    ) -> None:
        """Draw them beneath what `target` holds, premultiplied. model: (4, 4) body to world; gone: how far they are on
        their way, 0 to 1, once whom they stood for has come; light: as the avatar's."""
        left, right, up, down = view.tangents
        program = self._program
        program["eye"] = tuple((view.world_to_eye @ model).T.ravel().tolist())
        program["edges"] = left, right, down, up
        program["size"] = float(np.cbrt(np.linalg.det(model[:3, :3])))
        program["time"], program["gone"] = time_s, min(max(gone, 0.0), 1.0)
        program["colour"] = lit(_COLOUR, light)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE
        self._squares.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=_COUNT + _RING)

    def release(self) -> None:
        """Give the GL objects back."""
        for each in (self._squares, self._grains, self._program):
            each.release()


def grains() -> F32:
    """(N, 5) place in the body, radius (metres) and phase (radians) of each; always the same."""
    rng = np.random.default_rng(7)
    limbs = [limb for one in _BODY for limb in ((one, _mirrored(one)) if one.a[0] or one.b[0] else (one,))]
    shares = np.array([(math.dist(limb.a, limb.b) + limb.radius_a) * (limb.radius_a + limb.radius_b) for limb in limbs])
    shares[0] *= _FACED
    ends = np.rint(np.cumsum(shares / shares.sum()) * _COUNT).astype(int)
    made = np.zeros((_COUNT + _RING, 5), np.float32)
    for limb, begin, end in zip(limbs, (0, *ends[:-1].tolist()), ends.tolist(), strict=True):
        made[begin:end, :3] = _around(limb, end - begin, rng)
    made[:, 3] = _GRAIN_M * rng.uniform(0.7, 1.25, len(made))
    turn = np.arange(_RING) * (2 * math.pi / _RING)
    made[_COUNT:, 0], made[_COUNT:, 2] = _RING_M * np.cos(turn), _RING_M * np.sin(turn)
    made[_COUNT:, 1], made[_COUNT:, 3] = 0.01, 0.02
    made[:, 4] = rng.uniform(0, 2 * math.pi, len(made))
    return made


def _around(limb: _Limb, count: int, rng: np.random.Generator) -> F64:
    """(count, 3) places just beneath its surface."""
    a, b = np.array(limb.a), np.array(limb.b)
    length = float(np.linalg.norm(b - a))
    # Along it, the round ends included, in a spiral: evenly, but for a little.
    steps = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
    along = steps * (length + limb.radius_a + limb.radius_b) - limb.radius_a
    share = np.clip(along / length, 0.0, 1.0)
    radius = limb.radius_a + share * (limb.radius_b - limb.radius_a)
    beyond = np.maximum(np.maximum(-along, along - length), 0.0)
    radius = np.sqrt(np.maximum(radius**2 - beyond**2, 0.0))
    axis = (b - a) / length
    across = np.cross(axis, (0.0, 0.0, 1.0) if abs(axis[2]) < 0.9 else (1.0, 0.0, 0.0))
    across /= np.linalg.norm(across)
    turn = np.arange(count) * (math.pi * (3 - math.sqrt(5))) + rng.uniform(-0.2, 0.2, count)
    aside = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * np.cross(axis, across)
    return np.asarray(a + along[:, None] * axis + (0.9 * radius)[:, None] * aside)


def _mirrored(limb: _Limb) -> _Limb:
    return limb._replace(a=(-limb.a[0], *limb.a[1:]), b=(-limb.b[0], *limb.b[1:]))
