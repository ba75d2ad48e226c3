"""What is drawn beneath an avatar: a stage that fills the view, or nothing but its shadow on the wearer's own floor.

Both go *under* what the framebuffer already holds, so the avatar is drawn first, on transparent ground, in linear light
with premultiplied alpha. Where targets keep depth, the floor's goes in where nothing nearer is; the horizon is as far
as depth goes. The stage is drawn by one triangle whose rays meet the floor analytically: it costs the same everywhere,
is right at every height of the eye, and has no seam. It is lit as forged people are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import moderngl
import numpy as np

from assets.avatar import Avatar
from assets.forge.studio import Studio
from render.gl.context import Uniforms, shader_source
from render.ground.balls import NOBODY, Balls, fit_balls
from render.ground.shadow import REACH_M, ShadowMap, irradiance
from render.ground.standing import Standing
from render.motion.pose import PoseKey
from render.stages.compose import PLAIN, Light, lit
from render.view import View

STILL_M: Final = 0.002
"""By how much a body may move before its shadow is found anew: a tenth of a pixel of its map."""
DENSITY: Final = 0.85
"""Of a shadow on the wearer's floor: a room has more lights than its sky."""
_FLOOR: Final = np.array((0.22, 0.205, 0.19))
"""Albedo."""
_HORIZON: Final[Light] = (0.150, 0.154, 0.164)
_ZENITH: Final[Light] = (0.050, 0.054, 0.062)


