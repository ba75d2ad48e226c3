"""hibari: English text to a woman's voice at 24 kHz.

Text becomes phonemes by the package's own rules, lexicon and tagger, and the voice's spectrum becomes sound by its own
signal processing, both plain Python and numpy. All networks run through MNN: `text` (how long each phoneme lasts),
`voice` (the spectrum), `oov` (how to read a word that is in no lexicon).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from hibari import Hibari as HibariText
from hibari import dsp
from hibari.g2p import G2P
from hibari.g2p.oov import OOV
from numpy.typing import NDArray

from conversation.engines.base import F32
from conversation.engines.net import Net
from conversation.engines.tts.voice import Voice, VoiceSettings

SAMPLE_RATE: Final = 24_000
LONGEST: Final = 400
"""Phonemes that the voice says in one go; longer sentences are cut after a comma or the like."""
USUAL: Final = 250
"""Phonemes of a clause of 45 words, than which few are longer (speech_text/cutter.py). The networks keep the memory of
the longest piece that they have said, some hundred kilobytes a phoneme: they say one so long when they are loaded, so
that it does not grow in the midst of a talk."""
_CLAUSE_END: Final = re.compile(r"(?<=[,;:—])\s+")


class Hibari(Voice):
    """`seed` fixes its breath, so that the same text gives the same samples."""

    sample_rate: int = SAMPLE_RATE

    def __init__(
        self, model_dir: Path, *, threads: int = 1, speed: float = 1.0, volume: float = 1.0, seed: int = 0
    ) -> None:
        self._text = Net(model_dir / "text.mnn", threads=threads)
        self._voice = Net(model_dir / "voice.mnn", threads=threads)
        self._phonemise = G2P(oov=OOV(session=OovSession(Net(model_dir / "oov.mnn"))))
        self._ids = msgspec.json.decode((model_dir / "phonemes.json").read_bytes(), type=dict[str, int])
        self._seed = seed
        super().__init__(VoiceSettings(speed, volume))
        self.say(next(letter for letter in self._ids if letter.isalpha()) * USUAL, self.settings)

    def pieces(self, text: str) -> Iterator[str]:
        """As `phonemes`."""
        return self.phonemes(text)

    def phonemes(self, text: str) -> Iterator[str]:
        """The phonemes of each sentence, or of each clause of a sentence too long for one go."""
        for sentence in HibariText.split_sentences(text):
            piece = ""
            for clause in _CLAUSE_END.split(self._phonemise(sentence)):
                if piece and len(piece) + len(clause) >= LONGEST:
                    yield piece
                    piece = ""
                piece = f"{piece} {clause}".strip()
            yield piece

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """Phonemes, spoken."""
        known = [self._ids[letter] for letter in piece if letter in self._ids]
        if not any(letter.isalpha() for letter in piece) or not known:
            return np.zeros(0, np.float32)
        text = self._text(ids=np.array([[0, *known, 0]], np.int32))
        lasts = np.maximum(np.round(text["durations"] / settings.speed), 1).astype(np.int64)
        frames = {name: np.repeat(text[name], lasts, axis=2) for name in ("timbre", "prosody")}
        made = {name: part[0] for name, part in self._voice(**frames).items()}
        spectrum = [made[name] for name in ("harmonic", "turn", "noise", "free", "phase")]
        samples: F32 = dsp.synth(*spectrum, made["pitch"], np.random.default_rng(self._seed))
        return samples


class OovSession:
    """What the package's reader of unknown words asks of a session."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def run(self, outputs: None, inputs: dict[str, NDArray[np.int64]]) -> list[NDArray[Any]]:
        return [self._net(chars=inputs["chars"])["ids"]]
