"""The engine for OpenAI-compatible servers, against a real HTTP server that streams, stalls, breaks and refuses."""

from __future__ import annotations

import os
import queue
import socket
from collections.abc import Iterator

import pytest

from conversation.engines.llm.openai_server import KEY_VARIABLE, OpenAiServer
from conversation.errors import ContextFullError, EngineError
from conversation.history.dialogue import NOTES_INTRODUCED, Turn
from conversation.settings import ConversationSettings, Engines, EngineSpec
from conversation.stages.language import LanguageStage
from conversation.turns.actions import Answer, Remember
from conversation.turns.events import ReplyDone, ReplyPiece, StageFailed
from tests.conversation.engines.llm.chat_server import (
    DONE,
    STOP,
    Exchange,
    Script,
    Server,
    chat_server,
    chunk,
    event,
    usage,
)

SYSTEM = "You answer briefly."


@pytest.fixture
def server() -> Iterator[Server]:
    with chat_server() as running:
        yield running


@pytest.fixture
def model(server: Server) -> Iterator[OpenAiServer]:
    engine = OpenAiServer(server.url, silence_s=5.0)
    engine.begin(SYSTEM)
    server.requests.clear()
    yield engine
    engine.close()


def said(model: OpenAiServer, question: str = "How are you?", max_tokens: int = 32) -> str:
    return "".join(model.reply(question, max_tokens=max_tokens))


def sends(*data: bytes, end: bool = True) -> Script:
    def script(exchange: Exchange) -> None:
        exchange.open()
        exchange.send(*data)
        if end:
            exchange.end()
        else:
            exchange.drop()

    return script


def refuses(status: int, content: object) -> Script:
    return lambda exchange: exchange.refuse(status, content)


def test_an_answer_comes_piece_by_piece_and_becomes_history(server: Server, model: OpenAiServer) -> None:
    server.scripts = [lambda exchange: exchange.answer("I am ", "well", ".")]
    assert list(model.reply("How are you?", max_tokens=32)) == ["I am ", "well", "."]
    said(model, "Why?")
    assert server.said() == [
        ("system", SYSTEM), ("user", "How are you?"), ("assistant", "I am well."), ("user", "Why?"),
    ]  # fmt: skip
    assert server.requests[0]["model"] == "tiny"
    assert server.requests[0]["max_tokens"] == 32 and server.requests[0]["stream"] is True


def test_the_first_piece_comes_before_the_last_is_written(server: Server, model: OpenAiServer) -> None:
    def script(exchange: Exchange) -> None:
        exchange.open()
        exchange.send(chunk("One"))
        exchange.wait_for_hang_up()

    server.scripts = [script]
    pieces = model.reply("Count.", max_tokens=32)
    assert next(pieces) == "One"
    pieces.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(5)
    assert model.dialogue.turns == (Turn("Count.", "One"),)


@pytest.mark.parametrize("headers_sent", [True, False])
def test_cancelling_while_the_server_is_silent_closes_the_connection(
    server: Server, model: OpenAiServer, headers_sent: bool
) -> None:
    def script(exchange: Exchange) -> None:
        if headers_sent:
            exchange.open()
        exchange.wait_for_hang_up()

    server.scripts = [script]
    looks = iter(range(1000))
    assert list(model.reply("Well?", max_tokens=32, cancelled=lambda: next(looks) > 20)) == []
    assert server.hung_up.wait(5)
    assert said(model, "Again?") == "Fine."
    assert server.said() == [("system", SYSTEM), ("user", "Well?\nAgain?")]


def test_history_keeps_what_was_heard(server: Server, model: OpenAiServer) -> None:
    server.scripts = [lambda exchange: exchange.answer("The sea is deep. ", "It is also wide.")]
    said(model, "Tell me of the sea.")
    model.truncate_last_reply("The sea is deep.")
    said(model, "And the sky?")
    assert ("assistant", "The sea is deep.") in server.said()
    model.truncate_last_reply("")
    said(model, "Hello?")
    assert server.said()[-1] == ("user", "And the sky?\nHello?")


def test_a_new_question_ends_the_answer_before(server: Server, model: OpenAiServer) -> None:
    def script(exchange: Exchange) -> None:
        exchange.open()
        exchange.send(chunk("Well"))
        exchange.wait_for_hang_up()

    server.scripts = [script]
    old = model.reply("First?", max_tokens=32)
    assert next(old) == "Well"
    assert said(model, "Second?") == "Fine."
    assert list(old) == [] and server.hung_up.wait(5)
    assert model.dialogue.turns == (Turn("First?", "Well"), Turn("Second?", "Fine."))


