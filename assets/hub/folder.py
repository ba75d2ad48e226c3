"""A model's folder from a hub: fetched beside its place, moved there whole, never replaced by anything broken.

`.NAME.part` holds what has come; it stays there when a download stops, and the next one goes on from it. Files of the
folder that is to be replaced are taken over where they are the listed ones, so mending a model fetches only what is
damaged.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import requests

from assets import paths
from assets.catalogue import FIRST_USE, RECORD, FileRecord, ModelRecord, read_record
from assets.errors import DownloadError, NoRoomError
from assets.hub.listing import Listing, RemoteFile, list_files
from assets.hub.repositories import Hub, HubModel
from assets.hub.sources import Sources
from assets.hub.transfer import download, hash_if_listed, part_of
from assets.place import need_room, part_folder, put_in_place
from assets.progress import Progress, Step

LOCK = ".lock"


def get(model: HubModel, sources: Sources, progress: Progress) -> None:
    """Bring `model` from the first hub that gives it whole; DownloadError where none does, NoRoomError at once."""
    said: list[str] = []
    hubs = [hub for hub in sources.hubs if hub in model.repositories]
    if not hubs:
        raise DownloadError(f"{model.name} is kept at {' and '.join(model.repositories)} alone: fetch it from there.")
    with requests.Session() as session, _alone(model) as part:
        for hub in hubs:
            try:
                _get_from(session, model, hub, sources, part, progress)
                return
            except NoRoomError:
                raise
            except DownloadError as error:
                said.append(str(error).removesuffix("."))
            except OSError as error:
                raise DownloadError(
                    f"{model.name} cannot be stored in {paths.models_dir()} ({error.strerror}): make room there."
                ) from error
    raise DownloadError(f"{model.name} could not be fetched: {'; '.join(said)}.")


def _get_from(
    session: requests.Session, model: HubModel, hub: Hub, sources: Sources, part: Path, progress: Progress
) -> None:
    endpoint = sources.endpoints[hub]
    with progress.step(f"Fetching {model.name} from {hub.value}") as step:
        listing = list_files(session, model, hub, endpoint, sources.patience.silence_s)
        step.expect(sum(file.bytes for file in listing.files))
        trusted = {} if sources.update else _trusted(model)
        for file in listing.files:
            if file.sha256 is not None:
                _same_as_first(model, file, file.sha256, trusted)
        hashes = _here_already(model, listing, part, step)
        missing = [file for file in listing.files if file.path not in hashes]
        need_room(part, sum(file.bytes - _come(part_of(part / file.path), file, step) for file in missing))
        for file in missing:
            step.say(file.path)
            hashes[file.path] = download(session, file, part / file.path, step, sources.patience)
        for file in listing.files:
            _same_as_first(model, file, hashes[file.path], trusted)
    _drop_others(part, set(hashes))
    files = {file.path: FileRecord(file.bytes, hashes[file.path]) for file in listing.files}
    source = {f"{endpoint}/{listing.repository}": listing.commit}
    record = ModelRecord(model.name, model.revision, model.licence, source, files, FIRST_USE)
    (part / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
    (part / LOCK).unlink()
    put_in_place(part, paths.models_dir() / model.name)


def _trusted(model: HubModel) -> Mapping[str, FileRecord]:
    record = read_record(model.name)
    return record.files if record and record.revision == model.revision else {}


def _same_as_first(model: HubModel, file: RemoteFile, sha256: str, trusted: Mapping[str, FileRecord]) -> None:
    first = trusted.get(file.path)
    if first is not None and first.sha256 != sha256:
        raise DownloadError(
            f"{file.path} of {model.name} is another file at the hub than the one that was fetched first: "
            f"run `visavis models get {model.name} --update` if you want the new one."
        )


def _here_already(model: HubModel, listing: Listing, part: Path, step: Step) -> dict[str, str]:
    """SHA-256 of the listed files that an earlier download or the present folder has; afterwards they are in `part`."""
    hashes: dict[str, str] = {}
    present = paths.models_dir() / model.name
    for file in listing.files:
        place = part / file.path
        sha256 = hash_if_listed(file, place)
        if sha256 is None and (sha256 := hash_if_listed(file, present / file.path)) is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            try:
                os.link(present / file.path, place)
            except OSError:
                shutil.copyfile(present / file.path, place)
        if sha256 is not None:
            hashes[file.path] = sha256
            step.advance(file.bytes)
    return hashes


def _come(unfinished: Path, file: RemoteFile, step: Step) -> int:
    """Bytes of a file that came earlier."""
    size = unfinished.stat().st_size if unfinished.is_file() else 0
    if size > file.bytes:
        unfinished.unlink()
        size = 0
    step.advance(size)
    return size


def _drop_others(part: Path, wanted: set[str]) -> None:
    for path in sorted(part.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(part).as_posix() not in wanted | {LOCK}:
            path.unlink()


@contextmanager
def _alone(model: HubModel) -> Iterator[Path]:
    """The folder where `model` grows, for this process alone."""
    part = part_folder(paths.models_dir() / model.name)
    try:
        part.mkdir(parents=True, exist_ok=True)
        lock = (part / LOCK).open("w")
    except OSError as error:
        raise DownloadError(f"{part} cannot be written ({error.strerror}): make it writable.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(f"{model.name} is being fetched by another visavis: wait for it.") from None
        yield part
