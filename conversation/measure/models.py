"""Measures the models that the conversation runs on, each alone: how large, how long to load, how fast."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.catalogue import read_record, spec
from assets.errors import ModelError
from assets.progress import Progress
from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.files import read_question
from conversation.engines.base import F32, FaceDriver, LanguageModel, SpeechRecogniser, SpeechSynthesiser, VoiceActivity
from conversation.measure.talk import QUESTIONS, SENTENCE, bench_language, real_time_factor, speak
from conversation.settings import Engines, EngineSpec

Question = Callable[[], F32]
"""Speech, 16 kHz mono, in a voice that is not the avatar's."""


def bench_each_model(names: Sequence[str], engines: Engines, progress: Progress) -> dict[str, dict[str, Any]]:
    """Figures of every named model, of all that `engines` use where there is no name.

    By model: mb (on disk), load_s, and rtf (work over length of the sound) or prefill_tok_s and decode_tok_s. Raises
    ModelError where no engine uses a model, ModelMissingError where it is not on this machine.
    """
    by_model = {engine.model: (stage, engine) for stage, engine in _stages(engines) if engine.model}
    for name in names:
        if name not in by_model:
            raise ModelError(f"No engine uses {spec(name).name}: choose one of {', '.join(by_model)}.")
    figures: dict[str, dict[str, Any]] = {}
    chosen = names or tuple(by_model)
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as folder, progress.step("Models", len(chosen)) as step:
        wav = Path(folder) / "question.wav"

        def question() -> F32:
            return read_question(wav if wav.exists() else speak(QUESTIONS[0], wav)).samples

        for name in chosen:
            step.say(name)
            stage, engine = by_model[name]
            began = time.perf_counter()
            loaded = engine.load()
            load_s = time.perf_counter() - began
            record = read_record(name)
            size = sum(entry.bytes for entry in record.files.values()) if record else 0
            figures[name] = {"mb": round(size / 1e6, 1), "load_s": round(load_s, 4)} | _WORK[stage](loaded, question)
            step.advance()
    return figures


def _stages(engines: Engines) -> list[tuple[str, EngineSpec]]:
    return [(field.name, getattr(engines, field.name)) for field in fields(engines) if field.name in _WORK]


def _voice_activity(model: VoiceActivity, question: Question) -> dict[str, float]:
    samples = question()
    windows = samples[: len(samples) // model.window * model.window].reshape(-1, model.window)
    return {"rtf": real_time_factor(lambda: [model(window) for window in windows], windows.size / MICROPHONE_RATE)}


def _recogniser(model: SpeechRecogniser, question: Question) -> dict[str, float]:
    samples = question()
    return {"rtf": real_time_factor(lambda: model.transcribe(samples), len(samples) / MICROPHONE_RATE)}


def _language_model(model: LanguageModel, question: Question) -> dict[str, float]:
    try:
        return bench_language(model)
    finally:
        model.close()


def _synthesiser(model: SpeechSynthesiser, question: Question) -> dict[str, float]:
    seconds = model.synthesise(SENTENCE).seconds
    return {"rtf": real_time_factor(lambda: model.synthesise(SENTENCE), seconds)}


def _face_driver(model: FaceDriver, question: Question) -> dict[str, float]:
    samples = np.asarray(question(), np.float32)
    return {"rtf": real_time_factor(lambda: model.curve(samples, MICROPHONE_RATE), len(samples) / MICROPHONE_RATE)}


_WORK: Final[dict[str, Callable[[Any, Question], dict[str, float]]]] = {
    "voice_activity": _voice_activity,
    "recogniser": _recogniser,
    "language_model": _language_model,
    "synthesiser": _synthesiser,
    "face_driver": _face_driver,
}
"""How the engine of each stage, by its name in Engines, is made to work."""
