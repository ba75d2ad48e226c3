"""Measures the conversation on this machine: each engine alone, then real questions through the real processes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assets.progress import Progress
from conversation.conversation import Conversation
from conversation.engines.base import FaceDriver, LanguageModel, SpeechSynthesiser
from conversation.errors import ConversationError, ProcessDiedError
from conversation.link.events import AppEvent, Ask, Failure, Ready, TurnDone
from conversation.measure.corpus import Utterance
from conversation.measure.duplex import SHORT, bench_duplex
from conversation.measure.recognisers import bench_recogniser
from conversation.settings import ConversationSettings, Engines
from conversation.timings import TurnTimings

QUESTIONS: Final = (
    "What is the capital of France?",
    "Can you tell me something about the moon?",
    "What do you like to do in the summer?",
    "Why is the sky blue?",
    "How do you feel today?",
    "What should I cook for my friends this evening?",
    "Do you know a good book for a long journey?",
    "How many days are there in a year?",
    "What is your favourite animal?",
    "Where do the birds go in the winter?",
    "Could you explain how a bicycle works?",
    "Who painted the Mona Lisa?",
    "What is the difference between a frog and a toad?",
    "Is it going to be cold in the mountains?",
    "What can I plant in my garden in the spring?",
    "Why do we dream at night?",
    "How long does it take to boil an egg?",
    "Which language is spoken in Brazil?",
    "What would you say to somebody who is sad?",
    "How deep is the ocean?",
    "Can you help me to plan a birthday party?",
    "What makes bread rise in the oven?",
    "Why do cats sleep so much?",
    "What is the best way to learn to swim?",
    "How far away is the sun?",
    "Do you like to listen to music?",
    "What did people eat a thousand years ago?",
    "How can I remember the names of new people?",
    "Why are the leaves of a tree green?",
    "What should I do on a rainy Sunday?",
)
SENTENCE: Final = "The moon goes around the earth once in about four weeks, and it always shows us the same side."
_PATIENCE_S: Final = 90.0
_GOES_ON_S: Final = 40.0
"""For the answer to the whole question, after one to its beginning."""
_REPEATS: Final = 3


@dataclass(frozen=True)
class Talk:
    """What is asked, of whom."""

    settings: ConversationSettings = field(default_factory=ConversationSettings)
    """Its engines and words; devices, memory and the welcome are left out."""
    rounds: int = len(QUESTIONS)
    """Questions asked."""
    questions: Sequence[Utterance] = ()
    """Recorded ones, again and again; without any, QUESTIONS in a voice that is not the avatar's."""
    interruptions: int = 20
    """So often the avatar is interrupted."""


@dataclass(frozen=True)
class TalkFound:
    """What came of a Talk: figures by name, and the record of each turn."""

    figures: dict[str, Any]
    turns: Sequence[TurnTimings]


def bench_conversation(talk: Talk, progress: Progress) -> TalkFound:
    """Ask questions; real-time factors, tokens a second, and milliseconds from speech end to first sound.

    Keys: asr (of bench_recogniser: rtf, wer, …), llm.prefill_tok_s, llm.decode_tok_s, tts.rtf, a2bs.rtf,
    speech_end_to_audio_ms.p50 and .p95, stages_ms.NAME.p50 and .p95, rounds (answered aloud), cut_off (answered before
    the question's end, and not in these milliseconds), barge_in_ms.p50, .p95 and .max, from the onset of the user's
    voice to silence in a calculated room; that or `error` where the room cannot be calculated. Raises VisavisError
    where a model or a voice for the questions is missing, or nothing was answered aloud.
    """
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as folder:
        questions = talk.questions or spoken_questions(QUESTIONS, Path(folder))
        figures = _bench_engines(talk.settings.engines, questions, progress)
        wavs = [questions[number % len(questions)].path for number in range(talk.rounds)]
        turns = _bench_turns(talk.settings, wavs, progress)
        figures |= turn_figures(turns)
        figures["barge_in_ms"] = _bench_barge_in(talk, Path(folder), progress)
    return TalkFound(figures, turns)


