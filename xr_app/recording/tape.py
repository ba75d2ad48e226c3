"""A tape as a file, NAME.visit: a zip of chunks, written by a thread while the session runs, and read with doubt.

tape.json                what it is (notes.py), and size and SHA-256 of everything else
frames/000000 …          rows of a stream (rows.py), so many bytes each
notes/000000 …           notes, a line of JSON each
sound/…                  what the conversation recorded: both voices, the face, the clock
"""

from __future__ import annotations

import hashlib
import queue
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from xr_app.errors import TapeError
from xr_app.recording.notes import AnyNote, Header, Member
from xr_app.recording.rows import STREAMS
from xr_app.texts import tr

FORMAT: Final = 2
SUFFIX: Final = ".visit"
HEADER: Final = "tape.json"
NOTES: Final = "notes"
SOUND: Final = ("recording.json", "face.npz", "microphone.wav", "speaker.wav")
_WAITING: Final = 64
"""Chunks that wait for the disk, at most."""
_MOST_HEADER: Final = 64 << 20
_MOST_CHUNK: Final = 16 << 20
_MOST_SOUND: Final = 4 << 30
_PIECE: Final = 1 << 20
_BROKEN: Final = (
    OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error,
    msgspec.MsgspecError,
)  # fmt: skip
"""What hostile bytes raise in those that read them."""
_FULL: Final = OSError, ValueError
"""What a zip raises whose disk is full, then and from then on."""


class TapeWriter:
    """Writes beside the session: `put` hands over and returns, a thread packs. Raises TapeError where it cannot begin.

    Where the disk is slower than the session, or full, the tape ends early and `failed` says why.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(path.name + ".part")
        self.failed = ""
        self._members: dict[str, Member] = {}
        self._counts: dict[str, int] = {}
        self._queue: queue.Queue[tuple[str, NDArray[np.void] | bytes] | None] = queue.Queue(_WAITING)
        try:
            self._file = self._part.open("wb")
            self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        except OSError as error:
            raise _unwritable(path, error) from None
        self._thread = threading.Thread(target=self._work, name="tape", daemon=True)
        self._thread.start()

    def put(self, stream: str, chunk: NDArray[np.void] | bytes) -> None:
        """Hand over rows, which are the writer's from now on, or notes."""
        if self.failed:
            return
        try:
            self._queue.put_nowait((stream, chunk))
        except queue.Full:
            self.failed = tr("The disk is slower than the session.", "磁盘速度跟不上会话。")

    def drain(self) -> None:
        """Wait until everything is written that was handed over."""
        self._queue.put(None)
        self._thread.join()

    def add(self, name: str, file: Path) -> None:
        """A whole file, after `drain`."""
        digest, size = hashlib.sha256(), 0
        try:
            with file.open("rb") as source, self._zip.open(name, "w", force_zip64=True) as into:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    into.write(piece)
        except _FULL as error:
            self._give_up()
            raise _unwritable(self._path, error) from None
        self._members[name] = Member(size, digest.hexdigest())

    def close(self, header: Header) -> None:
        """Finish, after `drain`; the header's members are filled in. Raises TapeError, where nothing was finished."""
        try:
            self._zip.writestr(HEADER, msgspec.json.encode(msgspec.structs.replace(header, members=self._members)))
            self._zip.close()
            self._file.close()
            self._part.replace(self._path)
        except _FULL as error:
            self._give_up()
            raise _unwritable(self._path, error) from None

    def none(self) -> TapeError:
        """After `drain`, in the place of `close`, where nobody was seen: there is no tape. The error that says so."""
        self._give_up()
        self._part.unlink(missing_ok=True)
        return TapeError(
            tr(
                f"{self._path} was not written: the session ended before the avatar was there.",
                f"未写入 {self._path}：会话在形象出现之前就结束了。",
            )
        )

    def _give_up(self) -> None:
        for each in (self._zip, self._file):
            with suppress(*_FULL):
                each.close()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            stream, chunk = job
            if self.failed:
                continue
            data = chunk if isinstance(chunk, bytes) else chunk.tobytes()
            count = self._counts[stream] = self._counts.get(stream, -1) + 1
            name = f"{stream}/{count:06d}"
            try:
                self._zip.writestr(name, data)
            except _FULL as error:
                self.failed = str(_unwritable(self._path, error))
                continue
            self._members[name] = Member(len(data), hashlib.sha256(data).hexdigest())


