"""The layout in which AvatarReX, and captures like TalkBody4D, come: SMPL-X poses and one calibration.

    calibration_full.json           of each camera K, R, T (world to camera, y down, z ahead) and imgSize
    smpl_params.npz                 global_orient, transl, body_pose, and where they are known the hands' poses
    CAMERA/FRAME.jpg                pictures, undistorted
    CAMERA/mask/pha/FRAME.jpg       masks

SMPL-X itself is not needed: its joints are found by name in the template's skeleton, whose arms may hang at rest while
SMPL-X's stand out to the sides. Its expressions mean nothing to other templates and are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.errors import CaptureError
from assets.npz import read_npz
from assets.skinning import skinning_matrices
from assets.train.cameras import Camera, checked_camera
from assets.train.capture import Capture, Files, Frame, Pair, checked
from assets.train.template import Template

F64 = NDArray[np.float64]

CALIBRATION: Final = "calibration_full.json"
PARAMETERS: Final = "smpl_params.npz"
PELVIS: Final = (0.0031, -0.3514, 0.0120)
"""Metres: where SMPL-X's mean body has its pelvis, about which it turns before it is moved."""
_BODY: Final = (
    "thigh_l", "thigh_r", "spine_01", "calf_l", "calf_r", "spine_02", "foot_l", "foot_r", "spine_03", "ball_l",
    "ball_r", "neck_01", "clavicle_l", "clavicle_r", "head", "upperarm_l", "upperarm_r", "lowerarm_l", "lowerarm_r",
    "hand_l", "hand_r",
)  # fmt: skip
"""Our names of SMPL-X's 21 body joints, in its order."""
_FINGERS: Final = ("index", "middle", "pinky", "ring", "thumb")
_MOST: Final = 1e4
"""Radians or metres, with room: what is more is no pose."""
_HOLD_FRAME, _HOLD_CAMERA = 5, 8
"""One of so many is held out: the last frames, and every so many-th camera."""


def is_smplx_layout(folder: Path) -> bool:
    """Whether the folder looks like one."""
    return (folder / CALIBRATION).is_file() and (folder / PARAMETERS).is_file()


def read_smplx_layout(folder: Path, template: Template) -> Capture:
    """The capture in `folder`, of a template with the joints of the forge's skeleton. Raises CaptureError."""
    missing = [name for name in ("pelvis", *_BODY) if name not in template.skeleton.names]
    if missing:
        raise CaptureError(f"The template has no joint {missing[0]!r}; name an avatar with a body's skeleton.")
    cameras = _cameras(folder)
    numbers = _numbers(folder / PARAMETERS)
    count = len(numbers["global_orient"])
    first = sorted(path.stem for path in (folder / cameras[0].name).glob("*.jpg"))
    if not first or len(first) > count:
        raise CaptureError(f"{folder} has {len(first)} pictures by the camera {cameras[0].name} for {count} poses.")
    still = np.zeros(len(template.expressions), np.float32)
    frames = []
    for place, name in enumerate(first):
        number = int(name) if name.isdigit() and int(name) < count else place
        held_out = place >= len(first) - len(first) // _HOLD_FRAME
        frames.append(Frame(name, _joints(template, numbers, number), still, held_out))
    pictures = {
        Pair(c, f): Files(
            folder / camera.name / f"{frame.name}.jpg", folder / camera.name / "mask" / "pha" / f"{frame.name}.jpg"
        )
        for c, camera in enumerate(cameras)
        for f, frame in enumerate(frames)
    }
    reference = int(np.argmin([_bent(numbers, i) for i in range(len(frames)) if not frames[i].held_out]))
    return checked(Capture(
        folder.name, "as its owner says", template, cameras, tuple(frames), pictures, reference, None
    ))  # fmt: skip


