"""How well the face follows a voice: closures, loudness, rest, smoothness and cost of an A2BS network.

Two kinds of sound. Sentences by flite, whose phone times are known: its voice rms is never trained on, so it stands for
a stranger. Recordings of people, whose phones are not known: there only loudness and silence can be held against lips.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from assets.arkit import INDEX
from assets.lips import lip_opening
from assets.progress import Progress
from conversation.engines.a2bs.learned import A2bs
from conversation.errors import AudioFileError
from conversation.phonetics.flite import RATE, Utterance, flite
from conversation.phonetics.measure import Clip, correlation, envelope, jerk, measure, rounded
from conversation.phonetics.mouth import CHANNELS, targets

F32 = npt.NDArray[np.float32]

VOICES: Final = ("rms", "slt", "awb", "kal16")
"""The first one is not in the training."""
SENTENCES: Final = (
    "My mother bought five big maps of the moon, but Bob prefers a warm apple pie.",
    "Maybe both of them were very happy about it; perhaps nobody minded.",
    "Please bring me a cup of tea before we go to the market.",
    "I am not sure, but I believe the museum opens at half past ten.",
    "Three thin trees stood on the hill above the quiet village.",
    "Why would you want to move all of your books to the other room?",
    "The weather is lovely today, so let us walk along the river.",
    "Simple problems often become complicated when people stop talking.",
    "She sells blue umbrellas and purple boots by the beach.",
    "Of course I remember you, we met at the opera in Paris.",
)
SOUND: Final = (".wav", ".flac", ".ogg")
MM: Final = 34.0
"""Millimetres between the lips at an opening of 1 (assets.lips)."""
_QUIET_DB: Final = -40.0
"""Against the loudest of a clip; a quarter of a second below it is a pause."""
_PAUSE_FRAMES: Final = 25
_REPEATS: Final = 5
_ONE_NAME: Final = [INDEX[name if name in INDEX else name + "Left"] for name in CHANNELS]


def bench_a2bs(model: Path, speech: Path | None, progress: Progress) -> dict[str, Any]:
    """Figures of the network in folder `model`; `speech`: a folder of recordings, looked through with all below it.

    Keys: rtf, voices.NAME (conversation.phonetics.measure), recorded.{clips, seconds, opening_against_loudness_r,
    opening_p95_mm, opening_in_pauses_mm, jerk}. Raises VisavisError where flite or the model is missing.
    """
    face = A2bs(model)
    recordings = _recordings(speech) if speech is not None else []
    figures: dict[str, Any] = {}
    with progress.step("Face", len(VOICES) + 1 + len(recordings)) as step:
        figures["rtf"] = _rtf(face)
        step.advance()
        voices: dict[str, Any] = {}
        for voice in VOICES:
            step.say(voice)
            voices[voice] = measure([_clip(face, flite(text, voice)) for text in SENTENCES])
            step.advance()
        figures["voices"] = voices
        clips = []
        for path in recordings:
            step.say(path.name)
            clips.append(_read(path))
            step.advance()
    if clips:
        figures["recorded"] = recorded(face, clips)
    return figures


def recorded(face: A2bs, clips: Sequence[F32]) -> dict[str, Any]:
    """Lips against what can be heard without knowing the words; clips are 16 kHz mono."""
    gaps = [lip_opening(face(samples, RATE)) for samples in clips]
    loud = [20 * np.log10(envelope(samples, len(gap)) + 1e-5) for samples, gap in zip(clips, gaps, strict=True)]
    pauses = [gap[_pause(level)] for gap, level in zip(gaps, loud, strict=True)]
    resting = np.concatenate([np.zeros(0, np.float32), *pauses])
    return {
        "clips": len(clips),
        "seconds": rounded(sum(map(len, clips)) / RATE, 1),
        "opening_against_loudness_r": rounded(
            float(np.median([correlation(g, np.maximum(d, -60)) for g, d in zip(gaps, loud, strict=True)]))
        ),
        "opening_p95_mm": rounded(MM * float(np.percentile(np.concatenate(gaps), 95)), 1),
        "pause_s": rounded(len(resting) / A2bs.frame_rate, 1),
        "opening_in_pauses_mm": rounded(MM * float(np.percentile(resting, 90)), 1) if len(resting) else None,
        "jerk": rounded(jerk(gaps), 0),
    }


def _pause(level: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Frames inside stretches that stay quiet, 150 ms after sound and 100 ms before it."""
    quiet = level < level.max() + _QUIET_DB
    inside = np.zeros(len(level), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2):
        if end - first >= _PAUSE_FRAMES:
            inside[first + 15 if first else 0 : end - 10 if end < len(level) else end] = True
    return inside


def _clip(face: A2bs, utterance: Utterance) -> Clip:
    predicted = face(utterance.samples, RATE)[:, _ONE_NAME]
    wanted = targets(utterance.segments, utterance.samples, RATE, len(predicted))
    return Clip(utterance.voice, utterance.samples, utterance.segments, wanted, predicted)


def _recordings(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUND)
    if not found:
        raise AudioFileError(f"{folder} holds no recordings ({', '.join(SOUND)}); name a folder that does.")
    return found


def _read(path: Path) -> F32:
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioFileError(f"{path} cannot be read as sound ({error}); leave it out of the folder.") from None
    mono: F32 = soxr.resample(samples.mean(axis=1), rate, RATE)
    return mono


def _rtf(face: A2bs) -> float:
    """Of ten seconds in one call, the median of several."""
    sound = 0.1 * np.random.default_rng(0).standard_normal(10 * RATE, np.float32)
    times = []
    for _ in range(_REPEATS + 1):
        began = time.perf_counter()
        face(sound, RATE)
        times.append(time.perf_counter() - began)
    return rounded(float(np.median(times[1:])) / 10.0, 5)