class Ground:
    """In one GL context, beneath one avatar at a time; `draw`, or `cast` before a frame's first eye."""

    def __init__(
        self, ctx: moderngl.Context, avatar: Avatar | None = None, depth_range: tuple[float, float] | None = None
    ) -> None:
        """avatar: whose shadow it is; without one there is none until `meet`. depth_range: metres at which depth is 0
        and 1, the first the nearer, where targets keep depth."""
        self._ctx = ctx
        studio = Studio()
        self._balls = NOBODY if avatar is None else fit_balls(avatar)
        self._cast_at: tuple[bytes, float, bool] | None = None
        """Where the body was when its shadow was found, over which floor, and whether on the stage."""
        self._off: Callable[[PoseKey], float] = lambda key: 0.0
        """How far a key's balls are from where they were then."""
        self._map = ShadowMap(ctx, studio)
        red, green, blue = (_FLOOR * irradiance(studio)).tolist()
        self._floor_light: Light = red, green, blue
        self._height, self._opacity = 0.0, 1.0
        whole = shader_source(ctx, "compose_vertex", {})
        square = shader_source(ctx, "shadow_vertex", {})
        self._stage = ctx.program(vertex_shader=whole, fragment_shader=shader_source(ctx, "stage_fragment", {}))
        self._shadow = ctx.program(vertex_shader=square, fragment_shader=shader_source(ctx, "shadow_fragment", {}))
        self._stage_depth: moderngl.Program | None = None
        self._shadow_depth: moderngl.Program | None = None
        if depth_range is not None:
            near, far = depth_range
            sources = shader_source(ctx, "ground_depth", {}), shader_source(ctx, "shadow_depth", {})
            self._stage_depth = ctx.program(vertex_shader=whole, fragment_shader=sources[0])
            self._shadow_depth = ctx.program(vertex_shader=square, fragment_shader=sources[1])
            self._stage_depth["range"] = self._shadow_depth["range"] = 1 / near, 1 / (1 / near - 1 / far)
        for program in (self._stage, self._shadow, self._shadow_depth):
            if program is not None:
                program["reach"] = REACH_M
        self._programs = [each for each in (self._stage, self._stage_depth, self._shadow, self._shadow_depth) if each]
        self._given = {program: Uniforms(program) for program in self._programs}
        self._shapes = {program: ctx.vertex_array(program, []) for program in self._programs}

    def meet(self, balls: Balls) -> None:
        """From now on the shadow is this body's."""
        self._balls = balls
        self._cast_at = None

    def cast(self, standing: Standing, *, stage: bool) -> None:
        """Find the shadow, unless it is the last one still: on the stage, or on a floor whose light is not known."""
        self._height, self._opacity = standing.floor, standing.opacity
        place = standing.model.tobytes(), standing.floor, stage
        if place == self._cast_at and self._moved(standing) <= STILL_M:
            return
        balls, centre = self._balls.placed(standing)
        self._map.cast(balls, centre, standing.model, standing.floor, studio=stage)
        self._cast_at, self._off = place, self._balls.since(standing)

    def _moved(self, standing: Standing) -> float:
        alpha = standing.alpha
        return (1 - alpha) * self._off(standing.before) + alpha * self._off(standing.after)

    def draw(
        self,
        views: Sequence[View],
        targets: Sequence[moderngl.Framebuffer],
        standing: Standing,
        light: Light = PLAIN,
        *,
        stage: bool,
    ) -> None:
        """Cast the shadow, and draw the stage or the shadow alone beneath what the targets of a frame hold: the avatar
        and what is drawn beside it. What is seen of a room comes after, panels last."""
        self.cast(standing, stage=stage)
        for view, target in zip(views, targets, strict=True):
            if stage:
                self.draw_stage(view, target, light)
            else:
                self.draw_shadow(view, target)

    def draw_stage(
        self, view: View, target: moderngl.Framebuffer, light: Light = PLAIN, *, shadow: bool = True
    ) -> None:
        """Fill what is still transparent of `target`, seen by `view`; light: as the avatar's; shadow: draw it, too."""
        x, y, z = view.pose[:3, 3].tolist()
        turn = tuple(view.pose[:3, :3].T.ravel().tolist())
        for program in (self._stage, self._stage_depth):
            if program is not None:
                self._given[program].set(
                    eye=(x, y - self._height, z), turn=turn, tangents=view.tangents, size=tuple(target.size)
                )
        self._given[self._stage].set(
            centre=self._map.centre,
            density=self._opacity * shadow,
            floor_light=lit(self._floor_light, light),
            horizon=lit(_HORIZON, light),
            zenith=lit(_ZENITH, light),
        )
        self._paint(target, self._stage, self._stage_depth, moderngl.TRIANGLES, 3)

    def draw_shadow(self, view: View, target: moderngl.Framebuffer) -> None:
        """Darken the floor alone, seen by `view`: black, as opaque as the shadow."""
        if view.pose[1, 3] <= self._height or self._opacity <= 0:
            return
        left, right, up, down = view.tangents
        wide, high = right - left, up - down
        lens = 2 / wide, (right + left) / wide, 2 / high, (up + down) / high
        for program in (self._shadow, self._shadow_depth):
            if program is not None:
                self._given[program].set(
                    eye=view.eye_rows,
                    lens=lens,
                    centre=self._map.centre,
                    height=self._height,
                    density=DENSITY * self._opacity,
                )
        self._paint(target, self._shadow, self._shadow_depth, moderngl.TRIANGLE_STRIP, 4)

    def _paint(
        self,
        target: moderngl.Framebuffer,
        colour: moderngl.Program,
        depth: moderngl.Program | None,
        shape: int,
        vertices: int,
    ) -> None:
        target.use()
        self._map.texture.use(0)
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE
        self._shapes[colour].render(shape, vertices=vertices)
        if depth is not None:
            # The colour stays as it is; moderngl sets no colour mask of a framebuffer that is in use.
            self._ctx.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
            self._ctx.blend_func = moderngl.ZERO, moderngl.ONE
            self._shapes[depth].render(shape, vertices=vertices)
            self._ctx.enable_only(moderngl.BLEND)

    def release(self) -> None:
        """Give the GL objects back."""
        for shape in self._shapes.values():
            shape.release()
        for program in self._programs:
            program.release()
        self._map.release()
