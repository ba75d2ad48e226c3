"""A stage runs when, and only when, something it reads has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from render.errors import RenderError
from render.graph import Graph, Stage


class Diamond:
    """a -> left, (a, b) -> right, (left, right) -> end; keeps the order of runs."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.graph = Graph()
        self.a, self.b = self.graph.input("a"), self.graph.input("b")
        self.left = self._stage("left", self.a)
        self.right = self._stage("right", self.a, self.b)
        self.end = self._stage("end", self.left, self.right)

    def _stage(self, name: str, *reads: object) -> Stage:
        return self.graph.stage(name, reads, lambda: self.ran.append(name))  # type: ignore[arg-type]

    def update(self) -> list[str]:
        self.ran.clear()
        self.graph.update(self.end)
        return list(self.ran)


def test_everything_runs_first_and_nothing_the_second_time() -> None:
    graph = Diamond()
    assert graph.update() == ["left", "right", "end"]
    assert graph.update() == []


def test_only_what_depends_on_the_change_runs() -> None:
    graph = Diamond()
    graph.update()
    assert graph.b.set("new")
    assert graph.update() == ["right", "end"]


def test_an_equal_value_is_no_change() -> None:
    graph = Diamond()
    graph.a.set((1, 2))
    graph.update()
    assert not graph.a.set((1, 2))
    assert graph.update() == []


def test_a_stage_that_two_targets_need_is_met_once() -> None:
    graph = Diamond()
    graph.graph.update(graph.left, graph.right, graph.end)
    counts = graph.graph.counts
    assert {name: (count.runs, count.skips) for name, count in counts.items()} == {
        "left": (1, 0),
        "right": (1, 0),
        "end": (1, 0),
    }


def test_stages_of_one_kind_are_counted_together() -> None:
    graph = Graph()
    changed = graph.input("view")
    slots = [graph.stage(f"deform/{slot}", [changed], lambda: None) for slot in (0, 1)]
    graph.update(*slots)
    graph.update(*slots)
    assert (graph.counts["deform"].runs, graph.counts["deform"].skips) == (2, 2)


def test_a_change_that_a_skipped_target_missed_is_seen_later() -> None:
    graph = Diamond()
    graph.update()
    graph.a.set(1)
    graph.graph.update(graph.left)
    assert graph.update() == ["right", "end"]


def test_what_is_read_must_be_in_the_graph() -> None:
    graph, other = Diamond(), Graph()
    with pytest.raises(RenderError, match="not in its graph"):
        other.stage("late", [graph.left], lambda: None)
    with pytest.raises(RenderError, match="another name"):
        graph.graph.input("left")


def test_a_failed_run_is_tried_again() -> None:
    graph, attempts = Graph(), []

    def fail_once() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError

    stage = graph.stage("fragile", [], fail_once)
    with pytest.raises(ValueError):
        graph.update(stage)
    graph.update(stage)
    graph.update(stage)
    assert len(attempts) == 2


def test_the_watch_sees_runs_and_not_skips() -> None:
    graph, seen = Diamond(), []

    @contextmanager
    def watch(kind: str) -> Iterator[None]:
        seen.append(kind)
        yield

    graph.graph.watch = watch
    graph.update()
    graph.update()
    assert seen == ["left", "right", "end"]
