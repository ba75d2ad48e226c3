"""A capture of an avatar, as a studio would make it of a person: `visavis avatar capture`.

Cameras stand in a ring around the body down to the shins, which goes through its range of motion, with folds
(folds.py) that the template does not know. Some cameras and some poses are held out. What it is good for: trying a
training whose truth is known, and showing how a capture is laid out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.avatar import Avatar
from assets.progress import Progress
from assets.train.cameras import Camera
from assets.train.folder import FORMAT, CameraSpec, FrameSpec, Index, write_folder
from assets.train.template import Template, template_of
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import View, look_at_view
from xr_app.errors import OptionError
from xr_app.workshop.exercise import exercise
from xr_app.workshop.folds import Folds

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class StudioOptions:
    """How it is captured."""

    cameras: int = 8
    size: int = 128
    """Pixels of a picture, each way."""
    frames: int = 120
    folds: bool = True
    seed: int = 1
    hold_camera: int = 4
    """Every so many-th camera is held out."""
    hold_frame: int = 5
    """Every so many-th pose is held out."""


def make_capture(
    avatar: Avatar, out: Path, options: StudioOptions, progress: Progress, template: Template | None = None
) -> None:
    """Write a capture of `avatar` into the folder `out`, with its own mesh as the template unless another is given.

    Raises OptionError, CaptureError.
    """
    if "head" not in avatar.skeleton.names:
        raise OptionError(f"{avatar.name} has no skeleton with a head, so it cannot go through its motions.")
    views = _ring(avatar, options)
    rotations, expression = exercise(avatar.skeleton.names, avatar.expressions, options.frames, options.seed)
    still = np.zeros(3, np.float32)
    joints = np.stack([skinning_matrices(avatar.skeleton, turns, still) for turns in rotations])
    cameras = [_spec(f"{i:02}", view, i % options.hold_camera == 2) for i, view in enumerate(views)]
    frames = [FrameSpec(f"{i:04}", i % options.hold_frame == options.hold_frame - 1) for i in range(options.frames)]
    for kind in ("images", "masks"):
        for camera in cameras:
            (out / kind / camera.name).mkdir(parents=True, exist_ok=True)
    folds = Folds(avatar)
    with Offscreen() as offscreen, progress.step("Pictures", total=options.frames) as step:
        target = offscreen.target(options.size, options.size)
        for i, frame in enumerate(frames):
            worn = folds.folded(rotations[i]) if options.folds else avatar
            renderer = AvatarRenderer(offscreen.ctx, worn)
            key = PoseKey(i, expression[i], joints[i])
            renderer.set_keys(key, key)
            for camera, view in zip(cameras, views, strict=True):
                renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0.0, background=None)
                picture = offscreen.read(target)
                Image.fromarray(picture[..., :3]).save(out / "images" / camera.name / f"{frame.name}.png")
                Image.fromarray(picture[..., 3]).save(out / "masks" / camera.name / f"{frame.name}.png")
            step.advance()
    index = Index(
        format=FORMAT,
        name=avatar.name,
        licence=avatar.licence,
        joints=list(avatar.skeleton.names),
        cameras=cameras,
        frames=frames,
        expressions=list(avatar.expressions),
        reference=frames[0].name,
        background=[0.0, 0.0, 0.0],
    )
    write_folder(out, index, template or template_of(avatar), joints, expression)


def _ring(avatar: Avatar, options: StudioOptions) -> list[View]:
    """Cameras around the hips, every other one looking down a little."""
    names = avatar.skeleton.names
    head = avatar.skeleton.rest[names.index("head"), :3, 3].astype(np.float64)
    height = float(np.ptp(avatar.mesh.vertices[:, 1]))
    target = np.array([head[0], head[1] - 0.29 * height, head[2]])
    views = []
    for i in range(options.cameras):
        turn = 2 * math.pi * i / options.cameras
        rise = (0.05, 0.28)[i % 2] * height
        eye = target + height * np.array([math.sin(turn), 0.0, math.cos(turn)]) + np.array([0.0, rise, 0.0])
        views.append(look_at_view(eye, target, 44.0, options.size, options.size))
    return views


def _spec(name: str, view: View, held_out: bool) -> CameraSpec:
    fx, fy, cx, cy = view.intrinsics
    pose = np.asarray(view.pose, np.float64).tolist()
    return CameraSpec(name, view.width, view.height, fx, fy, cx, view.height - cy, pose, held_out)


def view_of(camera: Camera) -> View:
    """The renderer's view through a camera of a capture."""
    c = camera
    left, right = -math.atan(c.cx / c.fx), math.atan((c.width - c.cx) / c.fx)
    return View(c.pose, (left, right, math.atan(c.cy / c.fy), -math.atan((c.height - c.cy) / c.fy)), c.width, c.height)
