"""Folders that become a streaming transducer, and those that cannot (its numbers: tests of the Zipformer)."""

from pathlib import Path

import pytest

from assets.convert.transducer import convert_transducer
from assets.errors import ConversionError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for part in ("encoder", "decoder", "joiner"):
        (folder / f"{part}-epoch-99-avg-1.onnx").write_bytes(b"\x08\x08no graph")
    (folder / "tokens.txt").write_text("<blk> 0\n")
    return folder


def test_quantised_onnx_is_no_source(source: Path, tmp_path: Path) -> None:
    (source / "encoder-epoch-99-avg-1.onnx").rename(source / "encoder-epoch-99-avg-1.int8.onnx")
    with pytest.raises(ConversionError, match="not quantised"):
        convert_transducer(source, tmp_path / "out")


def test_a_model_without_tokens_is_not_whole(source: Path, tmp_path: Path) -> None:
    (source / "tokens.txt").unlink()
    with pytest.raises(ConversionError, match="tokens"):
        convert_transducer(source, tmp_path / "out")


def test_a_damaged_graph_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="damaged"):
        convert_transducer(source, tmp_path / "out")
