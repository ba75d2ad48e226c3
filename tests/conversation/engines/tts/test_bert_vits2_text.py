"""How Bert-VITS2 reads: tones by textbook examples, English by the CMU dictionary, word2ph by its own example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hibari.g2p import G2P
from pypinyin import Style, lazy_pinyin

from conversation.engines.tts.bert_vits2 import english
from conversation.engines.tts.bert_vits2.front_end import FrontEnd, Part, features, said
from conversation.engines.tts.bert_vits2.mandarin import Mandarin
from conversation.engines.tts.bert_vits2.phones import NUMBER, SYMBOLS, ids
from tests.conversation.engines.tts.bert_vits2_folder import TOKENS, syllables


@pytest.fixture(scope="module")
def mandarin(tmp_path_factory: pytest.TempPathFactory) -> Mandarin:
    return Mandarin(tmp_path_factory.mktemp("jieba"), frozenset({"朋友", "东西"}))


@pytest.fixture(scope="module")
def read() -> G2P:
    return G2P(oov=False)


@pytest.fixture(scope="module")
def front(mandarin: Mandarin, read: G2P) -> FrontEnd:
    return FrontEnd(mandarin, read, {name: tuple(phones.split()) for name, phones in syllables().items()}, TOKENS)


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        # Third tones: a pair; 2 + 1 and 1 + 2 (Duanmu's 展览馆 and 纸老虎); across words.
        ("你好", "23"), ("洗手", "23"), ("展览馆", "223"), ("纸老虎", "323"), ("老板好", "223"), ("小心", "31"),
        # 不: before a fourth tone, before others, alone, inside.
        ("不怕", "24"), ("不对", "24"), ("不好", "43"), ("不", "4"), ("看不懂", "453"), ("不一样", "424"),
        # 一: before a fourth tone, before others, in numbers, ordinals and dates, inside a doubled verb, at the end.
        ("一段", "24"), ("一天", "41"), ("一起", "43"), ("第一", "41"), ("一百五十", "1332"), ("三点一四", "1314"),
        ("一月一号", "1414"), ("看一看", "454"), ("星期一", "111"), ("二十一个", "4215"), ("一个", "25"),
        # Light syllables: particles, 个, 地 and 得, and the folder's own words.
        ("好吧", "35"), ("慢慢地走", "4453"), ("跑得快", "354"), ("朋友", "25"), ("我们", "35"), ("几个", "35"),
    ],
)  # fmt: skip
def test_tones_are_those_that_are_heard(mandarin: Mandarin, text: str, tones: str) -> None:
    assert "".join(reading[-1] for reading in mandarin(text)) == tones


def test_syllables_are_those_of_pypinyins_tables(mandarin: Mandarin) -> None:
    text = "绿色的略微女儿旅行语言月亮军队中国银行重要重复长大长短嗯"
    theirs = lazy_pinyin(text.replace("嗯", "恩"), style=Style.NORMAL, v_to_u=False)
    assert [reading[:-1] for reading in mandarin(text)] == theirs


def test_each_character_has_one_reading(mandarin: Mandarin) -> None:
    text = "人々说一不二龘㐂〇々"
    assert len(mandarin(text)) == len(text)


@pytest.mark.parametrize(
    ("word", "cmu"),
    [
        # Carnegie Mellon University Pronouncing Dictionary 0.7b.
        ("hello", "HH AH0 L OW1"), ("measure", "M EH1 ZH ER0"), ("church", "CH ER1 CH"), ("judge", "JH AH1 JH"),
        ("bird", "B ER1 D"), ("about", "AH0 B AW1 T"), ("boy", "B OY1"), ("this", "DH IH1 S"), ("think", "TH IH1 NG K"),
        ("yes", "Y EH1 S"), ("good", "G UH1 D"), ("food", "F UW1 D"), ("very", "V EH1 R IY0"), ("fire", "F AY1 ER0"),
        ("shoe", "SH UW1"), ("cat", "K AE1 T"), ("day", "D EY1"), ("water", "W AO1 T ER0"), ("zoo", "Z UW1"),
    ],
)  # fmt: skip
def test_english_words_have_the_phones_of_the_cmu_dictionary(read: G2P, word: str, cmu: str) -> None:
    phones = list(english.phones(f"{word}.", read))[:-1]
    ours = [phone.symbol.upper() + (str(phone.tone - 1) if phone.tone else "") for phone in phones]
    # In a sentence of one word a function word has its stress, or not: vowels alone are compared there.
    theirs = cmu.split()
    assert [one.rstrip("012") for one in ours] == [one.rstrip("012") for one in theirs]
    assert word == "this" or ours == theirs


def test_the_table_is_bert_vits2s(front: FrontEnd) -> None:
    assert len(SYMBOLS) == 112 and SYMBOLS[0] == "_"
    assert list(SYMBOLS[1:103]) == sorted(SYMBOLS[1:103])  # it sorts the sets of three languages
    assert "".join(SYMBOLS[103:108]) == "!?…,."
    assert SYMBOLS[110:] == ("SP", "UNK")


def test_word2ph_is_that_of_bert_vits2s_example(front: FrontEnd) -> None:
    (part,) = front.parts("你好。")
    assert [phone.symbol for phone in part.phones] == ["n", "i", "h", "ao", "."]
    assert [phone.tone for phone in part.phones] == [2, 2, 3, 3, 0]
    assert (part.characters, part.word2ph) == ("你好.", [2, 2, 1])
    assert front.token_ids(part).tolist() == [[101, 872, 1962, 119, 102]]
    numbers = ids(list(said([part])))
    assert numbers.phone.tolist() == [[0, 0, 0, NUMBER["n"], 0, NUMBER["i"], 0, NUMBER["h"], 0, NUMBER["ao"], 0,
                                       NUMBER["."], 0, 0, 0]]  # fmt: skip
    hidden = np.arange(5, dtype=np.float32)[:, None] * np.ones(4, np.float32)
    repeated = features([part], [hidden], 4)
    assert repeated.shape == (1, 4, numbers.phone.shape[1])
    assert repeated[0, 2].tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4]


def test_parts_of_two_languages_are_joined_without_an_edge(front: FrontEnd) -> None:
    parts = front.parts("我喜欢 music, 你好！")
    assert [part.language for part in parts] == ["zh", "en", "zh"]
    numbers = ids(list(said(parts)))
    assert (numbers.phone[0, 1::2] == 0).sum() == 2  # the two ends
    assert not numbers.phone[0, ::2].any() and not numbers.tone[0, ::2].any() and not numbers.lang_id[0, ::2].any()
    spoken = " ".join(SYMBOLS[number] for number in numbers.phone[0, 1::2])
    assert spoken == "_ w o x i h uan m y uw z ih k , n i h ao ! _"
    hidden = [np.full((len(part.characters) + 2, 4), 1.0, np.float32) for part in parts]
    hidden[1] = np.zeros((0, 4), np.float32)
    silent = features(parts, hidden, 4)[0, 0] == 0
    assert silent.sum() == 2 * len(parts[1].phones)


def test_traditional_characters_and_wide_stops_are_read(front: FrontEnd) -> None:
    (part,) = front.parts("「中國」，愛；")
    assert part.characters == '中国",爱,'
    assert [phone.symbol for phone in part.phones] == ["zh", "ong", "g", "uo", '"', ",", "AA", "ai", ","]


def test_what_has_no_syllable_keeps_its_place(front: FrontEnd) -> None:
    (part,) = front.parts("你㐂")
    assert part.word2ph == [2, 1] and part.phones[-1].symbol == "UNK"


def test_a_part_without_phones_is_none(front: FrontEnd) -> None:
    assert front.parts("?! 。") == []
    assert Part("en").characters == ""


def test_every_syllable_of_mandarin_can_be_asked_for(mandarin: Mandarin, tmp_path: Path) -> None:
    readings = mandarin("四十是十四女略儿")
    assert readings == ["si4", "shi2", "shi4", "shi2", "si4", "nv3", "lve4", "er2"]
