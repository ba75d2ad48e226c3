"""Every renderer draws the same cloud from the same places, in turn within one run.

Ours draws a few frames before each of the others does, round after round, so that whatever else the machine does falls
on both alike; a peer's ratio is the median, over the rounds, of its time by ours just before. Views walk around the
cloud by two degrees a frame. Nothing is animated, since the others cannot; what moving the body would add to ours is
told apart, and so are frames of a still view (ours then shows its finished picture again). Where the processor draws,
what each had of it tells more than the clock on the wall, which other load stretches; both are told.
"""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from assets.progress import Progress, Step
from render.errors import PeerError
from render.measure.bench import GAUSSIANS, OPTIONS, quantile
from render.measure.cloud import make_cloud
from render.measure.export import blended_as_others, write_ply
from render.measure.peers.install import NAMES, WEB, find_chromium, install_open3d, install_web
from render.measure.peers.open3d_peer import Open3DPeer
from render.measure.peers.ours import Ours
from render.measure.peers.peer import U8, Peer, Point, Scene
from render.measure.peers.web import WebPeer
from render.measure.walk import DISTANCE_M, FOV_DEGREES, around, middle_of
from render.raster.rasteriser import RasteriserName

STEP: Final = math.radians(2)
ROUND: Final = 5
"""Moving frames of each renderer in a round."""
STILL: Final = 2
_OURS: Final = "ours"


@dataclass(frozen=True)
class Contest:
    """What is drawn, by whom, and how often."""

    names: Sequence[str] = NAMES
    gaussians: int = GAUSSIANS
    size: tuple[int, int] = (1280, 720)
    frames: int = 30
    """Moving frames of each renderer, in whole rounds."""
    rasteriser: RasteriserName = "tiles"


@dataclass
class _Times:
    moving: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    animated: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    still_ratios: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    processor_ratios: list[float] = field(default_factory=list)


def hold_contest(contest: Contest, folder: Path, pictures: Path, progress: Progress) -> dict[str, Any]:
    """Install what is missing into `folder`, draw, and save what each drew into `pictures`, a PNG each.

    Returns our frame_ms, still_ms, animated_ms and processor_ms (of all processors, in one moving frame), {p50, p95} of
    each; peers.NAME.{version, gl, splats, frame_ms, still_ms, processor_ms, ratio, still_ratio, processor_ratio,
    picture, picture_db}, the last against our picture; a peer that failed has `error` alone. Raises PeerError where a
    name is unknown or something cannot be installed.
    """
    for name in contest.names:
        if name not in NAMES:
            raise PeerError(f"There is no peer {name!r}; name some of {', '.join(NAMES)}.")
    rounds = -(-contest.frames // ROUND)
    with ExitStack() as stack, progress.step("Peers", len(contest.names) * (rounds + 1)) as step:
        makers = _install(contest.names, folder, step)
        avatar = blended_as_others(make_cloud(contest.gaussians))
        cloud = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="visavis-cloud-"))) / "cloud.ply"
        write_ply(avatar, cloud)
        x, y, z = middle_of(avatar).tolist()
        scene = Scene(cloud, *contest.size, FOV_DEGREES, (x, y, z))
        ours = Ours(avatar, scene, contest.rasteriser, OPTIONS)
        stack.callback(ours.close)
        ours.settle(_eye(scene, 0))
        ours.time([_eye(scene, -1)], animated=True)
        peers: dict[str, Peer] = {}
        failed: dict[str, str] = {}
        for name in contest.names:
            step.say(f"starting {name}")
            with _noting(failed, name):
                peers[name] = makers[name](scene)
                stack.callback(peers[name].close)
                peers[name].settle(_eye(scene, 0))
            step.advance()
        times: dict[str, _Times] = defaultdict(_Times)
        for number in range(rounds):
            eyes = [_eye(scene, number * ROUND + frame + 1) for frame in range(ROUND)]
            for name, peer in peers.items():
                step.say(f"round {number + 1}, {name}")
                if name not in failed:
                    with _noting(failed, name):
                        _meet(ours, peer, eyes, times[_OURS], times[name])
                step.advance()
        last = _eye(scene, 0)
        pictures.mkdir(parents=True, exist_ok=True)
        ours.settle(last)
        reference = _save(ours.picture(), pictures / f"{_OURS}.png")
        figures = {}
        for name, peer in peers.items():
            if name in failed:
                continue
            with _noting(failed, name):
                peer.settle(last)
                file = pictures / f"{name}.png"
                decibels = _psnr(_save(peer.picture(), file), reference)
                figures[name] = {**peer.about, **_figures(times[name]), "picture": file.name, "picture_db": decibels}
        return {
            **_figures(times[_OURS]),
            **ours.about,
            "gaussians": contest.gaussians,
            "width": scene.width,
            "height": scene.height,
            "frames": rounds * ROUND,
            "picture": f"{_OURS}.png",
            "peers": figures | {name: {"error": why} for name, why in failed.items()},
        }


