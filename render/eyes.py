"""What each eye has of its own: two stages, project and draw, and a picture as large as its target.

The eyes share one buffer of splats, so each is drawn right after it was projected, and never without. An eye's picture
is valid from its draw until its next one; compose lays it over the target in every frame, drawn anew or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.graph import Graph, Input, Stage
from render.kinds import Scene
from render.plan import Moment
from render.raster.rasteriser import Rasteriser
from render.raster.splats import Splats
from render.stages.compose import Colour, Composer, Light, Veil
from render.stages.project import NEAREST_M, Projector
from render.stages.window import TILE, Window, whole, window_of
from render.view import View

F64 = NDArray[np.float64]
MIN_SCALE: Final = 0.25
"""The smallest share of a target's width and height at which its picture is drawn."""


@dataclass
class _Eye:
    """One eye's stages and picture."""

    input: Input
    draw: Stage
    view: View
    """As drawn: smaller than the target where the picture is enlarged."""
    window: Window
    picture: moderngl.Texture
    depth: moderngl.Texture | None
    """Beside the picture, where depth is drawn: see depth.glsl."""


class Eyes:
    """As many eyes as views were ever looked at together."""

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
        self._eyes: list[_Eye] = []
        self._open = 0
        self._places: list[F64] = []
        self._gazes: Sequence[F64] = ()
        self._middle = np.zeros(3)

    @property
    def windows(self) -> list[Window]:
        """The part of each eye's image that was drawn last."""
        return [eye.window for eye in self._eyes[: self._open]]

    @property
    def stages(self) -> list[Stage]:
        """What brings the pictures of the last `look` up to date."""
        return [eye.draw for eye in self._eyes[: self._open]]

    def look(
        self,
        views: Sequence[View],
        sizes: Sequence[tuple[int, int]],
        gazes: Sequence[F64],
        box: F64,
        reach: float,
    ) -> None:
        """See what is in the `box` (8, 3), in the world, and `reach` metres around it, for targets of these sizes."""
        self._open, self._gazes = len(views), gazes
        self._places = [view.pose[:3, 3] for view in views]
        self._middle = box.mean(axis=0)
        while len(self._eyes) < len(views):
            self._eyes.append(self._eye(len(self._eyes), views[len(self._eyes)], sizes[len(self._eyes)]))
        for eye, view, size in zip(self._eyes, views, sizes, strict=False):
            if _smaller(eye.picture.size, _in_tiles(size)):
                for texture in (eye.picture, eye.depth):
                    if texture is not None:
                        texture.release()
                eye.picture, eye.depth = self._pictures(size)
            eye.view = view
            eye.window = window_of(view, box, reach, NEAREST_M)
            pose = np.asarray(view.pose, np.float64).tobytes()
            # What faces away is judged from both eyes.
            everyone = np.array(self._places).tobytes() if self.projector.hides else b""
            seen = (pose, view.fov, view.width, view.height, size, everyone, np.array(gazes).tobytes())
            eye.input.set(seen)

    def compose(
        self, targets: Sequence[moderngl.Framebuffer], background: Colour | None, veil: Veil, light: Light
    ) -> None:
        """Lay the pictures over their targets."""
        for eye, target in zip(self._eyes, targets, strict=False):
            with self._graph.watch("compose"):
                self._composer.run(eye.picture, eye.view, eye.window, target, background, eye.depth, veil, light)

    def _eye(self, index: int, view: View, size: tuple[int, int]) -> _Eye:
        scene = self._scene
        changed = self._graph.input(f"view/{index}")
        seen: list[Input | Stage] = [scene.lerp, scene.colour, scene.sort, changed]
        project = self._graph.stage(f"{scene.project_name}/{index}", seen, lambda: self._run_project(index))
        draw = self._graph.stage(f"{scene.draw_name}/{index}", [project], lambda: self._run_draw(index))
        return _Eye(changed, draw, view, whole(view), *self._pictures(size))

    def _pictures(self, size: tuple[int, int]) -> tuple[moderngl.Texture, moderngl.Texture | None]:
        size = _in_tiles(size)
        return self._ctx.texture(size, 4, dtype="f2"), self._ctx.texture(size, 1, dtype="f4") if self._depth else None

    def _run_project(self, index: int) -> None:
        eye, now = self._eyes[index], self._moment
        self.projector.run(
            eye.view,
            eye.window,
            self._scene.world,
            self._scene.colours,
            now.count,
            model=now.model,
            eyes=self._places,
            gaze=self._gazes[index] if self._gazes else None,
        )

    def _run_draw(self, index: int) -> None:
        eye, projected = self._eyes[index], self.projector
        middle = float(-eye.view.world_to_eye[2] @ np.append(self._middle, 1.0))
        order, count = self._scene.sorter.order, self._moment.count
        splats = Splats(projected.splats, projected.bounds, order, count, projected.depths, middle)
        self.rasteriser.run(eye.view, eye.window, splats, eye.picture, eye.depth)


def scaled(view: View, scale: float) -> View:
    """The view with that share of its pixels, each way."""
    if scale >= 1.0:
        return view
    scale = max(scale, MIN_SCALE)
    return replace(view, width=max(round(view.width * scale), 1), height=max(round(view.height * scale), 1))


def _smaller(size: tuple[int, int], needed: tuple[int, int]) -> bool:
    return size[0] < needed[0] or size[1] < needed[1]


def _in_tiles(size: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // TILE) * TILE, -(-size[1] // TILE) * TILE
