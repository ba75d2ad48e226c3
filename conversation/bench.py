"""Measures the conversation on this machine: each engine alone, then real questions through the real processes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assets.progress import Progress
from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.files import read_question
from conversation.conversation import Conversation
from conversation.engines.base import FaceDriver, LanguageModel, SpeechRecogniser, SpeechSynthesiser
from conversation.errors import ConversationError, ProcessDiedError
from conversation.link.events import AppEvent, Ask, Failure, Ready, TurnDone
from conversation.settings import ConversationSettings, Engines
from conversation.timings import TurnTimings

QUESTIONS: Final = (
    "What is the capital of France?",
    "Can you tell me something about the moon?",
    "What do you like to do in the summer?",
    "Why is the sky blue?",
    "How do you feel today?",
    "What should I cook for my friends this evening?",
)
SENTENCE: Final = "The moon goes around the earth once in about four weeks, and it always shows us the same side."
_PATIENCE_S: Final = 90.0
_REPEATS: Final = 3


def bench_conversation(rounds: int, progress: Progress) -> dict[str, Any]:
    """Ask `rounds` questions; real-time factors, tokens a second, and milliseconds from speech end to first sound.

    Keys: asr.rtf, llm.prefill_tok_s, llm.decode_tok_s, tts.rtf, a2bs.rtf, speech_end_to_audio_ms.p50 and .p95,
    stages_ms (medians), rounds. Raises VisavisError where a model or a voice for the questions is missing.
    """
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as folder:
        wavs = [speak(text, Path(folder) / f"question{i}.wav") for i, text in enumerate(QUESTIONS)]
        figures = _bench_engines(wavs, progress)
        turns = _bench_turns([wavs[i % len(wavs)] for i in range(rounds)], progress)
    latencies = [turn.speech_end_to_audio_ms for turn in turns if turn.speech_end_to_audio_ms is not None]
    if not latencies:
        raise ConversationError("No question was answered aloud; run `visavis doctor`.")
    stages = {name for turn in turns for name in turn.stages_ms}
    return figures | {
        "speech_end_to_audio_ms": {
            "p50": round(float(np.percentile(latencies, 50)), 1),
            "p95": round(float(np.percentile(latencies, 95)), 1),
        },
        "stages_ms": {
            name: round(float(np.median([turn.stages_ms[name] for turn in turns if name in turn.stages_ms])), 1)
            for name in sorted(stages)
        },
        "rounds": len(latencies),
    }


def speak(text: str, path: Path) -> Path:
    """A question in a voice that is not the avatar's, as a WAV file."""
    for program, arguments in (
        ("flite", ["-voice", "slt", "-t", text, "-o", str(path)]),
        ("espeak-ng", ["-w", str(path), text]),
    ):
        if shutil.which(program):
            done = subprocess.run([program, *arguments], capture_output=True, check=False)
            if done.returncode == 0 and path.exists():
                return path
    raise ConversationError("No voice for the questions was found; install one: apt install flite")


def _bench_engines(wavs: list[Path], progress: Progress) -> dict[str, Any]:
    """Each engine alone, in turn, after a first call that warms it up."""
    engines = Engines()
    figures: dict[str, Any] = {}
    with progress.step("Engines", 4) as step:
        step.say("speech recognition")
        recogniser: SpeechRecogniser = engines.recogniser.load()
        questions = [read_question(wav).samples for wav in wavs]
        seconds = sum(map(len, questions)) / MICROPHONE_RATE
        figures["asr"] = {
            "rtf": real_time_factor(lambda: [recogniser.transcribe(samples) for samples in questions], seconds)
        }
        step.advance()

        step.say("language model")
        model: LanguageModel = engines.language_model.load()
        try:
            figures["llm"] = bench_language(model)
        finally:
            model.close()
        step.advance()

        step.say("speech synthesis")
        voice: SpeechSynthesiser = engines.synthesiser.load()
        speech = voice.synthesise(SENTENCE)
        figures["tts"] = {"rtf": real_time_factor(lambda: voice.synthesise(SENTENCE), speech.seconds)}
        step.advance()

        step.say("face")
        face: FaceDriver = engines.face_driver.load()
        figures["a2bs"] = {
            "rtf": real_time_factor(lambda: face.curve(speech.samples, speech.sample_rate), speech.seconds)
        }
        step.advance()
    return figures


def bench_language(model: LanguageModel) -> dict[str, float]:
    """A short dialogue, KV cache kept; the system prompt counts as what was read."""
    model.begin(ConversationSettings().system_prompt)
    for question in QUESTIONS[:_REPEATS]:
        for _ in model.reply(question, max_tokens=48):
            pass
    stats = model.stats
    return {
        "prefill_tok_s": round(stats.prefill_tokens / max(stats.prefill_s, 1e-9), 1),
        "decode_tok_s": round(stats.decode_tokens / max(stats.decode_s, 1e-9), 1),
    }


def _bench_turns(wavs: list[Path], progress: Progress) -> list[TurnTimings]:
    """The questions, one after the other, through all processes in real time."""
    turns: list[TurnTimings] = []
    with Conversation(ConversationSettings(microphone="file", speaker="file")) as conversation:
        with progress.step("Loading the conversation"):
            conversation.start()
            _wait(conversation, Ready)
        with progress.step("Questions", len(wavs)) as step:
            for wav in wavs:
                conversation.send(Ask(str(wav)))
                done = _wait(conversation, TurnDone)
                assert isinstance(done, TurnDone)
                turns.append(done.timings)
                step.advance()
    return turns


def _wait(conversation: Conversation, kind: type[AppEvent]) -> AppEvent:
    """The next event of a kind; raises what ends the conversation, or that nothing came."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        for event in conversation.poll():
            if isinstance(event, kind):
                return event
            if isinstance(event, Failure) and event.fatal:
                raise ConversationError(event.message)
        time.sleep(0.02)
    raise ProcessDiedError(f"The conversation said nothing for {_PATIENCE_S:.0f} s; run `visavis doctor`.")


def real_time_factor(work: Callable[[], object], seconds: float) -> float:
    """Median time of the work over the length of its audio."""
    work()
    times: npt.NDArray[np.float64] = np.zeros(_REPEATS)
    for i in range(_REPEATS):
        began = time.perf_counter()
        work()
        times[i] = time.perf_counter() - began
    return round(float(np.median(times)) / seconds, 4)
