"""A model from a hub: whole or not at all, mended cheaply, trusted on first use."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from assets import catalogue, fetch
from assets.errors import DownloadError, ModelError, NoRoomError
from assets.hub import folder
from assets.hub.repositories import Hub
from assets.hub.sources import Sources
from assets.progress import SilentProgress
from tests.assets.hub.conftest import TINY, WEIGHTS
from tests.assets.hub.server import COMMIT, REPOSITORY, Fault, HubServer

QUIET = SilentProgress()
Usage = namedtuple("Usage", "total used free")


def get(sources: Sources) -> None:
    fetch.models(["tiny"], QUIET, sources)


def installed(home: Path) -> dict[str, bytes]:
    place = home / "models" / "tiny"
    files = {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    files.pop("model.json")
    return files


def test_a_model_comes_whole_with_its_record(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    assert installed(home) == {path: hub.files[path] for path in ("llm.mnn", "parts/config.json", "README.md")}
    assert catalogue.is_ready("tiny") and not catalogue.damaged_files("tiny")
    record = json.loads((catalogue.model_dir("tiny") / "model.json").read_text())
    assert record["files"]["llm.mnn"] == {"bytes": len(WEIGHTS), "sha256": hashlib.sha256(WEIGHTS).hexdigest()}
    assert record["source"] == {f"{hub.address}/{REPOSITORY}": COMMIT}
    assert record["trust"] == catalogue.FIRST_USE and record["licence"] == "MIT"
    assert [path.name for path in (home / "models").iterdir()] == ["tiny"]


def test_what_is_ready_is_not_asked_for(hub: HubServer, sources: Sources) -> None:
    get(sources)
    hub.asked.clear()
    hub.down = True
    get(sources)
    assert hub.asked == []


def test_the_second_hub_gives_what_the_first_cannot(
    hub: HubServer, second: HubServer, sources: Sources, home: Path
) -> None:
    hub.always = Fault(drop_after=90_000, status=404)
    both = replace(sources, hubs=tuple(Hub), endpoints={Hub.huggingface: hub.address, Hub.modelscope: second.address})
    get(both)
    assert hub.asked and second.asked and installed(home)["llm.mnn"] == WEIGHTS


def test_the_second_hub_goes_on_from_what_came(hub: HubServer, second: HubServer, sources: Sources) -> None:
    hub.faults = [Fault(drop_after=200_000), *[Fault(status=503)] * 9]
    both = replace(sources, hubs=tuple(Hub), endpoints={Hub.huggingface: hub.address, Hub.modelscope: second.address})
    get(both)
    assert second.sent < len(WEIGHTS) - 190_000


def test_a_hub_can_be_chosen(hub: HubServer, second: HubServer, sources: Sources) -> None:
    endpoints = {Hub.huggingface: hub.address, Hub.modelscope: second.address}
    get(replace(sources, hubs=(Hub.modelscope,), endpoints=endpoints))
    assert not hub.asked and second.asked


def test_a_hub_that_does_not_keep_it_says_who_does(
    hub: HubServer, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = replace(TINY, repositories={Hub.modelscope: REPOSITORY})
    monkeypatch.setattr(catalogue, "DOWNLOADS", (alone,))
    with pytest.raises(DownloadError, match="kept at modelscope alone"):
        get(sources)


def test_both_hubs_reasons_are_told(hub: HubServer, sources: Sources) -> None:
    hub.down = True
    with pytest.raises(DownloadError, match=r"503.*503"):
        get(replace(sources, hubs=tuple(Hub)))


def test_a_stopped_download_is_gone_on_with(hub: HubServer, sources: Sources, home: Path) -> None:
    hub.faults = [Fault(drop_after=200_000), *[Fault(drop_after=0)] * 3]
    with pytest.raises(DownloadError):
        get(sources)
    assert not catalogue.is_ready("tiny") and not (home / "models" / "tiny").exists()
    get(sources)
    assert installed(home)["llm.mnn"] == WEIGHTS
    assert hub.sent < sum(map(len, hub.files.values())) + 10_000


def test_mending_fetches_only_what_is_damaged(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    (home / "models" / "tiny" / "parts" / "config.json").write_bytes(b"no")
    hub.asked.clear()
    get(sources)
    assert [path for path, _ in hub.asked] == ["parts/config.json"] and not catalogue.damaged_files("tiny")


def test_a_broken_download_leaves_the_present_folder_alone(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    (home / "models" / "tiny" / "README.md").unlink()
    before = installed(home)
    hub.always = Fault(spoil=bytes.upper)
    hub.files["README.md"] = b"# tiny"
    with pytest.raises(DownloadError):
        get(sources)
    assert installed(home) == before


def test_another_file_at_the_hub_is_taken_only_when_asked_for(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    hub.files["llm.mnn"] = bytes(reversed(WEIGHTS))
    (home / "models" / "tiny" / "llm.mnn").write_bytes(b"damaged")
    with pytest.raises(DownloadError, match="visavis models get tiny --update"):
        get(sources)
    assert installed(home)["llm.mnn"] == b"damaged"
    get(replace(sources, update=True))
    assert installed(home)["llm.mnn"] == hub.files["llm.mnn"]


def test_another_small_file_is_found_out_too(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    hub.files["parts/config.json"] = b'{"llm_model": "evil.mnn"}'
    (home / "models" / "tiny" / "parts" / "config.json").unlink()
    with pytest.raises(DownloadError, match="--update"):
        get(sources)


def test_an_update_drops_what_the_hub_has_no_more(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    del hub.files["README.md"]
    hub.files["parts/more.json"] = b"{}"
    get(replace(sources, update=True))
    assert set(installed(home)) == {"llm.mnn", "parts/config.json", "parts/more.json"}


def test_a_full_disk_is_told_before_anything_comes(
    hub: HubServer, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 200_000))
    with pytest.raises(NoRoomError, match="make room there"):
        get(replace(sources, hubs=tuple(Hub)))
    assert hub.asked == []


def test_offline_nothing_is_asked_for(hub: HubServer, sources: Sources) -> None:
    with pytest.raises(DownloadError, match="--offline"):
        get(replace(sources, offline=True))
    get(sources)
    hub.asked.clear()
    get(replace(sources, offline=True))
    assert hub.asked == []


def _hold(part: Path, held: object, free: object) -> None:
    import fcntl

    part.mkdir(parents=True)
    with (part / folder.LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held.set()  # type: ignore[attr-defined]
        free.wait(30)  # type: ignore[attr-defined]


def test_two_downloads_of_one_model_do_not_mix(hub: HubServer, sources: Sources, home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, free = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(home / "models" / ".tiny.part", held, free))
    other.start()
    assert held.wait(60)
    try:
        with pytest.raises(DownloadError, match="another visavis"):
            get(sources)
    finally:
        free.set()
        other.join()
    get(sources)
    assert catalogue.is_ready("tiny")


def test_a_folder_between_two_moves_comes_back(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    (home / "models" / "tiny").rename(home / "models" / ".tiny.old")
    hub.down = True
    get(sources)
    assert catalogue.is_ready("tiny")


def test_removing_leaves_nothing_and_tells_how_much(hub: HubServer, sources: Sources, home: Path) -> None:
    get(sources)
    size = sum(path.stat().st_size for path in (home / "models").rglob("*") if path.is_file())
    assert fetch.remove("tiny") == size
    assert not any((home / "models").iterdir())
    with pytest.raises(ModelError):
        fetch.remove("../models")


@pytest.mark.parametrize(("environment", "offline"), [({}, False), ({"VISAVIS_OFFLINE": "1"}, True)])
def test_the_environment_chooses(environment: dict[str, str], offline: bool) -> None:
    chosen = Sources.of(environment | {"HF_ENDPOINT": "https://mirror.example/"})
    assert chosen.endpoints[Hub.huggingface] == "https://mirror.example" and chosen.offline is offline
    assert chosen.endpoints[Hub.modelscope] == "https://www.modelscope.cn"
    with pytest.raises(DownloadError, match="https://HOST"):
        Sources.of({"MODELSCOPE_ENDPOINT": "file:///etc"})
