"""Networks run by MNN beside the frame: numbers, memory that is shared or copied, and the order of results."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from assets.convert.graph import Graph
from assets.lower import lower
from render.errors import StageError
from render.nets import tensors
from render.nets.lowered import lowered_stage
from render.nets.session import SessionStage, session_stage
from render.offscreen import Offscreen
from tests.networks import GRAPHS, WIDTH, columns, floats, mlp, model_of, reference
from tests.render.nets.buffers import relative, result
from tests.render.scenes import BOTH_APIS


def net() -> Graph:
    return mlp(WIDTH, 32, 2, 6)


@BOTH_APIS
@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("graph", GRAPHS)
def test_every_operator_is_what_onnx_runtime_computes(gl: Offscreen, converted, graph: str, mapped: bool) -> None:
    (model, onnx), names = converted(GRAPHS[graph]), columns(GRAPHS[graph]())
    x = floats(37, WIDTH)
    stage = session_stage(gl.ctx, model, rows=37, mapped=mapped)
    assert stage.in_place == mapped
    stage.inputs["x"].write(x)
    stage.run()
    stage.finish()
    found, wanted = result(stage, "y"), reference(onnx, x=x)["y"]
    for name in dict.fromkeys(names):
        column = [i for i, other in enumerate(names) if other == name]
        assert relative(found[:, column], wanted[:, column]) < 1e-3, name
    stage.release()


def test_both_ways_give_the_same_numbers(gl: Offscreen, converted) -> None:
    for graph in GRAPHS.values():
        model = converted(graph)[0]
        x = floats(400, WIDTH, seed=8)
        ways = [session_stage(gl.ctx, model, rows=400), lowered_stage(gl.ctx, lower(model), rows=400, way="shared")]
        for stage in ways:
            stage.inputs["x"].write(x)
            stage.run()
            stage.finish()
        a, b = (result(stage, "y") for stage in ways)
        error = float(np.max(np.abs(a - b).max(axis=0) / np.maximum(np.abs(a).max(axis=0), 1e-3)))
        print(f"{graph.__name__[1:]}: {error:.1e}")
        assert error < 1e-3
        for stage in ways:
            stage.release()


def test_a_quarter_of_a_million_rows_reach_a_shader_without_a_copy(gl: Offscreen, converted) -> None:
    """Rows of 12 in and out, read by a compute shader of the same context."""
    model, onnx = converted(lambda_12)
    x = floats(250_000, WIDTH)
    given = gl.ctx.buffer(x)
    stage = session_stage(gl.ctx, model, {"x": given})
    assert stage.in_place and stage.shapes == {"x": (250_000, 12), "y": (250_000, 12)}
    stage.run()
    stage.finish()
    doubler = gl.ctx.compute_shader(
        "#version 430\nlayout(local_size_x = 64) in; layout(std430, binding = 0) readonly buffer A { float a[]; };"
        "layout(std430, binding = 1) writeonly buffer B { float b[]; }; uniform uint n;"
        "void main() { uint i = gl_GlobalInvocationID.x + gl_GlobalInvocationID.y * 65536u;"
        "if (i < n) b[i] = 2.0 * a[i]; }"
    )
    twice = gl.ctx.buffer(reserve=given.size)
    stage.outputs["y"].bind_to_storage_buffer(0)
    twice.bind_to_storage_buffer(1)
    doubler["n"] = 3_000_000
    doubler.run(1024, 46)
    gl.ctx.memory_barrier()
    found = np.frombuffer(twice.read(), np.float32).reshape(-1, 12)
    assert relative(found, 2 * reference(onnx, x=x)["y"]) < 1e-5
    stage.release()
    assert given.read(16) == x.tobytes()[:16]


def lambda_12() -> Graph:
    return mlp(WIDTH, 32, 2, WIDTH)


def test_where_tensors_lie_elsewhere_than_expected_they_are_copied(
    gl: Offscreen, converted, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, onnx = converted(net)
    x = floats(50, WIDTH)
    wanted = reference(onnx, x=x)["y"]
    # Within the tensor, at its first field: an address that is not the memory's.
    for attribute, value in (("_TENSOR_HOST", 0), ("_POINTER_VERSION", "0")):
        with monkeypatch.context() as patch:
            patch.setattr(tensors, attribute, value)
            stage = session_stage(gl.ctx, model, rows=50)
            assert not stage.in_place
            stage.inputs["x"].write(x)
            stage.run()
            stage.finish()
            assert relative(result(stage, "y"), wanted) < 1e-5
            stage.release()


def test_memory_is_not_trusted_where_a_trial_run_goes_wrong(
    gl: Offscreen, converted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ignores the exchanged addresses leaves our output as it was."""
    monkeypatch.setattr(tensors.Network, "_run_in_place", lambda self, arrays: self._run())
    assert not session_stage(gl.ctx, converted(net)[0], rows=5).in_place