def turn_figures(turns: Sequence[TurnTimings]) -> dict[str, Any]:
    """Milliseconds of turns: see bench_conversation. Raises ConversationError where none was answered aloud."""
    latencies = {turn.turn: ms for turn in turns if (ms := turn.speech_end_to_audio_ms) is not None}
    whole = whole_turns(turns)
    if not whole:
        raise ConversationError("No question was answered aloud; run `visavis doctor`.")
    stages = dict.fromkeys(name for turn in whole for name in turn.stages_ms)
    return {
        "speech_end_to_audio_ms": spread([latencies[turn.turn] for turn in whole]),
        "stages_ms": {
            name: spread([turn.stages_ms[name] for turn in whole if name in turn.stages_ms]) for name in stages
        },
        "rounds": len(whole),
        "cut_off": len(latencies) - len(whole),
    }


def whole_turns(turns: Sequence[TurnTimings]) -> list[TurnTimings]:
    """Those that were answered aloud, and of which the question, a file, had been played to its end before."""
    return [turn for turn in turns if turn.question_end is not None and turn.speech_end_to_audio_ms is not None]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def spoken_questions(texts: Sequence[str], folder: Path) -> list[Utterance]:
    """Each text in a voice that is not the avatar's, as a WAV file of `folder`; raises ConversationError."""
    return [Utterance(speak(text, folder / f"question{i:02}.wav"), text) for i, text in enumerate(texts)]


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


def _bench_engines(engines: Engines, questions: Sequence[Utterance], progress: Progress) -> dict[str, Any]:
    """Each engine alone, in turn, after a first call that warms it up."""
    figures: dict[str, Any] = {"asr": bench_recogniser(engines.recogniser.load(), questions, progress)["asr"]}
    with progress.step("Engines", 3) as step:
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


def _bench_turns(settings: ConversationSettings, wavs: list[Path], progress: Progress) -> list[TurnTimings]:
    """The questions, one after the other, through all processes in real time."""
    turns: list[TurnTimings] = []
    alone = replace(
        settings, microphone="file", speaker="file", welcome=None, memory=None, keep_history=False, record_to=None
    )
    with Conversation(alone) as conversation:
        with progress.step("Loading the conversation"):
            conversation.start()
            _until(conversation, Ready)
        with progress.step("Questions", len(wavs)) as step:
            for wav in wavs:
                conversation.send(Ask(str(wav)))
                turns += _answered(conversation)
                step.advance()
    return turns


def _bench_barge_in(talk: Talk, folder: Path, progress: Progress) -> dict[str, Any]:
    """The avatar interrupted by the first questions, in a room that is calculated."""
    try:
        if talk.questions:
            speech = folder / "interruptions"
            speech.mkdir()
            for number, question in enumerate(talk.questions[: talk.interruptions]):
                (speech / f"{number:04}.wav").symlink_to(question.path.resolve())
        else:
            speech = folder
        plan = replace(SHORT, interruptions=talk.interruptions)
        found = bench_duplex(plan, speech, progress)["barge_in_ms"]
    except ConversationError as error:
        return {"error": str(error)}
    return found or {"error": "The avatar was not interrupted even once; run `visavis bench duplex`."}


def _answered(conversation: Conversation) -> list[TurnTimings]:
    """The turn of the question that was asked; where its beginning was taken for one, several."""
    turns = _turns(_until(conversation, TurnDone))
    while not any(turn.question_end is not None for turn in turns):
        try:
            turns += _turns(_until(conversation, TurnDone, _GOES_ON_S))
        except ProcessDiedError:
            break
    return turns


def _turns(events: Sequence[AppEvent]) -> list[TurnTimings]:
    return [event.timings for event in events if isinstance(event, TurnDone)]


def _until(conversation: Conversation, kind: type[AppEvent], patience_s: float = _PATIENCE_S) -> list[AppEvent]:
    """What happens up to an event of a kind; raises what ends the conversation, or that nothing came."""
    deadline, seen = time.monotonic() + patience_s, list[AppEvent]()
    while time.monotonic() < deadline:
        seen += (events := conversation.poll())
        for event in events:
            if isinstance(event, Failure) and event.fatal:
                raise ConversationError(event.message)
        if any(isinstance(event, kind) for event in events):
            return seen
        time.sleep(0.02)
    raise ProcessDiedError(f"The conversation said nothing for {patience_s:.0f} s; run `visavis doctor`.")


def real_time_factor(work: Callable[[], object], seconds: float) -> float:
    """Median time of the work over the length of its audio."""
    work()
    times: npt.NDArray[np.float64] = np.zeros(_REPEATS)
    for i in range(_REPEATS):
        began = time.perf_counter()
        work()
        times[i] = time.perf_counter() - began
    return round(float(np.median(times)) / seconds, 4)
