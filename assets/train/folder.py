"""Our own layout of a capture:

    capture.json            what is there (`Index`)
    template.safetensors    the mesh that moves: the tensors of an avatar's mesh.safetensors
    poses.safetensors       joints (T, J, 4, 4) skinning matrices; expression (T, E), zeros where it is left out
    images/CAMERA/FRAME.png sRGB
    masks/CAMERA/FRAME.png  how much of each pixel the person covers, 8-bit grey

Poses are in the avatar's space: metres, y up. Cameras may also be those of a COLMAP reconstruction of the rig.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from assets.errors import CaptureError
from assets.train.cameras import NAME, Camera, checked_camera
from assets.train.capture import Capture, Files, Frame, Pair, checked
from assets.train.colmap import read_reconstruction
from assets.train.template import Template, read_template, write_template

F32 = NDArray[np.float32]

FORMAT: Final = 1
INDEX: Final = "capture.json"
TEMPLATE: Final = "template.safetensors"
POSES: Final = "poses.safetensors"
MAX_INDEX: Final = 16 << 20
MAX_TENSORS: Final = 1 << 30


class CameraSpec(msgspec.Struct, frozen=True):
    """A camera as capture.json writes it; see `cameras.Camera`."""

    name: str
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    pose: list[list[float]]
    held_out: bool = False


class FrameSpec(msgspec.Struct, frozen=True):
    """One moment."""

    name: str
    held_out: bool = False


class ColmapSpec(msgspec.Struct, frozen=True):
    """Cameras out of a reconstruction, in which each took one picture or all its pictures from one place."""

    folder: str
    """Within the capture, such as `sparse/0`."""
    to_avatar: list[list[float]]
    """(4, 4) from COLMAP's space to the avatar's: a rotation, a size and a translation."""
    held_out: list[str] = []


class Index(msgspec.Struct, frozen=True):
    """capture.json."""

    format: int
    name: str
    licence: str
    joints: list[str]
    frames: list[FrameSpec]
    cameras: list[CameraSpec] = []
    colmap: ColmapSpec | None = None
    expressions: list[str] = []
    reference: str = ""
    """The frame nearest to the template's rest pose; the first that is not held out where it is left out."""
    background: list[float] | None = None
    """Linear light behind the person, where that is known and even."""


def read_folder(folder: Path, template: Template | None = None) -> Capture:
    """Check everything of a capture but its pictures' contents; `template` takes the place of its own. Raises
    CaptureError."""
    index = _index(folder)
    if template is None:
        template = read_template(folder / TEMPLATE, index.joints, index.expressions)
    elif template.skeleton.names != tuple(index.joints):
        raise CaptureError("The template has other joints than the capture's poses; name one with the same skeleton.")
    poses = _tensors(folder / POSES)
    count = len(index.frames)
    joints = _array(poses, "joints", (count, len(index.joints), 4, 4))
    if not np.allclose(joints[:, :, 3], (0, 0, 0, 1), atol=1e-5):
        raise CaptureError(f"{folder / POSES} is damaged: its joints are no matrices that move a body.")
    expression = np.zeros((count, len(index.expressions)), np.float32)
    if "expression" in poses:
        expression = _array(poses, "expression", expression.shape)
    expression = _ordered(expression, index.expressions, template.expressions)
    frames = tuple(Frame(spec.name, joints[i], expression[i], spec.held_out) for i, spec in enumerate(index.frames))
    cameras = _cameras(folder, index)
    pictures = {
        Pair(c, f): Files(*(folder / kind / camera.name / f"{frame.name}.png" for kind in ("images", "masks")))
        for c, camera in enumerate(cameras)
        for f, frame in enumerate(frames)
    }
    background = _background(folder, index)
    return checked(
        Capture(index.name, index.licence, template, cameras, frames, pictures, _reference(index), background)
    )


def write_folder(folder: Path, index: Index, template: Template, joints: F32, expression: F32) -> None:
    """Write everything of a capture but its pictures; `joints` (T, J, 4, 4) and `expression` (T, E)."""
    folder.mkdir(parents=True, exist_ok=True)
    write_template(folder / TEMPLATE, template)
    poses = {"joints": np.ascontiguousarray(joints, np.float32)}
    if expression.size:
        poses["expression"] = np.ascontiguousarray(expression, np.float32)
    (folder / POSES).write_bytes(safetensors.numpy.save(poses))
    (folder / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(index), indent=1))


