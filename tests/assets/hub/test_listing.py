"""What hubs say of a repository, and what is not believed."""

from __future__ import annotations

import hashlib

import pytest
import requests

from assets.errors import DownloadError
from assets.hub.listing import Listing, list_files
from assets.hub.repositories import DOWNLOADS, Hub
from tests.assets.hub.conftest import TINY, WEIGHTS
from tests.assets.hub.server import COMMIT, HubServer


def listed(hub: HubServer, kind: Hub = Hub.huggingface) -> Listing:
    with requests.Session() as session:
        return list_files(session, TINY, kind, hub.address, 5.0)


@pytest.mark.parametrize("kind", list(Hub))
def test_the_wanted_files_with_size_and_hash(hub: HubServer, kind: Hub) -> None:
    files = {file.path: file for file in listed(hub, kind).files}
    assert set(files) == {"llm.mnn", "parts/config.json", "README.md"}
    assert files["llm.mnn"].bytes == len(WEIGHTS)
    assert files["llm.mnn"].sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert all(file.sha256 or file.git_sha1 for file in files.values())


def test_hugging_face_tells_the_commit(hub: HubServer) -> None:
    listing = listed(hub)
    assert listing.commit == COMMIT and all(COMMIT in file.url for file in listing.files)


def test_a_long_listing_comes_in_pages(hub: HubServer) -> None:
    hub.page = 2
    assert len(listed(hub).files) == 3


@pytest.mark.parametrize(
    "path", ["parts/../../../evil.md", "/etc/evil.md", "parts//evil.md", "parts/a\\b.md", "parts/\n.md", "../evil.md"]
)
@pytest.mark.parametrize("kind", list(Hub))
def test_a_path_that_leaves_the_folder_is_refused(hub: HubServer, path: str, kind: Hub) -> None:
    hub.files[path] = b"evil"
    with pytest.raises(DownloadError, match="cannot be stored safely"):
        listed(hub, kind)


def test_a_repository_without_the_model_is_refused(hub: HubServer) -> None:
    del hub.files["llm.mnn"]
    with pytest.raises(DownloadError, match=r"has no llm\.mnn"):
        listed(hub)


def test_a_page_that_is_no_listing_is_refused(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "modelscope", lambda: {"Code": 200, "Data": None})
    with pytest.raises(DownloadError, match="no listing"):
        listed(hub, Hub.modelscope)


def test_a_listing_without_end_is_refused(hub: HubServer) -> None:
    hub.files |= {f"parts/{i:060}": b"" for i in range(60_000)}
    hub.page = 100_000
    with pytest.raises(DownloadError, match="without end"):
        listed(hub)


def test_more_files_than_a_model_has_are_refused(hub: HubServer) -> None:
    hub.files |= {f"parts/{i}": b"" for i in range(1001)}
    hub.page = 100_000
    with pytest.raises(DownloadError, match="no model"):
        listed(hub)


def test_the_catalogue_names_repositories_and_licences() -> None:
    names = [model.name for model in DOWNLOADS]
    assert len(set(names)) == len(names)
    for model in DOWNLOADS:
        assert model.repositories and model.licence and model.bytes > 1_000_000 and model.files
        assert all(name.count("/") == 1 for name in model.repositories.values())
