"""Silero VAD's own ONNX file → vad.mnn.

Of the graphs in the package only the one made for OpenVINO comes through MNN's converter with right numbers; it takes
64 samples of context before each window of 512 and the LSTM's state.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import onnx

from assets.convert.mnn import convert_onnx
from assets.progress import Step

GRAPH: Final = "silero_vad/data/silero_vad_openvino_16k.onnx"


def source_graph(packages: Mapping[str, Path]) -> onnx.ModelProto:
    """The source graph out of the verified wheel."""
    with zipfile.ZipFile(packages["silero-vad"]) as wheel:
        return onnx.load_model_from_string(wheel.read(GRAPH))


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write vad.mnn: input (1, 576) at 16 kHz and state (2, 1, 128) → output (1, 1) and stateN (2, 1, 128)."""
    convert_onnx(source_graph(packages), out / "vad.mnn")
