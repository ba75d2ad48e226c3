"""A graph of named stages, each of which runs only when something it reads has changed.

Inputs carry a version that moves when their value does; a stage has a version that moves when it runs. A stage runs
when the version of anything it reads is not the one it ran with. The graph knows nothing of GL.

Stages named "deform/0" and "deform/1" are two of one kind: their runs and skips are counted together as "deform".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from render.errors import RenderError

Watch = Callable[[str], AbstractContextManager[None]]
"""Opened around each run with the kind of the stage; a bench takes times there."""


def unwatched(kind: str) -> AbstractContextManager[None]:
    """Takes nothing of a run."""
    return nullcontext()


@dataclass
class StageCount:
    """How often the stages of one kind ran, and how often they did not have to."""

    runs: int = 0
    skips: int = 0


class Input:
    """A value from outside; its version moves when the value does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.version = 0
        self._value: Hashable = None

    def set(self, value: Hashable) -> bool:
        """Give the value of now; returns whether it is another than before."""
        if self.version and value == self._value:
            return False
        self._value = value
        self.version += 1
        return True


class Stage:
    """Something that computes from inputs and from other stages' results."""

    def __init__(self, name: str, reads: tuple[Input | Stage, ...], run: Callable[[], None]) -> None:
        self.name = name
        self.kind = name.split("/")[0]
        """The name under which it is counted."""
        self.reads = reads
        self.version = 0
        self._run = run
        self._seen: list[int] | None = None

    def refresh(self, watch: Watch) -> bool:
        """Run if anything it reads has moved; returns whether it ran."""
        now = [node.version for node in self.reads]
        if now == self._seen:
            return False
        with watch(self.kind):
            self._run()
        self._seen = now
        self.version += 1
        return True

    def end(self) -> None:
        """Let go of what it runs and reads; it cannot run afterwards."""
        self.reads, self._run, self._seen = (), _ended, None


def _ended() -> None:
    raise RenderError("Nothing can be drawn with what was released; make it again.")


class Graph:
    """Stages by name, in an order where what is read stands before what reads it."""

    def __init__(self) -> None:
        self._inputs: dict[str, Input] = {}
        self._stages: dict[str, Stage] = {}
        self._counts: dict[str, StageCount] = {}
        self._orders: dict[tuple[Stage, ...], list[tuple[Stage, StageCount]]] = {}
        """Of targets that were brought up to date before."""
        self.watch: Watch = unwatched

    @property
    def counts(self) -> Mapping[str, StageCount]:
        """Runs and skips of each kind of stage since the graph was made."""
        return self._counts

    def input(self, name: str) -> Input:
        """A new input."""
        self._refuse_taken(name)
        self._inputs[name] = Input(name)
        return self._inputs[name]

    def stage(self, name: str, reads: Iterable[Input | Stage], run: Callable[[], None]) -> Stage:
        """A new stage; what it reads must be in the graph already, so there are no circles."""
        self._refuse_taken(name)
        stage = Stage(name, tuple(reads), run)
        for node in stage.reads:
            if self._inputs.get(node.name, self._stages.get(node.name)) is not node:
                raise RenderError(f"Stage {name!r} reads {node.name!r}, which is not in its graph; add that first.")
        self._stages[name] = stage
        self._counts.setdefault(stage.kind, StageCount())
        return stage

    def update(self, *targets: Stage) -> None:
        """Bring `targets` up to date, one after the other, each after what it reads; every stage is met once."""
        for _ in self.runs(*targets):
            pass

    def runs(self, *targets: Stage) -> Iterator[Stage]:
        """The same stage by stage: each that has just run."""
        order = self._orders.get(targets)
        if order is None:
            met: set[str] = set()
            stages = [stage for target in targets for stage in self._before(target, met)]
            order = self._orders[targets] = [(stage, self._counts[stage.kind]) for stage in stages]
        for stage, count in order:
            if stage.refresh(self.watch):
                count.runs += 1
                yield stage
            else:
                count.skips += 1

    def end(self) -> None:
        """Let go of what the stages hold; none can run afterwards."""
        self._orders.clear()
        for stage in self._stages.values():
            stage.end()

    def _before(self, stage: Stage, met: set[str]) -> Iterator[Stage]:
        if stage.name in met:
            return
        met.add(stage.name)
        for node in stage.reads:
            if isinstance(node, Stage):
                yield from self._before(node, met)
        yield stage

    def _refuse_taken(self, name: str) -> None:
        if name in self._inputs or name in self._stages:
            raise RenderError(f"The graph has a {name!r} already; give the other one another name.")