def test_comments_split_characters_and_usage(server: Server, model: OpenAiServer) -> None:
    text = 'data: {"choices":[{"delta":{"content":"你好"}}]}\r\n\r\n'.encode()
    cut = text.index("你".encode()) + 1
    role = event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
    server.scripts = [sends(b": ping\n\n", role, text[:cut], text[cut:], b":\n", STOP, usage(41, 7), DONE)]
    before = model.stats
    assert said(model) == "你好"
    assert model.stats.prefill_tokens - before.prefill_tokens == 41
    assert model.stats.decode_tokens - before.decode_tokens == 7


def test_thoughts_are_not_said(server: Server, model: OpenAiServer) -> None:
    server.scripts = [lambda exchange: exchange.answer("<th", "ink>Hm, ", "<b>", "</thi", "nk>\n\nYes", ", 3 <", " 4.")]
    assert said(model) == "Yes, 3 < 4."
    assert model.dialogue.turns[-1].heard == "Yes, 3 < 4."


def test_a_connection_that_lay_idle_and_broke_is_tried_once_more(server: Server, model: OpenAiServer) -> None:
    server.scripts = [lambda exchange: exchange.drop()]
    assert said(model) == "Fine." and len(server.requests) == 2
    server.scripts = [lambda exchange: exchange.drop(), lambda exchange: exchange.drop()]
    with pytest.raises(EngineError, match="broke off: ask again"):
        said(model)


@pytest.mark.parametrize("dropped", [True, False])
def test_an_answer_that_breaks_off_is_an_error_and_its_beginning_stays(
    server: Server, model: OpenAiServer, dropped: bool
) -> None:
    server.scripts = [sends(chunk("It is"), end=not dropped)]
    pieces = model.reply("What is it?", max_tokens=32)
    assert next(pieces) == "It is"
    with pytest.raises(EngineError, match="broke off"):
        next(pieces)
    assert model.dialogue.turns == (Turn("What is it?", "It is"),)
    assert said(model) == "Fine."


def test_a_silent_server_is_given_up(server: Server) -> None:
    engine = OpenAiServer(server.url, silence_s=0.3)
    engine.begin(SYSTEM)
    server.scripts = [lambda exchange: exchange.wait_for_hang_up()]
    with pytest.raises(EngineError, match="silent for too long"):
        said(engine)
    assert server.hung_up.wait(5)
    engine.close()


@pytest.mark.parametrize(
    "script",
    [
        sends(b"data: {oops\n\n"),
        sends(b'data: {"choices": 3}\n\n'),
        sends(b"data: [1]\n\n"),
        lambda exchange: exchange.refuse(200, b"<html>Welcome</html>"),
        refuses(404, b"<html>Not found</html>"),
    ],
)
def test_what_is_no_chat_server_is_said_to_be_none(server: Server, model: OpenAiServer, script: Script) -> None:
    server.scripts = [script]
    with pytest.raises(EngineError, match="does not speak the OpenAI chat API"):
        said(model)
    assert said(model) == "Fine."


def test_an_endless_event_ends(server: Server, model: OpenAiServer) -> None:
    server.scripts = [sends(b"data: ", *[b"x" * 65536] * 40)]
    with pytest.raises(EngineError, match="endless"):
        said(model)


def test_an_endless_answer_ends(server: Server, model: OpenAiServer) -> None:
    server.scripts = [sends(*[chunk("la " * 200)] * 400, end=False)]
    assert len(said(model, max_tokens=16)) < 2000


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (401, {"error": {"message": "Invalid API key", "code": "invalid_api_key"}}, KEY_VARIABLE),
        (403, b"", KEY_VARIABLE),
        (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, "no model 'tiny'"),
        (404, {"error": {"message": "model 'x' not found", "type": "not_found_error"}}, "choose another .tiny."),
        (429, {"error": {"message": "Rate limit reached"}}, "Rate limit reached"),
        (503, {"error": {"message": "Loading model"}}, "not ready .Loading model."),
        (500, {"detail": "CUDA out of memory"}, "CUDA out of memory"),
        (502, b"\xff\xfe", "HTTP 502"),
        (400, {"error": "bad request"}, "failed .bad request."),
    ],
)
def test_a_refusal_is_one_sentence(
    server: Server, model: OpenAiServer, status: int, content: object, message: str
) -> None:
    server.scripts = [refuses(status, content)]
    with pytest.raises(EngineError, match=message) as caught:
        said(model)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_an_error_in_the_stream_is_told(server: Server, model: OpenAiServer) -> None:
    server.scripts = [sends(chunk("I"), event({"error": {"message": "engine died", "code": 500}}))]
    with pytest.raises(EngineError, match="engine died"):
        said(model)


