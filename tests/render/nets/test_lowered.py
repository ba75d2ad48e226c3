"""Lowered networks on the GPU against ONNX Runtime: every operator, both ways to share the work out, both APIs."""

from __future__ import annotations

import numpy as np
import pytest

from assets.convert.graph import Graph
from assets.errors import LoweringError
from assets.lower import Program, lower
from render.errors import StageError
from render.gl.context import is_es
from render.nets.lowered import lowered_stage
from render.nets.packed import Packed
from render.nets.passes import chain_of
from render.nets.rows import fits
from render.offscreen import Offscreen
from tests.networks import GRAPHS, WIDTH, columns, floats, mlp, model_of, reference
from tests.render.nets.buffers import relative, result
from tests.render.scenes import BOTH_APIS

AGREE = 1e-3
MNN_GELU = 2e-4
"""MNN's converter turns the exact one into the one by tanh; both ways of ours compute that."""


@BOTH_APIS
@pytest.mark.parametrize("way", ["rows", "shared"])
@pytest.mark.parametrize("graph", GRAPHS)
def test_every_operator_is_what_onnx_runtime_computes(gl: Offscreen, converted, graph: str, way: str) -> None:
    (model, onnx), names = converted(GRAPHS[graph]), columns(GRAPHS[graph]())
    program = Program.from_bytes(lower(model).to_bytes())
    for rows in (37,) if is_es(gl.ctx) else (1, 300):
        x = floats(rows, WIDTH, seed=rows)
        stage = lowered_stage(gl.ctx, program, rows=rows, way=way)
        stage.inputs["x"].write(x)
        stage.run()
        found, wanted = result(stage, "y"), reference(onnx, x=x)["y"]
        for name in dict.fromkeys(names):
            column = [i for i, other in enumerate(names) if other == name]
            assert relative(found[:, column], wanted[:, column]) < (MNN_GELU if name == "gelu" else 1e-5), (name, rows)
        stage.release()


@pytest.mark.parametrize(("half", "most"), [(False, 1e-5), (True, AGREE)])
def test_weights_may_be_halves(gl: Offscreen, converted, half: bool, most: float) -> None:
    model, onnx = converted(_net)
    x = floats(700, WIDTH)
    wanted = reference(onnx, x=x)["y"]
    stage = lowered_stage(gl.ctx, lower(model), rows=700, half=half, way="shared")
    stage.inputs["x"].write(x)
    stage.run()
    error = relative(result(stage, "y"), wanted)
    print(f"weights as {'halves' if half else 'floats'}: {error:.1e}")
    assert error < most


@BOTH_APIS
def test_a_wide_output_of_one_row_is_shared_out(gl: Offscreen, converted) -> None:
    model, onnx = converted(_wide)
    x = floats(1, 69)
    stage = lowered_stage(gl.ctx, lower(model), rows=1)
    assert stage.way == "shared"
    stage.inputs["x"].write(x)
    stage.run()
    assert relative(result(stage, "y"), reference(onnx, x=x)["y"]) < 1e-5


def test_wide_layers_in_the_middle_and_functions_after_them(gl: Offscreen, converted) -> None:
    """Passes of both kinds, one after the other, with what lies between them in scratch."""
    model, onnx = converted(_hourglass)
    for rows in (1, 5, 260):
        x = floats(rows, WIDTH)
        stage = lowered_stage(gl.ctx, lower(model), rows=rows, way="shared")
        stage.inputs["x"].write(x)
        stage.run()
        for output, wanted in reference(onnx, x=x).items():
            assert relative(result(stage, output), wanted) < 1e-5, (output, rows)


@BOTH_APIS
def test_one_input_may_serve_all_rows(gl: Offscreen, tmp_path) -> None:
    g = Graph("shared")
    x, pose = g.input("x", ["n", 8]), g.input("weights", [1, 5])
    hidden = g.op("Tanh", g.op("Add", g.linear(x, floats(16, 8)), g.linear(pose, floats(16, 5), floats(16))))
    g.output(g.linear(hidden, floats(3, 16)), "y", ["n", 3])
    model, onnx = model_of(g, tmp_path)
    program = lower(model, shared=["weights"])
    values, code = floats(90, 8), floats(1, 5, seed=3)
    for way in ("rows", "shared"):
        stage = lowered_stage(gl.ctx, program, rows=90, way=way)
        assert stage.shapes == {"x": (90, 8), "weights": (1, 5), "y": (90, 3)}
        stage.inputs["x"].write(values)
        stage.inputs["weights"].write(code)
        stage.run()
        assert relative(result(stage, "y"), reference(onnx, x=values, weights=code)["y"]) < 1e-5


