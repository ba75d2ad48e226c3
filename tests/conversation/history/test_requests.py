"""What is a request to remember, and what only sounds like one."""

from __future__ import annotations

import pytest

from conversation.history.memory import Fact
from conversation.history.requests import FACTS_INTRODUCED, Forget, Remember, request_in, system_text


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("Remember that my sister is called Anna.", "my sister is called Anna"),
        ("Please remember that I'm allergic to nuts!", "I'm allergic to nuts"),
        ("Hey Visavis, can you please remember that I live in Oslo?", "I live in Oslo"),
        ("Okay, remember this: the key is under the mat.", "the key is under the mat"),
        ("Don’t forget that tomorrow is Tom's birthday.", "tomorrow is Tom's birthday"),
        ("Remember my name is Paul.", "my name is Paul"),
        ("I want you to remember that we moved.", "we moved"),
        ("Keep in mind that I wake up at 6.30.", "I wake up at 6.30"),
        ("Make a note: buy milk", "buy milk"),
        ("请记住我叫小明。", "我叫小明"),
        ("帮我记一下，我对花生过敏。", "我对花生过敏"),
        ("你要记得我的生日是五月三号！", "我的生日是五月三号"),
        ("记住：钥匙在垫子下面", "钥匙在垫子下面"),
        ("請幫我記住我住在台北。", "我住在台北"),
        ("别忘了明天是妈妈的生日", "明天是妈妈的生日"),
    ],
)
def test_what_is_to_be_remembered(said: str, fact: str) -> None:
    assert request_in(said) == Remember(fact)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("Forget that I live in Oslo.", "I live in Oslo"),
        ("Please forget about my sister.", "my sister"),
        ("请忘掉我的生日。", "我的生日"),
        ("忘记我喜欢喝茶", "我喜欢喝茶"),
    ],
)
def test_what_is_to_be_forgotten(said: str, fact: str) -> None:
    assert request_in(said) == Forget(fact)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Remember?",
        "Do you remember that film with the dog?",
        "Do you remember my name?",
        "I remember that it rained.",
        "I can't remember that song.",
        "Remember when we talked about cats?",
        "Remember me!",
        "Remember that.",
        "Forget it.",
        "Forget that.",
        "Forget about it!",
        "Don't forget to smile.",
        "I forgot that you were here.",
        "Tell me how people remember that many words.",
        "What did I ask you to remember?",
        "你还记得我的名字吗？",
        "记得我叫什么吗",
        "我记得那天下雨了。",
        "我忘了他的名字。",
        "记住！",
        "Please forget my",
        "Forget that I have a",
        "Remember that I am",
        "忘掉我的。",
    ],
)
def test_what_only_sounds_like_it(said: str) -> None:
    assert request_in(said) is None


def test_the_system_prompt_holds_persona_and_newest_facts() -> None:
    facts = [Fact(i, f"fact number {i}", 0.0) for i in range(1000)]
    text = system_text("Be kind.", persona=" You are a pirate. ", facts=facts)
    assert text.startswith(f"Be kind.\n\nYou are a pirate.\n\n{FACTS_INTRODUCED}\n- fact number 9")
    assert text.endswith("- fact number 998\n- fact number 999") and len(text) < 1000
    assert system_text("Be kind.") == "Be kind."
    assert system_text("", facts=facts, most=3) == ""
