"""A network through MNN's Session: shapes that change, the GIL, files that are not there."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx
from assets.errors import ModelMissingError
from conversation.engines.net import Net
from conversation.errors import EngineError

WEIGHT = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32) / 16


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("net") / "net.mnn"
    g = Graph("net")
    g.output(g.linear(g.input("x", [1, "n", 256]), WEIGHT), "y", [1, "n", 256])
    convert_onnx(g.model(), path)
    return path


def test_shapes_may_change_from_call_to_call(path: Path) -> None:
    net = Net(path)
    for rows in (3, 3, 50, 1):
        x = np.random.default_rng(rows).standard_normal((1, rows, 256)).astype(np.float32)
        assert net(x=x)["y"] == pytest.approx(x @ WEIGHT.T, abs=1e-4)


def test_a_result_outlives_the_next_call(path: Path) -> None:
    net = Net(path)
    first = net(x=np.ones((1, 2, 256), np.float32))["y"]
    kept = first.copy()
    net(x=np.zeros((1, 2, 256), np.float32))
    assert np.array_equal(first, kept)


def test_nets_in_several_threads_do_not_disturb_each_other(path: Path) -> None:
    wrong: list[int] = []

    def work(seed: int) -> None:
        net, random = Net(path), np.random.default_rng(seed)
        for _ in range(50):
            x = random.standard_normal((1, 20, 256)).astype(np.float32)
            if np.abs(net(x=x)["y"] - x @ WEIGHT.T).max() > 1e-3:
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="visavis models get"):
        Net(tmp_path / "gone.mnn")


@pytest.mark.parametrize("content", [b"", b"not a network", bytes(4000)], ids=["empty", "junk", "zeros"])
def test_a_file_that_is_no_network_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.mnn").write_bytes(content)
    with pytest.raises(EngineError, match="is damaged"):
        Net(tmp_path / "bad.mnn")


def test_a_file_cut_short_is_damaged(path: Path, tmp_path: Path) -> None:
    (tmp_path / "short.mnn").write_bytes(path.read_bytes()[:-50])
    with pytest.raises(EngineError, match="is damaged"):
        Net(tmp_path / "short.mnn")


def test_a_network_with_other_inputs_is_named(path: Path) -> None:
    with pytest.raises(EngineError, match=r"net\.mnn takes x"):
        Net(path)(mel=np.zeros((1, 2, 256), np.float32))
