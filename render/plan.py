"""The avatar's declared stages (assets/stages.py), built into a graph.

    key 0 -> deform -> align -+      +-> harmonics -+
                              +-> lerp -------------+-> project -> draw     (the last two for all eyes)
    key 1 -> deform -> align -+      +-> sort ------+

Stages of a key are built twice, one for each key around now, with buffers of their own: the one that is drawn from
stays whole while the other is brought up. Networks that run beside the frame make their values whenever they are
done; until then what they made last counts. The renderer adds the eyes, whose picture it owns.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.errors import StageError
from render.gl.uploads import uploaded
from render.graph import Graph, Input, Stage
from render.nets.stage import ModelStage
from render.outline import Outline
from render.stages.keys import KeyBuffers
from render.stages.sort import SortShape
from render.steps import Steps, beside

F64 = NDArray[np.float64]
Node = Input | Stage

SLOTS: Final = (0, 1)
"""Of the two keys around now."""


@dataclass
class Moment:
    """What stages read besides buffers; the renderer sets it before it updates the graph."""

    count: int
    """Gaussians drawn now, a prefix."""
    widening: float = 1.0
    """By which their deviations are multiplied, so that a prefix closes the same surface."""
    previous: int = 0
    following: int = 0
    """Slots of the keys around now."""
    alpha: float = 0.0
    """Where now is between them."""
    model: F64 = field(default_factory=lambda: np.eye(4))
    """(4, 4) avatar-to-world."""
    head: F64 = field(default_factory=lambda: np.zeros(3))
    """(3,) in the world."""
    nearest: float = 0.0
    farthest: float = 1.0
    """Metres from the head, between which every Gaussian lies."""


MakeModel = Callable[[moderngl.Context, str, Mapping[str, moderngl.Buffer]], ModelStage | Steps[ModelStage]]
"""(context, the network's name, input buffers that other stages own by the tensor's name) -> how it is run here, or the
steps in which that is made."""


@dataclass(frozen=True)
class Value:
    """Something that a stage reads."""

    node: Node | None
    """What makes it; None for what never changes."""
    get: Callable[[], moderngl.Buffer]
    """Where it is now."""
    moves: bool = False
    """Whether it may be in another buffer later, as the results of a network beside the frame are."""


class Plan:
    """The values of an avatar's graph; `render/kinds.py` adds the stages."""

    def __init__(
        self,
        ctx: moderngl.Context,
        avatar: Avatar,
        outline: Outline,
        graph: Graph,
        moment: Moment,
        make_model: MakeModel,
        sort_shape: SortShape | None = None,
    ) -> None:
        self.ctx, self.avatar, self.graph, self.moment, self._make_model = ctx, avatar, graph, moment, make_model
        self.sort_shape = sort_shape
        self.drawn = outline.drawn
        """The Gaussians as every buffer holds them."""
        self.tensor = outline.tensor
        self.keys = [KeyBuffers(ctx, avatar) for _ in SLOTS]
        self.key_inputs = [graph.input(f"key/{slot}") for slot in SLOTS]
        self.blend, self.seen_from, self.level, self.due = (
            graph.input(name) for name in ("blend", "head", "level", "due")
        )
        """Move with: the blend of the keys and the avatar's place; the head; the level of detail; each sort."""
        self.starters: list[Stage] = []
        """Stages that begin networks beside the frame; nothing that is drawn waits for them."""
        self._beside: list[tuple[ModelStage, Input]] = []
        self._models: list[ModelStage] = []
        self._values: dict[str, list[Value]] = {}
        for name in ("expression", "joints"):
            buffers = [getattr(key, name) for key in self.keys]
            self.offer(name, [held(buffers[slot], self.key_inputs[slot]) for slot in SLOTS])

    def offer_tensors(self) -> Steps[None]:
        """Let stages read the avatar's own tensors. A basis is its stage's, which keeps it otherwise."""
        wanted = {
            name for spec in self.avatar.stages for name in (spec.inputs[:1] if spec.kind == "blend" else spec.inputs)
        }
        for name in self.avatar.tensors:
            if name in wanted:
                floats = yield from beside(partial(_floats, self.tensor, name))
                self.offer(name, [held((yield from uploaded(self.ctx, floats)), None)])

    def offer(self, name: str, values: Sequence[Value]) -> None:
        """Let stages read `name`: one value, or one for each slot."""
        self._values[name] = list(values)

    def read(self, name: str, slot: int = 0) -> Value:
        """The value `name`, of this slot if it has slots."""
        values = self._values[name]
        return values[slot % len(values)]

    def read_floats(self, name: str, floats: int, reader: str, slot: int = 0) -> Value:
        """The same; raises StageError where it is not of as many `floats` as the stage `reader` needs."""
        value = self.read(name, slot)
        given = value.get().size // 4
        if given != floats:
            raise StageError(
                f"The avatar {self.avatar.name!r} cannot be drawn: its stage {reader!r} needs {floats} numbers as "
                f"{name!r}, not {given}; pack it again."
            )
        return value

    def stage(self, name: str, reads: Iterable[Node | None], run: Callable[[], None]) -> Stage:
        """A new stage of the graph."""
        return self.graph.stage(name, [node for node in reads if node is not None], run)

    def model(self, name: str, given: Mapping[str, moderngl.Buffer]) -> Steps[ModelStage]:
        """The avatar's network of that name, which reads the buffers that are `given`."""
        made = self._make_model(self.ctx, name, given)
        model = (yield from made) if isinstance(made, Generator) else made
        self._models.append(model)
        return model

    @property
    def busy(self) -> bool:
        """Whether a network has a run in hand."""
        return any(model.busy for model in self._models)

    def release(self) -> None:
        """End the networks; nothing can be drawn afterwards."""
        while self._models:
            self._models.pop().release()

    def beside(self, model: ModelStage, start: Stage) -> Input:
        """Have `model` run beside the frame, begun by `start`; what is returned moves with its results."""
        result = self.graph.input(f"result of {start.name}")
        self.starters.append(start)
        self._beside.append((model, result))
        return result

    def collect(self) -> bool:
        """Take in what networks beside the frame have made since the last call; returns whether some network made
        something for the first time."""
        first = False
        for model, result in self._beside:
            if model.poll():
                first |= not result.version
                result.set(result.version + 1)
        return first


def _floats(tensor: Callable[[str], NDArray[np.floating]], name: str) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor(name), np.float32)


def held(buffer: moderngl.Buffer, node: Node | None) -> Value:
    """A value that stays in one buffer."""
    return Value(node, lambda: buffer)
