"""One animated Gaussian avatar, drawn for one to four eyes inside one GL context.

The avatar's own stages (plan.py) end in the world's Gaussians, their colours and their order, which all eyes share;
two more bring them into the eyes' picture: project and draw.

A stage runs only when what it reads has changed (graph.py); `sort` besides only when the order is too old
(stages/extent.py). Light is linear and alpha premultiplied throughout; targets are sRGB framebuffers, and the caller
has `encode_srgb` (gl/targets.py) on, or keep light as it is (RGBA16F).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import radians
from typing import Self, TypedDict, Unpack

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import ViewError
from render.eyes import MIN_SCALE, Eyes, scaled
from render.graph import Graph, StageCount, Watch, unwatched
from render.kinds import build
from render.load import Load, load_of
from render.motion.pose import PoseKey, check_key, rest_key
from render.nets.stage import ModelStage
from render.outline import levels_of, outline_of
from render.plan import SLOTS, MakeModel, Moment, Plan
from render.raster.rasteriser import Rasteriser, RasteriserName, make_rasteriser
from render.stages.compose import PLAIN, SOLID, Colour, Composer, Light, Veil
from render.stages.extent import Placement
from render.stages.eye import MOST_EYES
from render.stages.project import DESKTOP, NEAREST_M, ProjectOptions, Projector
from render.stages.sort import SortShape
from render.stages.window import Window
from render.steps import Steps, at_once, beside
from render.view import View
from render.whereabouts import Between, Place, SortTrigger

__all__ = ["MIN_SCALE", "SORT_MOVE_M", "SORT_TURN", "AvatarRenderer", "PoseKey"]

F64 = NDArray[np.float64]

SORT_TURN = radians(1.4)
"""How far the direction to any part of the avatar may turn before it is sorted again."""
SORT_MOVE_M = 0.01
"""How much nearer or farther any part of it may come."""


@dataclass
class _Slot:
    """Which key is on the GPU there."""

    key: PoseKey
    placement: Placement
    held: int | None = None
    """Id of the key that was given to it."""


class RendererOptions(TypedDict, total=False):
    """How an avatar is drawn."""

    gaussians: int | None
    """The most that are drawn, its most important ones; all by default."""
    options: ProjectOptions
    """What else may be left out of a picture; DESKTOP by default."""
    rasteriser: RasteriserName
    """All draw the same picture; measure/choice.py tells which is faster here. Tiles by default."""
    make_model: MakeModel | None
    """How the avatar's networks are run; in step by default."""
    sort_shape: SortShape | None
    """measure/tuning.py tells the fastest; the likeliest by default."""
    depth_range: tuple[float, float] | None
    """Has depth written too, into targets that keep it: the metres that are 0 and 1 there, as in `projection_matrix`
    (the far one may be infinite, or the nearer)."""


