"""What is typed beside the headset."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conversation.link.events import (
    ChangeLora,
    ChangeVoice,
    Command,
    Failure,
    Interrupt,
    Mute,
    StateChanged,
    Talk,
    Typed,
)
from xr_app.errors import OptionError
from xr_app.prompt import Prompt


class Terminal:
    """A pipe whose far end a prompt reads."""

    def __init__(self, *, together: bool = True, voice: bool = True, push_to_talk: bool = False) -> None:
        self.sent: list[Command] = []
        self.shown: list[str] = []
        self.saved: list[Path] = []
        reads, writes = os.pipe()
        self._writes = os.fdopen(writes, "w", encoding="utf-8")
        self.prompt = Prompt(
            os.fdopen(reads, encoding="utf-8"), self.sent.append, self.shown.append, self.save,
            together=together, voice=voice, push_to_talk=push_to_talk,
        )  # fmt: skip

    def save(self, file: Path) -> None:
        if file.suffix != ".md":
            raise OptionError(f"{file} is none of .md: choose one.")
        self.saved.append(file)

    def types(self, *lines: str) -> list[Command]:
        """Type lines, and nothing more ever; what they do."""
        self._writes.write("".join(f"{line}\n" for line in lines))
        self._writes.close()
        self.prompt._thread.join(20)
        self.prompt.poll()
        return self.sent


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("What is the capital of France? ", Typed("What is the capital of France?")),
        ("你好", Typed("你好")),
        ("/stop", Interrupt()),
        ("/speed 1.5", ChangeVoice(speed=1.5)),
        ("/volume 0.5", ChangeVoice(volume=0.5)),
        ("/voice slt", ChangeVoice(voice="slt")),
        ("/lora my poet.lora.mnn", ChangeLora("my poet.lora.mnn")),
        ("/lora", ChangeLora("")),
    ],
)
def test_a_line_is_a_question_or_a_command(line: str, command: Command) -> None:
    assert Terminal().types(line) == [command]


def test_mute_and_talk_are_switches() -> None:
    assert Terminal().types("/mute", "/mute", "/talk", "/talk") == [Mute(True), Mute(False), Talk(True), Talk(False)]


def test_enter_alone_is_the_key_of_push_to_talk() -> None:
    assert Terminal(push_to_talk=True).types("", "") == [Talk(True), Talk(False)]
    assert Terminal().types("", "") == []


def test_who_muted_the_microphone_cannot_talk_into_it() -> None:
    terminal = Terminal()
    assert terminal.types("/mute", "/talk", "/mute", "/talk") == [Mute(True), Mute(False), Talk(True)]
    assert "/mute first" in terminal.shown[1]


@pytest.mark.parametrize("line", ["/speed fast", "/volume", "/voice", "/save", "/save talk.doc", "/help", "/nonsense"])
def test_what_cannot_be_done_is_said_and_sends_nothing(line: str) -> None:
    terminal = Terminal()
    assert terminal.types(line) == [] and terminal.saved == []
    assert len(terminal.shown) == 2 and "Ctrl-C" in terminal.shown[1], "the second one is of the end of the input"


@pytest.mark.parametrize("line", ["/mute", "/talk", "/speed 1.2", "/volume 1", "/voice slt"])
def test_a_talk_in_writing_has_no_sound_to_change(line: str) -> None:
    terminal = Terminal(voice=False)
    assert terminal.types(line, "") == [] and terminal.shown == ["This talk is in writing alone."]


def test_a_line_stands_on_the_terminal_that_it_was_typed_on() -> None:
    terminal = Terminal()
    terminal.types("Who  are you? ")
    assert terminal.prompt.stands_there("Who are you?") and not terminal.prompt.stands_there("Who are you? I ask.")
    piped = Terminal(together=False)
    piped.prompt.take(StateChanged("listening", 0))
    piped.types("Who are you?")
    assert piped.sent and not piped.prompt.stands_there("Who are you?")


def test_the_transcript_is_saved_and_the_talk_is_left() -> None:
    terminal = Terminal()
    terminal.types("/save talk.md", "/quit", "too late")
    assert terminal.saved == [Path("talk.md")] and terminal.sent == [] and not terminal.prompt.poll()


def test_the_end_of_what_is_typed_is_not_the_end_of_a_talk_in_the_headset() -> None:
    terminal = Terminal()
    terminal.types("Hello?")
    assert terminal.prompt.poll() and "Ctrl-C ends the talk" in terminal.shown[0]
    alone = Terminal(voice=False)
    alone.types("Hello?")
    assert alone.sent and not alone.prompt.poll()


def test_lines_of_a_file_are_asked_one_after_the_other_and_their_end_is_that_of_the_talk() -> None:
    terminal = Terminal(together=False)
    assert terminal.types("One?", "Two?") == [], "the avatar does not listen yet"
    for number, state in enumerate(("listening", "thinking", "listening")):
        terminal.prompt.take(StateChanged(state, number))  # type: ignore[arg-type]
        assert terminal.prompt.poll()
        assert len(terminal.sent) == (1, 1, 2)[number]
    terminal.prompt.take(StateChanged("listening", 3))
    assert not terminal.prompt.poll()


def test_a_conversation_that_cannot_go_on_ends() -> None:
    terminal = Terminal()
    terminal.prompt.take(Failure("audio", "ProcessDiedError", "It ended.", fatal=True))
    assert not terminal.prompt.poll()
