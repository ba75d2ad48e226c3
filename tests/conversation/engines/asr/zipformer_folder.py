"""The folders of a small streaming Zipformer with random weights: ONNX as released, and .mnn made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import sherpa_onnx

from assets.convert.transducer import convert_transducer
from tests.conversation.engines.asr import zipformer_graph

F32 = npt.NDArray[np.float32]
FLUSH = np.zeros(round(0.66 * 16_000), np.float32)


@pytest.fixture(scope="session")
def onnx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zipformer_graph.write(tmp_path_factory.mktemp("zipformer") / "onnx")


@pytest.fixture(scope="session")
def mnn_folder(onnx_folder: Path) -> Path:
    out = onnx_folder.parent / "mnn"
    convert_transducer(onnx_folder, out, bits=0)
    return out


def sherpas(folder: Path, **options: object) -> sherpa_onnx.OnlineRecognizer:
    """sherpa-onnx itself on the same graphs."""
    parts = {part: str(folder / f"{part}-epoch-99-avg-1.onnx") for part in ("encoder", "decoder", "joiner")}
    return sherpa_onnx.OnlineRecognizer.from_transducer(
        tokens=str(folder / "tokens.txt"), **parts, num_threads=1, **options
    )


def heard(recogniser: sherpa_onnx.OnlineRecognizer, samples: F32, hotwords: str | None = None) -> str:
    """The text of an utterance and the silence after it."""
    stream = recogniser.create_stream(hotwords or None)
    stream.accept_waveform(16_000, samples)
    stream.accept_waveform(16_000, FLUSH)
    while recogniser.is_ready(stream):
        recogniser.decode_stream(stream)
    return str(recogniser.get_result(stream))
