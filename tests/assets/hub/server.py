"""A hub on this machine that speaks as Hugging Face and as ModelScope do, over a line that can be made bad."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c" * 40
REPOSITORY = "people/tiny"
LARGE = 1000
"""Files from this size on are listed with a SHA-256, as Git LFS has it; smaller ones with Git's own SHA-1."""


@dataclass
class Fault:
    """What goes wrong with one answer; the bytes that are due can be changed by `spoil`."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    spoil: Callable[[bytes], bytes] = bytes
    drop_after: int | None = None
    stall: bool = False
    no_ranges: bool = False
    other_range: bool = False
    piece: int = 1 << 20
    pause_s: float = 0.0


class HubServer:
    """The hub: its `files`, the `faults` that its next answers with a file have, and what it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.asked: list[tuple[str, str | None]] = []
        """(path, Range) of every request for a file."""
        self.sent = 0
        self.page = 1000
        self.down = False
        self.free = threading.Event()

    def next_fault(self) -> Fault:
        if self.always is not None:
            return self.always
        return self.faults.pop(0) if self.faults else Fault()

    def hugging_face(self, start: int) -> tuple[object, int | None]:
        """One page of the tree, and where the next one begins."""
        entries: list[dict[str, object]] = []
        for path, content in self.files.items():
            blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            entry: dict[str, object] = {"type": "file", "path": path, "size": len(content), "oid": blob}
            if len(content) >= LARGE:
                digest = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 130}
            entries.append(entry)
        entries.append({"type": "directory", "path": "folder", "size": 0, "oid": "0" * 40})
        end = start + self.page
        return entries[start:end], end if end < len(entries) else None

    def modelscope(self) -> object:
        files = [
            {"Path": path, "Name": path.split("/")[-1], "Type": "blob", "Size": len(content), "Revision": "master",
             "Sha256": hashlib.sha256(content).hexdigest()}
            for path, content in self.files.items()
        ]  # fmt: skip
        return {"Code": 200, "Success": True, "Data": {"Files": [*files, {"Path": "folder", "Type": "tree"}]}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.hub.down:
            self._answer(503, b"")
        elif url.path == f"/api/models/{REPOSITORY}/revision/main":
            self._json({"sha": COMMIT})
        elif url.path == f"/api/models/{REPOSITORY}/tree/{COMMIT}":
            page, following = self.hub.hugging_face(int(query.get("cursor", 0)))
            more = {} if following is None else {
                "Link": f'<{self.hub.address}{url.path}?recursive=true&cursor={following}>; rel="next"'
            }  # fmt: skip
            self._json(page, more)
        elif url.path == f"/api/v1/models/{REPOSITORY}/repo/files":
            self._json(self.hub.modelscope())
        elif url.path == f"/api/v1/models/{REPOSITORY}/repo":
            self._file(query["FilePath"])
        elif url.path.startswith(f"/{REPOSITORY}/resolve/{COMMIT}/"):
            self._file(unquote(url.path).removeprefix(f"/{REPOSITORY}/resolve/{COMMIT}/"))
        else:
            self._answer(404, b"")

    def _json(self, value: object, headers: dict[str, str] | None = None) -> None:
        self._answer(200, json.dumps(value).encode(), headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _file(self, path: str) -> None:
        wanted = self.headers.get("Range")
        self.hub.asked.append((path, wanted))
        fault = self.hub.next_fault()
        if fault.status is not None:
            self._answer(fault.status, b"", fault.headers)
            return
        body, status, headers = fault.spoil(self.hub.files[path]), 200, {}
        if wanted and not fault.no_ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            start -= fault.other_range
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        due = len(body)
        if fault.drop_after is not None:
            body = body[: fault.drop_after]
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(due)}).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for at in range(0, len(body), fault.piece):
                self.wfile.write(body[at : at + fault.piece])
                self.hub.sent += len(body[at : at + fault.piece])
                time.sleep(fault.pause_s)
        except OSError:
            pass
        if fault.stall:
            self.hub.free.wait(20)
        if len(body) < due:
            self.close_connection = True


@contextmanager
def hub_server() -> Iterator[HubServer]:
    """A hub that answers until the block ends."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.hub = HubServer(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield handler.hub  # type: ignore[attr-defined]
    finally:
        handler.hub.free.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join()
