"""The zip around an avatar, opened with distrust: sizes first, bytes in small pieces, one kind of error.

`zipfile` reads the whole list of entries and believes what it says, so the list is measured before. Only stored and
deflated entries are read: the others cannot be unpacked piece by piece.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from assets.container.manifest import MANIFEST, MAX_MANIFEST, Manifest, decode
from assets.errors import AvatarError

CHUNK: Final = 1 << 18
MAX_ENTRIES: Final = 256
MAX_LIST: Final = 64 << 10
"""Bytes of the list of entries."""
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_BYTES: Final = 22
_MAX_COMMENT: Final = 1 << 16


class Archive:
    """An open avatar file; use it in a `with` statement. Raises AvatarError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._stream: IO[bytes] = path.open("rb")
        except FileNotFoundError:
            raise AvatarError(f"There is no avatar at {path}: make one with `visavis avatar forge`.") from None
        except OSError as error:
            raise AvatarError(f"{path} cannot be read ({error.strerror}).") from None
        try:
            self.bytes = os.fstat(self._stream.fileno()).st_size
            self._check_end()
            with self._unpacking("its list of files"):
                self._zip = zipfile.ZipFile(self._stream)
                self._entries = {entry.filename: entry for entry in self._zip.infolist()}
            if len(self._entries) != len(self._zip.infolist()):
                raise AvatarError(f"{path} is damaged: it holds two files of one name; get the avatar again.")
            self.manifest: Manifest = self._read_manifest()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def damaged(self, what: str) -> AvatarError:
        """The sentence about something that is wrong with the file."""
        return AvatarError(f"{self.path} is damaged: {' '.join(what.split())[:300]}; get the avatar again.")

    def files(self) -> list[str]:
        """Names of all entries, folders left out."""
        return [name for name in self._entries if not name.endswith("/")]

    def check_entry(self, file: str) -> None:
        """Raise AvatarError where an entry is not there in the size that the manifest states, or not plainly packed."""
        part, entry = self.manifest.parts.get(file), self._entries.get(file)
        if part is None or entry is None or entry.file_size != part.bytes:
            raise self.damaged(f"{file} has not the size that its manifest states")
        self._check_packing(entry)

    def packed_bytes(self, file: str) -> int:
        """What an entry takes in the file."""
        return self._entries[file].compress_size

    def is_stored(self, file: str) -> bool:
        return self._entries[file].compress_type == zipfile.ZIP_STORED

    @contextmanager
    def reading(self, file: str, *, whole: bool = True) -> Iterator[Callable[[int], bytes]]:
        """A function that reads so many bytes on, never fewer; raises AvatarError where they are not there, and in the
        end where, after the `whole`, there are more."""
        with self._unpacking(file):
            stream = self._zip.open(self._entries[file])

        def read(count: int) -> bytes:
            with self._unpacking(file):
                blob = stream.read(count)
            if len(blob) != count:
                raise self.damaged(f"{file} ends early")
            return blob

        with stream:
            yield read
            with self._unpacking(file):  # the last read compares the checksum
                if whole and stream.read(1):
                    raise self.damaged(f"{file} does not end")

    def read(self, file: str) -> bytes:
        """A whole part whose size was checked."""
        with self.reading(file) as read:
            return read(self.manifest.parts[file].bytes)

    def check_hash(self, file: str) -> None:
        """Raise AvatarError where a part has another hash than the manifest states; nothing of it is kept."""
        digest, left = hashlib.sha256(), self.manifest.parts[file].bytes
        with self.reading(file) as read:
            while left:
                digest.update(read(min(left, CHUNK)))
                left -= min(left, CHUNK)
        self.compare_hash(file, digest.hexdigest())

    def compare_hash(self, file: str, found: str) -> None:
        if found != self.manifest.parts[file].sha256:
            raise self.damaged(f"{file} has not the hash that its manifest states")

    def _check_end(self) -> None:
        """Measure the list of entries before `zipfile` reads it."""
        length = min(self.bytes, _END_BYTES + _MAX_COMMENT)
        self._stream.seek(-length, os.SEEK_END)
        tail = self._stream.read(length)
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_BYTES:
            raise AvatarError(f"{self.path} is not an avatar file, or its end is missing; get the avatar again.")
        entries, size = (int.from_bytes(tail[at + k : at + k + n], "little") for k, n in ((10, 2), (12, 4)))
        if entries > MAX_ENTRIES or size > MAX_LIST or tail[max(at - 20, 0) : at].startswith(_END_64):
            raise AvatarError(f"{self.path} is refused: it lists {entries} files in {size} bytes, more than an avatar.")

    def _check_packing(self, entry: zipfile.ZipInfo) -> None:
        plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not entry.flag_bits & 1
        if not plain or entry.compress_size > self.bytes:
            raise self.damaged(f"{entry.filename} is packed in a way that avatars are not")

    def _read_manifest(self) -> Manifest:
        entry = self._entries.get(MANIFEST)
        if entry is None:
            raise AvatarError(f"{self.path} is not an avatar file: it holds no {MANIFEST}.")
        if entry.file_size > MAX_MANIFEST:
            raise AvatarError(f"{self.path} is refused: its manifest says it is {entry.file_size} bytes long.")
        self._check_packing(entry)
        with self.reading(MANIFEST) as read:
            blob = read(entry.file_size)
        return decode(blob, self.path)

    @contextmanager
    def _unpacking(self, what: str) -> Iterator[None]:
        try:
            yield
        except (AvatarError, MemoryError):
            raise
        except Exception as error:  # zipfile and zlib raise a dozen types on damaged data
            raise self.damaged(f"{what} cannot be unpacked ({_words(error)})") from None


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
