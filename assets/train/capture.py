"""A capture: the pictures of a moving person by calibrated cameras, her masks, and how her body stood in each frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets.errors import CaptureError
from assets.pictures import read_picture
from assets.train.cameras import Camera
from assets.train.template import Template

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

_SURE = 0.03
"""What a mask may be off, compressed, where it means nothing or all."""


@dataclass(frozen=True)
class Frame:
    """How the body stood."""

    name: str
    joints: F32
    """(J, 4, 4) skinning matrices in avatar space: posed joint times inverse of its rest."""
    expression: F32
    """(E,) weights of the template's shapes."""
    held_out: bool
    """Whether its pictures serve for measuring only."""


class Files(NamedTuple):
    """Where a picture and its mask lie."""

    image: Path
    """sRGB."""
    mask: Path
    """Grey: how much of each pixel the person covers."""


class Pair(NamedTuple):
    """One picture: who took it of what, as numbers in the capture."""

    camera: int
    frame: int


@dataclass(frozen=True)
class Photo:
    """What one camera saw at one moment."""

    light: F32
    """(H, W, 3) linear light of the person alone, premultiplied, top row first."""
    cover: F32
    """(H, W) how much of the pixel she covers."""
    counts: F32
    """(H, W) 1 where the pixel says something, else 0."""


@dataclass(frozen=True)
class Capture:
    """What was found in a folder and checked; pictures are read when they are asked for."""

    name: str
    licence: str
    template: Template
    cameras: tuple[Camera, ...]
    frames: tuple[Frame, ...]
    pictures: Mapping[Pair, Files]
    reference: int
    """The frame nearest to the template's rest pose, one to train on."""
    background: tuple[float, float, float] | None
    """Linear light behind the person; None where it is unknown, and pixels that she covers in part then count for
    nothing."""
    shrink: int = 1
    """By how much pictures are made smaller when they are read."""

    def pairs(self, *, new_view: bool = False, new_pose: bool = False) -> list[Pair]:
        """All pictures by cameras that are (not) held out, of frames that are (not) held out, frame by frame."""
        chosen = [
            pair
            for pair in self.pictures
            if self.cameras[pair.camera].held_out == new_view and self.frames[pair.frame].held_out == new_pose
        ]
        return sorted(chosen, key=lambda pair: (pair.frame, pair.camera))

    def training_frames(self) -> list[Frame]:
        """Frames that are not held out."""
        return [frame for frame in self.frames if not frame.held_out]

    def photo(self, pair: Pair) -> Photo:
        """Read a picture and its mask. Raises CaptureError."""
        camera, files = self.cameras[pair.camera], self.pictures[pair]
        size = camera.width * self.shrink, camera.height * self.shrink
        light = _reduced(to_linear(_picture(files.image, size, "RGB")), self.shrink)
        mask = np.asarray(_picture(files.mask, size, "L") / 255, np.float32)
        cover = _reduced(mask, self.shrink)
        if self.background is None:
            cover[cover < _SURE] = 0
            cover[cover > 1 - _SURE] = 1
            counts = ((cover == 0) | (cover == 1)).astype(np.float32)
            return Photo(light * cover[..., None], cover, counts)
        behind = (1 - cover)[..., None] * np.asarray(self.background, np.float32)
        return Photo(np.maximum(light - behind, 0), cover, np.ones_like(cover))


def checked(capture: Capture) -> Capture:
    """The capture, if all of its parts are there. Raises CaptureError."""
    for what, named in (("cameras", capture.cameras), ("frames", capture.frames)):
        names = [entry.name for entry in named]
        if not names or len(set(names)) != len(names):
            raise CaptureError(f"The capture's {what} need names of their own, and there has to be one.")
    if not capture.pairs():
        raise CaptureError("The capture holds out all of its cameras or frames; there is nothing to train on.")
    if not any(pair.frame == capture.reference for pair in capture.pairs()):
        raise CaptureError("The capture's reference is none of the frames to train on.")
    for files in capture.pictures.values():
        for path in files:
            if not path.is_file():
                raise CaptureError(f"The capture is not complete: {path} is missing.")
    return capture


def shrunk(capture: Capture, by: int) -> Capture:
    """The capture with pictures `by` times smaller each way, as far as whole pixels go. Raises CaptureError."""
    cameras = []
    for camera in capture.cameras:
        if camera.width % by or camera.height % by:
            raise CaptureError(
                f"{camera.width} x {camera.height} pixels of the camera {camera.name!r} cannot be made {by} times "
                "smaller: name a number that divides both."
            )
        numbers = {name: getattr(camera, name) / by for name in ("fx", "fy", "cx", "cy")}
        cameras.append(replace(camera, width=camera.width // by, height=camera.height // by, **numbers))
    return replace(capture, cameras=tuple(cameras), shrink=capture.shrink * by)


def to_linear(values: U8) -> F32:
    """Linear light of 8-bit sRGB values (IEC 61966-2-1)."""
    steps = np.arange(256) / 255
    table = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(table[values], np.float32)


def _reduced(values: F32, by: int) -> F32:
    """Means of squares of `by` x `by` pixels."""
    if by == 1:
        return values
    high, wide = values.shape[0] // by, values.shape[1] // by
    return np.asarray(values.reshape(high, by, wide, by, *values.shape[2:]).mean(axis=(1, 3)), np.float32)


def _picture(path: Path, size: tuple[int, int], mode: str) -> U8:
    """Its size is looked at before it is decoded."""
    try:
        return np.asarray(read_picture(path, mode, size=size), np.uint8)
    except ValueError as error:
        raise CaptureError(f"{path} cannot be read as its camera's picture: {error}.") from None
