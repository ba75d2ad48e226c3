"""The mood of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.speech_text import Mood, mood_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I'm so happy to see you!", "happy"),
        ("Sorry, I can’t do that.", "sorry"),
        ("That is so sad.", "sad"),
        ("I wonder what you think?", "curious"),
        ("Wow, really?!", "surprised"),
        ("Paris is the capital of France.", "neutral"),
        ("I am not happy.", "sad"),
        ("I was not surprised.", "neutral"),
        ("It is done 😢", "sad"),
        ("Thanks 🎉", "happy"),
        ("我很高兴认识你！", "happy"),
        ("对不起，我不知道。", "sorry"),
        ("哇，真的吗？", "surprised"),
        ("他很难过。", "sad"),
        ("我很好奇，你呢？", "curious"),
        ("我不太开心", "sad"),
        ("北京是中国的首都。", "neutral"),
        ("", "neutral"),
    ],
)
def test_the_mood_of_a_sentence(text: str, name: str) -> None:
    assert mood_of(text).name == name


def test_an_exclamation_mark_and_more_words_are_stronger() -> None:
    assert mood_of("Good.").strength < mood_of("Good!").strength < mood_of("Good, I am happy!").strength == 1.0


@given(st.text(max_size=200))
def test_only_a_neutral_text_has_no_strength(text: str) -> None:
    mood = mood_of(text)
    assert 0 <= mood.strength <= 1
    assert (mood.strength == 0) == (mood.name == "neutral") and (mood.name != "neutral" or mood == Mood())
