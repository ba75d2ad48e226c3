"""How much light reaches the floor beneath a body, as a small map that every eye reads.

The map is of the floor around the feet; a body that is lifted off the floor has its shadow grow soft and fade, because
its balls (balls.py) then hide less of the sky. Owns the map; valid from `cast` until the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.forge.studio import Studio
from render.gl.context import Uniforms, shader_source
from render.ground.balls import MOST

F64 = NDArray[np.float64]

SIDE: Final = 96
"""Pixels of the map's side."""
REACH_M: Final = 1.0
"""From the map's middle to its edges; 2 cm a pixel."""
_BRIGHTNESS: Final = np.array((0.2126, 0.7152, 0.0722))


class ShadowMap:
    """The map of one body at a time."""

    def __init__(self, ctx: moderngl.Context, studio: Studio) -> None:
        """studio: what lights the body, and the floor where `cast` is told so."""
        self._ctx = ctx
        self.texture = ctx.texture((SIDE, SIDE), 1, dtype="f2")
        """Share of the light that reaches the floor; one outside."""
        self.texture.repeat_x = self.texture.repeat_y = False
        self.centre = (0.0, 0.0)
        """x and z of the map's middle, metres."""
        self._target = ctx.framebuffer([self.texture])
        vertex = shader_source(ctx, "compose_vertex", {})
        self._programs = {
            key: ctx.program(
                vertex_shader=vertex,
                fragment_shader=shader_source(ctx, "ground_light", {"MOST": MOST, "KEY": int(key)}),
            )
            for key in (False, True)
        }
        self._balls = np.zeros((MOST, 4), np.float32)
        self._members: dict[bool, Any] = {key: program["balls"] for key, program in self._programs.items()}
        self._given = {key: Uniforms(program) for key, program in self._programs.items()}
        for given in self._given.values():
            given.set(reach=REACH_M, size=(SIDE, SIDE))
        self._given[True].set(powers=_shares(studio))
        self._key_from = np.array(studio.key_from) / np.linalg.norm(studio.key_from)
        self._sharpness = studio.key_sharpness
        self._triangles = {key: ctx.vertex_array(program, []) for key, program in self._programs.items()}

    def cast(self, balls: F64, centre: tuple[float, float], model: F64, floor: float, *, studio: bool) -> None:
        """Fill the map around a centre (x and z): balls (B, 4), centres and radii in the world; model (4, 4) places the
        body, whose light turns with it; floor: its height; studio: light the floor as the body is lit, else by an even
        sky alone, which is what every room has.
        """
        self.centre, given = centre, self._balls
        given[: len(balls)] = balls
        given[: len(balls), 1] -= floor
        self._members[studio].write(given)
        self._given[studio].set(count=len(balls), centre=centre)
        if studio:
            x, y, z = (model[:3, :3] @ self._key_from).tolist()
            length = math.hypot(x, y, z)
            self._given[True].set(key=(x / length, y / length, z / length, self._sharpness))
        self._target.use()
        self._ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST)
        self._triangles[studio].render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Give the GL objects back."""
        for triangle in self._triangles.values():
            triangle.release()
        for program in self._programs.values():
            program.release()
        self._target.release()
        self.texture.release()


def irradiance(studio: Studio) -> F64:
    """(3,) light that reaches an open floor, over pi: what a white floor sends back."""
    return _over_pi(studio.radiance)


def _shares(studio: Studio) -> tuple[float, float, float]:
    """Radiance of the key light's middle, of the sky above and of that at the horizon, by the irradiance of an open
    floor. The lesser lights are spread over the sky: they cast no shadows of their own.
    """
    plain = replace(studio, key=(0.0, 0.0, 0.0))
    whole, without = (float(irradiance(each) @ _BRIGHTNESS) for each in (studio, plain))
    above, level = (float(np.array(each) @ _BRIGHTNESS) for each in (studio.sky, studio.floor))
    level = (above + level) / 2
    sky = float(_over_pi(lambda d: level + (above - level) * d[:, 1:2])[0])
    key = float(np.array(studio.key) @ _BRIGHTNESS)
    return key / whole / math.pi, above * without / sky / whole / math.pi, level * without / sky / whole / math.pi


def _over_pi(radiance: Callable[[F64], F64]) -> F64:
    """What an open floor is given by light from directions (D, 3), over pi."""
    heights, turns = (np.arange(64) + 0.5) / 64, (np.arange(128) + 0.5) * (2 * math.pi / 128)
    flat = np.sqrt(1 - heights**2)
    directions = np.stack(
        [np.outer(flat, np.cos(turns)), np.outer(heights, np.ones(128)), np.outer(flat, np.sin(turns))], axis=-1
    ).reshape(-1, 3)
    return np.asarray((radiance(directions) * directions[:, 1:2]).mean(axis=0) * 2)
