"""What a live session showed, frame by frame: enough to draw every moment of it again, and to measure it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assets.lips import lip_opening
from conversation.link.mouth_place import AHEAD, Mouth, Vector
from render.load import Quality
from render.motion.score import Score
from render.stages.compose import SOLID, Veil
from render.strokes import NONE
from render.view import View
from xr_app.panels.panel_log import PanelLog, PastShown

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class ShownFrame:
    """One frame that was really submitted."""

    seen_ns: int
    """Monotonic time from which it could be seen: its display time, or its submission where that was later."""
    head: F64
    """(4, 4) head to world."""
    views: tuple[View, ...]
    expression: F32
    """(E,) as shown."""
    sorted: bool
    late: bool
    cpu_ms: float
    quality: Quality
    model: F64
    """(4, 4) avatar to world."""
    veil: Veil = SOLID
    """How much of the avatar is seen."""
    mouth: Mouth = AHEAD
    """Where the voice came from, for that head."""
    panels: tuple[PastShown, ...] = ()
    """What could be read, the farthest first, where that is remembered."""
    strokes: F32 = field(default_factory=lambda: NONE)
    """(n, FLOATS) of render/strokes.py: the user's hands and where they pointed, where that is remembered."""
    see_through: bool = False
    """Whether the wearer's own room was around the avatar, not a stage."""


@dataclass
class FrameLog:
    """Frames in the order in which they were seen."""

    animation_start_ns: int
    """Time of the animator's key 0."""
    seed: int
    """Of the body's motion."""
    frames: list[ShownFrame] = field(default_factory=list)
    score: Score = field(default_factory=Score)
    """What the body was told; its motion is a function of this, the seed and the time."""
    most: int | None = None
    """How many frames are remembered at least, the newest; all if not given."""
    panels: PanelLog | None = None
    """Remembers what could be read, for a film."""

    def add(self, frame: ShownFrame) -> None:
        """Take in the frame that was shown now."""
        self.frames.append(frame)
        if self.most is not None and len(self.frames) >= 2 * self.most:
            del self.frames[: -self.most]

    def lip_opening(self) -> F64:
        """(frames,) gap between the lips in every frame."""
        shown = np.array([frame.expression for frame in self.frames], np.float32)
        return lip_opening(shown.reshape(len(self.frames), -1)).astype(np.float64)

    def mouth_at(self, time_ns: int) -> Mouth:
        """Where the voice came from at any time, between the frames as `views_at`."""
        a, b, alpha = self._around(time_ns)
        one, two = a.mouth, b.mouth
        image = None
        if one.image is not None and two.image is not None:
            image = _between(one.image, two.image, alpha)
        return Mouth(_between(one.position, two.position, alpha), _between(one.facing, two.facing, alpha), image)

    def views_at(self, time_ns: int) -> tuple[F64, tuple[View, ...]]:
        """Head and views at any time, blended between the frames on either side (clamped at the ends)."""
        a, b, alpha = self._around(time_ns)
        views = tuple(
            View(pose=blend_pose(one.pose, two.pose, alpha), fov=one.fov, width=one.width, height=one.height)
            for one, two in zip(a.views, b.views, strict=True)
        )
        return blend_pose(a.head, b.head, alpha), views

    def standing_at(self, time_ns: int) -> tuple[F64, Veil]:
        """Where the avatar was (4, 4) and how much of it was seen at any time, between the frames as `views_at`."""
        a, b, alpha = self._around(time_ns)
        opacity = (1 - alpha) * a.veil.opacity + alpha * b.veil.opacity
        scale = [float(np.linalg.norm(each.model[:3, 0])) for each in (a, b)]
        model = blend_pose(_rigid(a.model, scale[0]), _rigid(b.model, scale[1]), alpha)
        model[:3, :3] *= (1 - alpha) * scale[0] + alpha * scale[1]
        return model, replace(a.veil, opacity=opacity)

    def panels_at(self, time_ns: int) -> list[PastShown]:
        """What could be read at any time: as in the frame before it, on the way to where it was in the one after."""
        a, b, alpha = self._around(time_ns)
        there = {each.panel.name: each.pose for each in b.panels}
        return [
            replace(each, pose=blend_pose(each.pose, there.get(each.panel.name, each.pose), alpha))
            for each in (b.panels if alpha >= 1.0 else a.panels)
        ]

    def strokes_at(self, time_ns: int) -> F32:
        """The user's hands at any time: between the frames where those show as many strokes, else as before."""
        a, b, alpha = self._around(time_ns)
        if a.strokes.shape == b.strokes.shape:
            return ((1 - alpha) * a.strokes + alpha * b.strokes).astype(np.float32)
        return b.strokes if alpha >= 1.0 else a.strokes

    def saw_through_at(self, time_ns: int) -> bool:
        """Whether the wearer saw their own room, in the last frame up to this time."""
        a, b, alpha = self._around(time_ns)
        return (b if alpha >= 1.0 else a).see_through

    def _around(self, time_ns: int) -> tuple[ShownFrame, ShownFrame, float]:
        """The frames before and after, and where between them."""
        after = bisect_left(self.frames, time_ns, key=lambda frame: frame.seen_ns)
        after = min(max(after, 1), len(self.frames) - 1)
        a, b = self.frames[max(after - 1, 0)], self.frames[after]
        return a, b, float(np.clip((time_ns - a.seen_ns) / max(b.seen_ns - a.seen_ns, 1), 0, 1))


def _rigid(model: F64, scale: float) -> F64:
    pose = model.copy()
    pose[:3, :3] /= scale
    return pose


def blend_pose(a: F64, b: F64, alpha: float) -> F64:
    """Rigid pose between two (4, 4): positions on a line, rotations on the shortest arc."""
    # A film is drawn when the session is over, and need not keep its first picture waiting.
    from scipy.spatial.transform import Rotation, Slerp

    pose = np.eye(4)
    pose[:3, 3] = (1 - alpha) * a[:3, 3] + alpha * b[:3, 3]
    turns = Slerp([0.0, 1.0], Rotation.from_matrix(np.stack([a[:3, :3], b[:3, :3]])))
    pose[:3, :3] = turns(alpha).as_matrix()
    return pose


def _between(a: Vector, b: Vector, alpha: float) -> Vector:
    x, y, z = ((1 - alpha) * one + alpha * two for one, two in zip(a, b, strict=True))
    return x, y, z
