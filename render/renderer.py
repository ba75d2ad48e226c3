"""One animated Gaussian avatar, drawn for any number of eyes inside one GL context.

    key 0 -> deform -> align -+      +-> colour -+
                              +-> lerp ----------+-> project -> draw     (the last two for each eye)
    key 1 -> deform -> align -+      +-> sort ---+

The eyes share one buffer of splats, so each is drawn right after it was projected, and never without.

A stage runs only when what it reads has changed (graph.py); `sort` besides only when the order is too old
(extent.py). Light is linear and alpha premultiplied throughout; targets are sRGB framebuffers, and the caller has
GL_FRAMEBUFFER_SRGB enabled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, radians

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, Gaussians
from render.errors import ViewError
from render.graph import Graph, Input, Stage, StageCount, Watch
from render.motion.pose import PoseKey, check_key, rest_key
from render.raster.rasteriser import Rasteriser, RasteriserName, make_rasteriser
from render.stages.align import Aligner
from render.stages.colour import Colourer
from render.stages.compose import Colour, Composer
from render.stages.deform import Deformer
from render.stages.extent import Extent, Placement, SortTrigger, distance_to_box
from render.stages.lerp import Interpolator
from render.stages.project import NEAREST_M, Projector
from render.stages.sort import MAX_ITEMS, DepthSort
from render.stages.spatial import by_place
from render.stages.window import TILE, Window, whole, window_of
from render.view import View

__all__ = ["FULL_DEVIATIONS", "SORT_MOVE_M", "SORT_TURN", "AvatarRenderer", "PoseKey"]

F64 = NDArray[np.float64]

SORT_TURN = radians(3.0)
"""How far the direction to any part of the avatar may turn before it is sorted again."""
SORT_MOVE_M = 0.025
"""How far any part of it may move."""
FULL_DEVIATIONS = (2 * log(255)) ** 0.5
"""Where an opaque Gaussian falls under 1/255."""


@dataclass
class _Slot:
    """Room for one key on the GPU."""

    input: Input
    align: Stage
    key: PoseKey
    placement: Placement
    held: int | None = None
    """Id of the key that was given to it."""


@dataclass
class _Eye:
    """One eye's stages and picture."""

    input: Input
    draw: Stage
    view: View
    window: Window
    picture: moderngl.Texture


