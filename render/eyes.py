"""What eyes have of their own: two stages, project and draw, which serve all of them at once, and a place in a picture.

The picture is as large as all targets beside each other and is valid from its draw until the next one; compose lays
each eye's part over its target in every frame, drawn anew or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import mul
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.targets import widest
from render.graph import Graph, Stage
from render.kinds import Scene
from render.plan import Moment
from render.raster.rasteriser import Rasteriser
from render.raster.splats import Splats
from render.stages.compose import Colour, Composer, Light, Veil
from render.stages.eye import Eye
from render.stages.project import NEAREST_M, Projector
from render.stages.window import TILE, Window, window_of
from render.view import View

F64 = NDArray[np.float64]
Size = tuple[int, int]
MIN_SCALE: Final = 0.25
"""The smallest share of a target's width and height at which its picture is drawn."""


class Eyes:
    """One to MOST_EYES at a time, as many as views are looked at."""

    def __init__(
        self,
        ctx: moderngl.Context,
        graph: Graph,
        scene: Scene,
        moment: Moment,
        projector: Projector,
        rasteriser: Rasteriser,
        composer: Composer,
        *,
        depth: bool,
    ) -> None:
        self._ctx, self._graph, self._scene, self._moment, self._depth = ctx, graph, scene, moment, depth
        self.projector, self.rasteriser = projector, rasteriser
        self._composer = composer
        self._changed = graph.input("views")
        project = graph.stage(
            scene.project_name, [scene.lerp, scene.colour, scene.sort, self._changed], self._run_project
        )
        self.drawn: Stage = graph.stage(scene.draw_name, [project], self._run_draw)
        """What brings the picture of the last `look` up to date."""
        self._eyes: list[Eye] = []
        self._widest = widest(ctx)
        self._sizes: list[Size] = []
        self._places: list[Size] = []
        self._make_pictures((TILE, TILE))

    @property
    def windows(self) -> list[Window]:
        """The part of each eye's image that was drawn last."""
        return [eye.window for eye in self._eyes]

    def look(
        self,
        views: Sequence[View],
        sizes: Sequence[Size],
        gazes: Sequence[F64],
        box: F64,
        reach: float,
    ) -> None:
        """See what is in the `box` (8, 3), in the world, and `reach` metres around it, for targets of these sizes."""
        if self._sizes != list(sizes):
            self._lay_out(sizes)
        middle = (*box.mean(axis=0).tolist(), 1.0) if self._depth else ()
        self._eyes = [
            Eye(
                view,
                window_of(view, box, reach, NEAREST_M),
                self._places[index],
                -sum(map(mul, view.eye_rows[2], middle)),
                gazes[index] if gazes else None,
            )
            for index, view in enumerate(views)
        ]
        seen = [(np.asarray(view.pose, np.float64).tobytes(), view.fov, view.width, view.height) for view in views]
        self._changed.set((*seen, *sizes, *(np.asarray(gaze).tobytes() for gaze in gazes)))

    def compose(
        self, targets: Sequence[moderngl.Framebuffer], background: Colour | None, veil: Veil, light: Light
    ) -> None:
        """Lay the picture's parts over their targets."""
        for eye, target in zip(self._eyes, targets, strict=True):
            with self._graph.watch("compose"):
                self._composer.run(
                    self._picture, eye.view, eye.window, target, background, self._depths, eye.place, veil, light
                )

    def _lay_out(self, sizes: Sequence[Size]) -> None:
        needed, self._places = beside_each_other([_in_tiles(size) for size in sizes], self._widest)
        self._sizes = list(sizes)
        there = self._picture.size
        if there[0] < needed[0] or there[1] < needed[1]:
            for texture in (self._picture, self._depths):
                if texture is not None:
                    texture.release()
            self._make_pictures(needed)

    def _make_pictures(self, size: Size) -> None:
        self._picture = self._ctx.texture(size, 4, dtype="f2")
        self._depths = self._ctx.texture(size, 1, dtype="f4") if self._depth else None
        """Where depth is drawn: see depth.glsl."""

    def _run_project(self) -> None:
        scene, now = self._scene, self._moment
        self.projector.run(self._eyes, scene.world, scene.colours, now.count, model=now.model)

    def _run_draw(self) -> None:
        projected, order = self.projector, self._scene.sorter.order
        count = self._moment.count
        splats = Splats(projected.eyes, projected.splats, projected.bounds, order, count, projected.depths)
        self.rasteriser.run(self._eyes, splats, self._picture, self._depths)


def beside_each_other(sizes: Sequence[Size], widest: int) -> tuple[Size, list[Size]]:
    """The size of what holds rectangles of these sizes, in rows no longer than `widest` where one fits, and the lower
    left corner of each."""
    places: list[Size] = []
    x = y = width = height = 0
    for each in sizes:
        if x and x + each[0] > widest:
            x, y = 0, height
        places.append((x, y))
        x += each[0]
        width, height = max(width, x), max(height, y + each[1])
    return (width, height), places


def scaled(view: View, scale: float) -> View:
    """The view with that share of its pixels, each way."""
    if scale >= 1.0:
        return view
    scale = max(scale, MIN_SCALE)
    return replace(view, width=max(round(view.width * scale), 1), height=max(round(view.height * scale), 1))


def _in_tiles(size: Size) -> Size:
    return -(-size[0] // TILE) * TILE, -(-size[1] // TILE) * TILE
