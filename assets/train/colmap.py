"""Cameras from a COLMAP reconstruction (Schoenberger & Frahm 2016): cameras and images, as text or binary.

Only pinhole models are taken: pictures have to be undistorted first (`colmap image_undistorter`). COLMAP's axes are x
right, y down, z ahead and its pixels count from the top left with centres at halves, as ours do.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from assets.errors import CaptureError
from assets.train.cameras import Camera, checked_camera

F64 = NDArray[np.float64]

_PINHOLES: Final = {"SIMPLE_PINHOLE": 3, "PINHOLE": 4}
_NUMBERS: Final = {0: "SIMPLE_PINHOLE", 1: "PINHOLE"}
_MOST: Final = 100_000
"""Pictures of a reconstruction."""
_FARTHEST: Final = 1e9
"""Of any number of a picture's place."""
_CAMERA: Final = struct.Struct("<iiQQ")
_IMAGE: Final = struct.Struct("<i7di")
_COUNT: Final = struct.Struct("<Q")
_POINT_BYTES: Final = 24


@dataclass(frozen=True)
class _Lens:
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float


def is_reconstruction(folder: Path) -> bool:
    """Whether COLMAP left its cameras and images there."""
    return any((folder / f"cameras{end}").is_file() and (folder / f"images{end}").is_file() for end in (".bin", ".txt"))


def read_reconstruction(folder: Path, to_avatar: F64) -> list[tuple[Camera, str]]:
    """Each picture's camera, named after the picture's folder, or its own name where it lies in none, and the name of
    the picture; `to_avatar` (4, 4) takes COLMAP's space to the avatar's. Raises CaptureError."""
    _check_similarity(to_avatar)
    if (folder / "cameras.bin").is_file() and (folder / "images.bin").is_file():
        lenses, images = _lenses_bin(_bytes(folder / "cameras.bin")), _images_bin(_bytes(folder / "images.bin"))
    elif is_reconstruction(folder):
        lenses, images = _lenses_text(folder / "cameras.txt"), _images_text(folder / "images.txt")
    else:
        raise CaptureError(f"There is no COLMAP reconstruction in {folder}: it needs cameras and images, .txt or .bin.")
    found = []
    for name, lens_id, turn, move in images:
        lens = lenses.get(lens_id)
        if lens is None:
            raise CaptureError(f"{folder} is damaged: the picture {name!r} names a camera that is not there.")
        path = PurePosixPath(name)
        label = path.parts[0] if len(path.parts) > 1 else path.stem
        pose = _pose(turn, move, to_avatar)
        camera = Camera(label, lens.width, lens.height, lens.fx, lens.fy, lens.cx, lens.cy, pose, False)
        found.append((checked_camera(camera), name))
    if not found:
        raise CaptureError(f"{folder} is empty: COLMAP placed none of the pictures.")
    return found


def _pose(turn: F64, move: F64, to_avatar: F64) -> F64:
    """Camera-to-world in our axes of a world-to-camera quaternion w, x, y, z and translation."""
    if not (np.abs([*turn, *move]) < _FARTHEST).all() or np.linalg.norm(turn) < 1e-6:
        raise CaptureError("A picture of the COLMAP reconstruction has no place; reconstruct it again.")
    w, x, y, z = turn / np.linalg.norm(turn)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    size = np.cbrt(np.linalg.det(to_avatar[:3, :3]))
    pose = np.eye(4)
    pose[:3, :3] = to_avatar[:3, :3] / size @ rotation.T @ np.diag([1.0, -1.0, -1.0])
    pose[:3, 3] = to_avatar[:3, :3] @ (-rotation.T @ move) + to_avatar[:3, 3]
    return pose


def _check_similarity(matrix: F64) -> None:
    linear = np.asarray(matrix, np.float64)[:3, :3] if np.shape(matrix) == (4, 4) else np.zeros((3, 3))
    size = np.cbrt(np.linalg.det(linear)) if np.isfinite(matrix).all() else 0.0
    if size <= 0 or not np.allclose(linear @ linear.T, size**2 * np.eye(3), atol=1e-3 * size**2):
        raise CaptureError("The matrix from COLMAP's space to the avatar's has to turn, scale and move, nothing else.")


