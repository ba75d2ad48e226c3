"""What the user sees of long work."""

from __future__ import annotations

import io

import pytest

from assets.progress import SilentProgress, shown_on


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_at_the_beginning_and_one_at_the_end() -> None:
    out = io.StringIO()
    with shown_on(out) as progress, progress.step("Fetching nets", 10) as step:
        step.advance(10)
    assert out.getvalue().splitlines() == ["Fetching nets ...", "Fetching nets: done after 0 s"]


def test_a_log_says_what_failed() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError), shown_on(out) as progress, progress.step("Fetching nets"):
        raise ValueError
    assert out.getvalue().splitlines()[1] == "Fetching nets: failed after 0 s"


def test_a_terminal_gets_a_bar_that_ends_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    with shown_on(out) as progress, progress.step("Converting") as step:
        step.expect(4)
        step.say("encoder")
        step.advance()
    assert "Converting" in out.getvalue()
    assert "100%" in out.getvalue()


def test_silence_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with SilentProgress().step("Fetching", 3) as step:
        step.expect(4)
        step.say("part")
        step.advance()
    assert capsys.readouterr() == ("", "")
