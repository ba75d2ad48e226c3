"""The faster way is found by timing, kept, and taken again; what cannot run is left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assets.convert.graph import Graph
from assets.lower import lower
from render.errors import StageError
from render.measure.store import Choices
from render.nets import choice
from render.nets.backends import BACKENDS, probe_backends
from render.nets.choice import choosing, networks, stage_ways, way_times
from render.nets.lowered import LoweredStage
from render.nets.session import SessionStage
from render.offscreen import Offscreen
from render.steps import Steps, at_once
from tests.networks import WIDTH, floats, mlp, model_of, reference
from tests.render.nets.buffers import relative, result


def net() -> Graph:
    return mlp(WIDTH, 16, 1, 6)


class Clock:
    """A clock by which the stages that `slow` names take a second and others none; it ticks at every reading."""

    def __init__(self, slow: type) -> None:
        self._slow, self._now = slow, 0.0

    def ways(self, ways: dict[str, choice.Make]) -> dict[str, choice.Make]:
        def slowed(make: choice.Make) -> choice.Make:
            def made() -> Steps[choice.Runnable]:
                stage = yield from make()
                if isinstance(stage, self._slow):
                    finish = stage.finish

                    def later() -> None:
                        finish()
                        self._now += 1.0

                    stage.finish = later  # type: ignore[method-assign]
                return stage

            return made

        return {name: slowed(make) for name, make in ways.items()}

    def __call__(self) -> float:
        self._now += 1e-6
        return self._now


@pytest.fixture(params=[SessionStage, LoweredStage])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock(request.param)
    monkeypatch.setattr(choice, "stage_ways", lambda *a, **k: clock.ways(stage_ways(*a, **k)))
    yield clock


def test_the_faster_way_is_taken_kept_and_taken_again(
    gl: Offscreen, converted, tmp_path: Path, clock: Clock, request: pytest.FixtureRequest
) -> None:
    model, onnx = converted(net)
    store = Choices(tmp_path / "choices.json")
    stage = at_once(choosing(gl.ctx, model, lower(model), store, rows=50, clock=clock))
    assert not isinstance(stage, clock._slow)
    x = floats(50, WIDTH)
    stage.inputs["x"].write(x)
    stage.run()
    stage.finish()
    assert relative(result(stage, "y"), reference(onnx, x=x)["y"]) < 1e-5

    def never() -> float:
        raise AssertionError("timed again")

    assert type(at_once(choosing(gl.ctx, model, lower(model), store, rows=50, clock=never))) is type(stage)
    with pytest.raises(AssertionError, match="timed again"):
        at_once(choosing(gl.ctx, model, lower(model), store, rows=51, clock=never))


def test_an_unknown_or_damaged_choice_is_made_again(gl: Offscreen, converted, tmp_path: Path) -> None:
    model = converted(net)[0]
    path = tmp_path / "choices.json"
    at_once(choosing(gl.ctx, model, None, Choices(path), rows=2)).release()
    path.write_text(path.read_text().replace('"session"', '"session on NOTHING"'))
    stage = at_once(choosing(gl.ctx, model, None, Choices(path), rows=2))
    assert isinstance(stage, SessionStage) and '"session"' in path.read_text()


def test_what_cannot_be_lowered_runs_as_a_session(gl: Offscreen, tmp_path: Path) -> None:
    g = Graph("soft")
    g.output(g.op("Softmax", g.input("x", ["n", 4]), axis=1), "y", ["n", 4])
    model, onnx = model_of(g, tmp_path)
    stage = at_once(networks({"soft": model}, {}, Choices(tmp_path / "c.json"))(gl.ctx, "soft", {}))
    assert isinstance(stage, SessionStage)
    stage.run()
    stage.finish()
    np.testing.assert_allclose(result(stage, "y"), reference(onnx, x=np.zeros((1, 4), np.float32))["y"], rtol=1e-5)


def test_nothing_that_runs_is_one_sentence(gl: Offscreen, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="neither as a session nor lowered"):
        at_once(choosing(gl.ctx, b"no model", None, Choices(tmp_path / "c.json")))


def test_given_inputs_are_only_read(gl: Offscreen, converted, tmp_path: Path) -> None:
    model = converted(net)[0]
    x = floats(300, WIDTH)
    given = gl.ctx.buffer(x)
    times = way_times(gl.ctx, stage_ways(gl.ctx, model, lower(model), {"x": given}))
    assert {"session", "lowered by shares"} <= set(times)
    assert given.read() == x.tobytes()


def test_backends_are_those_that_really_start() -> None:
    """None in the wheels for Linux and Windows; a session would fall back in silence."""
    found = probe_backends()
    assert set(found) <= set(BACKENDS)
