"""What sorting only now and then costs the picture: a renderer that sorts by its threshold against one that sorts in
every frame, in the scenes of acting.py.

Both draw the same frames for two eyes. Decibels are of the pixels that the avatar covers, before nothing: what is
around it would only flatter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.progress import Progress
from render.measure.acting import ACTS, Act, Scene
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer

WANTED_DB: Final = 45.0
"""What the thresholds are set for (SORT_TURN and SORT_MOVE_M of renderer.py)."""
DISTANCES_M: Final = (0.6, 1.2, 2.0)
RATE_HZ: Final = 72
"""A headset's."""
_KEYS: Final = 1_000_000
"""More than a scene has."""
CLOUD: Final = 50_000
"""Gaussians of the made-up person that is judged beside an avatar."""


@dataclass(frozen=True)
class Case:
    """One act from one distance."""

    act: Act
    distance: float
    """Metres."""
    decibels: tuple[float | None, ...]
    """Of each frame, both eyes together: None where it was sorted, infinite where the old order drew the same."""

    def figures(self) -> dict[str, Any]:
        """psnr_db.{min,mean} of the frames whose order was old (mean error, then decibels), and sorted_share."""
        old = [decibels for decibels in self.decibels if decibels is not None]
        errors = [10 ** (-decibels / 10) for decibels in old]
        figures: dict[str, Any] = {"sorted_share": round(1 - len(old) / len(self.decibels), 4)}
        if any(errors):
            least, mean = -10 * math.log10(max(errors)), -10 * math.log10(sum(errors) / len(errors))
            figures["psnr_db"] = {"min": round(least, 2), "mean": round(mean, 2)}
        return figures


def sort_quality(
    avatar: Avatar,
    progress: Progress,
    *,
    seconds: float = 3.0,
    rate: int = RATE_HZ,
    side: int = 360,
    acts: Sequence[Act] = ACTS,
    distances: Sequence[float] = DISTANCES_M,
) -> list[Case]:
    """Draw every act from every distance for so many `seconds`, `rate` frames each, in square pictures of `side`."""
    frames = round(seconds * rate)
    cases = [(act, distance) for act in acts for distance in distances]
    with Offscreen() as offscreen, progress.step(f"Sorting {avatar.name}", len(cases) * frames) as step:
        lazy, eager = AvatarRenderer(offscreen.ctx, avatar), AvatarRenderer(offscreen.ctx, avatar)
        targets = [offscreen.target(side, side) for _ in range(2)]
        found = []
        for index, (act, distance) in enumerate(cases):
            scene = Scene(avatar, act, distance, first=index * _KEYS)
            lazy.sort_again()
            decibels: list[float | None] = []
            for number in range(frames):
                picture = _draw(lazy, scene, number / rate, targets, offscreen)
                if lazy.sorted_last_frame:
                    decibels.append(None)
                else:
                    eager.sort_again()
                    wanted = _draw(eager, scene, number / rate, targets, offscreen)
                    decibels.append(psnr_of_covered(picture, wanted))
                step.advance()
            found.append(Case(act, distance, tuple(decibels)))
    return found


def figures_of(cases: Sequence[Case]) -> dict[str, Any]:
    """acts.ACT.at_m.METRES.{sorted_share,psnr_db.{min,mean}}, and the least of all psnr_db."""
    acts: dict[str, Any] = {}
    for case in cases:
        acts.setdefault(case.act, {"at_m": {}})["at_m"][f"{case.distance:g}"] = case.figures()
    old = [decibels for case in cases for decibels in case.decibels if decibels is not None]
    least = min(old, default=math.inf)
    return {"acts": acts, **({"psnr_db": {"min": round(least, 2)}} if math.isfinite(least) else {})}


def _draw(
    renderer: AvatarRenderer,
    scene: Scene,
    time_s: float,
    targets: Sequence[moderngl.Framebuffer],
    offscreen: Offscreen,
) -> NDArray[np.uint8]:
    previous, following, alpha = scene.keys(time_s)
    renderer.set_keys(previous, following)
    renderer.draw(
        scene.eyes(time_s, targets[0].width),
        targets,
        head=scene.head(time_s),
        model=np.eye(4),
        alpha=alpha,
        background=None,
    )
    return np.stack([offscreen.read(target) for target in targets])


def psnr_of_covered(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Decibels between the colours of two pictures (..., 4) where either covers anything; infinite where they are the
    same."""
    covered = (a[..., 3] > 0) | (b[..., 3] > 0)
    difference = a[covered, :3].astype(np.int32) - b[covered, :3]
    error = float(np.square(difference).mean()) if covered.any() else 0.0
    return 10 * math.log10(255**2 / error) if error else math.inf
