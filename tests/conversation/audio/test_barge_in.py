"""Barge-in: a voice that lasts while the avatar speaks."""

from conversation.audio.barge_in import BargeIn, BargeInSettings
from conversation.link.audio_events import SpeechStarted, SpeechSustained

WINDOW = 512
WINDOW_NS = 32_000_000


def told(probabilities: list[float], *, playing: bool = True, onset: int = 4) -> list[tuple[int, SpeechSustained]]:
    """What is told at which window after an utterance that was found `onset` windows after it began."""
    barge_in = BargeIn(BargeInSettings(), WINDOW)
    barge_in.begin(SpeechStarted(7, 0), onset * WINDOW_NS)
    found = []
    for i, probability in enumerate(probabilities, onset + 1):
        message = barge_in.push(probability, i * WINDOW_NS, playing=playing)
        if message is not None:
            found.append((i, message))
    return found


def test_it_is_told_once_after_300_ms_of_voice_onset_included() -> None:
    assert told([0.9] * 50) == [(10, SpeechSustained(7, 10 * WINDOW_NS))]


def test_a_cough_and_another_are_no_speech() -> None:
    assert told(([0.9] * 4 + [0.0] * 8) * 5) == []


def test_short_gaps_between_syllables_do_not_count_anew() -> None:
    assert [i for i, _ in told([0.0] * 3 + [0.9] * 3 + [0.0] * 3 + [0.9] * 3)] == [10]


def test_a_gap_is_a_part_of_the_voice_only_once_that_goes_on() -> None:
    assert told([0.9] * 2 + [0.0] * 6) == []
    assert [i for i, _ in told([0.9] * 2 + [0.0] * 5 + [0.9])] == [12]
    assert [i for i, _ in told([0.9] * 2 + [0.0] * 7 + [0.9] * 20)] == [23], "after a longer one the count begins anew"


def test_without_playback_there_is_nothing_to_interrupt() -> None:
    assert told([0.9] * 50, playing=False) == []


def test_nothing_is_told_of_an_utterance_that_is_over() -> None:
    barge_in = BargeIn(BargeInSettings(), WINDOW)
    barge_in.begin(SpeechStarted(1, 0), 4 * WINDOW_NS)
    barge_in.end()
    assert all(barge_in.push(0.9, i * WINDOW_NS, playing=True) is None for i in range(50))
