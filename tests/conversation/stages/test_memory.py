"""What a conversation keeps for good, and what the next one knows of it."""

from __future__ import annotations

import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from conversation.history.memory import Memory
from conversation.history.requests import FACTS_INTRODUCED
from conversation.settings import ConversationSettings, EngineSpec
from conversation.stages.language import LanguageStage
from conversation.stages.memory import MemoryStage
from conversation.turns.actions import Answer, Record, Remember, TakeBack
from conversation.turns.events import ReplyDone, StageFailed
from tests.conversation.engines_of_rules import EchoModel, rules

MODELS: list[Witness] = []


class Witness(EchoModel):
    """Remembers what it was begun with."""

    def __init__(self) -> None:
        super().__init__()
        MODELS.append(self)

    def begin(self, system: str, **_: Any) -> None:
        super().begin(system)
        self.system = system


@pytest.fixture
def settings(tmp_path: Path) -> ConversationSettings:
    engines = rules(language_model=EngineSpec(f"{__name__}:Witness"))
    return ConversationSettings(memory=tmp_path / "memory.sqlite", keep_history=True, engines=engines)


def remembered(settings: ConversationSettings, *questions: str) -> list[Any]:
    """What the stage says when these are asked."""
    events: SimpleQueue[Any] = SimpleQueue()
    stage = MemoryStage(settings, events.put)
    now = time.monotonic_ns()
    for question in questions:
        stage.record(Record(question, "Well.", now - 3_000_000_000, now - 1_000_000_000, now))
    stage.close()
    return [events.get() for _ in range(events.qsize())]


def asked(settings: ConversationSettings) -> tuple[LanguageStage, SimpleQueue[Any], EchoModel]:
    """The stage with its model begun."""
    events: SimpleQueue[Any] = SimpleQueue()
    stage = LanguageStage(settings, events.put, lambda turn: False)
    begun: SimpleQueue[None] = SimpleQueue()
    stage.load(lambda: begun.put(None))
    begun.get(timeout=10)
    return stage, events, MODELS[-1]


def test_what_was_said_is_there_when_the_next_conversation_begins(settings: ConversationSettings) -> None:
    assert remembered(settings, "Remember that my dog is called Rex.", "How are you?") == []
    assert settings.memory is not None
    exchanges = Memory(settings.memory).exchanges()
    assert [exchange.question for exchange in exchanges] == ["Remember that my dog is called Rex.", "How are you?"]
    assert abs(exchanges[0].ended_s - time.time()) < 60
    assert exchanges[0].ended_s - exchanges[0].asked_s == pytest.approx(3.0, abs=0.01)
    stage, _, model = asked(settings)
    stage.close()
    assert FACTS_INTRODUCED in model.system and "my dog is called Rex" in model.system
    assert model.history[-1] == ("How are you?", "Well.")


def test_a_fact_is_forgotten_on_request(settings: ConversationSettings) -> None:
    remembered(settings, "Remember that my dog is called Rex.", "Remember that I like tea.", "Forget about my dog.")
    assert settings.memory is not None
    assert [fact.text for fact in Memory(settings.memory).facts()] == ["I like tea"]


def test_without_the_users_wish_only_facts_are_kept(tmp_path: Path) -> None:
    settings = ConversationSettings(memory=tmp_path / "memory.sqlite")
    remembered(settings, "How are you?", "Remember that I like tea.")
    memory = Memory(tmp_path / "memory.sqlite")
    assert memory.exchanges() == [] and len(memory.facts()) == 1
    assert remembered(ConversationSettings(), "Remember that I like tea.") == []


def test_a_damaged_memory_is_told_once_and_the_talk_goes_on(settings: ConversationSettings) -> None:
    assert settings.memory is not None
    settings.memory.write_bytes(b"no database" * 100)
    (failed,) = remembered(settings, "How are you?", "And now?")
    assert isinstance(failed, StageFailed) and failed.stage == "memory" and not failed.fatal
    stage, events, model = asked(settings)
    stage.close()
    assert isinstance(events.get(timeout=5), StageFailed) and model.history == []


def test_only_the_question_that_was_asked_is_changed(settings: ConversationSettings) -> None:
    """A turn that was cancelled before the model got its question must not change the one before it."""
    stage, events, model = asked(settings)
    stage.answer(Answer(1, "One?"))
    stage.remember(Remember(1, "Heard of one."))
    stage.remember(Remember(2, "never asked"))
    stage.take_back(TakeBack(2))
    stage.answer(Answer(3, "Three?"))
    stage.take_back(TakeBack(3))
    stage.take_back(TakeBack(3))
    stage.close()
    assert model.history == [("One?", "Heard of one.")]
    assert sum(isinstance(events.get(), ReplyDone) for _ in range(events.qsize())) == 2


def test_history_of_before_is_bounded(settings: ConversationSettings) -> None:
    remembered(settings, *(f"Question {i}?" for i in range(30)))
    stage, _, model = asked(settings)
    stage.close()
    assert [question for question, _ in model.history] == [f"Question {i}?" for i in range(18, 30)]
