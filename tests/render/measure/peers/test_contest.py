"""Turns, ratios and pictures of a contest, with peers that are played and with our own renderer as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assets.progress import SilentProgress
from render.errors import PeerError
from render.measure.bench import OPTIONS
from render.measure.cloud import make_cloud
from render.measure.export import blended_as_others
from render.measure.peers import contest as module
from render.measure.peers.contest import Contest, hold_contest
from render.measure.peers.ours import Ours
from render.measure.peers.peer import U8, Point, Scene
from render.motion.pose import rest_key
from render.view import look_at_view
from tests.render import oracle


class Player:
    """Says that every frame took `ms`, or fails."""

    def __init__(self, log: list[str], name: str, ms: float, fails: bool = False) -> None:
        self.log, self.name, self.ms, self.fails = log, name, ms, fails
        self.about: dict[str, object] = {"version": "1"}

    def settle(self, eye: Point) -> None: ...

    def time(self, eyes: Sequence[Point], **options: bool) -> list[float]:
        if self.fails:
            raise PeerError("It fell over; leave it out.")
        self.log.append(f"{self.name} {len(set(eyes))}/{len(eyes)}{' animated' if options.get('animated') else ''}")
        return [self.ms] * len(eyes)

    def processor_s(self) -> float:
        """Both processors at work, in the frames that were logged."""
        return 2e-3 * self.ms * self.log.count(f"{self.name} 5/5") * 5

    def picture(self) -> U8:
        return np.full((48, 64, 3), 10 if self.name == "ours" else 20, np.uint8)

    def close(self) -> None:
        self.log.append(f"{self.name} ends")


def played(monkeypatch: pytest.MonkeyPatch, *failing: str) -> list[str]:
    """Let everyone in the contest be played; gives the log of what they did."""
    log: list[str] = []

    def maker(name: str, ms: float) -> Callable[[Scene], Player]:
        return lambda scene: Player(log, name, ms, name in failing)

    makers = {"spark": maker("spark", 300.0), "gsplatjs": maker("gsplatjs", 250.0)}
    monkeypatch.setattr(module, "_install", lambda *_: makers)
    monkeypatch.setattr(module, "Ours", lambda *_: Player(log, "ours", 100.0))
    return log


def hold(tmp_path: Path) -> dict[str, Any]:
    contest = Contest(("spark", "gsplatjs"), 300, (64, 48), 10)
    return hold_contest(contest, tmp_path / "peers", tmp_path / "pictures", SilentProgress())


def test_turns_and_ratios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = played(monkeypatch)
    figures = hold(tmp_path)
    turn = ["ours 5/5 animated", "ours 5/5", "ours 1/2"]
    meetings = [*turn, "spark 5/5", "spark 1/2", *turn, "gsplatjs 5/5", "gsplatjs 1/2"]
    assert log == ["ours 1/1 animated", *meetings * 2, "gsplatjs ends", "spark ends", "ours ends"]
    assert figures["frame_ms"] == figures["animated_ms"] == {"p50": 100.0, "p95": 100.0}
    spark = figures["peers"]["spark"]
    assert (spark["ratio"], spark["still_ratio"], spark["frame_ms"]["p50"]) == (3.0, 3.0, 300.0)
    assert (spark["processor_ratio"], spark["processor_ms"]["p50"]) == (3.0, 600.0)
    assert figures["peers"]["gsplatjs"]["ratio"] == 2.5 and figures["frames"] == 10
    assert spark["picture_db"] == pytest.approx(20 * np.log10(255 / 10), abs=0.01)
    assert np.asarray(Image.open(tmp_path / "pictures" / spark["picture"])).shape == (48, 64, 3)
    assert (tmp_path / "pictures" / figures["picture"]).exists()


def test_one_that_fails_does_not_end_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = played(monkeypatch, "spark")
    figures = hold(tmp_path)
    assert figures["peers"]["spark"] == {"error": "It fell over; leave it out."}
    assert figures["peers"]["gsplatjs"]["ratio"] == 2.5
    assert {"spark ends", "gsplatjs ends", "ours ends"} <= set(log)


def test_an_unknown_peer_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=r"no peer 'unreal'; name some of mkkellogg"):
        hold_contest(Contest(("unreal",)), tmp_path / "peers", tmp_path, SilentProgress())
    assert not (tmp_path / "peers").exists()


def test_what_we_draw_there_is_right(tmp_path: Path) -> None:
    """The contest's own settings, smaller: the cloud, the height of the view, sqrt(8) deviations, display values."""
    avatar = blended_as_others(make_cloud(20_000))
    scene = Scene(tmp_path / "none.ply", 640, 360, 60.0, (0.0, 1.05, 0.0))
    eye = (0.3, 1.2, 1.55)
    ours = Ours(avatar, scene, "tiles", OPTIONS)
    try:
        ours.time([eye], animated=True)
        picture = ours.picture()
    finally:
        ours.close()
    view = look_at_view(eye, scene.centre, scene.fov, scene.width, scene.height)
    state = oracle.align(avatar, oracle.deform(avatar, rest_key(avatar)))
    places, covariances = oracle.world(avatar, state, np.eye(4))
    centres, flat, depth = oracle.project(view, places, covariances)
    order = np.argsort(np.linalg.norm(places - eye, axis=1), kind="stable")
    colours = oracle.colours(avatar, state, np.eye(4), np.array(eye))
    opacity = avatar.gaussians.opacity.astype(float)
    wanted = oracle.composite(view, centres, flat, opacity, colours, order[depth[order] > 0.05])
    wanted = np.rint(wanted[::-1, :, :3].clip(0, 1) * 255).astype(np.uint8)
    decibels = oracle.psnr(picture, wanted)
    print(f"{decibels:.1f} dB")
    assert decibels >= 40
