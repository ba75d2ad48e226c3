"""One file over a line that may break: resumed where it stopped, tried again, and never taken for right unseen.

The bytes grow in `NAME.part` beside the file's place; the file appears there only once size and hash are right. A
part that a broken line or a stopped program left is gone on from by an HTTP range (RFC 9110 §14).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from assets.errors import DownloadError
from assets.hub.listing import CONNECT_S, RemoteFile
from assets.progress import Step

PIECE: Final = 1 << 13
"""Bytes read at once, and so at most lost when a line breaks."""
AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which asking again may help."""
LONGEST_WAIT_S: Final = 30.0


@dataclass(frozen=True)
class Patience:
    """How long a bad line is put up with."""

    silence_s: float = 30.0
    """A line that says nothing for so long is dropped and dialled again; a slow one is let be."""
    tries: int = 5
    """Attempts in a row that bring no new byte."""
    wait_s: float = 0.5
    """Before the second attempt; doubled before each further one."""
    sleep: Callable[[float], None] = time.sleep


class _BrokenError(Exception):
    """An attempt ended early; another may go on from there."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def part_of(place: Path) -> Path:
    """Where the bytes of an unfinished `place` are."""
    return place.with_name(f"{place.name}.part")


def download(session: requests.Session, file: RemoteFile, place: Path, step: Step, patience: Patience) -> str:
    """Bring `file` to `place` and return its SHA-256; `step` advances by the bytes that are new here.

    Raises DownloadError where the line stays broken or what comes is not what the hub listed. A file that is at `place`
    already is replaced only by a right one.
    """
    part = part_of(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    fruitless = wrong = 0
    while True:
        before = _size(part)
        try:
            if before < file.bytes or not part.exists():
                _attempt(session, file, part, step, patience)
            sha256 = hash_if_listed(file, part)
        except _BrokenError as broken:
            fruitless = 0 if _size(part) > before else fruitless + 1
            if fruitless >= patience.tries:
                raise DownloadError(
                    f"{file.path} could not be fetched from {_host(file)} ({broken}): "
                    "check the network, then try again; what has come is kept."
                ) from broken
            wait = min(patience.wait_s * 2.0**fruitless, LONGEST_WAIT_S) if broken.wait_s is None else broken.wait_s
            patience.sleep(wait)
            continue
        if sha256 is not None:
            part.replace(place)
            return sha256
        step.advance(-_size(part))
        part.unlink()
        wrong += 1
        if wrong > 1:
            raise DownloadError(f"What came as {file.path} from {_host(file)} is not the file that it lists.")


def hash_if_listed(file: RemoteFile, path: Path) -> str | None:
    """SHA-256 of what is at `path` where it is the listed file, else None; where no hash is listed the size tells."""
    if not path.is_file() or path.stat().st_size != file.bytes:
        return None
    sha256, git = hashlib.sha256(), hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)
    with path.open("rb") as data:
        while piece := data.read(1 << 20):
            sha256.update(piece)
            if file.git_sha1 is not None:
                git.update(piece)
    digest = sha256.hexdigest()
    right = file.sha256 in (None, digest) and file.git_sha1 in (None, git.hexdigest())
    return digest if right else None


def _attempt(session: requests.Session, file: RemoteFile, part: Path, step: Step, patience: Patience) -> None:
    """Append what is missing to `part`; _BrokenError where the line ends before the file does."""
    start = _size(part)
    # Compressed on its way, a file would have neither the listed size nor ranges.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with session.get(file.url, headers=headers, stream=True, timeout=(CONNECT_S, patience.silence_s)) as answer:
            start = _beginning(answer, file, start, part, step)
            with part.open("r+b" if part.exists() else "wb") as out:
                out.seek(start)
                out.truncate()
                done = start
                for piece in answer.iter_content(PIECE):
                    done += len(piece)
                    if done > file.bytes:
                        raise DownloadError(f"{_host(file)} sends more of {file.path} than it lists: try another hub.")
                    out.write(piece)
                    step.advance(len(piece))
    except requests.RequestException as error:
        raise _BrokenError(type(error).__name__) from error
    if _size(part) < file.bytes:
        raise _BrokenError(f"the line ended after {_size(part)} of {file.bytes} bytes")


def _beginning(answer: Any, file: RemoteFile, start: int, part: Path, step: Step) -> int:
    """The byte that the answer's body begins with."""
    status: int = answer.status_code
    if status == 206 and start and str(answer.headers.get("Content-Range", "")).startswith(f"bytes {start}-"):
        return start
    if status == 200:
        # A server without ranges begins at the beginning.
        step.advance(-start)
        return 0
    if status in (206, 416):
        step.advance(-start)
        part.unlink(missing_ok=True)
        raise _BrokenError("the server does not go on where the line broke")
    if status in AGAIN:
        raise _BrokenError(f"it answered {status}", _asked_to_wait(answer))
    raise DownloadError(f"{_host(file)} answered {status} when asked for {file.path}: try another hub.")


def _asked_to_wait(answer: Any) -> float | None:
    """The seconds of `Retry-After`, as far as one would wait."""
    try:
        return min(max(float(answer.headers["Retry-After"]), 0.0), LONGEST_WAIT_S)
    except (KeyError, ValueError):
        return None


def _host(file: RemoteFile) -> str:
    return urlsplit(file.url).netloc


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
