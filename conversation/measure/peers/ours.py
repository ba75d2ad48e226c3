"""This project's engines as they meet the others: the same work, and answers of the same kind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.files import read_question
from conversation.engines.base import LanguageModel, SpeechRecogniser, SpeechSynthesiser
from conversation.measure.peers.install import PeerStage
from conversation.settings import EngineSpec
from conversation.stages.hearing import clean_transcript


class Ours:
    """An engine of ours; what it is asked for and answers is in the scripts beside this file."""

    def __init__(self, stage: PeerStage, engine: EngineSpec) -> None:
        self._stage = stage
        self._engine: Any = engine.load()

    def ask(self, work: Mapping[str, Any]) -> dict[str, Any]:
        """Do it once."""
        match self._stage:
            case "recogniser":
                return _transcribe(self._engine, Path(work["sound"]))
            case "language_model":
                return _reply(self._engine, work["system"], work["question"], work["most"])
            case "synthesiser":
                return _say(self._engine, work["say"])

    def close(self) -> None:
        """Free the engine's process, where it has one."""
        if self._stage == "language_model":
            self._engine.close()


def _transcribe(ear: SpeechRecogniser, sound: Path) -> dict[str, Any]:
    samples = read_question(sound).samples
    began = time.perf_counter()
    text = ear.transcribe(samples).text
    took = time.perf_counter() - began
    return {"rtf": [took, len(samples) / MICROPHONE_RATE], "text": clean_transcript(text)}


def _reply(model: LanguageModel, system: str, question: str, most: int) -> dict[str, Any]:
    before = model.stats
    model.begin(system)
    text = "".join(model.reply(question, max_tokens=most))
    after = model.stats
    return {
        "prefill_tok_s": [after.prefill_tokens - before.prefill_tokens, after.prefill_s - before.prefill_s],
        "decode_tok_s": [after.decode_tokens - before.decode_tokens, after.decode_s - before.decode_s],
        "text": text.strip(),
    }


def _say(voice: SpeechSynthesiser, text: str) -> dict[str, Any]:
    began = time.perf_counter()
    speech = voice.synthesise(text)
    return {"rtf": [time.perf_counter() - began, speech.seconds]}