class _Maker:
    """Starts a peer once the scene is known."""

    def __init__(self, name: str, folder: Path, step: Step) -> None:
        self._name = name
        if name in WEB:
            self._program, self._modules = find_chromium(), install_web(folder / "web", step)
        else:
            self._program = install_open3d(folder / "open3d", step)

    def __call__(self, scene: Scene) -> Peer:
        if self._name not in WEB:
            return Open3DPeer(self._program, scene)
        viewer = WEB[self._name]
        peer = WebPeer(self._name, self._program, self._modules, viewer.imports, scene)
        peer.about["version"] = viewer.version
        return peer


def _install(names: Sequence[str], folder: Path, step: Step) -> dict[str, _Maker]:
    return {name: _Maker(name, folder, step) for name in names}


@contextmanager
def _noting(failed: dict[str, str], name: str) -> Iterator[None]:
    """One peer's failure does not end the others' contest."""
    try:
        yield
    except PeerError as error:
        failed[name] = str(error)


def _meet(ours: Ours, peer: Peer, eyes: list[Point], our_times: _Times, their_times: _Times) -> None:
    our_times.animated += ours.time(eyes, animated=True)
    moving, processor = _clocked(ours, eyes, our_times)
    still = ours.time([eyes[-1]] * STILL)
    our_times.still += still
    their_moving, their_processor = _clocked(peer, eyes, their_times)
    their_still = peer.time([eyes[-1]] * STILL)
    their_times.still += their_still
    their_times.ratios.append(float(np.median(their_moving) / np.median(moving)))
    their_times.still_ratios.append(float(np.median(their_still) / np.median(still)))
    if processor and their_processor:
        their_times.processor_ratios.append(their_processor / processor)


def _clocked(peer: Peer, eyes: list[Point], times: _Times) -> tuple[list[float], float | None]:
    """Milliseconds of each moving frame, and of the processors' time in one of them."""
    before = peer.processor_s()
    moving = peer.time(eyes)
    after = peer.processor_s()
    times.moving += moving
    if before is None or after is None:
        return moving, None
    times.processor.append((after - before) * 1e3 / len(eyes))
    return moving, times.processor[-1]


def _eye(scene: Scene, frame: int) -> Point:
    x, y, z = around(np.array(scene.centre), DISTANCE_M, frame * STEP).tolist()
    return x, y, z


def _figures(times: _Times) -> dict[str, Any]:
    kinds = {
        "frame_ms": times.moving,
        "still_ms": times.still,
        "animated_ms": times.animated,
        "processor_ms": times.processor,
    }
    figures: dict[str, Any] = {
        name: {"p50": quantile(ms, 0.5), "p95": quantile(ms, 0.95)} for name, ms in kinds.items() if ms
    }
    ratios = {"ratio": times.ratios, "still_ratio": times.still_ratios, "processor_ratio": times.processor_ratios}
    return figures | {name: quantile(values, 0.5) for name, values in ratios.items() if values}


def _save(picture: U8, file: Path) -> U8:
    Image.fromarray(picture).save(file)
    return picture


def _psnr(a: U8, b: U8) -> float:
    error = float(np.square(a.astype(np.float64) - b).mean())
    return round(10 * math.log10(255**2 / max(error, 1e-9)), 2)
