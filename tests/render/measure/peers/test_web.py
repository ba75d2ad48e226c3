"""The server and its conversation with a page, the page's part played by plain HTTP; no browser is started."""

from __future__ import annotations

import json
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from render.errors import PeerError
from render.measure.peers.install import WEB
from render.measure.peers.peer import Scene
from render.measure.peers.web import PageServer, WebPeer

# Asks as a browser would and takes its answers to the bench: every frame takes as many ms as its eye is far along x.
PAGE = """#!/usr/bin/env python3
import json, sys, urllib.request
at = sys.argv[-1]
def post(path, body):
    urllib.request.urlopen(urllib.request.Request(at + path, body, method="POST")).read()
def answer(value):
    post("answer", json.dumps(value).encode())
scene = json.load(urllib.request.urlopen(at + "scene"))
BEFORE
answer({"about": {"splats": 7}, "gl": "a pencil"})
while True:
    work = json.load(urllib.request.urlopen(at + "next"))
    if work["what"] == "picture":
        post("picture", bytes(range(scene["width"] * scene["height"] * 4)))
    else:
        answer({"ms": [eye[0] for eye in work.get("eyes", [])]})
"""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "cloud.ply").write_bytes(b"ply and so on")
    return Scene(tmp_path / "cloud.ply", 4, 3, 60.0, (0.0, 1.0, 0.0))


def browser(folder: Path, before: str = "") -> Path:
    program = folder / "browser"
    program.write_text(PAGE.replace("BEFORE", before))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def server(tmp_path: Path, scene: Scene) -> Iterator[PageServer]:
    modules = tmp_path / "node_modules"
    (modules / "viewer").mkdir(parents=True)
    (modules / "viewer" / "index.mjs").write_text("export {};")
    (tmp_path / "secret").write_text("not for pages")
    server = PageServer("spark", modules, {"viewer": "viewer/index.mjs"}, scene)
    yield server
    server.close()


def fetch(server: PageServer, path: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(server.address + path) as response:
        return response.read(), dict(response.headers)


def test_a_page_and_what_it_imports(server: PageServer) -> None:
    page, headers = fetch(server, "")
    assert b'"viewer": "/modules/viewer/index.mjs"' in page and b'src="/pages/spark.js"' in page
    # What browsers ask of a page before its workers may share memory with it.
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    module, headers = fetch(server, "modules/viewer/index.mjs")
    assert module == b"export {};" and headers["Content-Type"] == "text/javascript"
    assert fetch(server, "cloud.ply")[0] == b"ply and so on"
    assert json.loads(fetch(server, "scene")[0])["cloud"] == "/cloud.ply"
    assert server.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("name", WEB)
def test_every_viewer_has_a_page(server: PageServer, name: str) -> None:
    text = fetch(server, f"pages/{name}.js")[0].decode()
    assert "serve(" in text
    for package in WEB[name].imports:
        assert package.endswith("/") or f"'{package}'" in text


@pytest.mark.parametrize("path", ["secret", "modules/../secret", "pages/../web.py", "pages/none.js", "modules/none"])
def test_nothing_else_is_served(server: PageServer, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        fetch(server, path)
    assert error.value.code == 404


def test_work_waits_until_there_is_some(server: PageServer) -> None:
    got: list[bytes] = []
    asking = threading.Thread(target=lambda: got.append(fetch(server, "next")[0]))
    asking.start()
    asking.join(0.2)
    assert asking.is_alive() and not got
    server.work.put({"what": "time"})
    asking.join(5)
    assert json.loads(got[0]) == {"what": "time"}


def test_a_peer_draws_what_it_is_asked_for(tmp_path: Path, scene: Scene) -> None:
    peer = WebPeer("spark", browser(tmp_path), tmp_path, {}, scene)
    try:
        assert peer.about == {"splats": 7, "gl": "a pencil"}
        peer.settle((0.0, 0.0, 1.0))
        assert peer.time([(5.0, 0.0, 0.0), (7.5, 0.0, 0.0)]) == [5.0, 7.5]
        picture = peer.picture()
        assert picture.shape == (3, 4, 3)
        # Pages hand over their bottom row first, with alpha.
        assert np.array_equal(picture[2, 0], [0, 1, 2]) and np.array_equal(picture[0, 3], [44, 45, 46])
    finally:
        peer.close()


def test_a_page_that_fails_says_why(tmp_path: Path, scene: Scene) -> None:
    program = browser(tmp_path, 'answer({"error": "TypeError: no splats\\n at spark.js"})')
    with pytest.raises(PeerError, match=r"page of spark failed \(TypeError: no splats\)"):
        WebPeer("spark", program, tmp_path, {}, scene)


def test_a_browser_that_ends_is_noticed(tmp_path: Path, scene: Scene) -> None:
    with pytest.raises(PeerError, match="Chromium ended while spark"):
        WebPeer("spark", browser(tmp_path, "sys.exit(3)"), tmp_path, {}, scene)
