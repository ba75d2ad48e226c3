"""The voice: what it says is heard back word for word; it starts at once and stops when told."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import soxr

from assets import catalogue
from conversation.engines.asr.whisper import WhisperBase
from conversation.engines.tts.hibari import Hibari
from tests.recordings import words


@pytest.fixture(scope="module")
def voice() -> Hibari:
    return Hibari(catalogue.model_dir("hibari"))


@pytest.fixture(scope="module")
def ear() -> WhisperBase:
    return WhisperBase(catalogue.model_dir("whisper-base"))


@pytest.mark.parametrize(
    "sentence",
    [
        "The quick brown fox jumps over the lazy dog.",
        "What would you like to talk about today?",
        "Photosynthesis turns sunlight, water and air into sugar.",
        "I would love to hear more about your garden.",
    ],
)
def test_what_it_says_is_heard_back_word_for_word(voice: Hibari, ear: WhisperBase, sentence: str) -> None:
    speech = voice.synthesise(sentence)
    heard = ear.transcribe(soxr.resample(speech.samples, speech.sample_rate, 16_000))
    assert words(heard.text) == words(sentence)
    assert not heard.repetition_stopped


def test_it_speaks_at_once_and_leaves_a_pause(voice: Hibari) -> None:
    samples = voice.synthesise("How far is it to the sea?").samples
    audible = np.flatnonzero(np.abs(samples) > 0.003)
    assert audible[0] < 0.1 * voice.sample_rate
    assert 0.2 < (len(samples) - audible[-1]) / voice.sample_rate < 0.5


def test_a_slower_pace_lasts_longer_and_is_over_when_it_is_taken_back(voice: Hibari) -> None:
    text = "The weather in the north is cold today."
    usual = len(voice.synthesise(text).samples)
    try:
        voice.pace = 0.85
        assert 1.08 < len(voice.synthesise(text).samples) / usual < 1.25
    finally:
        voice.pace = 1.0
    assert len(voice.synthesise(text).samples) == usual


def test_the_same_text_gives_the_same_samples(voice: Hibari) -> None:
    assert np.array_equal(voice.synthesise("Good morning.").samples, voice.synthesise("Good morning.").samples)


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "🙂"])
def test_nothing_to_say_is_silence(voice: Hibari, text: str) -> None:
    assert len(voice.synthesise(text).samples) == 0


def test_a_word_of_no_lexicon_is_spoken(voice: Hibari) -> None:
    with_it = voice.synthesise("The zorbulent garden.").seconds
    assert with_it > voice.synthesise("The garden.").seconds + 0.2


def test_a_sentence_of_any_length_is_said_in_pieces(voice: Hibari) -> None:
    long = "There are many kinds of flowers in the garden, " * 12 + "and all of them are blue."
    pieces = list(voice.phonemes(long))
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 400
    assert "".join("".join(pieces).split()) == "".join("".join(voice.phonemes(long.replace(", ", ",\n"))).split())


def test_cancelled_it_says_no_further_sentence(voice: Hibari) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 1

    first = voice.synthesise("First sentence.").samples
    assert len(voice.synthesise("First sentence. Second sentence.", cancelled=cancelled).samples) == len(first)


def test_a_faster_voice_takes_less_time() -> None:
    folder = catalogue.model_dir("hibari")
    slow, fast = (Hibari(folder, speed=speed).synthesise("Good morning to all of you.") for speed in (0.8, 1.4))
    assert fast.seconds < 0.75 * slow.seconds


def test_speaking_loads_no_other_runtime() -> None:
    code = (
        "import sys; from assets import catalogue; from conversation.engines.tts.hibari import Hibari; "
        "assert Hibari(catalogue.model_dir('hibari')).synthesise('Zorbulent.').seconds > 0.3; "
        "assert 'onnxruntime' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


MEMORY = """
import os, sys
from assets.catalogue import model_dir
from conversation.engines.tts.hibari import Hibari
from conversation.measure.memory import memory_mb

def own() -> float:
    return memory_mb({"it": os.getpid()})["it"]

voice = Hibari(model_dir("hibari"))
loaded = own()
for count in (3, 12, 24, 40):
    voice.synthesise(" ".join("the river and the town in the evening".split() * 6)[: 5 * count] + ".")
print(own() - loaded)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told through /proc")
def test_longer_clauses_need_no_more_memory_than_loading() -> None:
    grown = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True)
    assert float(grown.stdout) < 12
