"""A capture in any layout that is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from assets.errors import CaptureError
from assets.train.capture import Capture, Files, Frame, Pair, checked, shrunk
from assets.train.colmap import is_reconstruction, read_reconstruction
from assets.train.folder import INDEX, read_folder
from assets.train.smplx import is_smplx_layout, read_smplx_layout
from assets.train.template import Template

TO_AVATAR: Final = "to_avatar.json"
"""Beside a reconstruction: (4, 4) from COLMAP's space to the avatar's, as lists of numbers."""
_HOLD_CAMERA: Final = 8


def open_capture(folder: Path, template: Template | None = None, shrink: int = 1) -> Capture:
    """The capture in `folder`, its pictures `shrink` times smaller each way; `template` takes the place of its own, and
    is needed where it has none. Raises CaptureError."""
    if (folder / INDEX).is_file():
        capture = read_folder(folder, template)
    elif template is None and (is_smplx_layout(folder) or _sparse(folder)):
        raise CaptureError(f"{folder} has no template of its own: name an avatar to take it from with --template.")
    elif template is not None and is_smplx_layout(folder):
        capture = read_smplx_layout(folder, template)
    elif template is not None and (sparse := _sparse(folder)):
        capture = _still(folder, sparse, template)
    else:
        raise CaptureError(f"There is no capture in {folder}; docs/training.md tells what one looks like.")
    return shrunk(capture, shrink) if shrink > 1 else capture


def _sparse(folder: Path) -> Path | None:
    places = (folder / "sparse" / "0", folder / "sparse", folder)
    return next((place for place in places if is_reconstruction(place)), None)


def _still(folder: Path, sparse: Path, template: Template) -> Capture:
    """Someone who stood still in the template's rest pose while COLMAP's pictures were taken: images/NAME and
    masks/NAME.png."""
    matrix = np.eye(4)
    if (folder / TO_AVATAR).is_file():
        try:
            matrix = np.array(json.loads((folder / TO_AVATAR).read_bytes()), np.float64).reshape(4, 4)
        except (OSError, OverflowError, ValueError, TypeError, RecursionError) as error:
            raise CaptureError(f"{folder / TO_AVATAR} is no matrix of 4 x 4 numbers ({str(error)[:100]}).") from None
    cameras, pictures = [], {}
    for place, (camera, name) in enumerate(sorted(read_reconstruction(sparse, matrix), key=lambda found: found[1])):
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            raise CaptureError(f"{sparse} is refused: the picture {name!r} lies outside the capture.")
        label = "-".join(path.with_suffix("").parts)
        held_out = place % _HOLD_CAMERA == _HOLD_CAMERA - 1
        cameras.append(type(camera)(**{**vars(camera), "name": label, "held_out": held_out}))
        pictures[Pair(place, 0)] = Files(folder / "images" / path, (folder / "masks" / path).with_suffix(".png"))
    joints = np.tile(np.eye(4, dtype=np.float32), (len(template.skeleton.names), 1, 1))
    frame = Frame("still", joints, np.zeros(len(template.expressions), np.float32), False)
    return checked(
        Capture(folder.resolve().name, "as its owner says", template, tuple(cameras), (frame,), pictures, 0, None)
    )
