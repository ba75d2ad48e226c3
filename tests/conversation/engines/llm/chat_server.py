"""A chat server for tests, on a real socket: what it says, when it is silent and where it breaks off is scripted."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def chunk(text: str, **more: Any) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}], **more})


def event(content: object) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


STOP = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"


def usage(prompt: int, answer: int) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": answer}})


class Exchange:
    """One request to answer."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], server: Server) -> None:
        self._handler, self.body, self._server = handler, body, server

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(message["role"], message["content"]) for message in self.body["messages"]]

    def open(self, kind: str = "text/event-stream; charset=utf-8", status: int = 200) -> None:
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", kind)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()

    def send(self, *data: bytes) -> None:
        for part in data:
            self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self._handler.wfile.flush()

    def end(self) -> None:
        self._handler.wfile.write(b"0\r\n\r\n")

    def answer(self, *pieces: str) -> None:
        self.open()
        self.send(*map(chunk, pieces), STOP, DONE)
        self.end()

    def refuse(self, status: int, content: object) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", "application/json")
        self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def drop(self) -> None:
        """Reset the connection."""
        sock = self._handler.connection
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._handler.close_connection = True
        self._handler.rfile.close()
        self._handler.wfile.close()
        sock.close()

    def wait_for_hang_up(self) -> None:
        """Say nothing until the client closes the connection; fails the test after ten seconds."""
        self._handler.connection.settimeout(10)
        try:
            if self._handler.connection.recv(1) == b"":
                self._server.hung_up.set()
        except ConnectionError:
            self._server.hung_up.set()
        except TimeoutError:
            pass


Script = Callable[[Exchange], None]


@dataclass
class Server:
    """What was asked, and what is answered next; without a script the answer is "Fine."."""

    url: str = ""
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "tiny"}])
    models_status: list[int] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def said(self, index: int = -1) -> list[tuple[str, str]]:
        return [(message["role"], message["content"]) for message in self.requests[index]["messages"]]


@contextmanager
def chat_server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.keys.append(self.headers.get("Authorization"))
            exchange = Exchange(self, {}, state)
            status = state.models_status.pop(0) if state.models_status else 200
            if status == 200:
                exchange.refuse(200, {"object": "list", "data": state.models})
            else:
                exchange.refuse(status, {"error": {"message": "Loading model", "type": "unavailable_error"}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.keys.append(self.headers.get("Authorization"))
            state.requests.append(body)
            script = state.scripts.pop(0) if state.scripts else (lambda exchange: exchange.answer("Fine."))
            try:
                script(Exchange(self, body, state))
            except (BrokenPipeError, ConnectionResetError):
                state.hung_up.set()
                self.close_connection = True

        def finish(self) -> None:
            with suppress(OSError, ValueError):  # a script may have closed the connection
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
