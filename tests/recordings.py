"""Recorded human speech with what was said; sources and licences in data/speech/SOURCE.md."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

FOLDER = Path(__file__).parent / "data" / "speech"
DATA = Path(os.environ.get("VISAVIS_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "speech"
"""More of it that others recorded; not everybody has it."""


@dataclass(frozen=True)
class Recording:
    """One utterance at 16 kHz."""

    path: Path
    text: str

    def samples(self) -> npt.NDArray[np.float32]:
        """(n,) in [-1, 1]."""
        samples, rate = soundfile.read(self.path, dtype="float32")
        assert rate == 16_000
        return np.asarray(samples, np.float32)


SORROW = Recording(
    FOLDER / "librispeech-1995-1837-0001.ogg",
    "it was the first great sorrow of his life it was not so much the loss of the cotton itself but the fantasy the "
    "hopes the dreams built around it",
)
READER = Recording(
    FOLDER / "librispeech-2412-153948-0000.ogg",
    "if the reader will excuse me i will say nothing of my antecedents nor of the circumstances which led me to leave "
    "my native country the narrative would be tedious to him and painful to myself",
)


def words(text: str) -> str:
    """Lower case without punctuation, as corpora write transcripts."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower()).split())
