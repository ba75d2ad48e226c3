"""What all voices have in common: tested on a voice of tones, whose sound is known, and on hibari."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from assets import catalogue
from conversation.engines.base import F32, Paced
from conversation.engines.tts.hibari import Hibari
from conversation.engines.tts.loudness import CEILING, loudness
from conversation.engines.tts.voice import LOUDNESS, Voice, VoiceSettings, finished, pause_after
from conversation.errors import EngineError
from conversation.speech_text import ClauseCutter, speak

RATE = 24_000
REPLY = (
    "Yes, of course! The sea is quite far away, about forty kilometres; you could take the train, though. "
    "Would you like to know when it leaves? It runs every hour."
)


class Tones(Voice):
    """Says a word as a tone of 0.3 s, ever quieter, with silence around it."""

    sample_rate = RATE
    voices = ("low", "high")

    def pieces(self, text: str) -> Iterator[str]:
        yield from text.split()

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        pitch = 400 if settings.voice == "high" else 200
        time = np.arange(round(0.3 * RATE / settings.speed)) / RATE
        tone = 0.3 / len(piece) * np.sin(2 * np.pi * pitch * time)
        return np.concatenate([np.zeros(7200), tone, np.zeros(9600)]).astype(np.float32)


def silences(samples: F32) -> list[float]:
    """Seconds of each stretch quieter than -55 dBFS between sounds."""
    block = RATE // 200
    power = (samples[: len(samples) // block * block].reshape(-1, block) ** 2).mean(axis=1)
    heard = np.flatnonzero(np.sqrt(power) > 10 ** (-55 / 20))
    return [float(gap - 1) * 0.005 for gap in np.diff(heard) if gap > 1]


def test_every_piece_is_equally_loud_whatever_the_model_makes_of_it() -> None:
    voice = Tones(VoiceSettings())
    made = [voice.synthesise(word).samples for word in ("a", "word", "extraordinarily")]
    assert [loudness(samples[: int(0.3 * RATE)], RATE) for samples in made] == pytest.approx([LOUDNESS] * 3, abs=0.5)


@pytest.mark.parametrize(("text", "pause"), [("a, b", 0.12), ("a. b", 0.3), ("a b", 0.04), ("好。” b", 0.3)])
def test_the_silence_between_pieces_is_what_punctuation_asks_for(text: str, pause: float) -> None:
    samples = Tones(VoiceSettings()).synthesise(text).samples
    assert silences(samples) == [pytest.approx(pause, abs=0.021)]
    assert pause_after(text.split()[0]) == pause


def test_joins_do_not_click() -> None:
    samples = Tones(VoiceSettings()).synthesise("one, two three. four").samples
    steepest = np.abs(samples).max() * 2 * np.pi * 200 / RATE
    assert np.abs(np.diff(samples)).max() < 1.2 * steepest


def test_a_long_silence_inside_a_piece_is_shortened_without_a_click() -> None:
    tone = (0.2 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)).astype(np.float32)
    samples = finished(np.concatenate([tone, np.zeros(2 * RATE, np.float32), tone]), RATE, 0.0)
    assert silences(samples) == [pytest.approx(0.32, abs=0.02)]
    assert len(samples) == pytest.approx(2.32 * RATE, abs=0.03 * RATE)
    assert np.abs(np.diff(samples)).max() < 1.2 * np.abs(samples).max() * 2 * np.pi * 200 / RATE


def test_settings_hold_from_the_next_piece_on() -> None:
    voice = Tones(VoiceSettings())
    before = voice.synthesise("word.").samples
    voice.settings = VoiceSettings(speed=2.0, volume=0.5, voice="high")
    after = voice.synthesise("word.").samples
    assert len(before) - len(after) == pytest.approx(0.15 * RATE, abs=500)
    assert loudness(after[:3000], RATE) - loudness(before[:6000], RATE) == pytest.approx(-6.0, abs=1.0)
    crossings = np.sum(np.diff(np.signbit(after[500:3000])))
    assert crossings == pytest.approx(2 * 400 * 2500 / RATE, abs=2)


def test_the_pace_of_a_mood_comes_on_top_of_the_speed() -> None:
    voice = Tones(VoiceSettings(speed=0.8))
    before = len(voice.synthesise("word.").samples)
    voice.pace = 1.25
    assert isinstance(voice, Paced)
    assert before - len(voice.synthesise("word.").samples) == pytest.approx(0.075 * RATE, abs=500)
    voice.pace = 9.0
    assert len(voice.synthesise("word.").samples) > 0.15 * RATE


def test_a_change_in_the_middle_of_a_reply_waits_for_the_next_piece() -> None:
    voice = Tones(VoiceSettings())
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        if len(asked) == 2:
            voice.settings = VoiceSettings(volume=0.25)
        return False

    samples = voice.synthesise("one, two, three,", cancelled=cancelled).samples
    first, *rest = np.split(samples, [int(0.36 * RATE), int(0.78 * RATE)])
    assert [np.abs(part).max() / np.abs(first).max() for part in rest] == pytest.approx([0.25, 0.25], abs=0.02)


def test_however_loud_nothing_clips() -> None:
    samples = Tones(VoiceSettings(volume=4.0)).synthesise("loud.").samples
    assert np.abs(samples).max() <= CEILING + 1e-6


@pytest.mark.parametrize("wrong", [{"speed": 0.2}, {"speed": 9.0}, {"volume": -1.0}, {"volume": 5.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(EngineError, match="choose from"):
        VoiceSettings(**wrong)


def test_a_voice_that_is_not_there_is_refused_and_the_old_one_stays() -> None:
    voice = Tones(VoiceSettings(voice="low"))
    with pytest.raises(EngineError, match="low, high"):
        voice.settings = VoiceSettings(voice="middle")
    assert voice.settings.voice == "low"


def test_a_reply_of_hibari_said_clause_by_clause_is_one_reply() -> None:
    """Its clauses made one by one and laid end to end: one loudness, no silence longer than punctuation asks for, no
    step between two samples larger than speech itself makes."""
    voice = Hibari(catalogue.model_dir("hibari"))
    cutter = ClauseCutter()
    clauses = [speak(clause).text for clause in (*cutter.feed(REPLY), *cutter.finish())]
    made = [voice.synthesise(clause).samples for clause in clauses]
    assert len(made) > 2
    levels = [loudness(samples, voice.sample_rate) for samples in made]
    assert levels == pytest.approx([LOUDNESS] * len(levels), abs=1.0)
    joined = np.concatenate(made)
    assert max(silences(joined)) < 0.36
    ends = np.cumsum([len(samples) for samples in made])[:-1]
    steps = np.abs(np.diff(joined))
    assert max(steps[end - 1] for end in ends) < 0.002
