"""A language model that does not answer: in a process of its own, and in this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from assets.errors import ModelError
from conversation.engines.base import Cancelled, never
from conversation.errors import ProcessDiedError, ProcessHungError
from conversation.link.events import ChangeLora
from conversation.processes.language_model import RemoteLanguageModel
from conversation.processes.supervision import Supervision
from conversation.settings import ConversationSettings, EngineSpec
from conversation.stages.language import LanguageStage
from conversation.turns.actions import Answer
from conversation.turns.events import ReplyDone, ReplyPiece, StageFailed
from tests.conversation.engines.llm.chat_server import Exchange, chat_server
from tests.conversation.engines_of_rules import HERE, EchoModel, rules

OPENED = threading.Event()


class Hanging(EchoModel):
    """Hangs in its first answer, wherever it was loaded first."""

    loaded = 0
    reached = threading.Event()

    def __init__(self) -> None:
        super().__init__()
        Hanging.loaded += 1
        self._hangs = Hanging.loaded == 1

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        yield "Well, "
        if self._hangs:
            Hanging.reached.set()
            OPENED.wait(20)
            yield "that was long."


class Adapted(EchoModel):
    """Says which LoRA it has; loses its process when it is told to, once."""

    lost = False

    def __init__(self) -> None:
        super().__init__()
        self._lora = "none"

    def use_lora(self, file: str) -> None:
        if file == "damaged":
            raise ModelError("The LoRA damaged is damaged: make it again.")
        self._lora = file or "none"

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        if user_text == "Be lost." and not Adapted.lost:
            Adapted.lost = True
            raise ProcessDiedError("It is gone.")
        yield self._lora


class Counting(EchoModel):
    """Notes how long it may take for what it does."""

    patience_s = 0.0
    noted: ClassVar[list[float]] = []

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        self.noted.append(self.patience_s)

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        self.noted.append(self.patience_s)
        return super().reply(user_text, max_tokens=max_tokens)


def settings(factory: str, **patience: Any) -> ConversationSettings:
    spec = EngineSpec(
        factory, options={"model_dir": Path(), "engine": f"{HERE}:StuckEcho"} if "Remote" in factory else {}
    )
    return ConversationSettings(engines=rules(language_model=spec), supervision=Supervision(**patience))


def until(events: queue.Queue[Any], kind: type) -> list[Any]:
    got = [events.get(timeout=60)]
    while not isinstance(got[-1], kind):
        got.append(events.get(timeout=60))
    return got


def test_a_process_that_says_nothing_is_ended() -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.5  # half a second for each look
        return now[0]

    model = RemoteLanguageModel(Path(), engine=f"{HERE}:StuckEcho", patience_s=1e9, clock=clock)
    pieces = model.reply("Hello?", max_tokens=8)
    assert next(pieces) == "Well, "
    model.patience_s = 4.0
    with pytest.raises(ProcessHungError, match="did not answer for 4 s"):
        next(pieces)
    model.close()


def test_what_it_reads_before_the_first_question_counts_as_loading() -> None:
    events: queue.Queue[Any] = queue.Queue()
    stage = LanguageStage(settings(f"{__name__}:Counting", load_s=7.0, language_s=2.0), events.put, lambda turn: False)
    stage.load(lambda: events.put("loaded"))
    assert events.get(timeout=20) == "loaded"
    stage.answer(Answer(1, "Hello?"))
    until(events, ReplyDone)
    assert Counting.noted == [7.0, 2.0]
    stage.close()


def test_half_an_answer_is_left_at_that_and_the_model_is_started_again() -> None:
    events: queue.Queue[Any] = queue.Queue()
    hangs = settings("conversation.processes.language_model:RemoteLanguageModel", language_s=1.0, restarts=1)
    stage = LanguageStage(hangs, events.put, lambda turn: False)
    stage.load(lambda: events.put("loaded"))
    assert events.get(timeout=60) == "loaded"
    stage.answer(Answer(1, "Hello?"))
    got = until(events, ReplyDone)
    assert got[0] == ReplyPiece(1, "Well, ") and got[-1] == ReplyDone(1)
    (failed,) = [event for event in got if isinstance(event, StageFailed)]
    assert (failed.stage, failed.error, failed.turn) == ("llm", "ProcessHungError", None)
    assert "does not answer; it is being started again" in failed.message
    stage.answer(Answer(2, "And now?"))
    got = until(events, StageFailed)
    assert got[0] == ReplyPiece(2, "Well, "), "the new one was there"
    assert got[-1].turn == 2 and "again; start the conversation again" in got[-1].message
    stage.close()


def test_one_in_this_process_is_left_to_itself() -> None:
    events: queue.Queue[Any] = queue.Queue()
    now = [0.0]
    stage = LanguageStage(
        settings(f"{__name__}:Hanging", language_s=8.0), events.put, lambda turn: False, clock=lambda: now[0]
    )
    stage.load(lambda: events.put("loaded"))
    assert events.get(timeout=20) == "loaded"
    stage.answer(Answer(1, "Hello?"))
    assert Hanging.reached.wait(20)
    stage.look()
    assert events.get(timeout=20) == ReplyPiece(1, "Well, ") and events.empty()
    now[0] = 10.5
    stage.look()
    stage.look()
    got = {type(event): event for event in (events.get(timeout=20), events.get(timeout=20))}
    assert got[ReplyDone] == ReplyDone(1) and got[StageFailed].error == "EngineHungError"
    stage.answer(Answer(2, "And now?"))
    assert [events.get(timeout=20), events.get(timeout=20)] == [ReplyPiece(2, "Well, "), ReplyDone(2)]
    OPENED.set()
    stage.answer(Answer(3, "And then?"))
    assert until(events, ReplyDone) == [ReplyPiece(3, "Well, "), ReplyDone(3)], "nothing late comes of the first"
    stage.close()


def test_a_lora_is_changed_while_it_talks_and_outlives_a_restart() -> None:
    events: queue.Queue[Any] = queue.Queue()
    stage = LanguageStage(settings(f"{__name__}:Adapted"), events.put, lambda turn: False)
    stage.load(lambda: None)
    for turn, file in enumerate(("", "poet", "damaged")):
        stage.change(ChangeLora(file))
        stage.answer(Answer(turn, "Hello?"))
    stage.answer(Answer(3, "Be lost."))
    got = [events.get(timeout=20) for _ in range(10)]
    assert [event.text for event in got if isinstance(event, ReplyPiece)] == ["none", "poet", "poet", "poet"]
    failed = [(event.error, event.fatal) for event in got if isinstance(event, StageFailed)]
    assert failed == [("ModelError", False), ("ProcessDiedError", False)]
    stage.close()


def test_a_model_that_takes_no_lora_says_so() -> None:
    events: queue.Queue[Any] = queue.Queue()
    stage = LanguageStage(settings(f"{HERE}:EchoModel"), events.put, lambda turn: False)
    stage.load(lambda: None)
    stage.change(ChangeLora("poet"))
    assert "takes no LoRA" in events.get(timeout=20).message
    stage.close()


def test_a_server_is_waited_for_as_long_as_the_user_lets_it() -> None:
    events: queue.Queue[Any] = queue.Queue()
    now = [0.0]
    asked, go = threading.Event(), threading.Event()

    def thinks(exchange: Exchange) -> None:
        asked.set()
        go.wait(10)
        exchange.answer("Aye.")

    with chat_server() as server:
        spec = EngineSpec(
            "conversation.engines.llm.openai_server:OpenAiServer", options={"url": server.url, "silence_s": 1000.0}
        )
        stage = LanguageStage(
            ConversationSettings(engines=rules(language_model=spec)), events.put, lambda turn: False, lambda: now[0]
        )
        stage.load(lambda: events.put("loaded"))
        assert events.get(timeout=20) == "loaded"
        server.scripts = [thinks]
        stage.answer(Answer(1, "Hello?"))
        assert asked.wait(20)
        now[0] += 1000.0
        stage.look()
        go.set()
        assert until(events, ReplyDone) == [ReplyPiece(1, "Aye."), ReplyDone(1)]
        stage.close()