def test_a_question_taken_back_is_never_sent_again(model: OpenAiServer, server: Server) -> None:
    said(model, "First?")
    next(iter(model.reply("Sec", max_tokens=8)))
    model.take_back()
    said(model, "Second?")
    assert [text for role, text in server.said() if role == "user"] == ["First?", "Second?"]


TOO_LONG = [
    {"error": {"message": "This model's maximum context length is 300 tokens. However, you requested 900 tokens.",
               "type": "BadRequestError", "code": 400}},
    {"object": "error", "message": "The input (900 tokens) is longer than the model's context length (300 tokens)."},
    {"error": {"code": 400, "message": "the request exceeds the available context size, try increasing it",
               "type": "exceed_context_size_error", "n_prompt_tokens": 900, "n_ctx": 300}},
    {"error": {"message": "Too long.", "code": "context_length_exceeded"}},
]  # fmt: skip
"""As vLLM, SGLang, llama.cpp and OpenAI say it."""


@pytest.mark.parametrize("content", TOO_LONG)
def test_a_full_context_loses_its_oldest_turns_and_asks_again(server: Server, content: object) -> None:
    engine = OpenAiServer(server.url)
    engine.begin(SYSTEM)
    engine.resume([Turn(f"Question {i}? " + "word " * 20, f"Answer {i}. " + "word " * 20) for i in range(10)])
    served = list[int]()

    def script(exchange: Exchange) -> None:
        words = sum(len(text.split()) for _, text in exchange.said)
        served.append(words)
        if words > 220:
            exchange.refuse(400, content)
        else:
            exchange.answer("Short.")

    server.scripts = [script] * 6
    assert said(engine, "And the newest?") == "Short."
    assert served[0] > 400 and served[-1] <= 220
    assert server.said()[0] == ("system", SYSTEM) and server.said()[-1] == ("user", "And the newest?")
    asked = len(server.requests)
    said(engine, "Next?")
    assert len(server.requests) == asked + 1, "what was learnt is kept"
    engine.close()


def test_a_context_that_is_always_full_is_an_error(server: Server, model: OpenAiServer) -> None:
    server.scripts = [refuses(400, TOO_LONG[0])] * 20
    with pytest.raises(ContextFullError):
        said(model)
    assert len(server.requests) < 10


def test_notes_are_made_of_what_leaves(server: Server) -> None:
    engine = OpenAiServer(server.url, context=512)
    engine.begin(SYSTEM)
    engine.resume([Turn(f"I have {i} cats. " + "word " * 15, "Nice. " + "word " * 15) for i in range(9)])
    server.requests.clear()
    server.scripts = [lambda exchange: exchange.answer("The user has cats.")]
    engine.settle()
    assert "I have 0 cats" in server.said(0)[-1][1]
    assert engine.dialogue.notes.endswith("The user has cats.") and len(engine.dialogue.turns) < 9
    said(engine, "How many?")
    assert server.said()[0][1] == f"{SYSTEM}\n\n{NOTES_INTRODUCED}\n{engine.dialogue.notes}"
    engine.settle()
    assert len(server.requests) == 2, "with room there is nothing to do"
    engine.close()


@pytest.mark.parametrize("script", [refuses(500, b""), lambda exchange: exchange.wait_for_hang_up()])
def test_without_notes_turns_are_dropped_and_the_answer_comes(server: Server, script: Script) -> None:
    engine = OpenAiServer(server.url, context=512, notes_s=0.2)
    engine.begin(SYSTEM)
    engine.resume([Turn("word " * 40, "word " * 40) for _ in range(9)])
    server.scripts = [script]
    assert said(engine, "Well?") == "Fine."
    assert engine.dialogue.notes == "" and engine.dialogue.turns[-1] == Turn("Well?", "Fine.")
    engine.close()


def test_the_key_is_sent_and_never_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sesame-123")
    engine = OpenAiServer(server.url, key_variable="MY_KEY")
    server.scripts = [refuses(401, {"error": {"message": "sesame-123 is wrong"}})]
    with pytest.raises(EngineError, match="MY_KEY") as caught:
        engine.begin(SYSTEM)
    assert "sesame" not in str(caught.value)
    assert server.keys == ["Bearer sesame-123"] * 2
    engine.close()


