"""Small graphs converted for real; what computes something else is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

from assets.errors import ConversionError
from assets.progress import SilentProgress
from conversation.engines.net import Net
from conversation.making import onnx_parity
from conversation.making.onnx_file import make_onnx
from xr_app.cli import app


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """(batch, time, 64) → (batch, time, 10), two layers of random weights."""
    random = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(random.standard_normal(shape).astype(np.float32) / 8, name)
        for name, shape in (("w1", (64, 80)), ("w2", (80, 10)))
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "w2"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "time", size])
        for name, size in (("x", 64), ("y", 10))
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "network.onnx")
    return tmp_path / "network.onnx"


def made(source: Path, out: Path, **options: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"bits": 32, "block": 0, "shapes": {}} | options
    return make_onnx(source, out, progress=SilentProgress(), **given)


def test_fewer_bits_are_smaller_and_less_exact(network: Path, tmp_path: Path) -> None:
    reports = [made(network, tmp_path / f"{bits}.mnn", bits=bits, block=16) for bits in (32, 16, 8, 4)]
    errors = [report["outputs"]["y"]["rms_error"] for report in reports]
    sizes = [report["bytes"] for report in reports]
    assert errors == sorted(errors) and errors[0] < 1e-5 < errors[-1]
    assert sizes == sorted(sizes, reverse=True) and reports[1]["block"] == 0 and reports[3]["block"] == 16


def test_the_report_is_what_numpy_finds(network: Path, tmp_path: Path) -> None:
    report = made(network, tmp_path / "8.mnn", bits=8, block=16, shapes={"x": [1, 5, 64]})["outputs"]["y"]
    x = np.random.default_rng(0).standard_normal((1, 5, 64)).astype(np.float32)
    w1, w2 = (numpy_helper.to_array(w).astype(np.float64) for w in onnx.load(network).graph.initializer)
    wanted = np.maximum(x @ w1, 0) @ w2
    error = Net(tmp_path / "8.mnn")(x=x)["y"] - wanted
    assert report["largest"] == pytest.approx(np.abs(error).max(), rel=1e-3)
    assert report["rms_error"] == pytest.approx(np.sqrt((error**2).mean() / (wanted**2).mean()), rel=1e-3)


def test_what_computes_something_else_is_refused(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversation.making.onnx_file.WORST", {8: 1e-6})
    with pytest.raises(ConversionError, match="MNN computes something else than the source: y is off by"):
        made(network, tmp_path / "8.mnn", bits=8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.onnx"]


def test_an_output_of_another_shape_is_no_parity() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\) in the source and \(3, 2\) in MNN"):
        onnx_parity._figures(np.zeros((2, 3)), np.zeros((3, 2)))


def test_a_file_that_is_there_is_kept(network: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.mnn").write_text("mine")
    with pytest.raises(ConversionError, match="exists already"):
        made(network, tmp_path / "mine.mnn")
    assert (tmp_path / "mine.mnn").read_text() == "mine"


def test_a_shape_that_does_not_fit_is_told_in_one_sentence(network: Path, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"could not be compared .*x.*try --shape") as error:
        made(network, tmp_path / "out.mnn", shapes={"x": [1, 3, 65]})
    assert "\n" not in str(error.value)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"abc")
    with pytest.raises(ConversionError, match="no sound ONNX model"):
        made(tmp_path / "bad.onnx", tmp_path / "bad.mnn")


def test_as_a_command(network: Path, tmp_path: Path) -> None:
    arguments = ["models", "convert", str(network), "--out", str(tmp_path / "a.mnn"), "--shape", "x=2x7x64", "--json"]
    report = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert report["bits"] == 32 and report["outputs"]["y"]["cosine"] > 0.999999 and (tmp_path / "a.mnn").exists()
    for wrong in (["--bits", "5"], ["--shape", "x=axb"]):
        error = CliRunner().invoke(app, ["models", "convert", str(network), *wrong]).exception
        assert wrong[1] in str(error)
