"""A web page's renderer: Chromium, a server for it on this machine alone, and the conversation between page and bench.

The page asks for work with GET /next, which waits until there is some, and posts what came of it (pages/peer.js). So
nothing drives the browser from outside: it opens one address and is ended by its process group.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from threading import Thread
from typing import Any, Final

import numpy as np

from render.errors import PeerError
from render.measure.peers.peer import U8, Point, Scene
from render.measure.peers.processors import processor_seconds

LOADING_S: Final = 240.0
"""How long a page may take to load the cloud, or to draw what it is asked for, on a software GPU."""
_SETTLE: Final = {"what": "settle", "frames": 8, "pause": 250}
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
_FLAGS: Final = (
    "--headless=new",
    # ANGLE on the machine's own GL; its own software one is several times slower.
    "--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist",
    "--force-device-scale-factor=1", "--hide-scrollbars", "--mute-audio", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-quic",
    "--disable-sync", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-dev-shm-usage",
)  # fmt: skip


class PageServer:
    """Serves the page `name`, the packages it imports from `modules`, and `scene`, to whoever is on this machine."""

    def __init__(self, name: str, modules: Path, imports: dict[str, str], scene: Scene) -> None:
        self.work: queue.Queue[dict[str, Any]] = queue.Queue()
        """What the page is to do; each is handed over once."""
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.pictures: queue.Queue[bytes] = queue.Queue()
        paths = {package: f"/modules/{path}" for package, path in imports.items()}
        self.page = (
            f'<!doctype html><meta charset="utf-8"><title>{name}</title><body style="margin:0;background:#000">'
            f'<script type="importmap">{json.dumps({"imports": paths})}</script>'
            f'<script type="module" src="/pages/{name}.js"></script>'
        )
        self.modules, self.cloud = modules.resolve(), scene.cloud
        self.scene = {key: value for key, value in vars(scene).items() if key != "cloud"} | {"cloud": "/cloud.ply"}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._http.daemon_threads = True
        Thread(target=self._http.serve_forever, name=f"page {name}", daemon=True).start()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/"

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server: PageServer, *args: Any) -> None:
        self._pages = server
        super().__init__(*args)

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/":
            self._send(self._pages.page.encode(), "text/html")
        elif path == "/scene":
            self._send(json.dumps(self._pages.scene).encode(), "application/json")
        elif path == "/next":
            self._send(json.dumps(self._pages.work.get()).encode(), "application/json")
        elif path == "/cloud.ply":
            self._send(self._pages.cloud.read_bytes(), "application/octet-stream")
        else:
            self._file(path)

    def _file(self, path: str) -> None:
        folder, _, name = path[1:].partition("/")
        page = resources.files("render.measure.peers").joinpath("pages", name)
        if folder == "pages" and "/" not in name and page.is_file():
            self._send(page.read_bytes(), _TYPES[".js"])
            return
        file = (self._pages.modules / name).resolve()
        if folder == "modules" and file.is_relative_to(self._pages.modules) and file.is_file():
            self._send(file.read_bytes(), _TYPES.get(file.suffix, "application/octet-stream"))
            return
        self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/picture":
            self._pages.pictures.put(body)
        else:
            self._pages.answers.put(json.loads(body))
        self._send(b"", "text/plain")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # Only a page that is cut off from other origins may share memory with its workers.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        # A browser that was ended does not wait for its answer.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what goes wrong comes as an answer."""


class WebPeer:
    """The page `name` in a Chromium of its own. Raises PeerError where it does not come up, or falls silent."""

    def __init__(self, name: str, chromium: Path, modules: Path, imports: dict[str, str], scene: Scene) -> None:
        self._name, self._scene = name, scene
        self._server = PageServer(name, modules, imports, scene)
        self._folder = tempfile.TemporaryDirectory(prefix="visavis-chromium-", ignore_cleanup_errors=True)
        command = [str(chromium), *_FLAGS, f"--user-data-dir={self._folder.name}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        self._browser = subprocess.Popen(
            [*command, f"--window-size={scene.width},{scene.height}", self._server.address],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            self.about: dict[str, object] = self._answer()
            self.about |= self.about.pop("about", {})  # type: ignore[call-overload]
        except BaseException:
            self.close()
            raise

    def settle(self, eye: Point) -> None:
        """See Peer."""
        self._ask({**_SETTLE, "eye": eye})

    def time(self, eyes: Sequence[Point]) -> list[float]:
        """See Peer."""
        return [float(ms) for ms in self._ask({"what": "time", "eyes": list(eyes)})["ms"]]

    def processor_s(self) -> float | None:
        """See Peer."""
        return processor_seconds(self._browser.pid)

    def picture(self) -> U8:
        """See Peer."""
        self._server.work.put({"what": "picture"})
        pixels = self._wait(self._server.pictures)
        shape = self._scene.height, self._scene.width, 4
        return np.ascontiguousarray(np.frombuffer(pixels, np.uint8).reshape(shape)[::-1, :, :3])

    def close(self) -> None:
        """See Peer."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._browser.pid, signal.SIGKILL)
        self._browser.wait()
        self._server.close()
        self._folder.cleanup()

    def _ask(self, work: dict[str, Any]) -> dict[str, Any]:
        self._server.work.put(work)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._wait(self._server.answers)
        if "error" in answer:
            raise PeerError(f"The page of {self._name} failed ({answer['error'].splitlines()[0]}); leave it out.")
        return answer

    def _wait(self, answers: queue.Queue[Any]) -> Any:
        until = time.monotonic() + LOADING_S
        while time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                return answers.get(timeout=0.5)
            if not self._server.answers.empty():
                return self._answer()
            if self._browser.poll() is not None:
                raise PeerError(f"Chromium ended while {self._name} was drawing; start it by hand to see why.")
        raise PeerError(f"The page of {self._name} said nothing for {LOADING_S:.0f} s; leave it out.")