class AvatarRenderer:
    """Draws `avatar` in `ctx` (GL 4.3 or GLES 3.1, or more). Raises ViewError, StageError."""

    def __init__(self, ctx: moderngl.Context, avatar: Avatar, **options: Unpack[RendererOptions]) -> None:
        at_once(self._make(ctx, avatar, **options))

    @classmethod
    def in_steps(cls, ctx: moderngl.Context, avatar: Avatar, **options: Unpack[RendererOptions]) -> Steps[Self]:
        """The same, made beside a display that goes on."""
        renderer = cls.__new__(cls)
        yield from renderer._make(ctx, avatar, **options)
        return renderer

    def _make(
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
    ) -> Steps[None]:
        if depth_range is not None and (min(depth_range) <= 0 or depth_range[0] == depth_range[1]):
            raise ViewError(f"Depth cannot span {depth_range}; give two different distances in front of the eye.")
        self.levels = levels_of(avatar, gaussians)
        """How many can be drawn: `set_level` takes one of these."""
        self.gaussians = count = self.levels[-1]
        """The most that are drawn."""
        outline = yield from beside(partial(outline_of, avatar, self.levels, options.deviations))
        self._ctx, self._avatar, self._outline = ctx, avatar, outline
        self.order, self.drawn = outline.order, outline.drawn
        """(N,) which Gaussian of the avatar each of `drawn` is, and the Gaussians as every buffer holds them."""
        self._moment, self._graph = Moment(count), Graph()
        self._plan = Plan(ctx, avatar, outline, self._graph, self._moment, make_model or _in_step(avatar), sort_shape)
        self._extent, self._depth = outline.extent, depth_range is not None
        try:
            yield from self._build(options, rasteriser, Composer(ctx, avatar.blending, depth_range))
        except BaseException:  # nobody waits for it any more, or it cannot be drawn
            self.release()
            raise

    def _build(self, options: ProjectOptions, rasteriser: RasteriserName, composer: Composer) -> Steps[None]:
        ctx, rest = self._ctx, rest_key(self._avatar, id=-1)
        self._scene = yield from build(self._plan, rest)
        self.world, self.colours, self.sorter = self._scene.world, self._scene.colours, self._scene.sorter
        self._trigger = SortTrigger(self._extent, turn=SORT_TURN, move=SORT_MOVE_M)
        projector = self.make_projector(options)
        yield None
        drawing = make_rasteriser(rasteriser, ctx, self.gaussians, options.deviations, depth=self._depth)
        yield None
        self._eyes = Eyes(ctx, self._graph, self._scene, self._moment, projector, drawing, composer, depth=self._depth)
        self.sorted_last_frame = False
        """Whether the last `draw` sorted."""
        self._slots = [_Slot(rest, self._extent.place(rest)) for _ in SLOTS]
        for slot in SLOTS:
            self._plan.keys[slot].write(rest)
        self._place = Place(np.eye(4))
        self._sorts = 0
        self.set_level(self.gaussians)

    def make_projector(self, options: ProjectOptions) -> Projector:
        """What projects this avatar's Gaussians with `options`; may take the place of `projector` at any time, beside a
        rasteriser with the same deviations."""
        return Projector(
            self._ctx,
            self.gaussians,
            options,
            antialiasing=self._avatar.antialiasing,
            facing=self._outline.facing,
            depth=self._depth,
        )

    def set_level(self, count: int) -> None:
        """Draw only a prefix from now on: the largest of `levels` up to `count`, enlarged so that fewer cover the same
        surface; the smallest where `count` is under all of them."""
        now = self._moment
        now.count = max((level for level in self.levels if level <= count), default=self.levels[0])
        now.widening = self._outline.widenings[now.count]
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
        if not self._eyes.windows:
            return Load(0.0, 0.0)
        parts = self._place.to_world(self._pose.placement.corners).reshape(-1, 8, 3)
        return load_of(views, parts, self._reach, self._extent.typical * self._place.size, NEAREST_M)

    @property
    def stats(self) -> Mapping[str, StageCount]:
        """Runs and skips of deform, align, lerp, colour, sort, project and draw."""
        return self._graph.counts

    @property
    def windows(self) -> list[Window]:
        """The part of each eye's image that the last `draw` drew."""
        return self._eyes.windows

    @property
    def projector(self) -> Projector:
        """What projects; another of `make_projector` may take its place at any time."""
        return self._eyes.projector

    @projector.setter
    def projector(self, projector: Projector) -> None:
        self._eyes.projector = projector

    @property
    def rasteriser(self) -> Rasteriser:
        """What draws; another for as many Gaussians may take its place at any time."""
        return self._eyes.rasteriser

    @rasteriser.setter
    def rasteriser(self, rasteriser: Rasteriser) -> None:
        self._eyes.rasteriser = rasteriser

    def watch(self, watch: Watch | None) -> None:
        """Have `watch` opened around every run of a stage, and around `compose`, the last step of each eye; None: no
        longer."""
        self._graph.watch = watch or unwatched

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

    def prepare(self, previous: PoseKey, following: PoseKey) -> None:
        """Set the keys of a frame to come, and have done by now what each takes once, whatever is seen of it."""
        self.set_keys(previous, following)
        self._graph.update(*self._scene.keyed)
        for slot in (self._moment.previous, self._moment.following):
            self._trigger.expect(self._slots[slot].placement)

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
        veil: Veil = SOLID,
        light: Light = PLAIN,
    ) -> None:
        """Draw one frame.

        Each of `views` fills its target of the same size. `head` (4, 4) is the pose of the middle between the eyes,
        from which both are sorted and coloured; `model` (4, 4) is avatar-to-world, a rotation, uniform size and place;
        `alpha` is where now is between the keys, 0 to 1; `background` is linear light, or None for transparent. At a
        `scale` under 1 (not under MIN_SCALE) pictures have that share of the target's width and height and are
        enlarged. `gazes` (3,) are where the eyes look, in each one's own axes, for `ProjectOptions.fovea`; straight
        ahead without. A `veil` lets only so much of the avatar be seen, and `light` multiplies the red, green and blue
        that it was lit with; no stage runs for either. Leaves the last target bound, blending on and depth test off.
        Raises ViewError.
        """
        _check(views, targets, gazes)
        model = np.asarray(model, np.float64)
        if model.tobytes() != self._place.bytes:
            self._place = Place(model)
        self._look(views, [target.size for target in targets], head, alpha, scale, gazes)
        before = self._scene.sort.version
        self._graph.update(*self._plan.starters, self._eyes.drawn)
        self.sorted_last_frame = self._scene.sort.version != before
        self._eyes.compose(targets, background, veil, light)

    def rehearse(self, views: Sequence[View]) -> Steps[None]:
        """Draw the coarsest level for as many eyes with pictures as large as `views`, a stage a step, where nobody sees
        it: drivers compile what they run, and find room for it, when it is used for the first time."""
        level = self.level
        self.set_level(self.levels[0])
        sizes = [(view.width, view.height) for view in views]
        self._look(views, sizes, views[0].pose, 0.0, 1.0, ())
        for _ in self._graph.runs(*self._plan.starters, self._eyes.drawn):
            yield None
        self.set_level(level)

    def _look(
        self,
        views: Sequence[View],
        sizes: Sequence[tuple[int, int]],
        head: F64,
        alpha: float,
        scale: float,
        gazes: Sequence[F64],
    ) -> None:
        """Tell the graph what is seen now, into targets of these sizes."""
        now, place, extent = self._moment, self._place, self._extent
        before, after = self._slots[now.previous], self._slots[now.following]
        now.alpha = float(min(max(alpha, 0.0), 1.0))
        now.model, now.head = place.model, np.asarray(head, np.float64)[:3, 3]
        # The same key on both sides looks the same at every alpha.
        between = now.alpha if now.previous != now.following else 0.0
        self._plan.blend.set((before.key.id, after.key.id, between, place.bytes))
        self._plan.seen_from.set(now.head.tobytes())
        if self._plan.collect():
            self._trigger.forget()
        self._pose = pose = Between(before.placement, after.placement, between)
        self._reach = place.size * extent.reach(pose.stretch, now.widening)
        seen_from = place.to_avatar(now.head)
        if self._trigger.due(pose, seen_from):
            self._sorts += 1
            self._plan.due.set(self._sorts)
            near, far = extent.range_from(pose.placement, seen_from)
            now.nearest, now.farthest = near * place.size, far * place.size
        self._eyes.look([scaled(view, scale) for view in views], sizes, gazes, place.box(pose), self._reach)

    @property
    def busy(self) -> bool:
        """Whether something runs beside the frames that `release` would wait for."""
        return self._plan.busy

    def release(self) -> None:
        """End what runs beside the frames; nothing can be drawn afterwards. GL objects go with the last who holds this,
        as their context has it (`nothing_stays`, `later`)."""
        self._plan.release()
        self._graph.end()


def _check(views: Sequence[View], targets: Sequence[moderngl.Framebuffer], gazes: Sequence[F64]) -> None:
    if len(gazes) not in (0, len(views)):
        raise ViewError(f"There are {len(gazes)} gazes for {len(views)} views; give each view one, or none.")
    if len(views) != len(targets) or not views:
        raise ViewError(f"There are {len(views)} views for {len(targets)} targets; give one target a view.")
    if len(views) > MOST_EYES:
        raise ViewError(f"There are {len(views)} views; draw {MOST_EYES} at most at once, and the others after them.")
    for view, target in zip(views, targets, strict=True):
        if (view.width, view.height) != tuple(target.size):
            raise ViewError(f"A view of {view.width} x {view.height} cannot fill a target of size {target.size}.")


def _in_step(avatar: Avatar) -> MakeModel:
    def make(ctx: moderngl.Context, name: str, given: Mapping[str, moderngl.Buffer]) -> ModelStage:
        # MNN is loaded for avatars with networks only.
        from render.nets.choice import networks_in_step

        return networks_in_step(avatar.models, avatar.programs)(ctx, name, given)

    return make
