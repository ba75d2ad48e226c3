"""Bert-VITS2-MNN's folder with networks of its signature and a few weights, against the same run by ONNX Runtime."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from assets.convert.mnn import convert_onnx
from assets.hub.repositories import DOWNLOADS
from conversation.engines.tts.bert_vits2 import BertVits2
from conversation.engines.tts.bert_vits2.voice import LONGEST
from conversation.engines.tts.voice import VoiceSettings
from conversation.errors import EngineError, ProcessDiedError, ProcessHungError
from tests.conversation.engines.tts import bert_vits2_folder as graphs
from tests.conversation.engines.tts.bert_vits2_folder import RATE, WIDTH

PLAIN = VoiceSettings()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return graphs.write(tmp_path_factory.mktemp("bert-vits2") / "folder")


@pytest.fixture(scope="module")
def voice(folder: Path) -> Iterator[BertVits2]:
    voice = BertVits2(folder)
    yield voice
    voice.close()


def linked(folder: Path, tmp_path: Path) -> Path:
    """The same folder again, of links."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.rglob("*"):
        target = copy / path.relative_to(folder)
        target.mkdir() if path.is_dir() else target.symlink_to(path)
    return copy


def run(model: onnx.ModelProto, **given: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, given)[0]


def numbers(symbols: str) -> list[int]:
    return [graphs.SYMBOLS.index(symbol) for symbol in symbols.split()]


def spread(values: list[int]) -> np.ndarray:
    """Bert-VITS2's own `intersperse`: a blank before, between and behind."""
    row = [0] * (2 * len(values) + 1)
    row[1::2] = values
    return np.array([row])


def reference(**more: np.ndarray) -> dict[str, np.ndarray]:
    """What Bert-VITS2 gives its network for "你好, hello." by hand: phones of Chinese by pinyin and of English by
    the CMU dictionary (HH AH0 L OW1), tones of English from 8 on, and BERT of the Chinese part alone."""
    tokens = np.array([[101, 872, 1962, 117, 102]])
    hidden = run(graphs.bert(), input_ids=tokens, attention_mask=np.ones_like(tokens), token_type_ids=0 * tokens)[0]
    repeats = [
        3,
        4,
        4,
        2,
        0,
    ]  # start token, 你 with two phones, 好 with two, the comma, the end token (English follows)
    features = np.concatenate([np.repeat(hidden, repeats, axis=0), np.zeros((2 * 5 + 2, WIDTH), np.float32)])
    return {
        "phone": spread(numbers("_ n i h ao , hh ah l ow . _")),
        "tone": spread([0, 2, 2, 3, 3, 0, 8, 9, 8, 10, 8, 8]),
        "lang_id": spread([0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2]),
        "cn_bert": features.T[None],
        "en_bert": np.zeros((1, WIDTH, 25), np.float32),
        **more,
    }


def test_it_makes_the_sound_of_the_reference(voice: BertVits2) -> None:
    theirs = run(graphs.generator(), **reference()).ravel()
    ours = voice.say("你好，hello.", PLAIN)
    assert len(ours) == len(theirs) > 1000
    assert np.abs(ours - theirs).max() < 1e-3


def test_a_network_that_takes_a_person_and_a_length_gets_them(tmp_path: Path) -> None:
    network = graphs.generator(persons=3, length=True)
    people = {"Anna": 2, "Boris": 1}
    voice = BertVits2(graphs.write(tmp_path / "f", network, spk2id=people, length_scale=1.2))
    assert voice.voices == ("Anna", "Boris")
    given = reference(sid=np.array([1]), length_scale=np.array([1.2 / 0.8], np.float32))
    theirs = run(network, **given).ravel()
    ours = voice.say("你好，hello.", VoiceSettings(speed=0.8, voice="Boris"))
    assert len(ours) == len(theirs)
    assert np.abs(ours - theirs).max() < 1e-3
    with pytest.raises(EngineError, match="Anna, Boris"):
        voice.settings = VoiceSettings(voice="nobody")
    voice.close()


def test_speed_is_kept_where_the_network_knows_none(voice: BertVits2) -> None:
    plain = voice.say("你好，hello.", PLAIN)
    fast = voice.say("你好，hello.", VoiceSettings(speed=1.5))
    assert len(fast) == pytest.approx(len(plain) / 1.5, abs=2)