def test_results_arrive_by_polling_and_the_front_stays_valid(gl: Offscreen, converted) -> None:
    model, onnx = converted(net)
    stage = session_stage(gl.ctx, model, rows=64)
    before = dict(stage.outputs)
    assert not result(stage, "y").any()
    for turn in range(4):
        x = floats(64, WIDTH, seed=turn)
        stage.inputs["x"].write(x)
        held, kept = stage.outputs["y"], result(stage, "y")
        stage.run()
        assert arrives(stage)
        assert stage.outputs["y"] is not held
        copy = gl.ctx.buffer(reserve=held.size)
        gl.ctx.copy_buffer(copy, held)
        assert copy.read() == kept.tobytes(), "the set that was in front has not been written"
        assert relative(result(stage, "y"), reference(onnx, x=x)["y"]) < 1e-5
        assert not stage.poll()
    assert stage.outputs["y"] is before["y"], "two sets take turns"


def test_nothing_waits_and_the_newest_wins(gl: Offscreen, converted, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run is held up, three more are asked for; the last alone follows."""
    model, onnx = converted(net)
    stage = session_stage(gl.ctx, model, rows=8)
    gate, begun, runs = threading.Event(), threading.Event(), []
    run = tensors.Network.run

    def held_up(self: tensors.Network, arrays: dict[str, np.ndarray], *, in_place: bool) -> None:
        runs.append(arrays["x"].copy())
        begun.set()
        assert gate.wait(20)
        run(self, arrays, in_place=in_place)

    monkeypatch.setattr(tensors.Network, "run", held_up)
    inputs = [floats(8, WIDTH, seed=i) for i in range(4)]
    stage.inputs["x"].write(inputs[0])
    stage.run()
    until(lambda: stage.poll() or begun.is_set())
    for x in inputs[1:]:
        stage.inputs["x"].write(x)
        stage.run()
        assert not stage.poll()
    gate.set()
    assert arrives(stage)
    assert relative(result(stage, "y"), reference(onnx, x=inputs[0])["y"]) < 1e-5
    assert arrives(stage)
    assert relative(result(stage, "y"), reference(onnx, x=inputs[3])["y"]) < 1e-5
    assert len(runs) == 2
    np.testing.assert_array_equal(runs[1].reshape(8, WIDTH), inputs[3])


def test_inputs_written_by_the_gpu_are_waited_for_without_waiting(gl: Offscreen, converted) -> None:
    """A slow shader writes the input in the same stream of commands."""
    model, onnx = converted(net)
    given = gl.ctx.buffer(reserve=4 * 2048 * WIDTH)
    stage = session_stage(gl.ctx, model, {"x": given})
    slow = gl.ctx.compute_shader(
        "#version 430\nlayout(local_size_x = 64) in; layout(std430, binding = 0) writeonly buffer A { float a[]; };"
        "void main() { uint i = gl_GlobalInvocationID.x; float v = float(i % 97u) / 97.0;"
        "for (int k = 0; k < 2000; ++k) v = fract(v * 1.37 + 0.11); a[i] = float(i % 97u) / 97.0 + step(2.0, v); }"
    )
    given.bind_to_storage_buffer(0)
    slow.run(2048 * WIDTH // 64)
    stage.run()
    assert arrives(stage)
    x = ((np.arange(2048 * WIDTH) % 97) / np.float32(97)).astype(np.float32).reshape(2048, WIDTH)
    assert relative(result(stage, "y"), reference(onnx, x=x)["y"]) < 1e-5


def test_a_run_that_fails_is_told_when_polled(gl: Offscreen, converted, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = session_stage(gl.ctx, converted(net)[0], rows=8)

    def fail(self: tensors.Network, arrays: object, *, in_place: bool) -> None:
        raise StageError("It could not be run.")

    monkeypatch.setattr(tensors.Network, "run", fail)
    stage.run()
    with pytest.raises(StageError, match="could not be run"):
        until(stage.poll)
    stage.release()


def test_a_damaged_model_and_other_numbers_are_refused_in_one_sentence(gl: Offscreen, tmp_path) -> None:
    with pytest.raises(StageError, match=r"make the \.mnn file again"):
        session_stage(gl.ctx, b"nothing of the kind" * 10)
    g = Graph("whole")
    g.output(g.op("Add", g.input("x", ["n", 4]), g.constant(np.ones(4, np.float32))), "y", ["n", 4])
    model = model_of(g, tmp_path)[0]
    with pytest.raises(StageError, match="has no input z"):
        session_stage(gl.ctx, model, {"z": gl.ctx.buffer(reserve=64)})


def arrives(stage: SessionStage) -> bool:
    return until(stage.poll)


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.001)
    return False


@pytest.mark.parametrize("mapped", [True, False])
def test_in_step_a_network_reads_what_the_one_before_it_has_just_made(gl: Offscreen, converted, mapped: bool) -> None:
    """Who was given its outputs keeps them, whatever number of runs there were."""
    (first, onnx), second = converted(net), mlp(6, 16, 1, 3)
    before = session_stage(gl.ctx, first, rows=5, mapped=mapped, in_step=True)
    model, onnx_after = converted(lambda: second)
    after = session_stage(gl.ctx, model, {"x": before.outputs["y"]}, mapped=mapped, in_step=True)
    for seed in range(3):
        x = floats(5, WIDTH, seed=seed)
        before.inputs["x"].write(x)
        before.run()
        after.run()
        wanted = reference(onnx_after, x=reference(onnx, x=x)["y"])["y"]
        assert relative(result(after, "y"), wanted) < 1e-3
    before.release()
    after.release()
