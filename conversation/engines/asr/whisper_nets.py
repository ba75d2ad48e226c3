"""Whisper's two networks with the tables that the host looks up for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors

from conversation.engines.asr.whisper_features import HOP, LogMel
from conversation.engines.base import F32
from conversation.engines.net import Net

STEP: Final = 2 * HOP
"""Samples of one frame of the encoder: 20 ms."""
_HIDDEN: Final = -1e4

Heard = Mapping[str, F32]
"""What the decoder attends to: key_i and value_i (1, heads, frames, width) of each of its layers."""


class Encoder:
    """Samples → keys and values of the cross-attention."""

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        self._mel = LogMel()
        self._net = Net(model_dir / "encoder.mnn", threads=threads)
        self._positions = _tables(model_dir).get_tensor("audio_positions").astype(np.float32)[None]

    def __call__(self, samples: F32, window: int) -> Heard:
        """`samples` (n,) at 16 kHz with silence after them up to `window` samples, n ≤ window ≤ 30 s."""
        padded = np.zeros(-(-window // STEP) * STEP, np.float32)
        padded[: len(samples)] = samples
        return self._net(mel=self._mel(padded), positions=self._positions[:, : len(padded) // STEP])


class Decoder:
    """Tokens → logits of the next one."""

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        # One row at a time is bound by reading weights: as int8 they are a quarter.
        self._net = Net(model_dir / "decoder.mnn", threads=threads, compute_int8=True)
        tables = _tables(model_dir)
        self._embeddings = tables.get_slice("tokens")
        self._positions = tables.get_tensor("token_positions").astype(np.float32)

    def begin(self, heard: Heard) -> Reading:
        """A new row of tokens over one utterance; one at a time."""
        return Reading(self, heard)

    def run(self, ids: Sequence[int], position: int, mask: F32, past: Heard, heard: Heard) -> Heard:
        """One run of the network over `ids`, of which the first has `position`; see `assets.convert.whisper`."""
        rows = np.array([self._embeddings[i] for i in ids], np.float32)
        x = rows + self._positions[position : position + len(ids)]
        return self._net(x=x[None], mask=mask, **past, **heard)


class Reading:
    """The decoder over one utterance, with keys and values of the tokens it has read; the cache doubles when full."""

    def __init__(self, decoder: Decoder, heard: Heard) -> None:
        self._decoder, self._heard = decoder, heard
        self._past: dict[str, F32] = {}
        self._read = 0
        self._capacity = 32
        self._grow()

    def __call__(self, ids: Sequence[int]) -> F32:
        """Read on: logits (vocabulary,) of the token after `ids`."""
        count = len(ids)
        while self._read + count > self._capacity:
            self._capacity *= 2
            self._grow()
        mask = np.full((1, 1, count, self._capacity + count), _HIDDEN, np.float32)
        mask[..., : self._read] = 0
        mask[0, 0, :, self._capacity :][np.tri(count, dtype=bool)] = 0
        out = self._decoder.run(ids, self._read, mask, self._past, self._heard)
        for name, past in self._past.items():
            past[:, :, self._read : self._read + count] = out[name.replace("past", "new")]
        self._read += count
        logits: F32 = out["logits"][0, 0]
        return logits

    def _grow(self) -> None:
        for name, encoded in self._heard.items():
            grown = np.zeros((1, encoded.shape[1], self._capacity, encoded.shape[3]), np.float32)
            if self._read:
                grown[:, :, : self._read] = self._past[f"past_{name}"][:, :, : self._read]
            self._past[f"past_{name}"] = grown


def _tables(model_dir: Path) -> Any:
    return safetensors.safe_open(model_dir / "tables.safetensors", "numpy")
