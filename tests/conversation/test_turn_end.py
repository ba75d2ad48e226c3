"""How long a silence is waited for: by single sentences, and by whole scripts replayed through the real stages."""

from __future__ import annotations

import pytest

from assets import catalogue
from conversation.engines.smollm2 import SmolLM2
from conversation.settings import SYSTEM_PROMPT
from conversation.turn_bench import Part, bench_turns, replay, scripted, unknown
from conversation.turn_end import TurnEndSettings, look_of
from conversation.turn_scripts import CHINESE, ENGLISH


@pytest.mark.parametrize(
    "text",
    ["What is the capital of France?", "Yes.", "Thank you.", "I live in a small house.", "Who is it?", "I don't know.",
     "法国的首都是哪里？", "谢谢。", "你会说英语吗", "我昨天去看电影了。",
     "My number is zero one two three four five six seven eight nine."],
)  # fmt: skip
def test_finished(text: str) -> None:
    assert look_of(text) == "finished"


@pytest.mark.parametrize(
    "text",
    ["I would like to go to the", "because", "My sister is coming and", "I think", "Can you tell me.", "It is about",
     "My phone number is zero seven", "um", "I'm looking for", "我想", "因为",
     "我喜欢喝茶但是", "电话是一三八零", "请帮我"],
)  # fmt: skip
def test_dangling(text: str) -> None:
    assert look_of(text) == "dangling"


@pytest.mark.parametrize(
    "text", ["If it rains tomorrow", "I like coffee,", "Well, it was…", "如果明天下雨", "我喜欢喝茶，", "红色的"]
)
def test_open(text: str) -> None:
    assert look_of(text) == "open"


def test_no_words_are_no_sign() -> None:
    assert look_of("") == look_of(" ... ") == "plain"


def test_settings_give_the_seconds() -> None:
    waits = TurnEndSettings(finished_s=0.1, plain_s=0.2, open_s=0.3, likely_s=0.05)
    assert [waits.wait_s(text) for text in ("Who is it?", "red car", "If it rains", "and")] == [0.1, 0.2, 0.3, None]
    assert [waits.weighed_s("A red car.", likely) for likely in (0.5, 0.1, 0.02, None)] == [0.05, 0.2, 0.3, 0.2]
    assert waits.weighed_s("Okay.", 0.001) == 0.1, "short answers are whole, whatever a model thinks"
    assert waits.weighed_s("Tell me about the", 0.1) is None and waits.weighed_s("I like tea,", 0.5) == 0.3


def test_one_utterance_is_replayed_through_the_real_stages() -> None:
    decision = replay(scripted("I would like to go to |0.7| Paris in the spring.")[0])
    assert (decision.pauses, decision.cut_offs) == (1, 0)
    assert decision.wait_s == pytest.approx(TurnEndSettings().finished_s, abs=0.04) and decision.transcript_s == 0
    cut = replay([Part("I live in Paris.", 0.95), Part("And you?", 0.0)])
    assert (cut.cut_offs, cut.talked_over) == (1, 1)
    soon = replay([Part("I live in Paris.", 0.6), Part("And you?", 0.0)])
    assert (soon.cut_offs, soon.talked_over) == (1, 0), "the user goes on before the answer is heard"


def test_a_slow_recogniser_makes_the_wait_longer_and_nothing_else() -> None:
    decision = replay(scripted("What is the capital of France?")[0], transcript_s=0.9)
    assert decision.cut_offs == 0 and decision.wait_s == pytest.approx(1.0, abs=0.07)


def test_scripts_by_words_alone() -> None:
    figures = bench_turns(unknown)
    assert figures["en"]["utterances"] >= 60 and figures["zh"]["utterances"] >= 60
    assert (
        len(scripted(ENGLISH)) == figures["en"]["utterances"] and len(scripted(CHINESE)) == figures["zh"]["utterances"]
    )
    for language, most in (("en", 0.04), ("zh", 0.03)):
        written = figures[language]["punctuated"]
        assert written["cut_off_share"] <= most, written["cut_off"]
        assert written["wait_ms"]["p50"] <= 450 and written["transcript_ms"]["p95"] <= 150
    for script in figures.values():
        assert all(script[style]["talked_over_share"] <= 0.02 for style in ("punctuated", "stopped", "bare"))


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
    assert model.weigh("法国的首都是哪里？") is None and model.weigh("") is None
    assert model.weigh("word " * 3000) is None, "no room for it"
