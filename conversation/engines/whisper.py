"""Whisper base through MNN: an utterance in, its text out.

The model was trained on windows of 30 s padded with silence. Encoding 30 s for a sentence of three costs too
much before an answer, so the window is cut to the utterance with a second of silence after it, eight seconds at
least: shorter windows make the decoder say the sentence again and again, which happens at eight seconds hardly ever.
When it does, the utterance is decoded once more in the full window; a loop even there is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors

from conversation.engines.base import F32, Cancelled, Transcript, never
from conversation.engines.net import Net
from conversation.engines.whisper_features import HOP, RATE, LogMel
from conversation.engines.whisper_tokens import Tokens, looping_tail

FULL_WINDOW: Final = 30 * RATE
SHORTEST_WINDOW: Final = 8 * RATE
SILENCE_AFTER: Final = 1 * RATE
LONGEST_PIECE: Final = FULL_WINDOW - SILENCE_AFTER
_CUT_WITHIN: Final = 5 * RATE
_STEP: Final = 2 * HOP
"""Samples of one encoder frame."""

TOKENS_PER_SECOND: Final = 12
"""Faster than anybody speaks, in English or Chinese; with a few more for the shortest utterances."""
SPARE_TOKENS: Final = 12
MOST_TOKENS: Final = 216
NO_SPEECH: Final = 0.6
UNSURE: Final = -1.0
"""As Whisper's own decoding: silence where that token is likelier than 0.6 and the mean log probability below -1."""
FAINTEST: Final = 1e-4
"""Peak below which nobody speaks (-80 dBFS): in digital silence the model hears "you"."""
_HIDDEN: Final = -1e4
_Embed = Callable[[Sequence[int], int], F32]


@dataclass(frozen=True)
class _Decoded:
    ids: list[int]
    language: str
    looped: bool
    heard: bool