def test_given_buffers_tell_how_many_rows(gl: Offscreen, converted) -> None:
    model, onnx = converted(_net)
    x = floats(123, WIDTH)
    given = gl.ctx.buffer(x)
    stage = lowered_stage(gl.ctx, lower(model), {"x": given})
    assert stage.inputs["x"] is given and stage.shapes["y"] == (123, 6)
    stage.run()
    assert relative(result(stage, "y"), reference(onnx, x=x)["y"]) < 1e-5
    stage.release()
    assert given.read(4) == x.tobytes()[:4]
    with pytest.raises(StageError, match="has no input z"):
        lowered_stage(gl.ctx, lower(model), {"z": given})
    with pytest.raises(StageError, match="too few"):
        lowered_stage(gl.ctx, lower(model), {"x": given}, rows=124)


def test_a_network_that_mixes_rows_runs_for_its_own_rows_only(gl: Offscreen, tmp_path) -> None:
    g = Graph("mixed")
    x = g.input("x", [4, WIDTH])
    g.output(g.op("Sub", x, g.op("ReduceMean", x, axes=[0], keepdims=1)), "y", [4, WIDTH])
    model, onnx = model_of(g, tmp_path)
    values = floats(4, WIDTH)
    for way in ("rows", "shared"):
        stage = lowered_stage(gl.ctx, lower(model), {"x": gl.ctx.buffer(values)}, way=way)
        stage.run()
        assert relative(result(stage, "y"), reference(onnx, x=values)["y"]) < 1e-5
    with pytest.raises(StageError, match="mixes its rows"):
        lowered_stage(gl.ctx, lower(model), rows=5)
    with pytest.raises(StageError, match="mixes its rows"):
        lowered_stage(gl.ctx, lower(model), {"x": gl.ctx.buffer(floats(5, WIDTH))})


def test_a_quarter_of_a_million_rows(gl: Offscreen, converted) -> None:
    model, onnx = converted(_net)
    x = floats(250_000, WIDTH)
    stage = lowered_stage(gl.ctx, lower(model), rows=250_000)
    assert stage.way == "rows"
    stage.inputs["x"].write(x)
    stage.run()
    found, wanted = result(stage, "y"), reference(onnx, x=x)["y"]
    assert relative(found, wanted) < 1e-5
    assert np.abs(found[-1] - wanted[-1]).max() < 1e-5


def test_what_is_too_long_for_registers_is_shared_out(converted) -> None:
    assert fits(lower(converted(_net)[0]))
    program = lower(converted(_wide)[0])
    assert not fits(program)
    with pytest.raises(LoweringError, match="too wide"):
        chain_of(program, Packed(program, False), many_rows=False, narrow=(1 << 20,))


def _net():
    return mlp(WIDTH, 32, 2, 6)


def _wide():
    return mlp(69, 64, 3, 8191, "Tanh")


def _hourglass():
    g = Graph("hourglass")
    x = g.input("x", ["n", WIDTH])
    wide = g.op("Sin", g.linear(x, floats(1500, WIDTH), floats(1500)))
    scaled = g.op("Add", g.op("Mul", wide, g.constant(floats(1500, seed=4))), g.constant(np.array(0.1)))
    narrow = g.op("Relu", g.linear(scaled, floats(20, 1500) / 20, floats(20)))
    part = g.op("Gather", scaled, g.constant(np.arange(1499, 1400, -3)), axis=1)
    g.output(g.linear(g.op("Concat", narrow, part, axis=1), floats(9, 53)), "y", ["n", 9])
    g.output(g.op("Concat", scaled, x, axis=1), "both", ["n", 1512])
    g.output(wide, "wide", ["n", 1500])
    return g
