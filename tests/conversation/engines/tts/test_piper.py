"""Piper voices: cut and run through MNN, the same sound as the whole graph in ONNX Runtime."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from assets.convert.vits import Vits, convert_voice
from assets.errors import ConversionError
from conversation.engines.tts.espeak import Espeak
from conversation.engines.tts.piper import Piper, load_piper
from conversation.engines.tts.voice import VoiceSettings
from conversation.errors import EngineError
from tests.conversation.engines.tts import vits_graph


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A voice of two persons, converted."""
    home = tmp_path_factory.mktemp("voice")
    (home / "mnn").mkdir()
    convert_voice(vits_graph.write(home / "voice.onnx", speakers=2), home / "mnn")
    return home / "mnn"


@pytest.mark.parametrize("person", [0, 1])
@pytest.mark.parametrize("speed", [1.0, 0.6])
def test_cut_in_two_it_makes_the_sound_of_the_whole(folder: Path, person: int, speed: float) -> None:
    voice = Piper(folder)
    text = "hello, how are you?"
    ids = voice.ids(text)
    session = onnxruntime.InferenceSession(vits_graph.model(2).SerializeToString())
    scales = np.array([0, 1 / speed, 0], np.float32)
    given = {"input": np.array([ids]), "input_lengths": np.array([len(ids)]), "sid": np.array([person])}
    theirs = session.run(None, {**given, "scales": scales})[0].ravel()
    ours = voice.say(text, VoiceSettings(speed=speed, voice=f"person{person}"))
    assert len(ours) == len(theirs)
    assert np.abs(ours - theirs).max() < 0.01  # weights in half floats


def test_what_is_drawn_at_random_is_the_same_each_time_and_as_wide_as_its_settings_say(tmp_path: Path) -> None:
    inference = {"noise_scale": 0.5, "length_scale": 1.0, "noise_w": 0.3}
    path = vits_graph.write(tmp_path / "v.onnx", inference=inference)
    (tmp_path / "out").mkdir()
    convert_voice(path, tmp_path / "out")
    first, again, other = (Piper(tmp_path / "out", seed=seed).synthesise("hello.").samples for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert len(first) != len(other) or np.abs(first - other).max() > 1e-3


def test_ids_have_padding_between_a_beginning_and_an_end(folder: Path) -> None:
    number = vits_graph.LETTERS.index
    assert Piper(folder).ids("aé b") == [1, 0, number("a"), 0, 3, 0, number("b"), 0, 2]


def test_a_text_is_said_sentence_by_sentence_at_the_rate_of_the_file(folder: Path) -> None:
    voice = Piper(folder)
    assert list(voice.pieces("one. and two! 三。四")) == ["one.", "and two!", "三。", "四"]
    speech = voice.synthesise("one. and two!")
    assert speech.sample_rate == vits_graph.RATE
    assert speech.seconds > 0.58  # the two pauses alone
    assert len(voice.synthesise("?!").samples) == 0


def test_it_has_the_persons_of_its_file(folder: Path) -> None:
    assert Piper(folder).voices == ("person0", "person1")
    with pytest.raises(EngineError, match="person0, person1"):
        Piper(folder, voice="nobody")


def test_a_voice_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path / "home"))
    path = vits_graph.write(tmp_path / "tiny.onnx")
    load_piper(path=str(path))
    (made,) = (tmp_path / "home" / "models").iterdir()
    stamps = {file.name: file.stat().st_mtime_ns for file in made.iterdir()}
    load_piper(path=str(path), speed=1.2)
    assert stamps == {file.name: file.stat().st_mtime_ns for file in made.iterdir()}


def test_another_graph_is_refused_by_what_it_takes(tmp_path: Path) -> None:
    model = vits_graph.model()
    model.graph.input[0].name = "tokens"
    with pytest.raises(ConversionError, match="tokens"):
        Vits(model)


def test_another_inside_is_refused() -> None:
    model = vits_graph.model()
    for node in model.graph.node:
        if node.op_type == "Ceil":
            node.op_type = "Floor"
    with pytest.raises(ConversionError, match="joined otherwise"):
        Vits(model)


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"tts\.piper\.path"):
        load_piper(path=str(tmp_path / "none.onnx"))
    onnx.save(vits_graph.model(), tmp_path / "alone.onnx")
    with pytest.raises(ConversionError, match=r"alone\.onnx\.json"):
        convert_voice(tmp_path / "alone.onnx", tmp_path)
    (tmp_path / "noise.onnx").write_bytes(b"\xff" * 100)
    (tmp_path / "noise.onnx.json").write_text("{}")
    with pytest.raises(ConversionError, match="not an ONNX file"):
        convert_voice(tmp_path / "noise.onnx", tmp_path)
    for content in (b"{}", b'{"phoneme_type": "\xff"}'):
        (tmp_path / "voice.json").write_bytes(content)
        with pytest.raises(EngineError, match=r"voice\.json cannot be read"):
            Piper(tmp_path)


def test_a_way_of_reading_that_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    convert_voice(vits_graph.write(tmp_path / "v.onnx", phoneme_type="pinyin"), tmp_path / "out")
    with pytest.raises(EngineError, match="pinyin"):
        Piper(tmp_path / "out")


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_espeak_reads_words_and_keeps_stops() -> None:
    assert Espeak("en-us")("Hello, world! Yes") == "həlˈoʊ, wˈɜːld! jˈɛs"
    assert Espeak("cmn")("你好。").endswith(".")
    assert "(" not in Espeak("cmn")("你好 hello")
    assert Espeak("en-us")("... -- ?") == ". ?"
    assert Espeak("en-us")("--help") == Espeak("en-us")("help")


def test_without_espeak_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="espeak-ng: install it"):
        Espeak("en-us")
