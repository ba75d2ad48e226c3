"""Figures of a recogniser that always hears the same."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from assets.progress import SilentProgress
from conversation.engines.base import F32, Cancelled, Transcript, never
from conversation.measure.corpus import Utterance
from conversation.measure.recognisers import bench_recogniser


class OneTrack:
    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        return Transcript("The cat sat (laughs) down.", "en", 4, len(samples) / 16_000, spoken="en")


def test_errors_are_summed_by_language(tmp_path: Path) -> None:
    corpus = []
    for name, text in (("a", "THE CAT SAT DOWN"), ("b", "THE DOG SAT"), ("c", "市场战略")):
        soundfile.write(tmp_path / f"{name}.wav", np.sin(np.arange(16_000) * 0.1).astype(np.float32), 16_000)
        corpus.append(Utterance(tmp_path / f"{name}.wav", text))
    figures = bench_recogniser(OneTrack(), corpus, SilentProgress())
    assert figures["asr"]["wer"] == pytest.approx(2 / 7, abs=1e-4)
    assert figures["asr"]["words"] == 7
    assert figures["asr"]["cer"] == 1
    assert figures["asr"]["language_right"] == pytest.approx(2 / 3, abs=1e-3)
    assert [row["errors"] for row in figures["utterances"]] == [0, 2, 4]
    assert figures["asr"]["seconds"] == 3
