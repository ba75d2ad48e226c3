"""A message is one line of letters that can be shown, whatever it holds of other people's files."""

from assets.errors import AvatarError, VisavisError


def test_a_message_is_one_line() -> None:
    assert str(AvatarError("It has\n two\tlines.")) == "It has two lines."
    assert str(AvatarError("a\x00b\u202ec, 形象, é.")) == "a\ufffdb\ufffdc, 形象, é."
    assert str(VisavisError()) == ""
    assert AvatarError("x").args == ("x",), "it goes from process to process"