class WhisperBase:
    """`languages`: which ones the speaker may use; with one of them nothing is guessed. Use from one thread."""

    def __init__(self, model_dir: Path, *, languages: Sequence[str] = ("en",), threads: int = 1) -> None:
        self._mel = LogMel()
        self._tokens = Tokens(model_dir / "tokens.json")
        self._languages = {code: self._tokens.language(code) for code in languages}
        self._encoder = Net(model_dir / "encoder.mnn", threads=threads)
        # One row at a time is bound by reading weights: as int8 they are a quarter.
        self._decoder = Net(model_dir / "decoder.mnn", threads=threads, compute_int8=True)
        tables: Any = safetensors.safe_open(model_dir / "tables.safetensors", "numpy")
        self._embeddings = tables.get_slice("tokens")
        self._token_positions = tables.get_tensor("token_positions").astype(np.float32)
        self._audio_positions = tables.get_tensor("audio_positions").astype(np.float32)[None]

    def transcribe(self, samples: F32, *, cancelled: Cancelled = never) -> Transcript:
        """Text of `samples` (n,), 16 kHz mono in [-1, 1]; empty where nobody speaks."""
        ids: list[int] = []
        language, looped = next(iter(self._languages)), False
        for piece in _pieces(samples) if np.abs(samples).max(initial=0) > FAINTEST else ():
            decoded = self._decode_piece(piece, cancelled)
            looped |= decoded.looped
            if decoded.heard:
                ids += decoded.ids
                language = decoded.language
        text = self._tokens.text(ids).strip()
        return Transcript(text, language, len(ids), len(samples) / RATE, repetition_stopped=looped)

    def _decode_piece(self, piece: F32, cancelled: Cancelled) -> _Decoded:
        window = min(FULL_WINDOW, max(SHORTEST_WINDOW, len(piece) + SILENCE_AFTER))
        decoded = self._decode(self._encode(piece, window), len(piece), cancelled)
        if decoded.looped and window < FULL_WINDOW and not cancelled():
            decoded = self._decode(self._encode(piece, FULL_WINDOW), len(piece), cancelled)
        return decoded

    def _encode(self, piece: F32, window: int) -> dict[str, F32]:
        """Keys and values of the cross-attention over `window` samples."""
        padded = np.zeros(-(-window // _STEP) * _STEP, np.float32)
        padded[: len(piece)] = piece
        return self._encoder(mel=self._mel(padded), positions=self._audio_positions[:, : len(padded) // _STEP])

    def _decode(self, heard: dict[str, F32], samples: int, cancelled: Cancelled) -> _Decoded:
        """Greedy, without timestamps."""
        special = self._tokens.special
        steps = _Steps(self._decoder, heard, self._embed)
        at_start = steps([special.start])
        no_speech = float(np.exp(_log_softmax(at_start)[special.no_speech]))
        language = max(self._languages, key=lambda code: at_start[self._languages[code]])
        most = min(MOST_TOKENS, samples * TOKENS_PER_SECOND // RATE + SPARE_TOKENS)
        ids: list[int] = []
        log_probability = 0.0
        ahead = [self._languages[language], special.transcribe, special.no_timestamps]
        looped = False
        while not cancelled():
            logits = steps(ahead)
            logits[self._tokens.suppress] = -np.inf
            logits[special.end + 1 :] = -np.inf
            if not ids:
                logits[self._tokens.suppress_at_begin] = -np.inf
            token = int(logits.argmax())
            log_probability += float(_log_softmax(logits)[token])
            if token == special.end:
                break
            ids.append(token)
            ahead = [token]
            again = looping_tail(ids)
            if again or len(ids) >= most:
                looped = True
                del ids[len(ids) - again :]
                break
        unsure = log_probability / (len(ids) + 1) < UNSURE
        return _Decoded(ids, language, looped, heard=bool(ids) and not (no_speech > NO_SPEECH and unsure))

    def _embed(self, ids: Sequence[int], position: int) -> F32:
        rows = [self._embeddings[i].astype(np.float32) for i in ids]
        embedded: F32 = np.array(rows, np.float32)[None] + self._token_positions[position : position + len(ids)]
        return embedded


class _Steps:
    """The decoder over one utterance, with the keys and values of what it has read; the cache grows by doubling."""

    def __init__(self, decoder: Net, heard: dict[str, F32], embed: _Embed) -> None:
        self._decoder, self._heard, self._embed = decoder, heard, embed
        self._past: dict[str, F32] = {}
        self._read = 0
        self._capacity = 32

    def __call__(self, ids: Sequence[int]) -> F32:
        """Logits (vocabulary,) of the token after `ids`."""
        count = len(ids)
        self._make_room(count)
        mask = np.full((1, 1, count, self._capacity + count), _HIDDEN, np.float32)
        mask[..., : self._read] = 0
        mask[0, 0, :, self._capacity :][np.tri(count, dtype=bool)] = 0
        out = self._decoder(x=self._embed(ids, self._read), mask=mask, **self._past, **self._heard)
        for name, past in self._past.items():
            past[:, :, self._read : self._read + count] = out[name.replace("past", "new")]
        self._read += count
        logits: F32 = out["logits"][0, 0]
        return logits

    def _make_room(self, count: int) -> None:
        while self._read + count > self._capacity:
            self._capacity *= 2
        for name, encoded in self._heard.items():
            past = self._past.get(f"past_{name}")
            if past is None or past.shape[2] < self._capacity:
                grown = np.zeros((1, encoded.shape[1], self._capacity, encoded.shape[3]), np.float32)
                grown[:, :, : self._read] = 0 if past is None else past[:, :, : self._read]
                self._past[f"past_{name}"] = grown


def _pieces(samples: F32) -> Iterator[F32]:
    """What fits a window each, cut where it is quietest."""
    while len(samples) > LONGEST_PIECE:
        late = samples[LONGEST_PIECE - _CUT_WITHIN : LONGEST_PIECE].reshape(-1, RATE // 10)
        cut = LONGEST_PIECE - _CUT_WITHIN + int((late**2).sum(axis=1).argmin()) * (RATE // 10) + RATE // 20
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _log_softmax(logits: F32) -> F32:
    shifted = logits - logits.max()
    normalised: F32 = shifted - np.log(np.exp(shifted).sum(dtype=np.float32))
    return normalised
