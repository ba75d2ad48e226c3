"""What hotwords are worth, token by token (sherpa-onnx judges whole searches in test_zipformer)."""

from collections.abc import Sequence

import pytest

from conversation.engines.asr.hotwords import Hotwords


def worth(words: Hotwords, tokens: Sequence[int]) -> list[float]:
    state, paid = words.root, []
    for token in tokens:
        score, state = words.follow(state, token)
        paid.append(score)
    return paid


def test_each_token_of_a_phrase_is_paid() -> None:
    assert worth(Hotwords([[1, 2, 3]], 1.5), [9, 1, 2, 3, 9]) == [0, 1.5, 1.5, 1.5, 0]


def test_what_comes_to_nothing_is_paid_back() -> None:
    assert worth(Hotwords([[1, 2, 3]], 2.0), [1, 2, 9]) == [2, 2, -4]
    assert worth(Hotwords([[1, 2, 3]], 2.0), [1, 2, 1]) == [2, 2, -2], "its last token begins the phrase again"


def test_a_phrase_within_another_keeps_its_own_pay() -> None:
    words = Hotwords([[1, 2, 3, 4], [2, 3]], 1.0)
    paid = worth(words, [1, 2, 3, 9])
    assert sum(paid) == 2.0


def test_the_end_of_a_phrase_begins_all_anew() -> None:
    words = Hotwords([[1, 1]], 1.0)
    assert worth(words, [1, 1, 1, 9]) == [1, 1, 1, -1]


@pytest.mark.parametrize("phrases", [[], [[]]])
def test_no_words_are_worth_nothing(phrases: list[list[int]]) -> None:
    assert worth(Hotwords(phrases), [1, 2, 3]) == [0, 0, 0]
