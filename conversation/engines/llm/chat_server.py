"""The client's side of the OpenAI chat API (`/models`, `/chat/completions` with `stream`), and what can go wrong there.

Every failure is an EngineError of one sentence. Reading is asynchronous, so that a cancelled task closes its connection
at once: that is how a server learns that it may stop. vLLM, SGLang, llama.cpp and Ollama each word errors their own
way; `_refusal` knows these.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from conversation.engines.llm.server_sent import EventParser
from conversation.errors import ContextFullError, EngineError

CONNECT_S: Final = 5.0
LARGEST_BODY: Final = 1 << 20
"""Bytes of a list of models, or of an error."""
_LIMIT: Final = re.compile(r"(?:context length|context size|context window|n_ctx)\D{0,20}?(\d{3,8})", re.IGNORECASE)
_TOO_LONG: Final = re.compile(
    r"context.?length|context.?size|context.?window|prompt is too long|exceeds? (?:the )?(?:max|limit|available)",
    re.IGNORECASE,
)


class ServerBusyError(EngineError):
    """The server is there and still loads its model, or has too much to do."""


class BrokenOffError(EngineError):
    """The connection ended before the answer did."""


@dataclass(frozen=True)
class Piece:
    """One event of an answer."""

    text: str = ""
    finished: bool = False
    """The server says that the answer is complete."""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


class ChatServer:
    """A server at `url` (its OpenAI address, as `http://127.0.0.1:8000/v1`); `silence_s`: so long it may say nothing.

    `key` goes to this address alone: redirects are not followed. EngineError where `url` is not one, or `key` none.
    """

    def __init__(self, url: str, *, key: str = "", key_variable: str = "", silence_s: float = 30.0) -> None:
        self.url: Final = url.rstrip("/")
        self._key_variable = key_variable
        self._offered: tuple[str, ...] = ()
        if not (key.isascii() and key.isprintable()):
            where = f" in the environment variable {key_variable}" if key_variable else ""
            raise EngineError(f"The key{where} has letters that no key has: copy it again.")
        try:
            parts = urlsplit(self.url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("it does not begin with http:// or https://")
            if parts.port == 0 or any(letter.isspace() for letter in self.url):
                raise ValueError("it has a space or a port that cannot be")
            self._client = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx.Timeout(silence_s, connect=CONNECT_S),
                limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
                verify=parts.scheme == "https",  # certificates take 0.2 s to load
                trust_env=not _is_near(parts.hostname),  # a proxy is for what is far away
            )
        except (ValueError, httpx.InvalidURL, UnicodeError) as error:
            raise EngineError(
                f"{url!r} is not the address of a language model's server ({error}): "
                "write it as http://127.0.0.1:8000/v1."
            ) from None

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def models(self) -> dict[str, int | None]:
        """Names of the models that the server offers, with their context in tokens where it says so (vLLM, SGLang)."""
        async with self._opened("GET", "/models", "") as response:
            body = await _body(response)
        try:
            entries = json.loads(body)["data"]
            found = {str(entry["id"]): _positive(entry.get("max_model_len")) for entry in entries}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._not_one() from None
        self._offered = tuple(found)
        return found

    async def answer(self, request: Mapping[str, Any]) -> AsyncGenerator[Piece]:
        """Send `request` (with `model`) to be answered in a stream; ends where the server says that it is complete."""
        parser = EventParser()
        async with self._opened("POST", "/chat/completions", str(request.get("model")), request) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                raise self._not_one()
            finished = False
            async for data in response.aiter_raw():
                for event in parser.feed(data):
                    if event.strip() == "[DONE]":
                        return
                    piece = self._piece(event, str(request.get("model")))
                    finished |= piece.finished
                    yield piece
            if not finished:
                raise self._broken()

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, model: str, body: Mapping[str, Any] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A response that is not an error; what happens while it is read is one of ours too."""
        # Unpacked, the end of a piece would wait for the beginning of the next.
        headers = {"Accept-Encoding": "identity"}
        try:
            async with self._client.stream(method, self.url + path, json=body, headers=headers) as response:
                if not response.is_success:
                    raise self._refusal(response.status_code, await _body(response), model)
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise EngineError(
                f"No language model's server answers at {self.url}: start it, or correct the address."
            ) from None
        except httpx.TimeoutException:
            raise EngineError(
                f"The language model's server at {self.url} has been silent for too long: look whether it still works."
            ) from None
        except httpx.TransportError:
            raise self._broken() from None

    def _piece(self, event: str, model: str) -> Piece:
        try:
            chunk = msgspec.json.decode(event, type=_Chunk)
        except msgspec.DecodeError:
            raise self._not_one() from None
        if chunk.error:
            raise self._refusal(200, event.encode(), model)
        choice = chunk.choices[0] if chunk.choices else _Choice()
        usage = chunk.usage or _Usage()
        return Piece(
            (choice.delta.content if choice.delta else "") or "",
            choice.finish_reason is not None,
            usage.prompt_tokens,
            usage.completion_tokens,
        )

    def _refusal(self, status: int, body: bytes, model: str) -> EngineError:
        """The error that a server's own error means."""
        said, kind, limit = _said(body)
        where = f"The language model's server at {self.url}"
        if status in (401, 403):
            variable = f" into the environment variable {self._key_variable}" if self._key_variable else ""
            return EngineError(f"{where} refused the key: put a valid one{variable}.")
        if status in (200, 400, 413, 422, 500) and _TOO_LONG.search(f"{kind} {said}"):
            message = f"The dialogue is too long for the model at {self.url}: give the server a longer context."
            return ContextFullError(message, limit=limit)
        if model and (status == 404 or "model_not_found" in kind) and "model" in said.lower():
            others = ", ".join(self._offered[:5]) or "one that it lists"
            return EngineError(f"{where} has no model {model!r}: choose another ({others}).")
        if status in (404, 405):
            return self._not_one()
        if status == 429:
            return EngineError(f"{where} takes no more questions now ({said or 'too many requests'}): ask again later.")
        if status == 503:
            return ServerBusyError(f"{where} is not ready ({said or 'unavailable'}): ask again in a while.")
        return EngineError(f"{where} failed ({said or f'HTTP {status}'}): look at what it prints.")

    def _broken(self) -> BrokenOffError:
        return BrokenOffError(f"The connection to the language model's server at {self.url} broke off: ask again.")

    def _not_one(self) -> EngineError:
        return EngineError(
            f"What answers at {self.url} does not speak the OpenAI chat API: give the address that it has for that, "
            "which often ends in /v1."
        )


def _said(body: bytes) -> tuple[str, str, int | None]:
    """The message of an error in any of the servers' shapes, its kind, and the context that it names."""
    try:
        content = json.loads(body)
    except ValueError:
        return "", "", None
    error = content.get("error", content) if isinstance(content, dict) else content
    if not isinstance(error, dict):
        error = {"message": error}
    message = error.get("message") or error.get("detail") or ""
    said = " ".join((message if isinstance(message, str) else json.dumps(message)).split())
    kind = f"{error.get('type', '')} {error.get('code', '')}"
    limit = _positive(error.get("n_ctx"))
    if limit is None and (found := _LIMIT.search(said)):
        limit = _positive(int(found[1]))
    return said[:200].rstrip(" ."), kind, limit


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31 else None


async def _body(response: httpx.Response) -> bytes:
    """All that came, up to what is sensible."""
    body = b""
    async for data in response.aiter_raw():
        body += data
        if len(body) > LARGEST_BODY:
            break
    return body[:LARGEST_BODY]


def _is_near(host: str) -> bool:
    """This machine or the network at home."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith(".local")
