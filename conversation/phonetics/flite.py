"""Speech whose phone times are known: flite's four English voices, run as a program."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from conversation.errors import ConversationError
from conversation.phonetics.phones import Segment, joined

RATE: Final = 16_000
FLITE_VOICES: Final = ("slt", "awb", "rms", "kal16")


@dataclass(frozen=True)
class Utterance:
    """Samples (n,) float32 at 16 kHz and the phones that cover them; `exact` where the times need no alignment."""

    voice: str
    samples: npt.NDArray[np.float32]
    segments: tuple[Segment, ...]
    exact: bool


def flite(text: str, voice: str, stretch: float = 1.0) -> Utterance:
    """Speak `text` with a voice of flite, its durations times `stretch`; phone times are the synthesiser's own.

    Raises ConversationError where flite is missing or fails.
    """
    if shutil.which("flite") is None:
        raise ConversationError(
            "flite, which speaks with known phone times, was not found; install it: apt install flite"
        )
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        asked = ["-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", str(wav)]
        done = subprocess.run(["flite", *asked], check=False, capture_output=True, text=True)
        if done.returncode or not wav.exists():
            raise ConversationError(f"flite could not speak with its voice {voice}; see `flite -lv` for those it has.")
        samples, rate = soundfile.read(wav, dtype="float32")
    if rate != RATE:
        raise ConversationError(f"flite's voice {voice} speaks at {rate} Hz, not at {RATE}; choose another voice.")
    segments, start = [], 0.0
    for item in done.stdout.split():
        phone, _, end = item.rpartition(":")
        segments.append(Segment(phone, start, float(end)))
        start = float(end)
    return Utterance(voice, samples, joined(segments), exact=True)
