"""The film of a talk: the recording drawn again at full level, both eyes side by side where it was seen through a
headset, with what was said as its sound.

The live session drew what a software GPU could hold; the film draws the same poses, faces and times through the same
`render/`, every Gaussian, at its own size and rate.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import moderngl
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.progress import Progress
from render.graph import StageCount
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.strokes import Strokes
from render.view import View
from xr_app.animator import Animator, FaceAt
from xr_app.encode import encoded
from xr_app.frame_log import FrameLog
from xr_app.panels.paint import PanelPainter

F32 = NDArray[np.float32]
Angles = tuple[float, float, float, float]
SOUND_RATE: Final = 48_000
WIDE: Final = 16 / 9
"""Of a film that was not seen through a headset."""


class Backdrop(Protocol):
    """What the cameras of a headset saw, where that is known."""

    def draw(self, view: View, target: moderngl.Framebuffer, time_ns: int) -> None:
        """Fill what is still transparent, as it was at this monotonic time."""
        ...


@dataclass(frozen=True)
class Look:
    """How a film shows what was seen through a headset."""

    zoom: float = 2.5
    """It shows the middle of what each eye sees, this much larger: a headset sees too wide for a screen."""
    eyes: int = 2
    """Both side by side, or the left one alone."""
    whole: bool = False
    """It begins with the first picture, not with the first question."""
    room: Callable[[moderngl.Context], Backdrop] | None = None
    """Makes what is around the avatar where the wearer saw their own room; the stage, if not given."""
    dark: Callable[[int], bool] = lambda time_ns: False
    """Whether nothing was shown to the wearer at a monotonic time; the film is dark then."""


USUAL: Final = Look()


@dataclass(frozen=True)
class Track:
    """One sound of the film: samples, (n,) or (n, 2), that began at a moment of the monotonic clock."""

    samples: F32
    sample_rate: int
    start_ns: int
    gain: float = 1.0


@dataclass(frozen=True)
class FilmFacts:
    """What was drawn; `sorted` of `frames` sorted the Gaussians anew."""

    gaussians: int
    width: int
    height: int
    fps: float
    frames: int
    sorted: int
    stages: dict[str, StageCount]


def draw_film(
    log: FrameLog,
    face_at: FaceAt,
    avatar: Avatar,
    tracks: list[Track],
    path: Path,
    *,
    begin_ns: int,
    end_ns: int,
    rows: int = 640,
    fps: float = 15.0,
    captions: str = "",
    look: Look = USUAL,
    progress: Progress,
) -> FilmFacts:
    """Draw `log` from begin to end and write `path` (H.264 and AAC in mp4).

    face_at: monotonic ns → (52,) face weights, as recorded. rows: pixels from bottom to top; each eye of a headset is a
    square. captions: SubRip, from `begin_ns` on. Raises FilmError.
    """
    count = max(int((end_ns - begin_ns) / 1e9 * fps), 1)
    with tempfile.TemporaryDirectory() as folder, progress.step("Film", total=count) as step:
        sound = Path(folder) / "sound.wav"
        soundfile.write(sound, mix(tracks, begin_ns, end_ns), SOUND_RATE)
        text = Path(folder) / "captions.srt" if captions else None
        if text is not None:
            text.write_text(captions, encoding="utf-8")
        painter = _Painter(log, face_at, avatar, rows, look)
        try:
            with encoded(path, painter.width, rows, fps, sound, text) as take:
                for number in range(count):
                    take(painter.picture(begin_ns + round(number * 1e9 / fps)))
                    step.advance()
        finally:
            facts = painter.facts(fps, count)
            painter.release()
    return facts


def mix(tracks: list[Track], begin_ns: int, end_ns: int) -> F32:
    """All tracks on one time line at 48 kHz, stereo: (n, 2) from begin to end, limited to -1 … 1."""
    out = np.zeros((round((end_ns - begin_ns) / 1e9 * SOUND_RATE), 2), np.float32)
    for track in tracks:
        samples = soxr.resample(track.samples, track.sample_rate, SOUND_RATE) * track.gain
        first = round((track.start_ns - begin_ns) / 1e9 * SOUND_RATE)
        a, b = max(first, 0), min(first + len(samples), len(out))
        if a < b:
            out[a:b] += samples[a - first : b - first].reshape(b - a, -1)
    return np.clip(out, -1.0, 1.0)


def _middle(fov: Angles, zoom: float) -> Angles:
    left, right, up, down = (math.atan(math.tan(angle) / zoom) for angle in fov)
    return left, right, up, down


def _widened(fov: Angles) -> Angles:
    """As high as a window's view and as wide as the film."""
    *_, up, down = fov
    across = math.atan((math.tan(up) - math.tan(down)) / 2 * WIDE)
    return -across, across, up, down


class _Painter:
    """Draws what was seen at any moment; owns its GL context."""

    def __init__(self, log: FrameLog, face_at: FaceAt, avatar: Avatar, rows: int, look: Look) -> None:
        self._log = log
        headset = len(log.frames[0].views) > 1
        views = look.eyes if headset else 1
        self._fov = partial(_middle, zoom=look.zoom) if headset else _widened
        self._eye = (rows if headset else round(WIDE * rows / 2) * 2, rows)
        self.width = views * self._eye[0]
        """Of the film, in pixels."""
        self._offscreen = Offscreen()
        self._renderer = AvatarRenderer(self._offscreen.ctx, avatar)
        self._ground = Ground(self._offscreen.ctx, avatar)
        self._strokes = Strokes(self._offscreen.ctx)
        self._room = look.room(self._offscreen.ctx) if look.room is not None else None
        self._dark = look.dark
        self._panels = PanelPainter(self._offscreen.ctx)
        self._animator = Animator(avatar, face_at, log.animation_start_ns, log.seed, log.score)
        self._targets = [self._offscreen.target(*self._eye) for _ in range(views)]
        self._sorted = 0

    def picture(self, time_ns: int) -> NDArray[np.uint8]:
        """(rows, width, 3) sRGB, left eye on the left, top row first."""
        width, height = self._eye
        if self._dark(time_ns):
            return np.zeros((height, self.width, 3), np.uint8)
        head, seen = self._log.views_at(time_ns)
        seen = seen[: len(self._targets)]
        views = tuple(View(pose=v.pose, fov=self._fov(v.fov), width=width, height=height) for v in seen)
        before, after, alpha = self._animator.around(time_ns)
        self._renderer.set_keys(before, after)
        model, veil = self._log.standing_at(time_ns)
        self._renderer.draw(views, self._targets, head=head, model=model, alpha=alpha, background=None, veil=veil)
        standing = Standing(model, before, after, alpha, veil.opacity, floor=float(model[1, 3]))
        self._strokes.draw(views, self._targets, self._log.strokes_at(time_ns), standing.middle)
        room = self._room if self._log.saw_through_at(time_ns) else None
        self._ground.draw(views, self._targets, standing, stage=room is None)
        shown = self._log.panels_at(time_ns)
        for view, target in zip(views, self._targets, strict=True):
            if room is not None:
                room.draw(view, target, time_ns)
            self._panels.draw(view, target, shown)
        self._sorted += self._renderer.sorted_last_frame
        return np.concatenate([self._offscreen.read(target)[..., :3] for target in self._targets], axis=1)

    def facts(self, fps: float, frames: int) -> FilmFacts:
        width, height = self._eye
        return FilmFacts(self._renderer.gaussians, width, height, fps, frames, self._sorted, dict(self._renderer.stats))

    def release(self) -> None:
        self._offscreen.ctx.release()
