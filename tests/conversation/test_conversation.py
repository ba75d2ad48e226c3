"""A whole conversation: every engine real, every process real, in real time; questions in another voice (flite)."""

from __future__ import annotations

import time
from dataclasses import dataclass

import jiwer
import numpy as np
import pytest
import soundfile
import soxr

from assets import catalogue
from assets.arkit import INDEX
from conversation.audio.recording import Recording
from conversation.conversation import Conversation
from conversation.engines.asr.whisper import WhisperBase
from conversation.link.events import AppEvent, Ask, Failure, Ready, ReplyText, StateChanged, TurnDone
from conversation.settings import ConversationSettings
from conversation.timings import TurnTimings
from tests.conversation.running import Listener, gone, spoken, working_children

QUESTIONS = ("What is the capital of France?", "Can you tell me something about the moon?")
RATE = 24_000
NORMAL = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)


@dataclass
class Talk:
    """What two questions left behind."""

    events: list[AppEvent]
    turns: list[TurnTimings]
    recording: Recording
    processes: set[int]
    seen: list[tuple[int, np.ndarray]]
    """Monotonic ns and the face that the app saw then."""

    def answer(self, turn: TurnTimings, until: TurnTimings | None) -> np.ndarray:
        """Samples that the speaker took for a turn."""
        samples, _ = soundfile.read(self.recording.speaker_wav, dtype="float32")
        assert turn.first_sample_out is not None
        first = round((turn.first_sample_out - self.recording.speaker_start_ns) * RATE / 1e9)
        last = len(samples)
        if until is not None:
            assert until.first_sample_out is not None
            last = round((until.first_sample_out - self.recording.speaker_start_ns) * RATE / 1e9)
        return np.asarray(samples[first:last])


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    folder = tmp_path_factory.mktemp("talk")
    seen: list[tuple[int, np.ndarray]] = []
    turns = []
    settings = ConversationSettings(microphone="file", speaker="file", record_to=folder / "recording")
    with Conversation(settings) as conversation:
        conversation.start()
        listener = Listener(conversation)

        def look() -> None:
            now = time.monotonic_ns()
            seen.append((now, conversation.face.at(conversation.clock.heard_at(now))))

        listener.wait(Ready)
        processes = working_children()
        for i, question in enumerate(QUESTIONS):
            conversation.send(Ask(str(spoken(folder / f"{i}.wav", question))))
            turns.append(listener.wait(TurnDone, 120, meanwhile=look).timings)
        time.sleep(0.5)
        look()
    assert conversation.recording is not None
    return Talk(listener.events, turns, Recording.load(conversation.recording), processes, seen)


def wer(reference: str, text: str) -> float:
    """Word error rate."""
    return float(jiwer.wer(reference, text, reference_transform=NORMAL, hypothesis_transform=NORMAL))


def test_every_question_is_heard(talk: Talk) -> None:
    assert not [event for event in talk.events if isinstance(event, Failure)]
    for question, turn in zip(QUESTIONS, talk.turns, strict=True):
        assert wer(question, turn.heard) <= 0.2


def test_every_question_is_answered(talk: Talk) -> None:
    replies = {event.turn: event.text for event in talk.events if isinstance(event, ReplyText)}
    for turn in talk.turns:
        assert len(turn.said.split()) >= 3
        assert turn.said.split() == replies[turn.turn].split(), "all of the answer was spoken"
        assert not turn.interrupted


def test_what_is_spoken_is_what_was_written(talk: Talk) -> None:
    """The speaker's own samples, transcribed back."""
    recogniser = WhisperBase(catalogue.model_dir("whisper-base"))
    heard = []
    for turn, following in zip(talk.turns, [*talk.turns[1:], None], strict=True):
        sound = talk.answer(turn, following)
        heard.append(recogniser.transcribe(soxr.resample(sound, RATE, 16_000).astype(np.float32)).text)
    said = " ".join(turn.said for turn in talk.turns)
    assert wer(said, " ".join(heard)) <= 0.25, (said, heard)


def test_states_follow_the_turn(talk: Talk) -> None:
    states = [event.state for event in talk.events if isinstance(event, StateChanged)]
    assert states == ["listening", *(["thinking", "speaking", "listening"] * len(QUESTIONS))]


def test_timings_are_in_order(talk: Talk) -> None:
    for question, turn in zip(talk.recording.questions, talk.turns, strict=True):
        edges = [
            question.first_voiced,
            turn.question_end,
            turn.endpoint,
            turn.asr_final,
            turn.first_token,
            turn.first_clause,
            turn.first_audio_made,
            turn.first_face,
            turn.first_sample_out,
            turn.first_audible_out,
        ]
        assert all(edge is not None for edge in edges)
        assert edges == sorted(edges)  # type: ignore[type-var]
        assert turn.question_end == question.last_voiced
        assert turn.speech_end is not None and abs(turn.speech_end - question.last_voiced) < 0.3e9
        assert sum(turn.stages_ms.values()) == pytest.approx(turn.speech_end_to_audio_ms)


def test_the_mouth_moves_with_the_voice_and_rests_without(talk: Talk) -> None:
    samples, _ = soundfile.read(talk.recording.speaker_wav, dtype="float32")
    size = RATE // 50
    loudness = np.sqrt(np.mean(samples[: len(samples) // size * size].reshape(-1, size) ** 2, axis=1))
    jaw = np.array([talk.recording.face.at((i + 0.5) * size)[INDEX["jawOpen"]] for i in range(len(loudness))])
    voiced = loudness > 0.02
    near_voice = np.convolve(voiced, np.ones(51), "same") > 0  # half a second around
    assert jaw[voiced].max() > 0.15 and jaw[voiced].std() > 0.02
    assert np.corrcoef(loudness[near_voice], jaw[near_voice])[0, 1] > 0.3
    assert not jaw[~near_voice].any()


def test_the_app_saw_the_face_that_was_recorded(talk: Talk) -> None:
    faces = np.array([face for _, face in talk.seen])
    recorded = np.array([talk.recording.face.at(talk.recording.heard_at(ns)) for ns, _ in talk.seen])
    assert faces.max() > 0.1
    # An image may have been taken just before its clause was queued; those are at the very beginning of a clause.
    close = np.abs(faces - recorded).max(axis=1) < 1e-3
    assert close.mean() > 0.98
    assert not faces[-1].any()


def test_no_process_is_left(talk: Talk) -> None:
    assert len(talk.processes) == 3, "audio, conversation, language model"
    assert gone(talk.processes, 1.0)
