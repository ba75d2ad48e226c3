"""Who is listened to while the wearer is away, or busy."""

import pytest

from conversation.link.events import Command, Greet, Interrupt, Mute, Talk, Typed
from xr_app.attendance import Attendance
from xr_app.session.attention import Attention

HERE, ELSEWHERE, AWAY = Attention.HERE, Attention.ELSEWHERE, Attention.AWAY


class Talked:
    """An attendance, and what came of it."""

    def __init__(self, *, voice: bool = True) -> None:
        self.sent: list[Command] = []
        self.said: list[str] = []
        self.attendance = Attendance(self.sent.append, self.said.append, voice=voice, welcome="Hello.")


@pytest.mark.parametrize(("attention", "words"), [(AWAY, "is off"), (ELSEWHERE, "in front")])
def test_the_microphone_is_shut_while_the_wearer_is_not_there(attention: Attention, words: str) -> None:
    talked = Talked()
    talked.attendance.attend(attention)
    assert talked.sent == [Mute(True)] and talked.attendance.waiting
    talked.attendance.attend(HERE)
    assert talked.sent == [Mute(True), Mute(False)] and not talked.attendance.waiting
    assert words in talked.said[0] and "muted" in talked.said[0] and "listening" in talked.said[1]


def test_what_was_shut_by_wish_stays_shut() -> None:
    talked = Talked()
    talked.attendance.send(Mute(True))
    talked.attendance.attend(AWAY)
    talked.attendance.attend(HERE)
    assert talked.sent[-1] == Mute(True) and "still muted" in talked.said[-1]


def test_nobody_opens_it_meanwhile_but_the_wish_is_kept() -> None:
    talked = Talked()
    talked.attendance.send(Mute(True))
    talked.attendance.attend(AWAY)
    talked.attendance.send(Mute(False))
    talked.attendance.send(Talk(True))
    assert talked.sent == [Mute(True), Mute(True)]
    talked.attendance.attend(HERE)
    assert talked.sent[-1] == Mute(False)


def test_a_key_that_is_held_is_let_go() -> None:
    talked = Talked()
    talked.attendance.send(Talk(True))
    talked.attendance.attend(ELSEWHERE)
    assert talked.sent == [Talk(True), Talk(False), Mute(True)]


def test_from_busy_to_away_is_said_and_shuts_nothing_twice() -> None:
    talked = Talked()
    for attention in (ELSEWHERE, ELSEWHERE, AWAY, HERE, HERE):
        talked.attendance.attend(attention)
    assert talked.sent == [Mute(True), Mute(False)]
    assert len(talked.said) == 3


def test_what_is_typed_is_asked_all_the_same() -> None:
    talked = Talked()
    talked.attendance.attend(AWAY)
    for command in (Typed("who are you?"), Interrupt()):
        talked.attendance.send(command)
    assert talked.sent == [Mute(True), Typed("who are you?"), Interrupt()]


def test_a_talk_in_writing_goes_on() -> None:
    talked = Talked(voice=False)
    talked.attendance.attend(AWAY)
    talked.attendance.attend(HERE)
    assert not talked.sent and not talked.said


def test_nobody_is_listened_to_before_the_avatar_is_put_down_and_then_it_says_its_welcome() -> None:
    talked = Talked()
    for placed in (False, False):
        talked.attendance.place(placed)
    assert talked.sent == [Mute(True)] and talked.attendance.waiting
    for placed in (True, True):
        talked.attendance.place(placed)
    assert talked.sent == [Mute(True), Mute(False), Greet("Hello.")]
    talked.attendance.place(False)
    talked.attendance.place(True)
    assert talked.sent[3:] == [Mute(True), Mute(False)], "they have met"


def test_put_down_while_the_wearer_is_away_it_waits_for_them() -> None:
    talked = Talked()
    talked.attendance.place(False)
    talked.attendance.attend(AWAY)
    talked.attendance.place(True)
    assert talked.sent == [Mute(True)] and not talked.said
    talked.attendance.attend(HERE)
    assert talked.sent == [Mute(True), Mute(False), Greet("Hello.")]


def test_one_who_wrote_first_is_not_welcomed_afterwards() -> None:
    talked = Talked()
    talked.attendance.place(False)
    talked.attendance.send(Typed("who are you?"))
    talked.attendance.place(True)
    assert not [command for command in talked.sent if isinstance(command, Greet)]


def test_a_talk_in_writing_begins_with_the_welcome_too() -> None:
    talked = Talked(voice=False)
    talked.attendance.place(True)
    assert talked.sent == [Greet("Hello.")]


def test_while_the_display_is_gone_nobody_is_listened_to_and_afterwards_all_is_as_it_was() -> None:
    talked = Talked()
    talked.attendance.place(True)
    talked.sent.clear()
    for gone in (True, True, False):
        talked.attendance.lose(gone)
    assert talked.sent == [Mute(True), Mute(False)]
    assert ["muted" in talked.said[0], "open again" in talked.said[1]] == [True, True] and len(talked.said) == 2
    talked.attendance.send(Mute(True))
    talked.attendance.lose(True)
    talked.attendance.lose(False)
    assert talked.sent[-1] == Mute(True) and len(talked.said) == 2, "muted by the user before and after"


def test_a_display_that_is_back_opens_nothing_while_the_wearer_is_away() -> None:
    talked = Talked()
    talked.attendance.lose(True)
    talked.attendance.attend(AWAY)
    talked.attendance.lose(False)
    assert talked.sent == [Mute(True)] and talked.attendance.waiting
    talked.attendance.attend(HERE)
    assert talked.sent == [Mute(True), Mute(False)]
