"""What a hub says about a repository: its files with size and hash, and the address of each.

Hugging Face  GET /api/models/REPO/revision/main        → the commit that `main` is now
              GET /api/models/REPO/tree/COMMIT?recursive=true, paged by `Link: …; rel="next"`; a large file's SHA-256
              is its `lfs.oid`, a small file has its Git blob's SHA-1 as `oid`
              GET /REPO/resolve/COMMIT/PATH             → the bytes, through redirects
ModelScope    GET /api/v1/models/REPO/repo/files?Revision=master&Recursive=true → `Data.Files` with `Sha256`
              GET /api/v1/models/REPO/repo?Revision=master&FilePath=PATH

A listing comes from outside: its length, the number of its files, their sizes and their paths are checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import requests

from assets.errors import DownloadError
from assets.hub.repositories import Hub, HubModel

CONNECT_S: Final = 10.0
LISTING_BYTES: Final = 8 << 20
MAX_FILES: Final = 1000
MAX_FILE_BYTES: Final = 1 << 40
RESERVED: Final = "model.json"
ENDPOINTS: Final = {Hub.huggingface: "https://huggingface.co", Hub.modelscope: "https://www.modelscope.cn"}

_T = TypeVar("_T")


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository: where its bytes are and what they must be."""

    path: str
    bytes: int
    url: str
    sha256: str | None = None
    git_sha1: str | None = None
    """The name that Git gives the content, where the hub states nothing better."""


@dataclass(frozen=True)
class Listing:
    """The files of one repository that a model needs, all of one commit where the hub can tell it."""

    hub: Hub
    repository: str
    commit: str
    files: tuple[RemoteFile, ...]


class _Lfs(msgspec.Struct):
    oid: str
    size: int


class _Entry(msgspec.Struct):
    type: str
    path: str
    size: int = 0
    oid: str = ""
    lfs: _Lfs | None = None


class _Commit(msgspec.Struct):
    sha: str


class _ScopeFile(msgspec.Struct, rename="pascal"):
    path: str
    type: str
    size: int = 0
    sha256: str | None = None


class _ScopeFiles(msgspec.Struct, rename="pascal"):
    files: list[_ScopeFile]


class _ScopeAnswer(msgspec.Struct, rename="pascal"):
    data: _ScopeFiles


def list_files(session: requests.Session, model: HubModel, hub: Hub, endpoint: str, patience_s: float) -> Listing:
    """The files of `model` at `hub`, whose server is `endpoint` (`https://…`); DownloadError where that fails."""
    repository = model.repositories[hub]
    ask = _Asker(session, endpoint, patience_s)
    listing = _hugging_face(ask, repository) if hub is Hub.huggingface else _modelscope(ask, repository)
    files = tuple(file for file in listing.files if _wanted(file.path, model))
    if len(files) > MAX_FILES:
        raise DownloadError(f"{endpoint} lists {len(files)} files for {repository}: that is no model.")
    for file in files:
        _check(file, endpoint)
    if missing := [path for path in model.files if path not in {file.path for file in files}]:
        raise DownloadError(f"{repository} at {endpoint} has no {', '.join(missing)}: try another hub.")
    return Listing(listing.hub, listing.repository, listing.commit, files)


@dataclass(frozen=True)
class _Asker:
    session: requests.Session
    endpoint: str
    patience_s: float

    def get(self, url: str, kind: type[_T]) -> tuple[_T, str | None]:
        """The answer as `kind`, and the address of its next page."""
        host = urlsplit(self.endpoint).netloc
        try:
            with self.session.get(url, stream=True, timeout=(CONNECT_S, self.patience_s)) as answer:
                if answer.status_code != 200:
                    raise DownloadError(f"{host} answered {answer.status_code} when asked for {url}: try another hub.")
                body = bytearray()
                for piece in answer.iter_content(1 << 16):
                    body += piece
                    if len(body) > LISTING_BYTES:
                        raise DownloadError(f"{host} sends a listing without end: try another hub.")
                following: dict[str, Any] = answer.links.get("next", {})
        except (requests.RequestException, OSError) as error:
            raise DownloadError(f"{host} cannot be reached ({type(error).__name__}): check the network.") from error
        try:
            return msgspec.json.decode(bytes(body), type=kind), following.get("url")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DownloadError(f"{host} sent something that is no listing ({error}): try another hub.") from error


def _hugging_face(ask: _Asker, repository: str) -> Listing:
    commit = ask.get(f"{ask.endpoint}/api/models/{repository}/revision/main", _Commit)[0].sha
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise DownloadError(f"{ask.endpoint} names no commit of {repository}: try another hub.")
    page: str | None = f"{ask.endpoint}/api/models/{repository}/tree/{commit}?recursive=true"
    entries: list[_Entry] = []
    while page is not None:
        if len(entries) > MAX_FILES * 10:
            raise DownloadError(f"{ask.endpoint} lists more files for {repository} than a model has.")
        if not page.startswith(f"{ask.endpoint}/"):
            raise DownloadError(f"{ask.endpoint} sends its listing on to {page}: try another hub.")
        more, page = ask.get(page, list[_Entry])
        entries += more
        # A page of nothing that has a next one would never end.
        page = page if more else None
    base = f"{ask.endpoint}/{repository}/resolve/{commit}"
    files = (
        RemoteFile(
            entry.path,
            entry.lfs.size if entry.lfs else entry.size,
            f"{base}/{quote(entry.path)}",
            sha256=entry.lfs.oid if entry.lfs else None,
            git_sha1=None if entry.lfs or not entry.oid else entry.oid,
        )
        for entry in entries
        if entry.type == "file"
    )
    return Listing(Hub.huggingface, repository, commit, tuple(files))


def _modelscope(ask: _Asker, repository: str) -> Listing:
    base = f"{ask.endpoint}/api/v1/models/{repository}/repo"
    answer, _ = ask.get(f"{base}/files?Revision=master&Recursive=true", _ScopeAnswer)
    files = (
        RemoteFile(
            file.path,
            file.size,
            f"{base}?Revision=master&FilePath={quote(file.path, safe='')}",
            sha256=file.sha256 or None,
        )
        for file in answer.data.files
        if file.type != "tree"
    )
    return Listing(Hub.modelscope, repository, "master", tuple(files))


def _wanted(path: str, model: HubModel) -> bool:
    # The record that says a model is complete is ours alone; hidden files are the hubs' own, or left over.
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))
    if path == RESERVED or hidden:
        return False
    return any(fnmatchcase(path, pattern) for pattern in model.include)


def _check(file: RemoteFile, endpoint: str) -> None:
    parts = file.path.split("/")
    sound = (
        all(part not in ("", ".", "..") for part in parts)
        and len(file.path) <= 512
        and file.path.isprintable()
        and not set(file.path) & set('\\:*?"<>|')
        and 0 <= file.bytes <= MAX_FILE_BYTES
        and (file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256))
        and (file.git_sha1 is None or re.fullmatch("[0-9a-f]{40}", file.git_sha1))
    )
    if not sound:
        raise DownloadError(f"{endpoint} lists a file {file.path!r} that cannot be stored safely: try another hub.")
