"""Lowering: what is refused and by which name, what a file keeps, and that damaged or hostile files raise one error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx
from assets.errors import LoweringError
from assets.lower import Linear, Map, Port, Program, lower
from assets.lower.flat import read_net
from tests.networks import WIDTH, floats, mlp, model_of


def network(build: Callable[[Graph, str], str], shape: list[int | str], path: Path) -> bytes:
    g = Graph("net")
    value = build(g, g.input("x", shape))
    g.output(value, "y", ["a", "b"])
    return model_of(g, path)[0]


def conv3(g: Graph, x: str) -> str:
    picture = g.reshape(x, [0, 3, 2, 2])
    return g.op("Flatten", g.op("Conv", picture, g.constant(floats(4, 3, 3, 3)), pads=[1, 1, 1, 1]), axis=1)


def product(g: Graph, x: str) -> str:
    return g.op("Flatten", g.op("MatMul", g.reshape(x, [0, 3, 4]), g.reshape(x, [0, 4, 3])), axis=1)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda g, x: g.op("Softmax", x, axis=1), r"Softmax .*no counterpart"),
        (conv3, r"Convolution .*3×3 kernel"),
        (lambda g, x: g.op("CumSum", x, g.constant(np.array(1))), r"(?i)cumsum"),
        (lambda g, x: g.op("Add", x, g.op("ReduceMax", x, axes=[1])), r"Reduction .*neither a sum nor a mean"),
        (product, r"MatMul .*two computed tensors"),
    ],
    ids=["softmax", "conv3", "cumsum", "max", "product"],
)
def test_what_has_no_counterpart_is_refused_by_name(
    build: Callable[[Graph, str], str], named: str, tmp_path: Path
) -> None:
    with pytest.raises(LoweringError, match=named):
        lower(network(build, ["n", WIDTH], tmp_path))


def test_weights_of_few_bits_are_refused_and_halves_are_read(tmp_path: Path) -> None:
    weight = floats(8, WIDTH)
    g = Graph("net")
    g.output(g.linear(g.input("x", ["n", WIDTH]), weight), "y", ["n", 8])
    convert_onnx(g.model(), tmp_path / "half.mnn", half=True)
    (layer,) = lower((tmp_path / "half.mnn").read_bytes()).operations
    assert isinstance(layer, Linear)
    np.testing.assert_allclose(layer.weight, weight, rtol=2**-10)  # MNN cuts off, it does not round
    convert_onnx(mlp(WIDTH, 64, 1, 64).model(), tmp_path / "bits.mnn", weight_bits=8)
    with pytest.raises(LoweringError, match=r"Convolution .*fewer than 16 bits"):
        lower((tmp_path / "bits.mnn").read_bytes())


def test_the_file_is_read_as_mnn_reads_it(tmp_path: Path) -> None:
    """MNN's converter writes its own file out as text."""
    g = mlp(WIDTH, 20, 2, 7, "Elu")
    convert_onnx(g.model(), tmp_path / "net.mnn")
    files = ["--modelFile", str(tmp_path / "net.mnn"), "--JsonFile", str(tmp_path / "net.json")]
    subprocess.run(
        [sys.executable, "-m", "assets.convert.mnn", "-f", "MNN", "--bizCode", "visavis", *files],
        check=True,
        capture_output=True,
    )
    told = json.loads((tmp_path / "net.json").read_text())
    net = read_net((tmp_path / "net.mnn").read_bytes())
    assert [node.operator for node in net.nodes] == [op["type"] for op in told["oplists"]]
    assert [list(node.inputs) for node in net.nodes] == [op.get("inputIndexes", []) for op in told["oplists"]]
    assert [list(node.outputs) for node in net.nodes] == [op["outputIndexes"] for op in told["oplists"]]
    assert list(net.tensors) == told["tensorName"] and list(net.outputs) == told["outputName"]


def test_moves_cost_nothing_and_shapes_are_folded(tmp_path: Path) -> None:
    def build(g: Graph, x: str) -> str:
        turned = g.op("Transpose", g.reshape(x, [0, 3, 4]), perm=[0, 2, 1])
        return g.op("Flatten", g.op("Gather", turned, g.constant(np.array([2, 0])), axis=2), axis=1)

    program = lower(network(build, ["n", WIDTH], tmp_path))
    assert program.operations == ()
    ((port, refs),) = program.outputs
    assert port.at(5) == (5, 8)
    assert refs.tolist() == np.arange(12).reshape(3, 4).T[:, [2, 0]].ravel().tolist()


def test_what_mixes_rows_holds_for_one_row_only(tmp_path: Path) -> None:
    def over_rows(g: Graph, x: str) -> str:
        return g.op("Add", x, g.op("ReduceMean", x, axes=[0], keepdims=1))

    assert lower(network(over_rows, [4, WIDTH], tmp_path)).single
    assert not lower(network(lambda g, x: g.op("Sin", x), [4, WIDTH], tmp_path)).single


