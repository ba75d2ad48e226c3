"""How a trained network's lips meet on recorded people's p, b and m: `python packaging/a2bs/recorded.py FOLDER MODEL…`.

FOLDER holds recordings with what was said (conversation/measure/corpus.py), each MODEL a network as `visavis models`
makes it.
Where the phones lie is told by PocketSphinx (Huggins-Daines et al. 2006), which knows nothing of this project.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import soundfile
import soxr
from pocketsphinx import Decoder

from assets.lips import lip_opening
from conversation.engines.a2bs.learned import A2bs
from conversation.measure.corpus import read_corpus
from conversation.measure.faces import MM
from conversation.phonetics.flite import RATE
from conversation.phonetics.phones import BILABIALS, Segment

_VOWELS = ("aa", "ae", "ay", "aw")
_LIPS = (*BILABIALS, "f", "v", "w", "uw", "ow", "sil", "(null)")
"""Phones on which lips may well be near each other."""


def aligned(samples: np.ndarray, text: str) -> list[Segment]:
    """The phones of `text` in `samples` (n,) at 16 kHz; none where a word is unknown."""
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    decoder = Decoder(samprate=RATE, lm=None, loglevel="FATAL")
    try:
        decoder.set_align_text(re.sub(r"[^a-z' ]", " ", text.lower()))
        for second in (False, True):  # words first, then phones within them
            if second:
                decoder.set_alignment()
            decoder.start_utt()
            decoder.process_raw(pcm, full_utt=True)
            decoder.end_utt()
    except RuntimeError:
        return []
    phones = [phone for word in decoder.get_alignment() for phone in word]
    return [Segment(p.name.lower(), p.start / 100, (p.start + p.duration) / 100) for p in phones]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    options = parser.parse_args()
    clips = []
    for utterance in read_corpus(options.folder):
        if utterance.language == "en":
            sound, rate = soundfile.read(utterance.path, dtype="float32")
            samples = soxr.resample(sound, rate, RATE)
            clips.append((samples, aligned(samples, utterance.text)))
    print(f"{sum(bool(phones) for _, phones in clips)} of {len(clips)} recordings aligned")
    for model in options.models:
        face = A2bs(model)
        least: dict[str, list[float]] = {"shut": [], "wide": [], "else": []}
        for samples, phones in clips:
            gap = MM * lip_opening(face(samples, RATE))
            for phone in phones:
                part = gap[round(100 * phone.start) : round(100 * phone.end) + 1]
                if len(part) and phone.phone in BILABIALS:
                    least["shut"].append(float(part.min()))
                elif len(part) and phone.phone in _VOWELS:
                    least["wide"].append(float(part.max()))
                elif len(part) and phone.phone not in _LIPS:
                    least["else"].append(float(part.min()))
        shut, other = np.array(least["shut"]), np.array(least["else"])
        print(
            f"{model}: {len(shut)} p, b and m: {np.mean(shut < 1):.0%} under 1 mm, {np.mean(shut < 2):.0%} under 2 mm; "
            f"open vowels {np.mean(least['wide']):.1f} mm; of {len(other)} other phones {np.mean(other < 1):.0%} shut"
        )


if __name__ == "__main__":
    main()