def _lens(model: str, width: int, height: int, numbers: list[float]) -> _Lens:
    if model not in _PINHOLES or len(numbers) != _PINHOLES[model]:
        raise CaptureError(
            f"The COLMAP camera model {model} bends light: undistort the pictures with `colmap image_undistorter`."
        )
    focal = [numbers[0], numbers[0]] if model == "SIMPLE_PINHOLE" else numbers[:2]
    return _Lens(width, height, focal[0], focal[1], numbers[-2], numbers[-1])


def _lenses_text(path: Path) -> dict[int, _Lens]:
    lenses = {}
    for line in _lines(path):
        words = line.split()
        try:
            lenses[int(words[0])] = _lens(words[1], int(words[2]), int(words[3]), [float(w) for w in words[4:]])
        except (ValueError, IndexError):
            _damaged(path, line)
    return lenses


def _images_text(path: Path) -> list[tuple[str, int, F64, F64]]:
    images = []
    lines = list(_lines(path, blank=True))
    # Every other line holds the picture's points; it may be empty.
    for line in lines[::2]:
        words = line.split()
        try:
            numbers = np.array([float(w) for w in words[1:8]])
            images.append((" ".join(words[9:]), int(words[8]), numbers[:4], numbers[4:7]))
            if len(numbers) != 7 or not words[9:]:
                _damaged(path, line)
        except (ValueError, IndexError):
            _damaged(path, line)
    return images


def _lines(path: Path, *, blank: bool = False) -> Iterator[str]:
    text = _bytes(path).decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in text if not line.lstrip().startswith("#")]
    yield from lines if blank else (line for line in lines if line)


def _lenses_bin(data: bytes) -> dict[int, _Lens]:
    reader = _Reader(data, "cameras.bin")
    lenses = {}
    for _ in range(reader.count()):
        number, model, width, height = reader.take(_CAMERA)
        name = _NUMBERS.get(int(model), f"number {model}")
        if name not in _PINHOLES:
            _lens(name, 0, 0, [])
        numbers = reader.take(struct.Struct(f"<{_PINHOLES[name]}d"))
        lenses[int(number)] = _lens(name, int(width), int(height), [float(n) for n in numbers])
    return lenses


def _images_bin(data: bytes) -> list[tuple[str, int, F64, F64]]:
    reader = _Reader(data, "images.bin")
    images = []
    for _ in range(reader.count()):
        values = reader.take(_IMAGE)
        name = reader.word()
        reader.skip(int(reader.take(_COUNT)[0]) * _POINT_BYTES)
        numbers = np.array(values[1:8], np.float64)
        images.append((name, int(values[8]), numbers[:4], numbers[4:]))
    return images


class _Reader:
    """Takes fields out of bytes; raises CaptureError where they end."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self._at = data, name, 0

    def count(self) -> int:
        number = int(self.take(_COUNT)[0])
        if number > _MOST:
            raise CaptureError(f"COLMAP's {self._name} is refused: it says that it has {number} entries.")
        return number

    def take(self, what: struct.Struct) -> tuple[float, ...]:
        self.skip(what.size)
        return what.unpack_from(self._data, self._at - what.size)

    def word(self) -> str:
        end = self._data.find(b"\0", self._at, self._at + 4096)
        if end < 0:
            raise CaptureError(f"COLMAP's {self._name} is damaged: a picture's name does not end.")
        start, self._at = self._at, end + 1
        return self._data[start:end].decode("utf-8", "replace")

    def skip(self, count: int) -> None:
        if count > len(self._data) - self._at:
            raise CaptureError(f"COLMAP's {self._name} is damaged: it ends early.")
        self._at += count


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path} cannot be read ({error}).") from None


def _damaged(path: Path, line: str) -> NoReturn:
    raise CaptureError(f"{path} is damaged: {line[:80]!r} is no line of COLMAP's.")