def test_a_program_survives_its_file(tmp_path: Path) -> None:
    model = model_of(mlp(WIDTH, 20, 2, 7, "Elu"), tmp_path)[0]
    program = lower(model)
    again = Program.from_bytes(program.to_bytes())
    assert again.inputs == program.inputs and again.first == program.first
    for a, b in zip(program.operations, again.operations, strict=True):
        assert type(a) is type(b) and all(map(np.array_equal, a.operands, b.operands))
        if isinstance(a, Linear) and isinstance(b, Linear):
            np.testing.assert_array_equal(a.weight, b.weight)
    half = Program.from_bytes(program.to_bytes(half=True))
    assert len(program.to_bytes(half=True)) < len(program.to_bytes())
    for a, b in zip(program.operations, half.operations, strict=True):
        if isinstance(a, Linear) and isinstance(b, Linear):
            np.testing.assert_array_equal(a.weight.astype(np.float16), b.weight)


def tiny() -> Program:
    """Four numbers, a layer of three, a bounded product with constants, two outputs."""
    refs = lambda *numbers: np.array(numbers, np.int32)  # noqa: E731
    return Program(
        (Port("x", (1, 4), 0),),
        np.array([0.5, 2.0], np.float32),
        (
            Linear(refs(0, 1, 2, 3), floats(3, 4), floats(3)),
            Map("mul", (refs(4, 5, 6), refs(-1, -2, -1))),
            Map("clip", (refs(7, 8, 9),), (0.0, 1.0)),
        ),
        ((Port("y", (1, 3), 0), refs(10, 11, 12)), (Port("z", (1, 2), 0), refs(0, -1))),
    )


def forged(change: Callable[[dict, dict[str, np.ndarray]], None]) -> bytes:
    """The tiny program's file with other contents."""
    blob = tiny().to_bytes()
    length = int.from_bytes(blob[:8], "little")
    head = json.loads(json.loads(blob[8 : 8 + length])["__metadata__"]["program"])
    tensors = {name: array.copy() for name, array in safetensors.numpy.load(blob).items()}
    change(head, tensors)
    return safetensors.numpy.save(tensors, {"program": json.dumps(head)})


@pytest.mark.parametrize(
    "change",
    [
        lambda head, tensors: head.update(format=2),
        lambda head, tensors: head.update(operations=[["linear", []]] * 5000),
        lambda head, tensors: head["operations"].__setitem__(1, ["divide_by_zero", []]),
        lambda head, tensors: head["operations"].__setitem__(2, ["clip", [0.0]]),
        lambda head, tensors: head["ports"].__setitem__(0, [False, "x", [1, 1 << 40], 0]),
        lambda head, tensors: head["ports"].__setitem__(0, [False, "x", [1 << 20] * 8, 0]),
        lambda head, tensors: head["ports"].__setitem__(0, [False, "x", [2, 2], 1]),
        lambda head, tensors: head["ports"].__setitem__(0, [False, "y", [1, 4], 0]),
        lambda head, tensors: head["ports"].__setitem__(1, [True, "y", [1, 4], 0]),
        lambda head, tensors: head["ports"].__setitem__(1, [True, "y", [3], None]),
        lambda head, tensors: head["ports"].pop(0),
        lambda head, tensors: tensors.pop("0.1"),
        lambda head, tensors: tensors["1.0"].__setitem__(0, 7),
        lambda head, tensors: tensors["1.1"].__setitem__(0, -3),
        lambda head, tensors: tensors["out.0"].__setitem__(0, 1 << 30),
        lambda head, tensors: tensors["0.1"].__setitem__((0, 0), np.nan),
        lambda head, tensors: tensors.update({"0.1": floats(3, 5)}),
        lambda head, tensors: tensors.update({"0.1": floats(3, 0)}),
        lambda head, tensors: tensors.update({"1.0": tensors["1.0"].astype(np.float32)}),
        lambda head, tensors: tensors.update({"1.1": tensors["1.1"][:2]}),
    ],
)
def test_a_forged_program_is_refused(change: Callable[[dict, dict[str, np.ndarray]], None]) -> None:
    with pytest.raises(LoweringError):
        Program.from_bytes(forged(change))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_programs_raise_one_error_or_stay_whole(data: st.DataObject) -> None:
    blob = bytearray(tiny().to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    del blob[data.draw(st.integers(1, len(blob))) :]
    try:
        program = Program.from_bytes(bytes(blob))
    except LoweringError:
        return
    for op, first in zip(program.operations, program.first, strict=False):
        assert all(refs.max() < first for refs in op.operands)


@pytest.fixture(scope="module")
def some_model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return model_of(mlp(WIDTH, 8, 1, 3), tmp_path_factory.mktemp("model"))[0]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_models_raise_one_error_or_are_lowered(some_model: bytes, data: st.DataObject) -> None:
    blob = bytearray(some_model)
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    del blob[data.draw(st.integers(1, len(blob))) :]
    try:
        lower(bytes(blob))
    except LoweringError:
        return
