"""A Llama forward pass in numpy, straight from a GGUF's tensors and in GGUF's own order of rows.

It shares nothing with the converter: weights come through gguf's dequantisation, and queries and keys stay in the
order that llama.cpp uses, where the rotary embedding turns neighbouring pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class LlamaReference:
    """All weights of a GGUF of architecture "llama", dequantised to float32."""

    def __init__(self, reader: GGUFReader) -> None:
        self._weights = {tensor.name: dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
        self._layers = self._number(reader, "block_count")
        self._heads = self._number(reader, "attention.head_count")
        self._shared = self._heads // self._number(reader, "attention.head_count_kv")
        self._width = self._number(reader, "rope.dimension_count")
        self._base = reader.get_field("llama.rope.freq_base").contents()
        self._epsilon = reader.get_field("llama.attention.layer_norm_rms_epsilon").contents()

    def logits(self, tokens: Sequence[int]) -> F32:
        """(len(tokens), vocabulary): what follows each token."""
        hidden = self._weights["token_embd.weight"][list(tokens)]
        for layer in range(self._layers):
            hidden = hidden + self._attention(layer, self._norm(hidden, f"blk.{layer}.attn_norm"))
            hidden = hidden + self._mlp(layer, self._norm(hidden, f"blk.{layer}.ffn_norm"))
        return self._norm(hidden, "output_norm") @ self._weights["token_embd.weight"].T

    def _attention(self, layer: int, x: F32) -> F32:
        query, key, value = (self._split(self._linear(x, f"blk.{layer}.attn_{part}")) for part in "qkv")
        query, key = self._turn(query), self._turn(key)
        key, value = np.repeat(key, self._shared, axis=0), np.repeat(value, self._shared, axis=0)
        scores = query @ key.swapaxes(1, 2) / np.sqrt(np.float32(self._width))
        scores += np.triu(np.full(scores.shape[1:], -np.inf, np.float32), 1)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = weights / weights.sum(axis=-1, keepdims=True) @ value
        return self._linear(mixed.swapaxes(0, 1).reshape(len(x), -1), f"blk.{layer}.attn_output")

    def _mlp(self, layer: int, x: F32) -> F32:
        gate = self._linear(x, f"blk.{layer}.ffn_gate")
        return self._linear(
            gate / (1 + np.exp(-gate)) * self._linear(x, f"blk.{layer}.ffn_up"), f"blk.{layer}.ffn_down"
        )

    def _split(self, x: F32) -> F32:
        return x.reshape(len(x), -1, self._width).swapaxes(0, 1)

    def _turn(self, x: F32) -> F32:
        speeds = self._base ** (-np.arange(0, self._width, 2) / self._width)
        angles = np.arange(x.shape[1])[:, None] * speeds
        pairs = x.reshape(*x.shape[:2], -1, 2)
        turned = (pairs[..., 0] + 1j * pairs[..., 1]) * np.exp(1j * angles)
        return np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape).astype(np.float32)

    def _linear(self, x: F32, name: str) -> F32:
        return x @ self._weights[f"{name}.weight"].T

    def _norm(self, x: F32, name: str) -> F32:
        return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self._epsilon) * self._weights[f"{name}.weight"]

    @staticmethod
    def _number(reader: GGUFReader, key: str) -> int:
        return int(reader.get_field(f"llama.{key}").contents())
