"""Words that do not want the floor."""

import pytest

from conversation.turns.asides import is_backchannel, is_hesitation, is_stop


@pytest.mark.parametrize(
    "text", ["", "Mm.", "Mmmm", "uh-huh", "Mm-hmm.", "Yeah, yeah.", "Okay.", "I see.", "Oh, really?"]
)
def test_a_listener_in_english(text: str) -> None:
    assert is_backchannel(text) and not is_stop(text)


@pytest.mark.parametrize("text", ["嗯", "嗯嗯", "对对对", "好的。", "是的，是的", "哦", "原来如此"])
def test_a_listener_in_chinese(text: str) -> None:
    assert is_backchannel(text) and not is_stop(text)


@pytest.mark.parametrize(
    "text",
    ["Why?", "No.", "What about Spain?", "I see a dog.", "Yes, but why", "为什么", "不对", "Да", "Right now?", "3"],
)
def test_what_says_something(text: str) -> None:
    assert not is_backchannel(text) and not is_hesitation(text) and not is_stop(text)


def test_sounds_of_thinking() -> None:
    assert is_hesitation("Um...") and is_hesitation("呃") and is_hesitation("") and is_hesitation("Hmmm, uh")
    assert not is_hesitation("Yes.") and not is_hesitation("好的")


@pytest.mark.parametrize(
    "text",
    [
        "Stop.",
        "Stop, stop!",
        "Okay, stop please.",
        "Wait a minute.",
        "Hold on",
        "That’s enough.",
        "停",
        "别说了。",
        "等一下",
    ],
)
def test_asking_for_silence(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["Stop the music.", "Wait for me", "停车场在哪里？", "Why did you stop?", ""])
def test_words_that_only_contain_it(text: str) -> None:
    assert not is_stop(text)
