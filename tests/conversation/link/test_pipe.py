"""Pipe: typed messages between processes, and what happens when one of them is gone."""

import multiprocessing
from multiprocessing.connection import Connection
from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from conversation.errors import BadMessageError, LinkClosedError
from conversation.link import audio_events, events
from conversation.link.audio_events import FromAudio, ToAudio
from conversation.link.events import AudioInput, ConversationInput, FromChild
from conversation.link.pipe import Pipe, connection_pair
from conversation.timings import TurnTimings

EVERY_TYPE = sorted(
    {kind for union in (AudioInput, ConversationInput, FromAudio, FromChild, ToAudio) for kind in get_args(union)},
    key=lambda kind: kind.__name__,
)
EXAMPLES: dict[str, Any] = {
    "int": 7,
    "str": "ein Wort, 一句话",
    "float": 50.0,
    "bool": True,
    "F32": np.arange(6, dtype=np.float32).reshape(2, 3),
    "State": "thinking",
    "TurnTimings": TurnTimings(3, heard="a", said="b", speech_end=1, first_audible_out=2),
    "dict[str, int]": {"inbox": 3},
    "int | None": None,
    "float | None": 1.5,
    "str | None": "zf_xiaoxiao",
    "tuple[str, ...]": ("af_heart", "小晓"),
    "tuple[CaptionWord, ...]": (events.CaptionWord("Hi", 0, 240),),
}


def example(kind: type) -> Any:
    return kind(**{name: EXAMPLES[str(note)] for name, note in kind.__annotations__.items()})


def union() -> Any:
    return AudioInput | ConversationInput | FromAudio | FromChild | ToAudio


@pytest.mark.parametrize("kind", EVERY_TYPE, ids=lambda kind: kind.__name__)
def test_every_message_arrives_as_it_was_sent(kind: type) -> None:
    near, far = connection_pair()
    here: Pipe[Any, Any] = Pipe(near, union())
    there: Pipe[Any, Any] = Pipe(far, union())
    sent = example(kind)
    here.send(sent)
    received = there.receive()
    assert type(received) is kind
    for name in kind.__struct_fields__:  # type: ignore[attr-defined]
        assert np.array_equal(getattr(received, name), getattr(sent, name)), name


def test_no_message_of_the_modules_is_forgotten() -> None:
    messages = {
        kind
        for module in (events, audio_events)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, events.Message)
    } - {events.Message}
    assert messages == set(EVERY_TYPE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"not msgpack at all",
        msgspec.msgpack.encode({"type": "NoSuchMessage"}),
        msgspec.msgpack.encode({"type": "SpeechComplete", "turn": "three"}),
        msgspec.msgpack.encode({"type": "UtteranceAudio", "utterance": 1, "samples": [[5], b"\0\0\0\0"]}),
        msgspec.msgpack.encode({"type": "UtteranceAudio", "utterance": 1, "samples": [[1], b"\0\0\0"]}),
        msgspec.msgpack.encode({"type": "UtteranceAudio", "utterance": 1, "samples": [[-1, -1], b"\0\0\0\0"]}),
        msgspec.msgpack.encode({"type": "UtteranceAudio", "utterance": 1}),
    ],
)
def test_a_damaged_message_is_an_error_and_the_next_one_arrives(data: bytes) -> None:
    near, far = connection_pair()
    pipe: Pipe[Any, Any] = Pipe(far, union())
    near.send_bytes(data)
    near.send_bytes(msgspec.msgpack.encode(events.Ready()))
    with pytest.raises(BadMessageError):
        pipe.receive()
    assert pipe.receive() == events.Ready()


def test_a_message_of_another_direction_is_refused() -> None:
    near, far = connection_pair()
    here: Pipe[Any, Any] = Pipe(near, ToAudio)
    there: Pipe[Any, Any] = Pipe(far, AudioInput)
    here.send(audio_events.CutSpeech(1))
    with pytest.raises(BadMessageError):
        there.receive()


def test_the_end_of_the_other_side_is_an_error_for_both_directions() -> None:
    near, far = connection_pair()
    here: Pipe[Any, Any] = Pipe(near, union())
    Pipe[Any, Any](far, union()).close()
    assert here.poll()
    with pytest.raises(LinkClosedError):
        here.receive()
    with pytest.raises(LinkClosedError):
        for _ in range(3):
            here.send(events.Ready())


def test_ends_when_the_other_process_ends() -> None:
    near, far = connection_pair()
    child = multiprocessing.get_context("spawn").Process(target=_say_and_leave, args=(far,))
    child.start()
    far.close()
    here: Pipe[Any, Any] = Pipe(near, union())
    assert here.receive() == events.Loading("tts")
    with pytest.raises(LinkClosedError):
        here.receive()
    child.join()


def test_a_connection_can_be_given_to_another_process() -> None:
    near, far = connection_pair()
    child = multiprocessing.get_context("spawn").Process(target=_meet_and_greet, args=(far,))
    child.start()
    far.close()
    mine, theirs = connection_pair()
    here: Pipe[Any, Any] = Pipe(near, union())
    assert child.pid is not None
    here.send_connection(events.NewPeer(), theirs, child.pid)
    theirs.close()
    peer: Pipe[Any, Any] = Pipe(mine, union())
    assert peer.receive() == events.Loading("greeting")
    child.join()


def _say_and_leave(connection: Connection) -> None:
    Pipe[Any, Any](connection, AudioInput).send(events.Loading("tts"))


def _meet_and_greet(connection: Connection) -> None:
    pipe: Pipe[Any, Any] = Pipe(connection, AudioInput)
    assert pipe.receive() == events.NewPeer()
    Pipe[Any, Any](pipe.receive_connection(), AudioInput).send(events.Loading("greeting"))
