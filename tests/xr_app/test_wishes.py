"""What the conversation is told of what a person presses."""

from conversation.link.events import Command, Mute, Talk
from xr_app.input.inputs import Inputs
from xr_app.wishes import Wishes

NOTHING, MUTE, TALK = Inputs(), Inputs(mute=True), Inputs(talk=True)


def told(*frames: Inputs, voice: bool = True, push_to_talk: bool = True) -> tuple[list[Command], list[str]]:
    sent: list[Command] = []
    said: list[str] = []
    wishes = Wishes(sent.append, said.append, voice=voice, push_to_talk=push_to_talk)
    for inputs in frames:
        wishes.take(inputs)
    return sent, said


def test_push_to_talk_is_told_of_both_ends() -> None:
    frames = NOTHING, TALK, TALK, TALK, NOTHING, NOTHING, TALK
    assert told(*frames)[0] == [Talk(True), Talk(False), Talk(True)]
    assert told(*frames, push_to_talk=False)[0] == []


def test_mute_goes_on_and_off_and_is_said() -> None:
    sent, said = told(MUTE, NOTHING, MUTE, MUTE)
    assert sent == [Mute(True), Mute(False), Mute(True)]
    assert len(said) == 3 and said[0] == said[2] != said[1]


def test_without_a_voice_there_is_no_microphone() -> None:
    assert told(MUTE, TALK, voice=False) == ([], [])
