"""One file over a bad line: it arrives right, is gone on from where it broke, or is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from assets.errors import DownloadError
from assets.hub.listing import RemoteFile
from assets.hub.sources import Sources
from assets.hub.transfer import PIECE, download, part_of
from assets.progress import SilentProgress
from tests.assets.hub.conftest import WEIGHTS
from tests.assets.hub.server import COMMIT, REPOSITORY, Fault, HubServer

SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


class Steps:
    """A step that adds up."""

    def __init__(self) -> None:
        self.done = 0.0

    def advance(self, amount: float = 1) -> None:
        self.done += amount


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "llm.mnn"


def begins_at(wanted: str | None) -> int:
    """The first byte of a Range."""
    return int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0


def kept(sent: int) -> int:
    """What is on the disk when a line broke after `sent` bytes: whole pieces."""
    return sent // PIECE * PIECE


def fetch(hub: HubServer, sources: Sources, place: Path, *, listed: int = len(WEIGHTS)) -> float:
    """Download the weights; how far the step got."""
    url = f"{hub.address}/{REPOSITORY}/resolve/{COMMIT}/llm.mnn"
    step = SilentProgress().step("")
    count = Steps()
    step.advance = count.advance  # type: ignore[method-assign]
    with requests.Session() as session:
        assert download(session, RemoteFile("llm.mnn", listed, url, SHA256), place, step, sources.patience) == SHA256
    assert place.read_bytes() == WEIGHTS and not part_of(place).exists()
    return count.done


def test_a_file_arrives(hub: HubServer, sources: Sources, place: Path) -> None:
    assert fetch(hub, sources, place) == len(WEIGHTS)
    assert hub.asked == [("llm.mnn", None)]


def test_a_broken_line_is_gone_on_from(hub: HubServer, sources: Sources, place: Path, waits: list[float]) -> None:
    hub.faults = [Fault(drop_after=100_000), Fault(drop_after=50_000)]
    assert fetch(hub, sources, place) == len(WEIGHTS)
    (_, first), *others = hub.asked
    assert first is None and waits == [0.5, 0.5]
    assert [begins_at(wanted) for _, wanted in others] == [kept(100_000), kept(kept(100_000) + 50_000)]


def test_more_breaks_than_tries_are_borne_while_bytes_come(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(drop_after=30_000)] * 8
    fetch(hub, sources, place)
    assert len(hub.asked) == 9 and hub.sent < len(WEIGHTS) + 9 * PIECE


def test_a_line_that_stays_dead_is_given_up_and_what_came_is_kept(
    hub: HubServer, sources: Sources, place: Path, waits: list[float]
) -> None:
    hub.faults = [Fault(drop_after=120_000), *[Fault(drop_after=0)] * 3]
    with pytest.raises(DownloadError, match="what has come is kept"):
        fetch(hub, sources, place)
    assert waits == [0.5, 1.0, 2.0] and not place.exists()
    assert fetch(hub, sources, place) == len(WEIGHTS) - kept(120_000)


def test_a_silent_line_is_dialled_again(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(drop_after=200_000, stall=True)]
    hurried = replace(sources, patience=replace(sources.patience, silence_s=0.3))
    fetch(hub, hurried, place)
    assert [begins_at(wanted) for _, wanted in hub.asked] == [0, kept(200_000)]


def test_a_slow_line_is_let_be(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(piece=15_000, pause_s=0.04)]
    hurried = replace(sources, patience=replace(sources.patience, silence_s=0.4))
    fetch(hub, hurried, place)
    assert len(hub.asked) == 1


def test_a_server_without_ranges_begins_again(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(drop_after=100_000), Fault(no_ranges=True)]
    assert fetch(hub, sources, place) == len(WEIGHTS)
    assert begins_at(hub.asked[-1][1]) and hub.sent == len(WEIGHTS) + 100_000


@pytest.mark.parametrize("fault", [Fault(other_range=True), Fault(status=416)])
def test_a_server_that_goes_on_elsewhere_begins_again(
    hub: HubServer, sources: Sources, place: Path, fault: Fault
) -> None:
    hub.faults = [Fault(drop_after=100_000), fault]
    assert fetch(hub, sources, place) == len(WEIGHTS)
    assert hub.asked[-1] == ("llm.mnn", None)


def test_wrong_bytes_are_fetched_once_more(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(spoil=bytes.upper)]
    assert fetch(hub, sources, place) == len(WEIGHTS)
    assert len(hub.asked) == 2


def test_wrong_bytes_are_refused_and_a_good_file_stays(hub: HubServer, sources: Sources, place: Path) -> None:
    place.parent.mkdir()
    place.write_bytes(b"good")
    hub.always = Fault(spoil=bytes.upper)
    with pytest.raises(DownloadError, match="is not the file that it lists"):
        fetch(hub, sources, place)
    assert place.read_bytes() == b"good" and not part_of(place).exists()


def test_a_part_of_something_else_is_found_out(hub: HubServer, sources: Sources, place: Path) -> None:
    place.parent.mkdir()
    part_of(place).write_bytes(b"x" * 1000)
    fetch(hub, sources, place)
    assert [wanted for _, wanted in hub.asked] == ["bytes=1000-", None]


def test_a_file_without_end_is_stopped(hub: HubServer, sources: Sources, place: Path) -> None:
    with pytest.raises(DownloadError, match="than it lists: try another hub"):
        fetch(hub, sources, place, listed=1000)
    assert part_of(place).stat().st_size <= 1000


def test_a_busy_server_is_asked_when_it_says(hub: HubServer, sources: Sources, place: Path, waits: list[float]) -> None:
    hub.faults = [Fault(status=429, headers={"Retry-After": "7"}), Fault(status=503)]
    fetch(hub, sources, place)
    assert waits == [7.0, 2.0]


def test_a_server_that_refuses_is_not_asked_again(hub: HubServer, sources: Sources, place: Path) -> None:
    hub.faults = [Fault(status=403)]
    with pytest.raises(DownloadError, match="403"):
        fetch(hub, sources, place)
    assert len(hub.asked) == 1


def test_a_server_that_is_not_there_is_one_sentence(sources: Sources, place: Path) -> None:
    gone = RemoteFile("llm.mnn", 5, "http://127.0.0.1:9/llm.mnn", SHA256)
    with requests.Session() as session, pytest.raises(DownloadError, match="check the network"):
        download(session, gone, place, SilentProgress().step(""), sources.patience)
