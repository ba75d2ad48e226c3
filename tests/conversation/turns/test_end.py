"""How long a silence is waited for: by single sentences, and by whole scripts replayed through the real stages."""

from __future__ import annotations

import pytest

from assets import catalogue
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.measure.turn_ends import STYLES, Part, bench_turns, replay, scripted, unknown
from conversation.measure.turn_scripts import ENGLISH
from conversation.measure.turn_scripts_chinese import CHINESE
from conversation.measure.turn_scripts_held_out import HELD_OUT_CHINESE, HELD_OUT_ENGLISH
from conversation.settings import SYSTEM_PROMPT
from conversation.turns.end import TurnEndSettings, look_of
from conversation.turns.end_chinese import prepare, tagged


@pytest.fixture(autouse=True, scope="module")
def words() -> None:
    """Chinese is judged by its words once they are loaded."""
    prepare()


@pytest.mark.parametrize(
    "text",
    ["What is the capital of France?", "Thank you.", "Who is it?", "I don't know.", "tell me a story",
     "法国的首都是哪里？", "谢谢你。", "你会说英语吗", "放一首歌吧", "天为什么是蓝的", "帮我翻译这句话", "对对对",
     "My number is zero one two three four five six seven eight nine."],
)  # fmt: skip
def test_finished(text: str) -> None:
    assert look_of(text) == "finished"


@pytest.mark.parametrize(
    "text",
    ["I would like to go to the", "because", "My sister is coming and", "I think", "Can you tell me.", "It is about",
     "My phone number is zero seven", "um", "I'm looking for", "我想", "因为",
     "我喜欢喝茶但是", "电话是一三八零", "请帮我", "他昨天告诉我", "我一直想", "你要不要", "听起来", "我们"],
)  # fmt: skip
def test_dangling(text: str) -> None:
    assert look_of(text) == "dangling"


@pytest.mark.parametrize(
    "text",
    [
        "If it rains tomorrow",
        "I like coffee,",
        "Well, it was…",
        "如果明天下雨",
        "我喜欢喝茶，",
        "红色的",
        "你能把这句话",
        "这家店的面条",
        "谁发明了",
        "他每天早上六点",
        "我学了三年",
        "解释一下",
    ],
)
def test_open(text: str) -> None:
    assert look_of(text) == "open"


@pytest.mark.parametrize("text", ["Okay.", "I like coffee", "I work with children.", "为什么", "我喜欢喝茶", "好的"])
def test_plain(text: str) -> None:
    assert look_of(text) == "plain"


def test_chinese_words_and_their_parts_of_speech() -> None:
    assert [(word.text, word.tag) for word in tagged("我们昨天去了餐厅")] == [
        ("我们", "r"), ("昨天", "t"), ("去", "v"), ("了", "ul"), ("餐厅", "n"),
    ]  # fmt: skip


def test_no_words_are_no_sign() -> None:
    assert look_of("") == look_of(" ... ") == "plain"


def test_settings_give_the_seconds() -> None:
    waits = TurnEndSettings(finished_s=0.1, plain_s=0.2, open_s=0.3)
    assert [waits.wait_s(text) for text in ("Who is it?", "red car", "If it rains", "and")] == [0.1, 0.2, 0.3, None]
    assert waits.wait_s("i walked to the station yesterday") == 0.1, "nobody says so much before the first half"


def test_a_language_model_that_is_sure_overrules_the_words() -> None:
    waits = TurnEndSettings(finished_s=0.1, plain_s=0.2, open_s=0.3)
    likely = (0.6, 0.45, 0.2, 0.1, 0.02, 0.005, None)
    assert [waits.weighed_s("A red car.", p) for p in likely] == [0.1, 0.2, 0.2, 0.3, 0.3, None, 0.2]
    assert [waits.weighed_s("What is a car?", p) for p in likely] == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.1]
    assert [waits.weighed_s("Tell me about the", p) for p in likely] == [0.2, 0.3, 0.3, None, None, None, None]
    assert waits.weighed_s("Thank you.", 0.001) == 0.1, "short answers are whole, whatever a model thinks"
    assert waits.weighed_s("I like tea,", 0.6) == 0.3 and waits.weighed_s("Um", 0.9) is None


def test_one_utterance_is_replayed_through_the_real_stages() -> None:
    decision = replay(scripted("I would like to go to |0.7| Paris in the spring.")[0])
    assert (decision.pauses, decision.cut_offs) == (1, 0)
    assert decision.wait_s == pytest.approx(TurnEndSettings().finished_s, abs=0.04) and decision.transcript_s == 0
    cut = replay([Part("I live in Paris.", 1.15), Part("And you?", 0.0)])
    assert (cut.cut_offs, cut.talked_over) == (1, 1)
    soon = replay([Part("I live in Paris.", 0.8), Part("And you?", 0.0)])
    assert (soon.cut_offs, soon.talked_over) == (1, 0), "the user goes on before the answer is heard"


def test_a_slow_recogniser_makes_the_wait_longer_and_nothing_else() -> None:
    decision = replay(scripted("What is the capital of France?")[0], transcript_s=0.9)
    assert decision.cut_offs == 0 and decision.wait_s == pytest.approx(1.0, abs=0.07)


def test_scripts_by_words_alone() -> None:
    figures = bench_turns(unknown)
    for name, script in (
        ("en", ENGLISH), ("zh", CHINESE), ("held_out_en", HELD_OUT_ENGLISH), ("held_out_zh", HELD_OUT_CHINESE)
    ):  # fmt: skip
        assert figures[name]["utterances"] == len(scripted(script)) >= 60
    tuned = set(map(str.strip, (ENGLISH + CHINESE).splitlines()))
    assert not tuned.intersection(filter(None, (HELD_OUT_ENGLISH + HELD_OUT_CHINESE).splitlines()))
    for name, most in (("en", 0.09), ("zh", 0.03), ("held_out_en", 0.12), ("held_out_zh", 0.1)):
        for style in STYLES:
            written = figures[name][style]
            assert written["cut_off_share"] <= most, (name, style, written["cut_off"])
            assert written["transcript_ms"]["p95"] <= 150 and written["talked_over_share"] <= 0.03
        assert figures[name]["punctuated"]["wait_ms"]["p50"] <= 600


def test_a_language_model_knows_better_than_lists_of_words() -> None:
    """On sentences that no rule was made for; each weighing is a real one."""
    model = SmolLM2(catalogue.model_dir("smollm2-135m"))
    model.begin(SYSTEM_PROMPT)
    before = model.history
    ends = [
        model.weigh(text) for text in ("What did you say?", "My flight leaves at half past six.", "Play some music")
    ]
    parts = [model.weigh(text) for text in ("My boss wants me to", "I don't understand why", "In my opinion.")]
    assert min(ends) > 0.05 > max(parts)  # type: ignore[type-var,operator]
    assert model.history == before
    assert model.weigh("法国的首都是哪里？") is None, "it knows no Chinese"
    assert model.weigh("") is None and model.weigh("There is a café") is not None
    assert model.weigh("word " * 3000) is None, "no room for it"
