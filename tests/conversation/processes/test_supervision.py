"""Real processes, real-time audio, engines of rules: what happens when something does not work or is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from conversation.audio.recording import Recording
from conversation.conversation import Conversation
from conversation.engines.tts.voice import VoiceSettings
from conversation.link.events import (
    Ask,
    Caption,
    ChangeVoice,
    Failure,
    Greet,
    Interrupt,
    ListVoices,
    Mute,
    Partial,
    Ready,
    ReplyText,
    StateChanged,
    Talk,
    Transcript,
    TurnDone,
    Typed,
    Voices,
)
from conversation.processes.supervision import Supervision
from conversation.settings import ConversationSettings, EngineSpec
from tests.conversation.engines_of_rules import HERE, rules
from tests.conversation.running import Listener, gone, tone, working_children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

REMOTE = EngineSpec(
    "conversation.processes.language_model:RemoteLanguageModel",
    options={"model_dir": Path(), "engine": f"{HERE}:SettledEcho"},
)


@contextmanager
def running(**changed: Any) -> Iterator[Listener]:
    """A conversation from files with engines of rules; afterwards no process and no shared memory is left."""
    engines = changed.pop("engines", None) or rules()
    settings = ConversationSettings(microphone="file", speaker="file", engines=engines, **changed)
    with Conversation(settings) as conversation:
        conversation.start()
        before = working_children()
        yield Listener(conversation)
        before |= working_children()
        names = [conversation.face.name, conversation.clock.name]
    assert gone(before, 1.0)
    assert not any(Path("/dev/shm", name).exists() for name in names)


def kill(conversation: Conversation, name: str) -> None:
    """SIGKILL to one of its processes, found by its name."""
    child = conversation._audio if name == "audio" else conversation._converse
    assert child is not None
    target = child.process_id
    if name == "llm":
        (target,) = working_children(target)
    os.kill(target, signal.SIGKILL)


def test_typed_questions_are_read_where_nothing_is_loaded_that_hears_or_speaks() -> None:
    broken = {stage: EngineSpec(f"{HERE}:refuse") for stage in ("recogniser", "synthesiser", "face_driver")}
    unknown = {"zh": "Get a model that knows Chinese."}
    with running(voice=False, engines=rules(**broken), welcome="Hello.", unknown_languages=unknown) as listener:
        assert listener.wait(TurnDone).timings.said == "Hello."
        listener.conversation.send(Typed("How are you?"))
        timings = listener.wait(TurnDone).timings
        assert timings.heard == "How are you?" and timings.said == "You said: How are you? This is answer 1."
        assert timings.first_sample_out is None
        assert not listener.of(Failure)
        listener.conversation.send(Typed("你好。"))
        listener.conversation.send(Typed("你好吗？"))
        assert listener.wait(TurnDone).timings.said
    assert [failure.message for failure in listener.of(Failure)] == list(unknown.values()), "once"
    assert "speaking" not in [event.state for event in listener.of(StateChanged)]


def test_whom_the_avatar_met_before_the_start_is_welcomed_and_may_change_its_voice() -> None:
    two = rules(synthesiser=EngineSpec("tests.conversation.engines_of_rules:TwoVoices"))
    with Conversation(ConversationSettings(microphone="file", speaker="file", engines=two)) as conversation:
        conversation.send(Greet("Hi."))
        conversation.start()
        listener = Listener(conversation)
        assert listener.wait(Voices) == Voices(("low", "high"), "")
        assert listener.wait(TurnDone).timings.said == "Hi."
        conversation.send(ChangeVoice(voice="high"))
        assert listener.wait(Voices).chosen == "high"
        conversation.send(ListVoices())
        assert listener.wait(Voices).chosen == "high", "told once more"


def test_only_while_the_key_is_held_and_the_microphone_on_is_a_voice_heard_and_recorded(tmp_path: Path) -> None:
    long = rules(language_model=EngineSpec(f"{HERE}:EchoModel", options={"words": 20}))
    question = str(tone(tmp_path / "q.wav", 0.6))
    with running(engines=long, push_to_talk=True, record_to=tmp_path / "talk") as listener:
        conversation = listener.conversation
        listener.wait(Ready)
        conversation.send(Ask(question))  # nobody holds the key
        listener.while_playing(1.2)
        assert not listener.of(Partial) and not listener.of(Transcript)

        conversation.send(Typed("Tell me."))
        listener.wait_for_state("speaking")
        conversation.send(Typed("And now?"))
        assert listener.wait(TurnDone).timings.interrupted
        listener.wait_for_state("speaking")
        conversation.send(Talk(True))
        assert listener.wait(TurnDone).timings.interrupted
        conversation.send(Ask(question))
        listener.wait(Partial)
        conversation.send(Talk(False))
        assert listener.wait(Transcript).text.startswith("I heard ")

        listener.wait_for_state("speaking")
        conversation.send(Talk(True))
        conversation.send(Mute(True))
        listener.wait_for_state("listening")
        told = len(listener.of(Partial))
        conversation.send(Ask(question))
        listener.while_playing(1.2)
        assert len(listener.of(Partial)) == told and not listener.of(Failure)
    assert [event.text for event in listener.of(Transcript)][:2] == ["Tell me.", "And now?"]
    microphone, rate = soundfile.read(Recording.load(tmp_path / "talk").microphone_wav)
    assert 0.1 < np.count_nonzero(np.abs(microphone) > 0.01) / rate < 0.7, "of three questions, one at most"


def test_two_questions_in_turn_with_the_face_moving(tmp_path: Path) -> None:
    question = tone(tmp_path / "q.wav")
    opened: list[float] = []
    with running(record_to=tmp_path / "talk") as listener:
        conversation = listener.conversation

        def look() -> None:
            opened.append(float(conversation.face.at(conversation.clock.heard_at(time.monotonic_ns()))[17]))

        listener.wait(Ready)
        for number in (1, 2):
            conversation.send(Ask(str(question)))
            timings = listener.wait(TurnDone, meanwhile=look).timings
            assert timings.turn == number and timings.heard and f"answer {number}" in timings.said
            assert timings.speech_end_to_audio_ms > 0
        look()
        assert not listener.of(Failure)
    assert max(opened) == pytest.approx(0.5, abs=0.01) and opened[0] == 0
    assert conversation.recording == tmp_path / "talk"
    recording = Recording.load(conversation.recording)
    assert len(recording.questions) == 2
    last = (recording.questions[1].last_voiced, timings.first_audible_out)
    assert timings.question_end == last[0]

    # The recorded sound has the question's end and the answer's first sound at the very times that were told.
    speaker = np.fromfile(recording.speaker_wav, np.int16)[22:]
    at = round((last[1] - recording.speaker_start_ns) * 24_000 / 1e9)
    assert not speaker[at - 2000 : at - 2].any() and speaker[at : at + 100].any()
    microphone = np.fromfile(recording.microphone_wav, np.int16)[22:]
    at = round((last[0] - recording.microphone_start_ns) * 16_000 / 1e9)
    assert microphone[at - 100 : at + 2].any() and not microphone[at + 2 : at + 1000].any()


def test_interrupt_cuts_voice_and_face(tmp_path: Path) -> None:
    long = rules(language_model=EngineSpec(f"{HERE}:EchoModel", options={"words": 100}))
    with running(engines=long, record_to=tmp_path / "talk") as listener:
        conversation = listener.conversation
        listener.wait(Ready)
        conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        while listener.wait(StateChanged).state != "speaking":
            pass
        time.sleep(0.5)
        conversation.send(Interrupt())
        timings = listener.wait(TurnDone).timings
        assert timings.interrupted and 0 < len(timings.said) < 200
        cut_sample = conversation.clock.heard_at(time.monotonic_ns())
        assert not conversation.face.at(cut_sample + 0.3 * 24_000).any()
        assert listener.wait(StateChanged).state == "listening"
        conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        listener.wait(ReplyText)
        conversation.send(Interrupt())
        listener.wait(TurnDone)
    speaker = np.fromfile(Recording.load(tmp_path / "talk").speaker_wav, np.int16)[22:]
    assert np.flatnonzero(speaker).size < 10 * 24_000, "100 more words would have been much longer"


def test_while_the_avatar_speaks_it_does_not_hear(tmp_path: Path) -> None:
    """A question asked during the welcome waits until the avatar listens."""
    with running(welcome="Hello, this is a rather long welcome, which takes a while to say.") as listener:
        listener.conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        first = listener.wait(TurnDone).timings
        assert first.heard == ""
        second = listener.wait(TurnDone).timings
        assert second.heard and second.question_end > first.first_audible_out


def test_bad_files_and_missing_devices_are_said_and_all_goes_on(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_text("no sound")
    with running() as listener:
        listener.wait(Ready)
        listener.conversation.send(Ask(str(tmp_path / "bad.wav")))
        failure = listener.wait(Failure)
        assert failure.error == "AudioFileError" and "bad.wav" in failure.message and not failure.fatal
        listener.conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        listener.wait(TurnDone)


@pytest.mark.parametrize("stage", ["voice_activity", "recogniser", "language_model", "synthesiser", "face_driver"])
def test_an_engine_that_does_not_load_is_said_and_nothing_hangs(stage: str) -> None:
    with running(engines=rules(**{stage: EngineSpec(f"{HERE}:refuse")})) as listener:
        failure = listener.wait(Failure)
        assert failure.fatal and failure.error == "EngineError" and "models get" in failure.message
        assert not listener.conversation.ready


def test_a_model_that_is_not_there_is_said() -> None:
    spec = EngineSpec(f"{HERE}:ToneVoice", "no-such-model")
    with running(engines=rules(synthesiser=spec)) as listener:
        failure = listener.wait(Failure)
        assert failure.fatal and failure.error in ("ModelError", "ModelMissingError")


def test_a_stage_that_fails_is_said_and_the_next_question_works(tmp_path: Path) -> None:
    fails = rules(language_model=EngineSpec(f"{HERE}:EchoModel", options={"fails_on_turn": 1}))
    with running(engines=fails) as listener:
        listener.wait(Ready)
        listener.conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        failure = listener.wait(Failure)
        assert failure.stage == "llm" and not failure.fatal
        assert listener.wait(TurnDone).timings.said == ""
        listener.conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        assert "answer 2" in listener.wait(TurnDone).timings.said


def test_a_killed_conversation_process_is_started_again_so_often_and_speaks_as_before(tmp_path: Path) -> None:
    words = rules(
        synthesiser=EngineSpec("tests.conversation.engines_of_rules:TwoVoices", options={"settings": VoiceSettings()})
    )
    with running(engines=words, supervision=Supervision(restarts=1)) as listener:
        conversation = listener.conversation
        conversation.send(ChangeVoice(volume=0.5))
        conversation.send(ChangeVoice(speed=2.0))
        listener.wait(Ready)
        conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        while listener.wait(StateChanged).state != "speaking":
            pass
        kill(conversation, "conversation")
        failure = listener.wait(Failure)
        assert failure.error == "ProcessDiedError" and "SIGKILL" in failure.message and not failure.fatal
        first = listener.of(Caption)[0]
        assert first.samples < 0.2 * 24_000 * len(first.words), "with its pauses it is faster than without, by itself"
        listener.wait(Ready)
        conversation.send(Ask(str(tone(tmp_path / "q.wav"))))
        assert listener.wait(TurnDone).timings.turn == 2
        again = next(caption for caption in listener.of(Caption) if caption.turn == 2)
        assert again.samples / len(again.words) == pytest.approx(first.samples / len(first.words), rel=0.02)
        kill(conversation, "conversation")
        failure = listener.wait(Failure)
        assert failure.fatal and failure.error == "ProcessDiedError"
        assert not conversation.ready
        conversation.send(Interrupt())


def test_a_killed_audio_process_is_started_again_and_its_clock_goes_on(tmp_path: Path) -> None:
    with running(supervision=Supervision(restarts=1)) as listener:
        conversation = listener.conversation
        question = Ask(str(tone(tmp_path / "q.wav")))
        listener.wait(Ready)
        conversation.send(question)
        while listener.wait(StateChanged).state != "speaking":
            pass
        conversation.send(Mute(True))
        kill(conversation, "audio")
        failure = listener.wait(Failure)
        assert (failure.stage, failure.error, failure.fatal) == ("audio", "ProcessDiedError", False)
        assert "SIGKILL" in failure.message and "started again" in failure.message
        before = conversation.clock.heard_at(time.monotonic_ns())
        listener.wait(Ready)
        assert conversation.clock.heard_at(time.monotonic_ns()) > before + 24_000
        opened: list[float] = []

        def look() -> None:
            opened.append(float(conversation.face.at(conversation.clock.heard_at(time.monotonic_ns()))[17]))

        look()
        conversation.send(question)
        listener.while_playing(1.5)
        assert len(listener.of(Transcript)) == 1, "the new one does not listen either"
        conversation.send(Mute(False))
        conversation.send(question)
        timings = listener.wait(TurnDone, meanwhile=look).timings
        assert timings.turn == 2 and timings.said
        assert opened[0] == 0 and max(opened) == pytest.approx(0.5, abs=0.01)
        kill(conversation, "audio")
        failure = listener.wait(Failure)
        assert failure.fatal and failure.stage == "audio"
        assert gone(working_children())
        conversation.send(question)
        assert not listener.of(Failure)[2:]


def test_a_killed_language_model_is_started_again_so_often(tmp_path: Path) -> None:
    once = Supervision(restarts=1)
    with running(engines=rules(language_model=REMOTE), supervision=once) as listener:
        conversation = listener.conversation
        question = str(tone(tmp_path / "q.wav"))
        listener.wait(Ready)
        conversation.send(Ask(question))
        assert "answer 1" in listener.wait(TurnDone).timings.said
        kill(conversation, "llm")
        conversation.send(Ask(question))
        failure = listener.wait(Failure)
        assert (failure.stage, failure.error, failure.fatal) == ("llm", "ProcessDiedError", False)
        assert "answer 1" in listener.wait(TurnDone).timings.said, "answered by a new model, which knows nothing"
        conversation.send(Ask(question))
        assert "answer 2" in listener.wait(TurnDone).timings.said
        kill(conversation, "llm")
        conversation.send(Ask(question))
        failure = listener.wait(Failure)
        assert (failure.stage, failure.error) == ("llm", "ProcessDiedError")
        assert listener.wait(TurnDone).timings.said == ""
        conversation.send(Ask(question))
        assert "start the conversation again" in listener.wait(Failure).message


@pytest.mark.parametrize("source", ["device", "auto"])
def test_a_missing_device_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Any) -> None:
    """Where it is asked for, nothing goes on without it; else silence takes its place."""
    (tmp_path / "alsa.conf").write_text("pcm.!default { type hw card 99 }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    monkeypatch.setenv("PULSE_SERVER", "none")
    settings = ConversationSettings(microphone=source, speaker="file", engines=rules())
    with Conversation(settings) as conversation:
        conversation.start()
        listener = Listener(conversation)
        failure = listener.wait(Failure)
        assert failure.error == "NoMicrophoneError" and "plug one in" in failure.message
        assert failure.fatal == (source == "device")
        if source == "auto":
            listener.wait(Ready)


APP = """
import sys, time
from conversation.conversation import Conversation
from conversation.link.events import Ready
from conversation.settings import ConversationSettings
from tests.conversation.engines_of_rules import rules

if __name__ == "__main__":
    conversation = Conversation(ConversationSettings(microphone="file", speaker="file", engines=rules()))
    conversation.start()
    while not any(isinstance(event, Ready) for event in conversation.poll()):
        time.sleep(0.02)
    print(conversation.face.name, conversation.clock.name, flush=True)
    if "leave" in sys.argv:
        raise SystemExit("left without close")
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None], ids=str)
def test_an_app_that_ends_in_any_way_leaves_nothing(tmp_path: Path, how: signal.Signals | None) -> None:
    (tmp_path / "app.py").write_text(APP)
    arguments = [sys.executable, str(tmp_path / "app.py"), *(["leave"] if how is None else [])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3])])}
    app = subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert app.stdout is not None
    names = app.stdout.readline().split()
    assert len(names) == 2
    processes = working_children(app.pid)
    if how is signal.SIGINT:
        os.killpg(app.pid, how)  # Ctrl-C in a terminal reaches every process
    elif how is not None:
        app.send_signal(how)
    _, errors = app.communicate(timeout=30)
    assert gone(processes)
    deadline = time.monotonic() + 10
    while any(Path("/dev/shm", name).exists() for name in names) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path("/dev/shm", name).exists() for name in names)
    assert "visavis" not in errors
