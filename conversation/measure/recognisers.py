"""Measures a recogniser on recorded speech: errors by language, time, and the language that it takes each one for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from assets.progress import Progress
from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.files import read_question
from conversation.engines.base import SpeechRecogniser
from conversation.measure.corpus import Utterance
from conversation.measure.word_errors import Errors, compare
from conversation.stages.hearing import clean_transcript


def bench_recogniser(ear: SpeechRecogniser, corpus: Sequence[Utterance], progress: Progress) -> dict[str, Any]:
    """Errors, real-time factor and languages of `ear` over the corpus; raises AudioFileError, EngineError.

    Keys: asr.rtf (work over length of the sound), asr.wer (English words), asr.cer (Chinese characters), the two where
    the corpus has such speech, asr.words and asr.characters that they count, asr.language_right (share of utterances
    whose spoken language was told), asr.seconds; utterances: file, language, spoken, errors, of, seconds, rtf, said,
    heard.
    """
    totals: dict[str, Errors] = {}
    rows: list[dict[str, Any]] = []
    seconds = work = 0.0
    ear.transcribe(np.zeros(MICROPHONE_RATE, np.float32))
    with progress.step("Recordings", len(corpus)) as step:
        for utterance in corpus:
            samples = read_question(utterance.path).samples
            began = time.perf_counter()
            transcript = ear.transcribe(samples)
            took, length = time.perf_counter() - began, len(samples) / MICROPHONE_RATE
            text = clean_transcript(transcript.text)
            errors = compare(utterance.text, text, utterance.language)
            totals[utterance.language] = totals.get(utterance.language, Errors()) + errors
            seconds, work = seconds + length, work + took
            rows.append(
                {"file": utterance.path.name, "language": utterance.language, "spoken": transcript.spoken,
                 "errors": errors.wrong + errors.missing + errors.added, "of": errors.units,
                 "seconds": round(length, 1), "rtf": round(took / length, 3), "said": utterance.text, "heard": text}
            )  # fmt: skip
            step.advance()
    figures: dict[str, Any] = {"rtf": round(work / seconds, 4), "seconds": round(seconds, 1)}
    for language, rate, count in (("en", "wer", "words"), ("zh", "cer", "characters")):
        if language in totals:
            figures |= {rate: round(totals[language].rate, 4), count: totals[language].units}
    figures["language_right"] = round(sum(row["spoken"] == row["language"] for row in rows) / len(rows), 3)
    return {"asr": figures, "utterances": rows}