class Tape:
    """A tape to be read; a context manager. Sizes are checked when it is opened, contents when they are read: one chunk
    of each stream is in memory at a time. Raises TapeError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise TapeError(
                tr(
                    f"There is no file {path}: name a tape that visavis run --keep has kept.",
                    f"没有文件 {path}：请指定用 visavis run --keep 保存的录像。",
                )
            ) from None
        except _BROKEN as error:
            raise self._unreadable(error) from None
        try:
            raw = self._read(HEADER, self._size(HEADER), _MOST_HEADER)
            form = msgspec.json.decode(raw, type=_Form).format
            if form != FORMAT:
                raise TapeError(
                    tr(
                        f"{path} is a tape of format {form}, and this visavis plays format {FORMAT}: use the one that "
                        "recorded it.",
                        f"{path} 的格式为 {form}，此版本只能播放格式 {FORMAT}：请使用录制它的版本。",
                    )
                )
            self.header = msgspec.json.decode(raw, type=Header)
            self._check()
        except _BROKEN as error:
            self._zip.close()
            raise self._unreadable(error) from None
        except TapeError:
            self._zip.close()
            raise

    def __enter__(self) -> Tape:
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()

    def rows(self, stream: str) -> Iterator[np.void]:
        """Every row of a stream in its order."""
        for name in self._chunks(stream):
            yield from np.frombuffer(self._content(name), STREAMS[stream])

    def notes(self) -> Iterator[AnyNote]:
        """Every note in its order."""
        decoder = msgspec.json.Decoder(AnyNote)
        for name in self._chunks(NOTES):
            try:
                notes = decoder.decode_lines(self._content(name))
            except _BROKEN as error:
                raise self._unreadable(error) from None
            yield from notes

    @property
    def has_sound(self) -> bool:
        """Whether the conversation was recorded."""
        return all(f"sound/{name}" in self.header.members for name in SOUND)

    def unpack_sound(self, folder: Path) -> None:
        """Write what the conversation recorded into this folder, as conversation/audio/recording.py reads it."""
        for name in SOUND:
            member, digest = self.header.members[f"sound/{name}"], hashlib.sha256()
            try:
                with self._zip.open(f"sound/{name}") as source, (folder / name).open("wb") as into:
                    _copy(source, into, member.size, digest)
                if digest.hexdigest() != member.sha256:
                    raise ValueError(f"{name} was changed")
            except _BROKEN as error:
                raise self._unreadable(error) from None

    def _check(self) -> None:
        for name, member in self.header.members.items():
            stream, _, rest = name.partition("/")
            most = _MOST_CHUNK
            if stream == "sound" and rest in SOUND:
                most = _MOST_SOUND
            elif stream not in (*STREAMS, NOTES):
                raise ValueError(f"{name} is nothing that a tape holds")
            if not 0 <= member.size <= most or self._size(name) != member.size:
                raise ValueError(f"{name} has another size than it should")
            if stream in STREAMS and member.size % STREAMS[stream].itemsize:
                raise ValueError(f"{name} ends within a row")

    def _chunks(self, stream: str) -> list[str]:
        return sorted(name for name in self.header.members if name.startswith(f"{stream}/"))

    def _size(self, name: str) -> int:
        return self._zip.getinfo(name).file_size

    def _content(self, name: str) -> bytes:
        member = self.header.members[name]
        try:
            data = self._read(name, member.size, _MOST_CHUNK)
            if hashlib.sha256(data).hexdigest() != member.sha256:
                raise ValueError(f"{name} was changed")
        except _BROKEN as error:
            raise self._unreadable(error) from None
        return data

    def _read(self, name: str, size: int, most: int) -> bytes:
        if size > most:
            raise ValueError(f"{name} is too large")
        with self._zip.open(name) as source:
            data = source.read(size + 1)
        if len(data) != size:
            raise ValueError(f"{name} has another size than it should")
        return data

    def _unreadable(self, error: Exception) -> TapeError:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        return TapeError(
            tr(
                f"{self._path} is no tape that can be played ({why}): record again with visavis run --keep.",
                f"{self._path} 不是可播放的录像（{why}）：请用 visavis run --keep 重新录制。",
            )
        )


class _Form(msgspec.Struct):
    format: int


def _copy(source: IO[bytes], into: IO[bytes], size: int, digest: hashlib._Hash) -> None:
    """Not more than `size` bytes, whatever the zip says of itself."""
    left = size
    while piece := source.read(min(_PIECE, left + 1)):
        left -= len(piece)
        if left < 0:
            raise ValueError("it is larger than it should be")
        digest.update(piece)
        into.write(piece)


def _unwritable(path: Path, error: Exception) -> TapeError:
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return TapeError(
        tr(
            f"{path} cannot be written ({why}): choose another.",
            f"无法写入 {path}（{why}）：请另选。",
        )
    )