def _index(folder: Path) -> Index:
    path = folder / INDEX
    try:
        if path.stat().st_size > MAX_INDEX:
            raise CaptureError(f"{path} is refused: it is {path.stat().st_size} bytes long.")
        index = msgspec.json.decode(path.read_bytes(), type=Index)
    except FileNotFoundError:
        raise CaptureError(f"There is no capture in {folder}: it holds no {INDEX}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise CaptureError(f"{path} is damaged and cannot be read ({error}).") from None
    if index.format != FORMAT:
        raise CaptureError(f"{path} has capture format {index.format}; this release reads format {FORMAT}.")
    if not all(NAME.fullmatch(frame.name) for frame in index.frames):
        raise CaptureError(f"{path} is damaged: its frames need names of letters and digits.")
    return index


def _cameras(folder: Path, index: Index) -> tuple[Camera, ...]:
    if index.colmap is None:
        return tuple(checked_camera(_camera(spec)) for spec in index.cameras)
    parts = Path(index.colmap.folder)
    if parts.is_absolute() or ".." in parts.parts:
        raise CaptureError(f"{folder / INDEX} is refused: its COLMAP reconstruction lies outside the capture.")
    held_out = set(index.colmap.held_out)
    cameras: dict[str, Camera] = {}
    matrix = np.array(index.colmap.to_avatar, np.float64) if _square(index.colmap.to_avatar) else np.zeros((4, 4))
    for camera, _ in read_reconstruction(folder / parts, matrix):
        cameras.setdefault(camera.name, camera)
    if missing := held_out - set(cameras):
        raise CaptureError(f"{folder / INDEX} holds out {min(missing)!r}, which COLMAP has not placed.")
    return tuple(Camera(**{**vars(camera), "held_out": name in held_out}) for name, camera in sorted(cameras.items()))


def _camera(spec: CameraSpec) -> Camera:
    pose = np.array(spec.pose, np.float64) if _square(spec.pose) else np.zeros((4, 4))
    return Camera(spec.name, spec.width, spec.height, spec.fx, spec.fy, spec.cx, spec.cy, pose, spec.held_out)


def _reference(index: Index) -> int:
    usable = [i for i, frame in enumerate(index.frames) if not frame.held_out]
    if index.reference:
        usable = [i for i in usable if index.frames[i].name == index.reference]
    if not usable:
        raise CaptureError(f"The capture's reference {index.reference!r} is none of the frames to train on.")
    return usable[0]


def _background(folder: Path, index: Index) -> tuple[float, float, float] | None:
    colour = index.background
    if colour is None:
        return None
    if len(colour) != 3 or not all(0 <= value <= 1 for value in colour):
        raise CaptureError(f"{folder / INDEX} is damaged: its background is no colour of three numbers from 0 to 1.")
    return colour[0], colour[1], colour[2]


def _ordered(expression: F32, given: list[str], wanted: tuple[str, ...]) -> F32:
    """(T, E) in the order of the template's shapes; those that the capture does not name stay at 0."""
    ordered = np.zeros((len(expression), len(wanted)), np.float32)
    for column, name in enumerate(given):
        if name in wanted:
            ordered[:, wanted.index(name)] = expression[:, column]
    return ordered


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    try:
        if path.stat().st_size > MAX_TENSORS:
            raise CaptureError(f"{path} is refused: it is {path.stat().st_size} bytes long.")
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(path.read_bytes())
    except FileNotFoundError:
        raise CaptureError(f"The capture has no {path.name}; docs/training.md says what is in it.") from None
    except (SafetensorError, ValueError, KeyError, OSError) as error:
        raise CaptureError(f"{path} is damaged and cannot be read ({error}); write it again.") from None
    return arrays


def _array(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> F32:
    array = arrays.get(name)
    if array is None or array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
        raise CaptureError(f"The capture's {name} should be finite float32 of shape {shape}; write it again.")
    return array


def _square(rows: list[list[float]]) -> bool:
    return len(rows) == 4 and all(len(row) == 4 for row in rows)