class AvatarRenderer:
    """Draws `avatar` in `ctx` (GL 4.3 or more).

    `gaussians` limits it to its most important ones, enlarged so that fewer cover the same surface. A Gaussian is drawn
    to where it falls under 1/255, or to `deviations` standard deviations if that is nearer; sqrt(8) costs a tenth less
    and stays within 50 dB before a room. Both rasterisers draw the same picture; choice.py tells which is faster here.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        avatar: Avatar,
        *,
        gaussians: int | None = None,
        deviations: float = FULL_DEVIATIONS,
        rasteriser: RasteriserName = "tiles",
    ) -> None:
        count = len(avatar.gaussians) if gaussians is None else min(gaussians, len(avatar.gaussians))
        if not 1 <= count <= MAX_ITEMS:
            raise ViewError(f"Cannot draw {count} Gaussians; draw between 1 and {MAX_ITEMS}.")
        self._ctx = ctx
        self._avatar = avatar
        self.drawn = by_place(avatar.mesh, _closed(avatar.gaussians, count))
        """The Gaussians as every buffer holds them, in that order."""
        self.gaussians = count
        self._extent = Extent(avatar.mesh, self.drawn, len(avatar.skeleton.names), deviations)
        self._trigger = SortTrigger(self._extent, turn=SORT_TURN, move=SORT_MOVE_M)
        self.deformer = Deformer(ctx, avatar)
        self.aligner = Aligner(ctx, avatar.mesh, self.drawn)
        rest = rest_key(avatar, id=-1)
        self.states = [self.aligner.state() for _ in range(3)]
        self.deformer.run(rest)
        self.aligner.run(self.deformer.vertices, self.states[2])
        self.interpolator = Interpolator(ctx, self.drawn, self.states[2])
        self.colourer = Colourer(ctx, self.drawn)
        self.sorter = DepthSort(ctx, count)
        self.projector = Projector(ctx, count, deviations)
        self.rasteriser: Rasteriser = make_rasteriser(rasteriser, ctx, count, deviations)
        self._composer = Composer(ctx, avatar.blending)
        self.sorted_last_frame = False
        """Whether the last `draw` sorted."""
        self._build(rest)

    def _build(self, rest: PoseKey) -> None:
        self._graph = graph = Graph()
        placement = self._extent.place(rest)
        self._slots = [self._slot(index, rest, placement) for index in (0, 1)]
        self._previous, self._following = self._slots
        self._blend = graph.input("blend")
        self._lerp = graph.stage("lerp", [self._slots[0].align, self._slots[1].align, self._blend], self._run_lerp)
        self._seen_from = graph.input("head")
        seen: list[Input | Stage] = [self._lerp, self._seen_from] if self.colourer.degree else []
        self._colour = graph.stage("colour", seen, self._run_colour)
        self._order = graph.input("order")
        self._sort = graph.stage("sort", [self._order], self._run_sort)
        self._eyes: list[_Eye] = []
        self._alpha = 0.0
        self._model = np.eye(4)
        self._head = np.zeros(3)
        self._sorts = 0

    def _slot(self, index: int, key: PoseKey, placement: Placement) -> _Slot:
        changed = self._graph.input(f"key/{index}")
        deform = self._graph.stage(f"deform/{index}", [changed], lambda: self.deformer.run(self._slots[index].key))
        align = self._graph.stage(
            f"align/{index}", [deform], lambda: self.aligner.run(self.deformer.vertices, self.states[index])
        )
        return _Slot(changed, align, key, placement)

    @property
    def stats(self) -> Mapping[str, StageCount]:
        """Runs and skips of deform, align, lerp, colour, sort, project and draw."""
        return self._graph.counts

    @property
    def windows(self) -> list[Window]:
        """The part of each eye's image that the last `draw` drew."""
        return [eye.window for eye in self._eyes]

    def watch(self, watch: Watch) -> None:
        """Have `watch` opened around every run of a stage, and around `compose`, the last step of each eye."""
        self._graph.watch = watch

    def set_keys(self, previous: PoseKey, following: PoseKey) -> None:
        """The states before and after now. A key whose id is on the GPU already costs nothing: moving on from (a, b)
        to (b, c) brings up c alone. Raises ViewError where a key does not fit the avatar."""
        held = {slot.held: slot for slot in self._slots}
        for key in (previous, following):
            if key.id not in held:
                check_key(self._avatar, key)
        first = held.get(previous.id)
        second = held.get(following.id)
        if first is None:
            first = next(slot for slot in self._slots if slot is not second)
            self._bring(first, previous)
        if previous.id == following.id:
            second = first
        elif second is None:
            second = next(slot for slot in self._slots if slot is not first)
            self._bring(second, following)
        self._previous, self._following = first, second or first

    def _bring(self, slot: _Slot, key: PoseKey) -> None:
        slot.key, slot.held = key, key.id
        slot.placement = self._extent.place(key)
        slot.input.set(key.id)

    def draw(
        self,
        views: Sequence[View],
        targets: Sequence[moderngl.Framebuffer],
        *,
        head: F64,
        model: F64,
        alpha: float,
        background: Colour | None,
    ) -> None:
        """Draw one frame.

        Each of `views` fills its target of the same size. `head` (4, 4) is the pose of the middle between the eyes,
        from which both are sorted and coloured; `model` (4, 4) is avatar-to-world, a rotation, uniform size and place;
        `alpha` is where now is between the keys, 0 to 1; `background` is linear light, or None for transparent.
        Leaves the last target bound, blending on and depth test off. Raises ViewError.
        """
        self._check(views, targets, model)
        self._alpha = float(min(max(alpha, 0.0), 1.0))
        self._model = np.asarray(model, np.float64)
        self._head = np.asarray(head, np.float64)[:3, 3]
        # The same key on both sides looks the same at every alpha.
        between = self._alpha if self._previous is not self._following else 0.0
        self._blend.set((self._previous.key.id, self._following.key.id, between, self._model.tobytes()))
        self._seen_from.set(self._head.tobytes())
        self._place()
        while len(self._eyes) < len(views):
            self._eyes.append(self._eye(len(self._eyes), views[len(self._eyes)]))
        for eye, view in zip(self._eyes, views, strict=False):
            self._look(eye, view)
        before = self._sort.version
        self._graph.update(*(eye.draw for eye in self._eyes[: len(views)]))
        self.sorted_last_frame = self._sort.version != before
        for eye, target in zip(self._eyes, targets, strict=False):
            with self._graph.watch("compose"):
                self._composer.run(eye.picture, eye.window.pixels(eye.view), target, background)

    def _check(self, views: Sequence[View], targets: Sequence[moderngl.Framebuffer], model: F64) -> None:
        if np.shape(model) != (4, 4) or not np.linalg.det(np.asarray(model)[:3, :3]) > 0:
            raise ViewError("The avatar cannot stand there: its place must be a rotation, a size and a translation.")
        if len(views) != len(targets) or not views:
            raise ViewError(f"There are {len(views)} views for {len(targets)} targets; give one target a view.")
        for view, target in zip(views, targets, strict=True):
            if (view.width, view.height) != tuple(target.size):
                raise ViewError(f"A view of {view.width} x {view.height} cannot fill a target of size {target.size}.")

    def _place(self) -> None:
        self._now = self._previous.placement.toward(self._following.placement, self._alpha)
        self._size = float(np.cbrt(np.linalg.det(self._model[:3, :3])))
        self._box = self._now.box() @ self._model[:3, :3].T + self._model[:3, 3]
        self._reach = self._size * self._extent.reach(self._now)
        self._head_in_avatar = np.linalg.solve(self._model, np.append(self._head, 1.0))[:3]
        if self._trigger.due(self._now, self._head_in_avatar):
            self._sorts += 1
            self._order.set(self._sorts)

    def _eye(self, index: int, view: View) -> _Eye:
        changed = self._graph.input(f"view/{index}")
        seen: list[Input | Stage] = [self._lerp, self._colour, self._sort, changed]
        project = self._graph.stage(f"project/{index}", seen, lambda: self._run_project(index))
        draw = self._graph.stage(f"draw/{index}", [project], lambda: self._run_draw(index))
        return _Eye(changed, draw, view, whole(view), self._picture(view))

    def _look(self, eye: _Eye, view: View) -> None:
        if whole(view) != whole(eye.view):
            eye.picture.release()
            eye.picture = self._picture(view)
        eye.view = view
        eye.window = window_of(view, self._box, self._reach, NEAREST_M)
        eye.input.set((np.asarray(view.pose, np.float64).tobytes(), view.fov, view.width, view.height))

    def _picture(self, view: View) -> moderngl.Texture:
        size = whole(view).columns * TILE, whole(view).rows * TILE
        return self._ctx.texture(size, 4, dtype="f2")

    def _run_lerp(self) -> None:
        a, b = (self.states[self._slots.index(slot)] for slot in (self._previous, self._following))
        self.interpolator.run(a, b, self._alpha, self._model)

    def _run_colour(self) -> None:
        self.colourer.run(self.interpolator.world, self._head, self._model)

    def _run_sort(self) -> None:
        nearest, farthest = self._extent.range_from(self._now, self._head_in_avatar)
        self.sorter.run(self.interpolator.world, self._head, nearest * self._size, farthest * self._size)

    def _run_project(self, index: int) -> None:
        eye = self._eyes[index]
        self.projector.run(eye.view, eye.window, self.interpolator.world, self.colourer.colours)

    def _run_draw(self, index: int) -> None:
        eye = self._eyes[index]
        splats, bounds = self.projector.splats, self.projector.bounds
        distance = max(distance_to_box(eye.view.pose[:3, 3], self._box), NEAREST_M)
        tiles_a_splat = (2 * self._extent.typical * self._size * eye.view.intrinsics.fx / distance / TILE + 1) ** 2
        self.rasteriser.run(eye.view, eye.window, splats, bounds, self.sorter.order, tiles_a_splat, eye.picture)


def _closed(gaussians: Gaussians, count: int) -> Gaussians:
    """The `count` most important, with the area of each in proportion to how many are left out."""
    prefix = gaussians.prefix(count)
    return replace(prefix, scale=prefix.scale * np.float32((len(gaussians) / count) ** 0.5))
