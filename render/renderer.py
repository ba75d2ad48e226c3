"""One animated Gaussian avatar, drawn for any number of eyes inside one GL context.

The avatar's own stages (plan.py) end in the world's Gaussians, their colours and their order, which all eyes share;
each eye then has two more: project and draw. The eyes share one buffer of splats, so each is drawn right after it was
projected, and never without; each has a picture of its own, as large as its target.

A stage runs only when what it reads has changed (graph.py); `sort` besides only when the order is too old
(stages/extent.py). Light is linear and alpha premultiplied throughout; targets are sRGB framebuffers, and the caller
has `encode_srgb` (gl/targets.py) on, or keep light as it is (RGBA16F).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import radians

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, coverage
from assets.stages import correction_reach
from render.errors import ViewError
from render.graph import Graph, Input, Stage, StageCount, Watch
from render.kinds import build
from render.load import Load, load_of
from render.motion.pose import PoseKey, check_key, rest_key
from render.nets.stage import ModelStage
from render.plan import SLOTS, MakeModel, Moment, Plan
from render.raster.rasteriser import Rasteriser, RasteriserName, make_rasteriser
from render.raster.splats import Splats
from render.stages.compose import Colour, Composer
from render.stages.extent import Extent, Placement, SortTrigger
from render.stages.facing import FACING_LIMITS, facing_words
from render.stages.project import DESKTOP, NEAREST_M, ProjectOptions, Projector
from render.stages.sort import MAX_ITEMS, SortShape
from render.stages.spatial import by_place
from render.stages.window import TILE, Window, whole, window_of
from render.view import View

__all__ = ["SORT_MOVE_M", "SORT_TURN", "AvatarRenderer", "PoseKey"]

F64 = NDArray[np.float64]

SORT_TURN = radians(1.5)
"""How far the direction to any part of the avatar may turn before it is sorted again."""
SORT_MOVE_M = 0.006
"""How far any part of it may move."""
MIN_SCALE = 0.25
"""The smallest share of a target's width and height at which its picture is drawn."""


@dataclass
class _Slot:
    """Which key is on the GPU there."""

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
    """As drawn: smaller than the target where the picture is enlarged."""
    window: Window
    picture: moderngl.Texture
    depth: moderngl.Texture | None
    """Beside the picture, where depth is drawn: see depth.glsl."""


