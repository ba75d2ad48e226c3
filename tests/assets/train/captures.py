"""Small captures for the tests: a person of ellipsoids, in folders of every layout."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from assets.avatar import Avatar
from assets.skinning import skinning_matrices
from assets.train.folder import FORMAT, CameraSpec, FrameSpec, Index, write_folder
from assets.train.template import template_of
from render.measure.cloud import make_cloud
from render.motion.pose import PoseKey
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import View, look_at_view


def person() -> Avatar:
    """2,000 Gaussians without harmonics."""
    return make_cloud(2000)


def spec_of(name: str, view: View, held_out: bool = False) -> CameraSpec:
    """A camera as capture.json writes it."""
    fx, fy, cx, cy = view.intrinsics
    return CameraSpec(name, view.width, view.height, fx, fy, cx, view.height - cy, view.pose.tolist(), held_out)


def ring(count: int, size: int) -> list[View]:
    """Around the chest, a little from above."""
    turns = [2 * math.pi * i / count for i in range(count)]
    eyes = [(2.2 * math.sin(t), 1.6 + 0.2 * math.cos(3 * t), 2.2 * math.cos(t)) for t in turns]
    return [look_at_view(eye, (0, 1.35, 0), 32, size, size) for eye in eyes]


def poses(avatar: Avatar, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Skinning matrices and expressions: arms and head turn, the jaw opens."""
    random = np.random.default_rng(5)
    rotations = np.zeros((count, len(avatar.skeleton.names), 4))
    rotations[..., 0] = 1
    for name in ("upperarm_l", "lowerarm_r", "head"):
        half = random.uniform(-0.4, 0.4, count)
        half[0] = 0
        rotations[:, avatar.skeleton.names.index(name)] = np.stack([np.cos(half), 0 * half, np.sin(half), 0 * half], 1)
    expression = np.zeros((count, len(avatar.expressions)), np.float32)
    expression[1:, avatar.expressions.index("jawOpen")] = random.uniform(0, 1, count - 1)
    joints = np.stack([skinning_matrices(avatar.skeleton, turns, np.zeros(3)) for turns in rotations])
    return joints, expression


def write_capture(folder: Path, cameras: int = 4, frames: int = 5, size: int = 40, **index: object) -> Avatar:
    """Our own layout; the last camera and the last frame are held out. Returns who was captured."""
    avatar, views = person(), ring(cameras, size)
    joints, expression = poses(avatar, frames)
    specs = [spec_of(f"c{i}", view, i == cameras - 1) for i, view in enumerate(views)]
    with Offscreen() as offscreen:
        renderer, target = AvatarRenderer(offscreen.ctx, avatar), offscreen.target(size, size)
        for f in range(frames):
            key = PoseKey(f, expression[f], joints[f])
            renderer.set_keys(key, key)
            for spec, view in zip(specs, views, strict=True):
                renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0.0, background=None)
                picture = offscreen.read(target)
                for kind, pixels in (("images", picture[..., :3]), ("masks", picture[..., 3])):
                    path = folder / kind / spec.name / f"f{f}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(pixels).save(path)
    names = [FrameSpec(f"f{i}", i == frames - 1) for i in range(frames)]
    whole = Index(
        FORMAT, "cloud", "CC0-1.0", list(avatar.skeleton.names), names, specs,
        expressions=list(avatar.expressions), background=[0.0, 0.0, 0.0],
    )  # fmt: skip
    for name, value in index.items():
        whole = replace_field(whole, name, value)
    write_folder(folder, whole, template_of(avatar), joints, expression)
    return avatar


def replace_field(index: Index, name: str, value: object) -> Index:
    """The same with another value."""
    return Index(**{**{field: getattr(index, field) for field in index.__struct_fields__}, name: value})


def write_colmap(folder: Path, views: dict[str, View], *, binary: bool, to_avatar: np.ndarray) -> None:
    """A reconstruction with these pictures, in a space from which `to_avatar` leads back."""
    folder.mkdir(parents=True, exist_ok=True)
    cameras, images = [], []
    size = np.cbrt(np.linalg.det(to_avatar[:3, :3]))
    for number, (name, view) in enumerate(views.items(), 1):
        fx, fy, cx, cy = view.intrinsics
        cameras.append((number, view.width, view.height, (fx, fy, cx, view.height - cy)))
        place = np.linalg.solve(to_avatar, view.pose[:, 3])[:3]
        world_to_camera = np.diag([1, -1, -1]) @ view.pose[:3, :3].T @ to_avatar[:3, :3] / size
        w = np.sqrt(max(1 + np.trace(world_to_camera), 1e-12)) / 2
        m = world_to_camera
        turn = [w, (m[2, 1] - m[1, 2]) / (4 * w), (m[0, 2] - m[2, 0]) / (4 * w), (m[1, 0] - m[0, 1]) / (4 * w)]
        images.append((number, turn, -world_to_camera @ place, number, name))
    if binary:
        blob = struct.pack("<Q", len(cameras))
        for number, width, height, numbers in cameras:
            blob += struct.pack("<iiQQ4d", number, 1, width, height, *numbers)
        (folder / "cameras.bin").write_bytes(blob)
        blob = struct.pack("<Q", len(images))
        for number, turn, move, camera, name in images:
            blob += struct.pack("<i7di", number, *turn, *move, camera) + name.encode() + b"\0"
            blob += struct.pack("<Q", 2) + struct.pack("<ddq", 1.0, 2.0, -1) * 2
        (folder / "images.bin").write_bytes(blob)
        return
    text = "# Camera list\n" + "".join(
        f"{number} PINHOLE {w} {h} {' '.join(map(repr, map(float, numbers)))}\n" for number, w, h, numbers in cameras
    )
    (folder / "cameras.txt").write_text(text)
    text = "# Image list with two lines of data per image:\n"
    for number, turn, move, camera, name in images:
        text += f"{number} {' '.join(repr(float(v)) for v in (*turn, *move))} {camera} {name}\n1.0 2.0 -1\n"
    (folder / "images.txt").write_text(text)


def write_smplx(folder: Path, views: dict[str, View], numbers: dict[str, np.ndarray], frames: int) -> None:
    """The layout of AvatarReX, with grey pictures."""
    calibration = {}
    for name, view in views.items():
        fx, fy, cx, cy = view.intrinsics
        turn = np.diag([1, -1, -1]) @ view.pose[:3, :3].T
        calibration[name] = {
            "K": [fx, 0, cx - 0.5, 0, fy, view.height - cy - 0.5, 0, 0, 1],
            "R": turn.reshape(-1).tolist(),
            "T": (-turn @ view.pose[:3, 3]).tolist(),
            "distCoeff": [0, 0, 0, 0, 0],
            "imgSize": [view.width, view.height],
        }
        (folder / name / "mask" / "pha").mkdir(parents=True)
        for frame in range(frames):
            Image.new("RGB", (view.width, view.height), (90, 90, 90)).save(folder / name / f"{frame:08}.jpg")
            Image.new("L", (view.width, view.height), 255).save(folder / name / "mask" / "pha" / f"{frame:08}.jpg")
    (folder / "calibration_full.json").write_text(json.dumps(calibration))
    np.savez(folder / "smpl_params.npz", **numbers)
