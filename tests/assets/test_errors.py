"""A message is one line of letters that can be shown, whatever it holds of other people's files."""

from assets.errors import LONGEST, AvatarError, VisavisError


def test_a_message_is_one_line() -> None:
    assert str(AvatarError("It has\n two\tlines.")) == "It has two lines."
    assert str(AvatarError("a\x00b\u202ec, 形象, é.")) == "a\ufffdb\ufffdc, 形象, é."
    assert str(VisavisError()) == ""


def test_a_message_that_is_too_long_keeps_its_ends() -> None:
    message = str(AvatarError("This file says " + "a" * 5000 + "; write it again."))
    assert len(message) <= LONGEST
    assert message.startswith("This file says a") and " … " in message and message.endswith("; write it again.")
    assert str(AvatarError("x" * LONGEST)) == "x" * LONGEST


def test_a_message_goes_from_process_to_process() -> None:
    assert AvatarError("x").args == ("x",), "it goes from process to process"