def test_a_text_is_said_at_the_rate_of_the_folder(voice: BertVits2) -> None:
    speech = voice.synthesise("你好。 Hello there! 我喜欢音乐。")
    assert speech.sample_rate == RATE
    assert speech.seconds > 0.9  # the pauses alone


def test_what_it_reads_is_what_a_download_brings(folder: Path) -> None:
    (model,) = (model for model in DOWNLOADS if model.name == "bert-vits2")
    read = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert len(read) == 6
    for path in [*read, "tts_generator_w_bert_chenxi_0310_int8.mnn", "common/mnn_models/chinese_bert.mnn.weight"]:
        assert any(fnmatchcase(path, pattern) for pattern in model.include), path
    assert not any(fnmatchcase("common/mnn_models/english_bert.mnn.weight", pattern) for pattern in model.include)


@pytest.mark.parametrize("text", ["", "  ", "？！", "...", "🙂", "“”"])
def test_nothing_to_say_is_silence(voice: BertVits2, text: str) -> None:
    assert len(voice.synthesise(text).samples) == 0


def test_a_long_text_is_said_in_parts_of_which_none_is_lost(voice: BertVits2) -> None:
    text = "我喜欢音乐，" * 30 + "也" * 250 + "。" + "word " * 60
    pieces = list(voice.pieces(text))
    assert max(map(len, pieces)) <= LONGEST
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_process_that_died_or_hangs_is_started_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = BertVits2(folder)
    before = voice.say("你好。", PLAIN)
    os.kill(voice._nets.process_id, signal.SIGKILL)
    with pytest.raises(ProcessDiedError, match="started again"):
        voice.say("你好。", PLAIN)
    assert np.array_equal(voice.say("你好。", PLAIN), before)
    monkeypatch.setattr(voice._nets, "_patience_s", 0.05)
    os.kill(voice._nets.process_id, signal.SIGSTOP)
    with pytest.raises(ProcessHungError, match="said nothing"):
        voice.say("你好。", PLAIN)
    assert voice._nets.process_id == 0
    monkeypatch.undo()
    assert np.array_equal(voice.say("你好。", PLAIN), before)
    voice.close()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config.json", r"config\.json"),
        ("tts_generator_int8.mnn", "missing"),
        ("common/mnn_models/chinese_bert.mnn", "missing"),
        ("common/text_processing_jsons/cn_bert_token.bin", r"cn_bert_token\.bin"),
        ("common/text_processing_jsons/pinyin_to_symbol_map.bin", r"pinyin_to_symbol_map\.bin"),
        ("common/text_processing_jsons/default_tone_words.json", r"default_tone_words\.json"),
    ],
)
def test_what_is_missing_or_damaged_is_told_in_a_sentence(folder: Path, tmp_path: Path, file: str, text: str) -> None:
    copy = linked(folder, tmp_path)
    (copy / file).unlink()
    with pytest.raises(EngineError, match=text) as raised:
        BertVits2(copy)
    assert "visavis models get bert-vits2" in str(raised.value)
    damaged = (folder / file).read_bytes()[: (folder / file).stat().st_size // 2]
    for content in (damaged, damaged.replace(b"_", b"\xff")):
        (copy / file).write_bytes(content)
        with pytest.raises(EngineError):
            BertVits2(copy)


def test_a_table_that_promises_more_than_it_has_is_refused(folder: Path, tmp_path: Path) -> None:
    table = linked(folder, tmp_path) / "common/text_processing_jsons/cn_bert_token.bin"
    table.unlink()
    table.write_bytes(b"\xff" * 64)
    with pytest.raises(EngineError, match="cut off"):
        BertVits2(tmp_path / "copy")


def test_other_tensors_are_told_by_name(folder: Path, tmp_path: Path) -> None:
    model = graphs.generator()
    for node in [*model.graph.input, *model.graph.node]:
        if isinstance(node, onnx.ValueInfoProto):
            node.name = "x" if node.name == "phone" else node.name
        else:
            node.input[:] = ["x" if name == "phone" else name for name in node.input]
    copy = linked(folder, tmp_path)
    (copy / "tts_generator_int8.mnn").unlink()
    convert_onnx(model, copy / "tts_generator_int8.mnn")
    with pytest.raises(EngineError, match="it makes audio of x, tone, lang_id, cn_bert, en_bert"):
        BertVits2(copy)
