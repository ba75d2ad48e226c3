"""How each kind of stage of assets/stages.py is built; `build` makes them all and returns what the eyes need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import moderngl
import numpy as np

from assets.stages import StageSpec
from render.errors import StageError
from render.gl.uploads import uploaded
from render.graph import Stage
from render.motion.pose import PoseKey
from render.nets.stage import ModelStage
from render.plan import SLOTS, Node, Plan, Value, held
from render.stages.align import Aligner, KeyState
from render.stages.blend import GaussianBlender
from render.stages.colour import Colourer, Directions, LightPacker
from render.stages.deform import Deformer
from render.stages.keys import KeyBuffers
from render.stages.lerp import Interpolator
from render.stages.sort import DepthSort
from render.steps import Steps, beside


@dataclass(frozen=True)
class Scene:
    """What all eyes share."""

    world: moderngl.Buffer
    lerp: Stage
    colours: moderngl.Buffer
    colour: Stage
    sorter: DepthSort
    sort: Stage
    project_name: str
    draw_name: str
    """What the stages of the eyes are called."""
    keyed: tuple[Stage, ...]
    """The last ones that a key alone decides about."""


def build(plan: Plan, rest: PoseKey) -> Steps[Scene]:
    """Build every stage that the avatar declares. Raises StageError where sizes do not fit together."""
    builder = _Builder(plan, rest)
    yield from plan.offer_tensors()
    for spec in plan.avatar.stages:
        yield from _KINDS[spec.kind](builder, spec)
        yield None
    return builder.scene()


class _Builder:
    """One method a kind; each adds its stages and offers what they make."""

    def __init__(self, plan: Plan, rest: PoseKey) -> None:
        self._plan, self._rest_key = plan, rest
        self._count = len(plan.drawn)
        self._names: dict[str, str] = {}

    def scene(self) -> Scene:
        project, draw = self._names["project"], self._names["draw"]
        world = self._interpolator.world
        shared = world, self._lerped, self._colours, self._coloured, self._sorter, self._sorted
        return Scene(*shared, project, draw, tuple(node for node, _ in self._placed))

    def _of_eyes(self, spec: StageSpec) -> Steps[None]:
        self._names[spec.kind] = spec.name
        yield None

    def _deform(self, spec: StageSpec) -> Steps[None]:
        plan, avatar = self._plan, self._plan.avatar
        wanted = (len(avatar.expressions), 12 * len(avatar.skeleton.names), 3 * len(avatar.mesh.vertices))
        self._deformer = deformer = yield from Deformer.in_steps(plan.ctx, avatar, offsets=len(spec.inputs) == 3)

        def add(slot: int) -> Value:
            given = [plan.read_floats(n, w, spec.name, slot) for n, w in zip(spec.inputs, wanted, strict=False)]
            vertices = deformer.vertices()

            def run() -> None:
                expression, joints, *offsets = (value.get() for value in given)
                deformer.run(expression, joints, vertices, *offsets)

            return held(vertices, plan.stage(f"{spec.name}/{slot}", [value.node for value in given], run))

        plan.offer(spec.outputs[0], [add(slot) for slot in SLOTS])

    def _align(self, spec: StageSpec) -> Steps[None]:
        plan, corrected = self._plan, len(spec.inputs) == 2
        aligner = yield from Aligner.in_steps(plan.ctx, plan.avatar.mesh, plan.drawn, offsets=corrected)

        def add(slot: int) -> tuple[Stage, KeyState]:
            vertices, state = plan.read(spec.inputs[0], slot), aligner.state()
            offsets = [plan.read_floats(name, 3 * self._count, spec.name, slot) for name in spec.inputs[1:]]

            def run() -> None:
                aligner.run(vertices.get(), state, plan.moment.count, *(value.get() for value in offsets))

            reads = [vertices.node, *(value.node for value in offsets), plan.level]
            return plan.stage(f"{spec.name}/{slot}", reads, run), state

        self._placed = [add(slot) for slot in SLOTS]
        self._rest, none = aligner.state(), []
        if corrected:
            none.append((yield from uploaded(plan.ctx, np.zeros((self._count, 3), np.float32))))
        vertices = self._mesh_at_rest()
        yield None
        aligner.run(vertices, self._rest, self._count, *none)

    def _mesh_at_rest(self) -> moderngl.Buffer:
        """Without any network's correction: views of colour are turned back to here."""
        key, deformer = KeyBuffers(self._plan.ctx, self._plan.avatar), self._deformer.uncorrected()
        key.write(self._rest_key)
        vertices = deformer.vertices()
        deformer.run(key.expression, key.joints, vertices)
        return vertices

    def _lerp(self, spec: StageSpec) -> Steps[None]:
        plan, now = self._plan, self._plan.moment
        self._interpolator = interpolator = yield from Interpolator.in_steps(plan.ctx, plan.drawn, self._rest)
        states = [state for _, state in self._placed]

        def run() -> None:
            a, b = states[now.previous], states[now.following]
            interpolator.run(a, b, now.alpha, now.model, now.count, now.widening)

        self._lerped = plan.stage(spec.name, [*(node for node, _ in self._placed), plan.blend, plan.level], run)

    def _harmonics(self, spec: StageSpec) -> Steps[None]:
        plan, now = self._plan, self._plan.moment
        lights = [plan.read_floats(n, 3 * self._count, spec.name, slot) for n in spec.inputs[1:] for slot in SLOTS]
        colourer = yield from Colourer.in_steps(plan.ctx, plan.drawn, light=bool(lights), blending=plan.avatar.blending)

        def run() -> None:
            two = tuple(lights[slot].get() for slot in (now.previous, now.following)) if lights else ()
            colourer.run(self._interpolator.world, now.head, now.model, now.count, two, now.alpha)

        seen: list[Node | None] = [self._lerped, plan.seen_from] if colourer.degree else []
        added = [plan.blend, *(light.node for light in lights)] if lights else []
        self._coloured = plan.stage(spec.name, [*seen, *added, plan.level], run)
        self._colours = colourer.colours

    def _directions(self, spec: StageSpec) -> Steps[None]:
        plan, now = self._plan, self._plan.moment
        directions = Directions(plan.ctx, self._count)
        yield None

        def run() -> None:
            directions.run(self._interpolator.world, now.head, now.model, now.count)

        node = plan.stage(spec.name, [self._lerped, plan.seen_from], run)
        plan.offer(spec.outputs[0], [held(directions.directions, node)])

    def _rgb(self, spec: StageSpec) -> Steps[None]:
        plan = self._plan
        light = plan.read_floats(spec.inputs[0], 3 * self._count, spec.name)
        packer = LightPacker(plan.ctx, self._count, plan.avatar.blending)
        yield None

        def run() -> None:
            packer.run(light.get(), plan.moment.count)

        self._coloured = plan.stage(spec.name, [light.node, plan.level], run)
        self._colours = packer.colours

    def _sort(self, spec: StageSpec) -> Steps[None]:
        plan, now = self._plan, self._plan.moment
        self._sorter = sorter = DepthSort(plan.ctx, self._count, plan.sort_shape)
        yield None

        def run() -> None:
            sorter.run(self._interpolator.world, now.head, now.nearest, now.farthest, now.count)

        self._sorted = plan.stage(spec.name, [plan.due], run)

    def _blend(self, spec: StageSpec) -> Steps[None]:
        plan, (weights_name, basis_name) = self._plan, spec.inputs
        basis = yield from beside(partial(plan.tensor, basis_name))
        if basis.ndim != 3 or basis.shape[1:] != (self._count, 3):
            raise StageError(
                f"The avatar {plan.avatar.name!r} cannot be drawn: {basis_name!r} of stage {spec.name!r} has shape "
                f"{basis.shape}, not (shapes, {self._count}, 3); pack it again."
            )
        blender = yield from GaussianBlender.in_steps(plan.ctx, basis)

        def add(slot: int) -> Value:
            weights, sums = plan.read_floats(weights_name, len(basis), spec.name, slot), blender.sums()

            def run() -> None:
                blender.run(weights.get(), sums, plan.moment.count)

            return held(sums, plan.stage(f"{spec.name}/{slot}", [weights.node, plan.level], run))

        plan.offer(spec.outputs[0], [add(slot) for slot in SLOTS])

    def _model(self, spec: StageSpec) -> Steps[None]:
        slots, made = SLOTS if spec.rate == "key" else SLOTS[:1], []
        for slot in slots:
            name = f"{spec.name}/{slot}" if len(slots) > 1 else spec.name
            made.append((yield from self._network(spec, slot, name)))
            yield None
        for name, values in zip(spec.outputs, zip(*made, strict=True), strict=True):
            self._plan.offer(name, values)

    def _network(self, spec: StageSpec, slot: int, name: str) -> Steps[list[Value]]:
        plan = self._plan
        tensors, results = spec.options["inputs"], spec.options["outputs"]
        given = {tensor: plan.read(n, slot) for tensor, n in zip(tensors, spec.inputs, strict=True)}
        fixed = {tensor: value.get() for tensor, value in given.items() if not value.moves}
        model = yield from plan.model(spec.options["model"], fixed)
        missing = [t for t in (*tensors, *results) if t not in model.inputs and t not in model.outputs]
        if missing:
            raise StageError(
                f"The avatar {plan.avatar.name!r} cannot be drawn: the network of stage {spec.name!r} has no tensor "
                f"{missing[0]!r}; pack it again."
            )

        def run() -> None:
            for tensor, value in given.items():
                if value.moves:
                    plan.ctx.copy_buffer(model.inputs[tensor], value.get())
            model.run()

        start = plan.stage(name, [value.node for value in given.values()], run)
        node = plan.beside(model, start) if model.asynchronous else start
        return [Value(node, partial(_output, model, tensor), moves=model.asynchronous) for tensor in results]


_KINDS: Final[dict[str, Callable[[_Builder, StageSpec], Steps[None]]]] = {
    "deform": _Builder._deform,
    "align": _Builder._align,
    "lerp": _Builder._lerp,
    "harmonics": _Builder._harmonics,
    "directions": _Builder._directions,
    "rgb": _Builder._rgb,
    "sort": _Builder._sort,
    "project": _Builder._of_eyes,
    "draw": _Builder._of_eyes,
    "blend": _Builder._blend,
    "model": _Builder._model,
}


def _output(model: ModelStage, tensor: str) -> moderngl.Buffer:
    return model.outputs[tensor]
