"""A home of its own, a hub on this machine, and a catalogue of one small model that the hub keeps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets import catalogue
from assets.hub.repositories import Hub, HubModel
from assets.hub.sources import Sources
from assets.hub.transfer import Patience
from tests.assets.hub.server import REPOSITORY, HubServer, hub_server

WEIGHTS = random.Random(5).randbytes(300_000)
TINY = HubModel(
    name="tiny",
    title="Tiny",
    licence="MIT",
    bytes=300_000,
    repositories={Hub.huggingface: REPOSITORY, Hub.modelscope: REPOSITORY},
    files=("llm.mnn", "parts/config.json"),
    include=("llm.mnn", "parts/*", "*.md"),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(catalogue, "DOWNLOADS", (TINY,))
    return tmp_path


def stocked(server: HubServer) -> HubServer:
    server.files = {
        "llm.mnn": WEIGHTS,
        "parts/config.json": b'{"llm_model": "llm.mnn"}',
        "README.md": b"# Tiny",
        ".gitattributes": b"*.mnn filter=lfs",
        "model.json": b"{}",
        "training.bin": b"not asked for",
    }
    return server


@pytest.fixture
def hub(home: Path) -> Iterator[HubServer]:
    with hub_server() as server:
        yield stocked(server)


@pytest.fixture
def second(home: Path) -> Iterator[HubServer]:
    with hub_server() as server:
        yield stocked(server)


@pytest.fixture
def waits() -> list[float]:
    """The pauses that a download would have made."""
    return []


@pytest.fixture
def sources(hub: HubServer, waits: list[float]) -> Sources:
    """The one hub, asked as Hugging Face, by somebody of little patience who never waits."""
    patience = Patience(silence_s=5.0, tries=3, wait_s=0.5, sleep=waits.append)
    return Sources((Hub.huggingface,), dict.fromkeys(Hub, hub.address), patience=patience)
