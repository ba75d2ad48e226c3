"""Kokoro-82M: Chinese and English text to fifteen voices at 24 kHz.

English is read by hibari's rules and lexicon, whose phonemes are Kokoro's own; Chinese by `chinese_phonemes`. All
networks run through MNN Sessions: `embed`, `layer` (twelve times) and `text` say how long each phoneme lasts and how
it sounds, `prosody` its pitch, `voice` its spectrum. The rest is numpy (`vocoder`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from hibari.g2p import G2P
from hibari.g2p.oov import OOV
from numpy.typing import NDArray
from safetensors.numpy import load_file

from assets import paths
from conversation.engines.base import F32
from conversation.engines.net import Net
from conversation.engines.tts import vocoder
from conversation.engines.tts.chinese_phonemes import ChinesePhonemes
from conversation.engines.tts.hibari import OovSession
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.speech_text.script import is_wide

SAMPLE_RATE: Final = 24_000
LAYERS: Final = 12
LONGEST: Final = 200
"""Phonemes said in one go; the model takes 510, but longer ones make the listener wait."""
CHINESE: Final = "zf_xiaoxiao"
ENGLISH: Final = "af_heart"
_FRAME: Final = SAMPLE_RATE // 80
"""Samples a value of the pitch."""
_END: Final = re.compile(r"(?<=[.!?…])\s+")
_COMMA: Final = re.compile(r"(?<=[,;:—])\s+")
_SENTENCE: Final = re.compile(r"(?<=[。！？…])|(?<=[.!?])\s+")


class _Source(msgspec.Struct, frozen=True):
    weights: list[float]
    bias: float


class Kokoro(Voice):
    """`voice` "" speaks Chinese and English, each with a voice of its own language."""

    sample_rate: int = SAMPLE_RATE

    def __init__(
        self, model_dir: Path, *, threads: int = 1, speed: float = 1.0, volume: float = 1.0, voice: str = ""
    ) -> None:
        self._embed, self._layer, self._text, self._prosody, self._voice = (
            Net(model_dir / f"{name}.mnn", threads=threads) for name in ("embed", "layer", "text", "prosody", "voice")
        )
        self._ids = msgspec.json.decode((model_dir / "phonemes.json").read_bytes(), type=dict[str, int])
        self._source = msgspec.json.decode((model_dir / "source.json").read_bytes(), type=_Source)
        tables = load_file(model_dir / "voices.safetensors")
        self._styles = {
            name.removesuffix(".style"): tables[name.replace(".style", ".lengths")] @ tables[name]
            for name in tables
            if name.endswith(".style")
        }
        self.voices = tuple(self._styles)
        self._english = G2P(oov=OOV(session=OovSession(Net(model_dir / "oov.mnn"))))
        self._chinese: ChinesePhonemes | None = None
        super().__init__(VoiceSettings(speed, volume, voice))

    def pieces(self, text: str) -> Iterator[str]:
        """The phonemes of each sentence, behind the language that most of it is in ("z" or "e"); long ones in parts."""
        for sentence in filter(str.strip, _SENTENCE.split(text)):
            chinese = any(map(is_wide, sentence))
            for phonemes in _END.split(self._read(sentence, chinese)):
                for part in _parts(phonemes):
                    yield ("z" if chinese else "e") + part

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """A piece of `pieces`, spoken."""
        phonemes = piece[1:]
        known = [self._ids[letter] for letter in phonemes if letter in self._ids]
        if not any(letter.isalpha() for letter in phonemes) or not known:
            return np.zeros(0, np.float32)
        voice = settings.voice or (CHINESE if piece[0] == "z" else ENGLISH)
        style = self._styles[voice][None, min(len(known), 510) - 1]
        return self._sound(np.array([[0, *known, 0]], np.int32), style, settings.speed)

    def _read(self, sentence: str, chinese: bool) -> str:
        if not chinese:
            return str(self._english(sentence))
        if self._chinese is None:
            self._chinese = ChinesePhonemes(lambda text: str(self._english(text)), paths.cache_dir() / "jieba")
        return self._chinese(sentence)

    def _sound(self, tokens: NDArray[np.int32], style: NDArray[np.float32], speed: float) -> F32:
        timbre_style, prosody_style = style[:, :128], style[:, 128:]
        hidden = self._embed(tokens=tokens)["hidden"]
        for _ in range(LAYERS):
            hidden = self._layer(hidden=hidden)["read"]
        text = self._text(tokens=tokens, read=hidden, style=prosody_style)
        lasts = np.maximum(np.round(text["durations"][0] / speed), 1).astype(np.int64)
        frames = np.repeat(text["prosody"].transpose(0, 2, 1), lasts, axis=2)
        prosody = self._prosody(prosody=frames, style=prosody_style)
        source = vocoder.harmonic_source(
            prosody["pitch"][0],
            np.array(self._source.weights),
            self._source.bias,
            rate=SAMPLE_RATE,
            samples_a_frame=_FRAME,
        )
        made = self._voice(
            timbre=np.repeat(text["timbre"], lasts, axis=2),
            pitch=prosody["pitch"],
            energy=prosody["energy"],
            style=timbre_style,
            source=vocoder.spectrum(source)[None],
        )["spectrum"][0]
        return vocoder.sound(np.exp(made[: vocoder.BINS]), np.sin(made[vocoder.BINS :]))


def _parts(phonemes: str) -> Iterator[str]:
    """`phonemes` after commas, or else between words, in parts of at most LONGEST letters; none is lost."""
    part = ""
    for clause in _COMMA.split(phonemes):
        for word in [clause] if len(clause) <= LONGEST else clause.split(" "):
            if part and len(part) + 1 + len(word) > LONGEST:
                yield part
                part = ""
            part = f"{part} {word}".strip()
    if part:
        yield part
