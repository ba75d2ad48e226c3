"""What each thing that may be left out of a picture costs the picture, and what it gives the frame.

Pictures of both eyes from several places are compared with those in which nothing is left out. Frames are timed with
all options in turn, one frame each, so that what else the machine does falls on all alike; a ratio is the median over
the rounds, each against that round's frame with nothing left out. A software GPU's frame is timed by what the process
had of the processors: other load does not stretch that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.progress import Progress
from render.gl.context import is_software
from render.measure.walk import Walk, around, eyes_of, middle_of
from render.measure.witness import with_limits
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen
from render.raster.rasteriser import Rasteriser, RasteriserName, candidates, make_rasteriser
from render.renderer import AvatarRenderer
from render.stages.facing import FACING_LIMITS
from render.stages.project import DESKTOP, HEADSET, ProjectOptions, Projector
from render.view import look_at_pose

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

NOTHING: Final = "nothing left out"
OPTIONS: Final[Mapping[str, ProjectOptions]] = {
    NOTHING: ProjectOptions(),
    "ends at sqrt 8": ProjectOptions(deviations=8**0.5),
    "ends at sqrt 5": ProjectOptions(deviations=5**0.5),
    "contribution 0.5 px": ProjectOptions(contribution=0.5),
    "contribution 1 px": ProjectOptions(contribution=1.0),
    "contribution 3 px": ProjectOptions(contribution=3.0),
    "contribution 0.5 px, fovea 40 degrees": ProjectOptions(contribution=0.5, fovea=math.radians(40)),
    "smallest 0.8 px": ProjectOptions(smallest_px=0.8),
    "hidden, margin 0": ProjectOptions(hidden=0.0),
    "hidden, margin 0.1": ProjectOptions(hidden=0.1),
    "hidden, margin 0.2": ProjectOptions(hidden=0.2),
    "as on a desktop": DESKTOP,
    "as in a headset": HEADSET,
}
LOOKS: Final = {
    "front": (1.6, 0.0, False), "side": (1.6, 90.0, False), "back": (1.6, 200.0, False), "near": (1.0, 30.0, False),
    "face": (0.5, 10.0, True), "far": (4.0, 320.0, False),
}  # fmt: skip
"""Metres, degrees around the avatar, whether the face is looked at and not the middle."""
_BACKGROUND: Final = (0.5, 0.5, 0.5, 1.0)


def bench_culling(avatar: Avatar, size: tuple[int, int], frames: int, progress: Progress) -> dict[str, Any]:
    """Measure OPTIONS on `avatar` in two pictures of `size` pixels, timing `frames` frames of each.

    Returns options.NAME.{psnr_db.{least,median,avatar},kept,pairs,frame.RASTERISER}: decibels against NOTHING over all
    LOOKS and both eyes (`avatar`: the least over the pixels that the avatar covers alone), the shares of Gaussians that
    are projected and of the tiles that they touch, and the frame's time as a share of NOTHING's; decibels are None
    where pictures are the same. Also gaussians, width, height, gl.renderer.
    """
    with Offscreen() as offscreen:
        if FACING_LIMITS not in avatar.tensors:
            avatar = with_limits(offscreen.ctx, avatar, progress)
        targets = [offscreen.target(*size) for _ in range(2)]
        renderer = AvatarRenderer(offscreen.ctx, avatar)
        trials = {name: _Trial(renderer, options, offscreen.ctx) for name, options in OPTIONS.items()}
        steps = len(trials) * (1 + len(candidates(offscreen.ctx)) * (frames + 1))
        with progress.step("Leaving things out", steps) as step:
            rows, reference = {}, None
            for name, trial in trials.items():
                shots = _shots(offscreen, renderer, trial, avatar, targets)
                reference = reference or shots
                rows[name] = _compared(shots, reference)
                step.advance()
            for rasteriser in candidates(offscreen.ctx):
                took = _timed(offscreen.ctx, renderer, trials, rasteriser, Walk(renderer, avatar, *targets), frames)
                for name, row in rows.items():
                    row.setdefault("frame", {})[rasteriser] = _ratio(took[name], took[NOTHING])
                step.advance(len(trials) * (frames + 1))
        device = offscreen.ctx.info["GL_RENDERER"]
    return {
        "options": rows,
        "gaussians": renderer.gaussians,
        "width": size[0],
        "height": size[1],
        "gl": {"renderer": device},
    }


class _Trial:
    """One set of options, ready to take its place in the renderer."""

    def __init__(self, renderer: AvatarRenderer, options: ProjectOptions, ctx: moderngl.Context) -> None:
        self.projector: Projector = renderer.make_projector(options)
        self.rasterisers: dict[RasteriserName, Rasteriser] = {
            name: make_rasteriser(name, ctx, renderer.gaussians, options.deviations) for name in candidates(ctx)
        }

    def use(self, renderer: AvatarRenderer, rasteriser: RasteriserName) -> None:
        renderer.projector, renderer.rasteriser = self.projector, self.rasterisers[rasteriser]


@dataclass(frozen=True)
class _Shots:
    """What one set of options draws."""

    pictures: list[U8]
    kept: int
    pairs: int


def _shots(
    offscreen: Offscreen,
    renderer: AvatarRenderer,
    trial: _Trial,
    avatar: Avatar,
    targets: Sequence[moderngl.Framebuffer],
) -> _Shots:
    trial.use(renderer, "tiles")
    key = _talking(avatar)
    renderer.set_keys(key, key)
    middle, pictures, kept, pairs = middle_of(avatar), [], 0, 0
    face = middle + np.array((0.0, 0.34 * float(np.ptp(avatar.mesh.vertices[:, 1])), 0.0))
    for distance, degrees, at_face in LOOKS.values():
        target = face if at_face else middle
        head = look_at_pose(around(target, distance, math.radians(degrees)), target)
        views = eyes_of(head, target, [picture.size for picture in targets])
        renderer.draw(views, targets, head=head, model=np.eye(4), alpha=0.0, background=_BACKGROUND)
        pictures += [offscreen.read(picture) for picture in targets]
        bounds = np.frombuffer(trial.projector.bounds.read(), np.uint16).reshape(-1, 4).astype(np.int64)
        words = np.frombuffer(trial.projector.bounds.read(), np.uint32).reshape(-1, 2)
        seen = words[:, 0] <= words[:, 1]
        kept += int(seen.sum())
        pairs += int(((bounds[seen, 2] - bounds[seen, 0] + 1) * (bounds[seen, 3] - bounds[seen, 1] + 1)).sum())
    return _Shots(pictures, kept, pairs)


def _talking(avatar: Avatar) -> PoseKey:
    life = Performer(avatar).at(3.0)
    face = np.array([0.6 * (name in ("jawOpen", "mouthSmileLeft")) for name in avatar.expressions], np.float32)
    return PoseKey(1, face, skinning_matrices(avatar.skeleton, life.rotations, life.root))


def _compared(shots: _Shots, reference: _Shots) -> dict[str, Any]:
    pairs = list(zip(shots.pictures, reference.pictures, strict=True))
    whole = [psnr(a, b) for a, b in pairs]
    # The corner is the background's colour.
    avatar = [psnr(a[at], b[at]) for a, b in pairs if (at := (b != b[0, 0]).any(axis=2)).any()]
    figures = {"least": min(whole), "median": float(np.median(whole)), "avatar": min(avatar)}
    return {
        "psnr_db": {name: round(db, 1) if math.isfinite(db) else None for name, db in figures.items()},
        "kept": round(shots.kept / reference.kept, 3),
        "pairs": round(shots.pairs / reference.pairs, 3),
    }


def psnr(a: U8, b: U8) -> float:
    """Decibels between two 8-bit pictures, infinite where they are the same."""
    error = float(np.square(a.astype(np.float64) - b).mean())
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def _timed(
    ctx: moderngl.Context,
    renderer: AvatarRenderer,
    trials: Mapping[str, _Trial],
    rasteriser: RasteriserName,
    walk: Walk,
    frames: int,
) -> dict[str, list[float]]:
    clock = time.process_time if is_software(ctx) else time.perf_counter
    took: dict[str, list[float]] = {name: [] for name in trials}
    for _ in range(1 + frames):
        for name, trial in trials.items():
            trial.use(renderer, rasteriser)
            ctx.finish()
            start = clock()
            walk.frame()
            ctx.finish()
            took[name].append(clock() - start)
    return {name: times[1:] for name, times in took.items()}


def _ratio(times: list[float], reference: list[float]) -> float:
    return round(float(np.median(np.divide(times, reference))), 3)
