"""The two spoken sentences that the tests listen to, with their phone times and the lips that belong to them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile
from speech import HibariVoice

from conversation.phonetics.flite import RATE, Utterance, flite
from conversation.phonetics.measure import opening
from conversation.phonetics.mouth import FRAME_RATE, targets

TEXT = (
    "My mother bought five big maps of the moon, but Bob prefers a warm apple pie; maybe both of them were very happy."
)


def say(seed: int, voice: str) -> list[Utterance]:
    """The sentence by the avatar's own voice and by a voice that the network never heard."""
    return [
        HibariVoice().say(TEXT, 1.0, np.random.default_rng(seed)),
        flite(TEXT, voice, 1.0),
    ]


def write(utterance: Utterance, folder: Path) -> None:
    """Write VOICE.ogg and VOICE.json: `phones` as [name, start, end] in seconds, `opening` of the lips at 100 Hz."""
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{utterance.voice}.ogg", 0.9 * utterance.samples, RATE, format="OGG", subtype="VORBIS")
    frames = -(-len(utterance.samples) * int(FRAME_RATE) // RATE)
    wanted = opening(targets(utterance.segments, utterance.samples, RATE, frames))
    sheet = {
        "text": TEXT,
        "phones": [[s.phone, round(s.start, 3), round(s.end, 3)] for s in utterance.segments],
        "opening": [round(float(x), 3) for x in wanted],
    }
    (folder / f"{utterance.voice}.json").write_text(json.dumps(sheet) + "\n")