class AvatarRenderer:
    """Draws `avatar` in `ctx` (GL 4.3 or GLES 3.1, or more).

    `gaussians` limits it to its most important ones, and `options` says what else may be left out of a picture. Both
    rasterisers draw the same picture; measure/choice.py tells which is faster here, and measure/tuning.py the
    `sort_shape` (the likeliest by default). `make_model` says how the avatar's networks are run (in step by
    default). `depth_range` has depth written too, into targets that keep it: the metres that are 0 and 1 there, as in
    `projection_matrix` (the far one may be infinite, or the nearer). Raises ViewError, StageError.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        avatar: Avatar,
        *,
        gaussians: int | None = None,
        options: ProjectOptions = DESKTOP,
        rasteriser: RasteriserName = "tiles",
        make_model: MakeModel | None = None,
        sort_shape: SortShape | None = None,
        depth_range: tuple[float, float] | None = None,
    ) -> None:
        whole_count = len(avatar.gaussians)
        count = whole_count if gaussians is None else min(gaussians, whole_count)
        if not 1 <= count <= MAX_ITEMS:
            raise ViewError(f"Cannot draw {count} Gaussians; draw between 1 and {MAX_ITEMS}.")
        if depth_range is not None and (min(depth_range) <= 0 or depth_range[0] == depth_range[1]):
            raise ViewError(f"Depth cannot span {depth_range}; give two different distances in front of the eye.")
        self._ctx, self._avatar = ctx, avatar
        self.gaussians = count
        """The most that are drawn."""
        self.levels = (*(level for level in sorted(set(avatar.levels)) if level < count), count)
        """How many can be drawn: `set_level` takes one of these."""
        covered = np.cumsum(coverage(avatar.mesh, avatar.gaussians))
        covered += 1e-30  # where nothing is to be seen
        self._widenings = {level: float(np.sqrt(covered[-1] / covered[level - 1])) for level in self.levels}
        self._moment = Moment(count)
        self._graph = Graph()
        self.order = by_place(avatar.mesh, avatar.gaussians, self.levels)
        """(N,) which Gaussian of the avatar each of `drawn` is."""
        make_model = make_model or _in_step(avatar)
        self._plan = Plan(ctx, avatar, self.order, self._graph, self._moment, make_model, sort_shape)
        self.drawn = self._plan.drawn
        """The Gaussians as every buffer holds them, in that order."""
        rest = rest_key(avatar, id=-1)
        self._scene = build(self._plan, rest)
        self.world, self.colours, self.sorter = self._scene.world, self._scene.colours, self._scene.sorter
        corrections = correction_reach(avatar.stages)
        joints = len(avatar.skeleton.names)
        self._extent = Extent(avatar.mesh, self.drawn, joints, options.deviations, corrections)
        self._trigger = SortTrigger(self._extent, turn=SORT_TURN, move=SORT_MOVE_M)
        self._depth = depth_range is not None
        self.projector = self.make_projector(options)
        self.rasteriser: Rasteriser = make_rasteriser(
            rasteriser, ctx, count, options.deviations, depth=depth_range is not None
        )
        self._composer = Composer(ctx, avatar.blending, depth_range)
        self.sorted_last_frame = False
        """Whether the last `draw` sorted."""
        self._slots = [_Slot(rest, self._extent.place(rest)) for _ in SLOTS]
        for slot in SLOTS:
            self._plan.keys[slot].write(rest)
        self._eyes: list[_Eye] = []
        self._eye_places: list[F64] = []
        self._gazes: Sequence[F64] = ()
        self._sorts = 0
        self.set_level(count)

    def make_projector(self, options: ProjectOptions) -> Projector:
        """What projects this avatar's Gaussians with `options`; may take the place of `projector` at any time, beside a
        rasteriser with the same deviations."""
        avatar, facing = self._avatar, None
        if FACING_LIMITS in avatar.tensors:
            facing = facing_words(avatar.mesh, self.drawn, self._plan.tensor(FACING_LIMITS))
        return Projector(
            self._ctx, self.gaussians, options, antialiasing=avatar.antialiasing, facing=facing, depth=self._depth
        )

    def set_level(self, count: int) -> None:
        """Draw only a prefix from now on: the largest of `levels` up to `count`, enlarged so that fewer cover the same
        surface; the smallest where `count` is under all of them."""
        now = self._moment
        now.count = max((level for level in self.levels if level <= count), default=self.levels[0])
        now.widening = self._widenings[now.count]
        if self._plan.level.set(now.count):
            self._trigger.forget()

    def sort_again(self) -> None:
        """Have the next frame sorted, whatever moved."""
        self._trigger.forget()

    @property
    def level(self) -> int:
        """How many Gaussians are drawn now."""
        return self._moment.count

    def load(self, views: Sequence[View]) -> Load:
        """What `views` will ask of the GPU, with the avatar where it was at the last `draw`; nothing before that."""
        if not self._eyes:
            return Load(0.0, 0.0)
        radius = self._extent.typical * self._size
        return load_of(views, self._parts.reshape(-1, 8, 3), self._reach, radius, NEAREST_M)

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
        held = {self._slots[slot].held: slot for slot in SLOTS}
        for key in (previous, following):
            if key.id not in held:
                check_key(self._avatar, key)
        first, second = held.get(previous.id), held.get(following.id)
        if first is None:
            first = self._bring(previous, 1 - second if second is not None else 0)
        if previous.id == following.id:
            second = first
        elif second is None:
            second = self._bring(following, 1 - first)
        self._moment.previous, self._moment.following = first, first if second is None else second

    def _bring(self, key: PoseKey, slot: int) -> int:
        self._slots[slot] = _Slot(key, self._extent.place(key), key.id)
        if self._plan.key_inputs[slot].set(key.id):
            self._plan.keys[slot].write(key)
        return slot

    def draw(
        self,
        views: Sequence[View],
        targets: Sequence[moderngl.Framebuffer],
        *,
        head: F64,
        model: F64,
        alpha: float,
        background: Colour | None,
        scale: float = 1.0,
        gazes: Sequence[F64] = (),
    ) -> None:
        """Draw one frame.

        Each of `views` fills its target of the same size. `head` (4, 4) is the pose of the middle between the eyes,
        from which both are sorted and coloured; `model` (4, 4) is avatar-to-world, a rotation, uniform size and place;
        `alpha` is where now is between the keys, 0 to 1; `background` is linear light, or None for transparent. At a
        `scale` under 1 (not under MIN_SCALE) pictures have that share of the target's width and height and are
        enlarged. `gazes` (3,) are where the eyes look, in each one's own axes, for `ProjectOptions.fovea`; straight
        ahead without. Leaves the last target bound, blending on and depth test off. Raises ViewError.
        """
        self._gazes = gazes
        self._check(views, targets, model)
        now, slots = self._moment, self._slots
        now.alpha = float(min(max(alpha, 0.0), 1.0))
        now.model, now.head = np.asarray(model, np.float64), np.asarray(head, np.float64)[:3, 3]
        # The same key on both sides looks the same at every alpha.
        between = now.alpha if now.previous != now.following else 0.0
        ids = slots[now.previous].key.id, slots[now.following].key.id
        self._plan.blend.set((*ids, between, now.model.tobytes()))
        self._plan.seen_from.set(now.head.tobytes())
        if self._plan.collect():
            self._trigger.forget()
        self._place()
        smaller = [_scaled(view, scale) for view in views]
        self._eye_places = [view.pose[:3, 3] for view in views]
        while len(self._eyes) < len(views):
            self._eyes.append(self._eye(len(self._eyes), smaller[len(self._eyes)]))
        for eye, view, target in zip(self._eyes, smaller, targets, strict=False):
            self._look(eye, view, target.size)
        before = self._scene.sort.version
        self._graph.update(*self._plan.starters, *(eye.draw for eye in self._eyes[: len(views)]))
        self.sorted_last_frame = self._scene.sort.version != before
        for eye, target in zip(self._eyes, targets, strict=False):
            with self._graph.watch("compose"):
                self._composer.run(eye.picture, eye.view, eye.window, target, background, eye.depth)

    def _check(self, views: Sequence[View], targets: Sequence[moderngl.Framebuffer], model: F64) -> None:
        if np.shape(model) != (4, 4) or not np.linalg.det(np.asarray(model)[:3, :3]) > 0:
            raise ViewError("The avatar cannot stand there: its place must be a rotation, a size and a translation.")
        if len(self._gazes) not in (0, len(views)):
            raise ViewError(f"There are {len(self._gazes)} gazes for {len(views)} views; give each view one, or none.")
        if len(views) != len(targets) or not views:
            raise ViewError(f"There are {len(views)} views for {len(targets)} targets; give one target a view.")
        for view, target in zip(views, targets, strict=True):
            if (view.width, view.height) != tuple(target.size):
                raise ViewError(f"A view of {view.width} x {view.height} cannot fill a target of size {target.size}.")

    def _place(self) -> None:
        """Know where the avatar is, and whether to sort it."""
        now = self._moment
        there = self._slots[now.previous].placement.toward(self._slots[now.following].placement, now.alpha)
        turned = now.model[:3, :3]
        self._size = float(np.cbrt(np.linalg.det(turned)))
        self._parts = there.corners @ turned.T + now.model[:3, 3]
        self._box = there.box() @ turned.T + now.model[:3, 3]
        self._reach = self._size * self._extent.reach(there, now.widening)
        head = np.linalg.solve(now.model, np.append(now.head, 1.0))[:3]
        if self._trigger.due(there, head):
            self._sorts += 1
            self._plan.due.set(self._sorts)
            near, far = self._extent.range_from(there, head)
            now.nearest, now.farthest = near * self._size, far * self._size

    def _eye(self, index: int, view: View) -> _Eye:
        scene = self._scene
        changed = self._graph.input(f"view/{index}")
        seen: list[Input | Stage] = [scene.lerp, scene.colour, scene.sort, changed]
        project = self._graph.stage(f"{scene.project_name}/{index}", seen, lambda: self._run_project(index))
        draw = self._graph.stage(f"{scene.draw_name}/{index}", [project], lambda: self._run_draw(index))
        return _Eye(changed, draw, view, whole(view), *self._pictures((view.width, view.height)))

    def _look(self, eye: _Eye, view: View, size: tuple[int, int]) -> None:
        if eye.picture.size != _in_tiles(size):
            for texture in (eye.picture, eye.depth):
                if texture is not None:
                    texture.release()
            eye.picture, eye.depth = self._pictures(size)
        eye.view = view
        eye.window = window_of(view, self._box, self._reach, NEAREST_M)
        pose = np.asarray(view.pose, np.float64).tobytes()
        # What faces away is judged from both eyes.
        eyes = np.array(self._eye_places).tobytes() if self.projector.hides else b""
        gazes = np.array(self._gazes).tobytes()
        eye.input.set((pose, view.fov, view.width, view.height, size, eyes, gazes))

    def _pictures(self, size: tuple[int, int]) -> tuple[moderngl.Texture, moderngl.Texture | None]:
        size = _in_tiles(size)
        return self._ctx.texture(size, 4, dtype="f2"), self._ctx.texture(size, 1, dtype="f4") if self._depth else None

    def _run_project(self, index: int) -> None:
        eye = self._eyes[index]
        now = self._moment
        gaze = self._gazes[index] if self._gazes else None
        self.projector.run(
            eye.view, eye.window, self.world, self.colours, now.count,
            model=now.model, eyes=self._eye_places, gaze=gaze,
        )  # fmt: skip

    def _run_draw(self, index: int) -> None:
        eye, count = self._eyes[index], self._moment.count
        projected = self.projector
        middle = float(-eye.view.world_to_eye[2] @ np.append(self._box.mean(axis=0), 1.0))
        splats = Splats(projected.splats, projected.bounds, self.sorter.order, count, projected.depths, middle)
        self.rasteriser.run(eye.view, eye.window, splats, eye.picture, eye.depth)


def _scaled(view: View, scale: float) -> View:
    """The view with fewer pixels."""
    if scale >= 1.0:
        return view
    scale = max(scale, MIN_SCALE)
    return replace(view, width=max(round(view.width * scale), 1), height=max(round(view.height * scale), 1))


def _in_tiles(size: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // TILE) * TILE, -(-size[1] // TILE) * TILE


def _in_step(avatar: Avatar) -> MakeModel:
    def make(ctx: moderngl.Context, name: str, given: Mapping[str, moderngl.Buffer]) -> ModelStage:
        # MNN is loaded for avatars with networks only.
        from render.nets.choice import networks_in_step

        return networks_in_step(avatar.models, avatar.programs)(ctx, name, given)

    return make