def _cameras(folder: Path) -> tuple[Camera, ...]:
    try:
        entries = json.loads((folder / CALIBRATION).read_bytes())
        with np.errstate(all="ignore"):  # numbers without an end are refused with the pose that they make
            cameras = [_camera(str(name), entry, i) for i, (name, entry) in enumerate(sorted(entries.items()))]
    except (OSError, ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise CaptureError(
            f"{folder / CALIBRATION} cannot be read as a calibration ({type(error).__name__}: {str(error)[:100]})."
        ) from None
    if not cameras:
        raise CaptureError(f"{folder / CALIBRATION} names no camera.")
    return tuple(cameras)


def _camera(name: str, entry: dict[str, Any], place: int) -> Camera:
    lens, turn = (np.array(entry[key], np.float64).reshape(3, 3) for key in ("K", "R"))
    move = np.array(entry["T"], np.float64).reshape(3)
    width, height = (int(n) for n in entry["imgSize"])
    pose = np.eye(4)
    pose[:3, :3] = turn.T @ np.diag([1.0, -1.0, -1.0])
    pose[:3, 3] = -turn.T @ move
    numbers = (float(lens[0, 0]), float(lens[1, 1]), float(lens[0, 2]), float(lens[1, 2]))
    # Calibrations of OpenCV have a pixel's centre at whole numbers.
    fx, fy, cx, cy = numbers[0], numbers[1], numbers[2] + 0.5, numbers[3] + 0.5
    held_out = place % _HOLD_CAMERA == _HOLD_CAMERA - 1
    return checked_camera(Camera(name, width, height, fx, fy, cx, cy, pose, held_out))


def _numbers(path: Path) -> dict[str, F64]:
    wanted = {"global_orient": 3, "transl": 3, "body_pose": 63, "left_hand_pose": 45, "right_hand_pose": 45}
    try:
        numbers = {name: np.array(array, np.float64) for name, array in read_npz(path, wanted).items()}
        count = len(numbers.get("global_orient", ()))
    except (OSError, ValueError, TypeError) as error:
        raise CaptureError(f"{path} cannot be read ({error}).") from None
    for name, width in wanted.items():
        if name in numbers and numbers[name].ndim and numbers[name].size:
            numbers[name] = numbers[name].reshape(len(numbers[name]), -1)
        elif "hand" in name:
            continue
        if name not in numbers or numbers[name].shape != (count, width) or not (np.abs(numbers[name]) < _MOST).all():
            raise CaptureError(f"{path} is damaged: {name} should hold {width} numbers for each of {count} frames.")
    return numbers


def _joints(template: Template, numbers: dict[str, F64], frame: int) -> NDArray[np.float32]:
    """(J, 4, 4) skinning matrices of a frame."""
    skeleton = template.skeleton
    turns = {"pelvis": Rotation.from_rotvec(numbers["global_orient"][frame])}
    for name, vector in zip(_BODY, numbers["body_pose"][frame].reshape(-1, 3), strict=True):
        turns[name] = Rotation.from_rotvec(vector)
    for side in "lr":
        hand = numbers.get("left_hand_pose" if side == "l" else "right_hand_pose")
        if hand is not None:
            names = [f"{finger}_0{k}_{side}" for finger in _FINGERS for k in (1, 2, 3)]
            for name, vector in zip(names, hand[frame].reshape(-1, 3), strict=True):
                turns[name] = Rotation.from_rotvec(vector)
        _from_side(turns, template, side)
    quaternions = np.zeros((len(skeleton.names), 4))
    quaternions[:, 0] = 1
    for name, turn in turns.items():
        if name in skeleton.names:
            quaternions[skeleton.names.index(name)] = turn.as_quat(canonical=True)[[3, 0, 1, 2]]
    pelvis = skeleton.rest[skeleton.names.index("pelvis"), :3, 3].astype(np.float64)
    return skinning_matrices(skeleton, quaternions, numbers["transl"][frame] + PELVIS - pelvis)


def _from_side(turns: dict[str, Rotation], template: Template, side: str) -> None:
    """Give an arm's rotations, meant for one that stands out to the side, as rotations of the template's arm."""
    skeleton = template.skeleton
    shoulder, hand = (
        skeleton.rest[skeleton.names.index(f"{joint}_{side}"), :3, 3].astype(np.float64)
        for joint in ("upperarm", "hand")
    )
    out = np.array([1.0 if side == "l" else -1.0, 0.0, 0.0])
    lift, _ = Rotation.align_vectors(out[None], (hand - shoulder)[None])
    for name in list(turns):
        if name == f"upperarm_{side}":
            turns[name] = turns[name] * lift
        elif name in (f"lowerarm_{side}", f"hand_{side}") or (
            name.endswith(f"_{side}") and name.split("_")[0] in _FINGERS
        ):
            turns[name] = lift.inv() * turns[name] * lift


def _bent(numbers: dict[str, F64], frame: int) -> float:
    return float(np.abs(numbers["body_pose"][frame]).sum())
