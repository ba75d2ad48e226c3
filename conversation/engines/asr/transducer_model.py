"""A streaming Zipformer transducer as three networks: encoder with states, decoder and joiner.

The folder is what people have: `*encoder*.mnn`, `*decoder*.mnn`, `*joiner*.mnn` (where there is one with `int8` in its
name, that one) and `tokens.txt`. The networks are icefall's exports (export-onnx-streaming.py), both zipformer and
zipformer2: whatever the encoder takes beside `x` is a state, which comes out as `new_` and its name and goes in again.
All sizes are read from the graph, because .mnn files do not give their metadata to Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.errors import ModelMissingError
from conversation.engines.asr.fbank import BANDS
from conversation.engines.asr.transducer_tokens import BLANK, TransducerTokens
from conversation.engines.base import F32
from conversation.engines.net import Net
from conversation.errors import EngineError

States = dict[str, NDArray[Any]]

_LARGEST_FILE: Final = 4 << 30
_MOST_STATES: Final = 4096
_MOST_NUMBERS: Final = 64 << 20
"""Numbers of all states together."""
_LONGEST_CHUNK: Final = 4096
_LONGEST_CONTEXT: Final = 8
_MOST_CONTEXTS: Final = 4096
_AHEAD: Final = {"processed_lens": 13, "cached_len_0": 7}
"""Frames that the front of the encoder consumes, by a state that only zipformer2 (zipformer) has."""
_BEFORE: Final = -1
"""In place of a token where there was none yet."""
SUBSAMPLING: Final = 4
"""Frames of features for one of the encoder."""


class TransducerModel:
    """Use from one thread. Raises ModelMissingError where a file is missing, EngineError where it does not fit."""

    def __init__(self, folder: Path, *, threads: int = 1, compute_int8: bool = False) -> None:
        files = [find_network(folder, part) for part in ("encoder", "decoder", "joiner")]
        self._encoder = Net(files[0], threads=threads, compute_int8=compute_int8)
        self._decoder, self._joiner = (Net(file, threads=threads, compute_int8=compute_int8) for file in files[1:])
        self._folder = folder
        self._states = dict(self._encoder.inputs)
        self.frames, self.shift = self._chunk(self._states.pop("x", ((), np.dtype(np.float32)))[0])
        self._check_states()
        self.context = self._context()
        self.nothing = (_BEFORE,) * (self.context - 1) + (BLANK,)
        """What the decoder sees before the first token."""
        self.tokens = TransducerTokens(folder / "tokens.txt")
        self._decoded: dict[tuple[int, ...], F32] = {}
        silence = self._try()
        if len(silence) * SUBSAMPLING != self.shift:
            raise self._unfit(f"its encoder gives {len(silence)} frames for {self.shift} of sound")
        logits = self.logits(silence[0], [self.nothing])
        if logits.shape[1] != len(self.tokens):
            raise self._unfit(f"its networks have {logits.shape[1]} tokens, tokens.txt has {len(self.tokens)}")

    def initial_states(self) -> States:
        """Of a stream that has heard nothing: zeros."""
        return {name: np.zeros(shape, dtype) for name, (shape, dtype) in self._states.items()}

    def encode(self, features: F32, states: States) -> tuple[F32, States]:
        """(shift / 4, width) and the states after it, from `frames` frames (frames, 80), of which `shift` are new."""
        out = self._encoder(x=features[None], **states)
        encoded: F32 = out["encoder_out"][0]
        return encoded, {name: out[f"new_{name}"] for name in states}

    def logits(self, encoded: F32, contexts: Sequence[tuple[int, ...]]) -> F32:
        """(n, tokens) after each context (its last tokens), for one frame of the encoder (width,)."""
        decoded = np.concatenate([self._decode(context) for context in contexts])
        repeated = np.repeat(encoded[None], len(contexts), axis=0)
        logits: F32 = self._joiner(encoder_out=repeated, decoder_out=decoded)["logit"]
        return logits

    def _decode(self, context: tuple[int, ...]) -> F32:
        """(1, width); the decoder sees but a few tokens, so the same contexts come again and again."""
        known = self._decoded.get(context)
        if known is None:
            if len(self._decoded) >= _MOST_CONTEXTS:
                self._decoded.clear()
            known = self._decoded[context] = self._decoder(y=np.array([context], np.int32))["decoder_out"]
        return known

    def _chunk(self, x: tuple[int, ...]) -> tuple[int, int]:
        """Frames of a run, and how far one run is from the next."""
        ahead = next((frames for state, frames in _AHEAD.items() if state in self._encoder.inputs), None)
        if ahead is None or len(x) != 3 or x[2] != BANDS or not ahead < x[1] <= _LONGEST_CHUNK:
            raise self._unfit("its encoder is no streaming Zipformer on 80 bands")
        return x[1], x[1] - ahead

    def _check_states(self) -> None:
        """Before any is made."""
        numbers = sum(int(np.prod(shape, dtype=np.float64)) for shape, _ in self._states.values())
        if len(self._states) > _MOST_STATES or numbers > _MOST_NUMBERS:
            raise self._unfit(f"its encoder has {len(self._states)} states of {numbers} numbers")

    def _try(self) -> F32:
        """What the encoder gives for a first chunk of zeros."""
        before = self.initial_states()
        try:
            encoded, after = self.encode(np.zeros((self.frames, BANDS), np.float32), before)
        except KeyError as missing:
            raise self._unfit(f"its encoder does not give {missing}") from None
        if any(after[name].shape != state.shape for name, state in before.items()):
            raise self._unfit("the states of its encoder change their size")
        return encoded

    def _context(self) -> int:
        shape = self._decoder.inputs.get("y", ((), None))[0]
        wanted = {"encoder_out", "decoder_out"}
        if len(shape) != 2 or not 1 <= shape[1] <= _LONGEST_CONTEXT or self._joiner.inputs.keys() != wanted:
            raise self._unfit("its decoder or joiner is of another kind")
        return shape[1]

    def _unfit(self, what: str) -> EngineError:
        return EngineError(
            f"The model in {self._folder} cannot be used ({what}); get a streaming Zipformer transducer for sherpa."
        )


def find_network(folder: Path, part: str, suffix: str = ".mnn") -> Path:
    """The file of a part ("encoder"); ModelMissingError where there is none, EngineError where it is too large."""
    found = sorted(folder.glob(f"*{part}*{suffix}"), key=lambda path: ("int8" not in path.name, path.name))
    if not found:
        what = f"{folder} has no file *{part}*{suffix}"
        if suffix == ".mnn" and any(folder.glob(f"*{part}*.onnx")):
            raise ModelMissingError(
                f"{what}, only ONNX: convert the folder with `python -m assets.convert.transducer`."
            )
        raise ModelMissingError(f"{what}: get a streaming Zipformer, `visavis models get zipformer-zh-en`.")
    if found[0].stat().st_size > _LARGEST_FILE:
        raise EngineError(f"{found[0]} is larger than 4 GiB: get the model again.")
    return found[0]