@pytest.mark.parametrize("key", ["“sesame”", "sesame\n", "sesame\x00"])
def test_a_key_that_cannot_be_one_is_told_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "MY_KEY": key})
    with pytest.raises(EngineError, match="MY_KEY has letters that no key has") as caught:
        OpenAiServer("http://127.0.0.1:1/v1", key_variable="MY_KEY")
    assert "sesame" not in str(caught.value)


def test_begin_chooses_the_model_and_takes_its_context(server: Server) -> None:
    server.models = [{"id": "first", "max_model_len": 640}, {"id": "second"}]
    engine = OpenAiServer(server.url, context=100_000)
    engine.begin(SYSTEM)
    assert server.requests[0]["model"] == "first" and server.requests[0]["max_tokens"] == 1
    engine.resume([Turn("word " * 100, "word " * 100) for _ in range(9)])
    said(engine, "Hello?")
    assert sum(len(text) for _, text in server.said()) < 640 * 4
    engine.close()


def test_begin_waits_for_a_server_that_loads(server: Server) -> None:
    server.models_status = [503]
    server.scripts = [refuses(503, {"error": {"message": "Loading model"}})]
    engine = OpenAiServer(server.url)
    engine.begin(SYSTEM)
    assert said(engine) == "Fine."
    engine.close()
    impatient = OpenAiServer(server.url, start_s=0.0)
    server.models_status = [503, 503]
    with pytest.raises(EngineError, match="not ready"):
        impatient.begin(SYSTEM)
    impatient.close()


def test_a_server_that_lists_nothing_serves_a_named_model(server: Server) -> None:
    server.models_status = [404, 404]
    engine = OpenAiServer(server.url, model="mine")
    engine.begin(SYSTEM)
    assert said(engine) == "Fine." and server.requests[-1]["model"] == "mine"
    engine.close()
    nameless = OpenAiServer(server.url)
    with pytest.raises(EngineError):
        nameless.begin(SYSTEM)
    nameless.close()


def test_no_server_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        engine = OpenAiServer(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        with pytest.raises(EngineError, match="No language model's server answers at http"):
            engine.begin(SYSTEM)
        engine.close()
        engine.close()


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://here/v1", "http://", "http://a b/", "http://x:port/v1"])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(EngineError, match="is not the address"):
        OpenAiServer(url)


def test_nothing_is_asked_before_the_dialogue_began(server: Server) -> None:
    engine = OpenAiServer(server.url)
    with pytest.raises(EngineError, match="not begun"):
        engine.reply("Hello?", max_tokens=8)
    engine.close()


def test_more_fields_reach_the_server(server: Server) -> None:
    engine = OpenAiServer(server.url, extra={"chat_template_kwargs": {"enable_thinking": False}})
    engine.begin(SYSTEM)
    assert server.requests[0]["chat_template_kwargs"] == {"enable_thinking": False}
    engine.close()


def test_the_conversation_speaks_with_a_server(server: Server) -> None:
    events: queue.Queue[object] = queue.Queue()
    spec = EngineSpec("conversation.engines.llm.openai_server:OpenAiServer", options={"url": server.url})
    settings = ConversationSettings(
        system_prompt=SYSTEM, persona="You are a pirate.", engines=Engines(language_model=spec)
    )
    stage = LanguageStage(settings, events.put, lambda turn: False)
    stage.load(lambda: events.put("loaded"))
    assert events.get(timeout=10) == "loaded"
    server.scripts = [lambda exchange: exchange.answer("Aye, ", "mate.")]
    stage.answer(Answer(1, "Hello?"))
    assert [events.get(timeout=10) for _ in range(3)] == [ReplyPiece(1, "Aye, "), ReplyPiece(1, "mate."), ReplyDone(1)]
    stage.remember(Remember(1, "Aye,"))
    server.scripts = [refuses(500, {"error": {"message": "out of memory"}})]
    stage.answer(Answer(2, "Who are you?"))
    failed = events.get(timeout=10)
    assert isinstance(failed, StageFailed) and failed.turn == 2 and "out of memory" in failed.message
    assert server.said() == [
        ("system", f"{SYSTEM}\n\nYou are a pirate."),
        ("user", "Hello?"),
        ("assistant", "Aye,"),
        ("user", "Who are you?"),
    ]
    stage.close()
