"""Writing visavis.toml: whole or not at all, one process after the other, comments and order kept.

Who writes holds a lock and reads first what another process wrote in between. A draft is written, forced onto the disk
and put in the file's place. What is right is kept beside it as `.bak`. A file that is no TOML is never overwritten: it
is set aside as `.broken`, and the last right one takes its place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from conversation.errors import BrokenSettingsError, SettingsError
from conversation.user_settings.changed_text import changed_text
from conversation.user_settings.toml_file import Where, backup, bytes_of, parse, read, text_of

PATIENCE_S: Final = 5.0
"""For so long a writer waits for another."""

Check = Callable[[dict[str, Any], Where], object]
"""Called with what would be written and with the lines of what is there; refuses it by raising."""


def change(path: Path, name: str, value: object | None, check: Check) -> str:
    """Set `name` (`llm.server.url`) to `value`, or take it out of the file where that is None.

    All else in the file stays as it is. Returns what the user has to be told: that the file was broken and where it is
    now, or nothing. SettingsError where it cannot be read or written; the file is then as it was.
    """
    with _lock(path):
        broken, source = _source(path)
        raw = bytes_of(source)
        text = text_of(raw, source)
        content, where = parse(text, source)
        changed = changed_text(text, content, tuple(name.split(".")), value)
        if changed is None:
            raise SettingsError(
                f"{source}, line {where.get((name.split('.')[0],), 1)}: {name} cannot be changed there without "
                "changing more; use `visavis settings edit`."
            )
        check(tomllib.loads(changed), where)
        new = _like(raw, changed)
        aside = _set_aside(path) if broken else path
        _write(path, new)
        _write(backup(path), new)
    if broken is None:
        return ""
    return f"{broken.what}: it is kept as {aside.name}, and the settings that were last right have taken its place."


def replace(path: Path, text: str, instead_of: bytes | None) -> None:
    """Write another text in the place of the one that was read. SettingsError where the file is not that any more."""
    with _lock(path):
        if bytes_of(path) != instead_of:
            raise SettingsError(f"{path} was changed meanwhile and stays as it is now: edit it again.")
        new = _like(instead_of, text)
        _write(path, new)
        _write(backup(path), new)


def keep(path: Path) -> None:
    """Keep the file, which is right, as its `.bak`. Where nothing can be written, that is left out."""
    with contextlib.suppress(SettingsError):
        if (raw := bytes_of(path)) and raw != bytes_of(backup(path)):
            parse(text_of(raw, path), path)
            with _lock(path):
                _write(backup(path), raw)


def _like(raw: bytes | None, text: str) -> bytes:
    """The text with the ends of lines that the file has."""
    return (text.replace("\n", "\r\n") if raw and b"\r\n" in raw else text).encode()


def _source(path: Path) -> tuple[BrokenSettingsError | None, Path]:
    """What is wrong with the file, if it is broken and there is a right one to go on from; and where to go on from."""
    try:
        read(path)
    except BrokenSettingsError as broken:
        if not backup(path).exists():
            raise
        try:
            read(backup(path))
        except SettingsError:
            raise broken from None
        return broken, backup(path)
    return None, path


def _set_aside(path: Path) -> Path:
    """Give the file another name, too; which one."""
    names = (path.with_name(f"{path.name}.broken{number or ''}") for number in range(1 << 16))
    aside = next(name for name in names if not name.exists())
    try:
        try:
            os.link(path.resolve(), aside)
        except OSError:  # a file system without links
            shutil.copy2(path, aside)
    except OSError as error:
        raise _unwritable(aside, error) from None
    return aside


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    # Loaded by those alone who write.
    from filelock import FileLock, Timeout

    real = path.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(real.with_name(f".{real.name}.lock"), timeout=PATIENCE_S)
        lock.acquire()
    except Timeout:
        raise SettingsError(f"{path} is being written by another program for too long: try again later.") from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, raw: bytes) -> None:
    """Under the lock, so that one name does for all drafts."""
    path = path.resolve()
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise _unwritable(path, error) from None


def _flush_folder(folder: Path) -> None:
    """Names are on the disk only once the folder is; Windows has no such call and does it by itself."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"{path} cannot be written ({error.strerror}): make room or make it writable.")
