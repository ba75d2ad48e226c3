"""What old orders cost is measured against real pictures, and the renderer's thresholds keep it small."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.avatar import Avatar
from assets.progress import SilentProgress
from render.measure.acting import ACTS, Act, Scene
from render.measure.cloud import make_cloud
from render.measure.plot import plot_sorting
from render.measure.sort_quality import WANTED_DB, Case, figures_of, psnr_of_covered, sort_quality
from render.measure.walk import EYES_APART_M
from render.offscreen import Offscreen
from render.whereabouts import SortTrigger


@pytest.fixture(scope="module")
def body() -> Avatar:
    return make_cloud(12_000, degree=1)


@pytest.mark.parametrize(
    ("act", "seconds", "rate"), [("idle", 2.0, 18), ("talking", 2.0, 18), ("waving", 0.6, 72), ("walking", 0.6, 72)]
)
def test_an_old_order_looks_like_a_new_one(gl: Offscreen, body: Avatar, act: Act, seconds: float, rate: int) -> None:
    """The full measurement is `visavis bench sort`."""
    (case,) = sort_quality(body, SilentProgress(), seconds=seconds, rate=rate, side=128, acts=[act], distances=[1.2])
    figures = case.figures()
    print(act, figures)
    assert case.decibels[0] is None, "the first frame sorts"
    assert figures["psnr_db"]["min"] >= WANTED_DB
    assert figures["sorted_share"] <= {"idle": 0.2, "talking": 0.5, "waving": 0.99, "walking": 0.6}[act]


def test_an_order_that_never_changes_is_found_out(gl: Offscreen, body: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SortTrigger, "_stale", lambda *_: False)
    (case,) = sort_quality(body, SilentProgress(), seconds=2, rate=3, side=128, acts=["walking"], distances=[1.2])
    figures = case.figures()
    assert figures["psnr_db"]["min"] < 35 and figures["sorted_share"] == pytest.approx(1 / 6, abs=1e-3)


def test_scenes_are_told_apart(gl: Offscreen, body: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one, at rest, is not compared with the raised arm of the first."""
    monkeypatch.setattr(SortTrigger, "_stale", lambda *_: False)
    cases = sort_quality(body, SilentProgress(), seconds=1, rate=2, side=128, acts=["waving", "idle"], distances=[1.2])
    assert [case.decibels[0] for case in cases] == [None, None]
    assert cases[1].decibels[1] is not None and cases[1].decibels[1] > 40


def test_decibels_are_of_covered_pixels() -> None:
    a = np.zeros((2, 4, 4), np.uint8)
    b = a.copy()
    assert psnr_of_covered(a, b) == math.inf
    a[0, 0] = 100, 100, 100, 255
    b[0, 0] = 110, 110, 110, 255
    assert psnr_of_covered(a, b) == pytest.approx(20 * math.log10(25.5))
    b[1, 3, 3] = 1
    assert psnr_of_covered(a, b) == pytest.approx(20 * math.log10(25.5) + 10 * math.log10(2))


def test_figures_are_of_old_orders_alone(tmp_path: Path) -> None:
    cases = [Case("idle", 1.2, (None, 50.0, math.inf, 60.0)), Case("waving", 0.6, (None, None))]
    figures = figures_of(cases)
    mean = -10 * math.log10((1e-5 + 1e-6) / 3)
    assert figures["acts"]["idle"]["at_m"]["1.2"] == {
        "sorted_share": 0.25,
        "psnr_db": {"min": 50.0, "mean": round(mean, 2)},
    }
    assert figures["acts"]["waving"]["at_m"]["0.6"] == {"sorted_share": 1.0}
    assert figures["psnr_db"] == {"min": 50.0}
    plot_sorting(cases, 2, tmp_path / "curves.png")
    picture = np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")).astype(int)
    assert (np.abs(picture - (0xC2, 0x57, 0x1A)).max(axis=2) < 40).sum() > 50, "the nearer is blue, the farther orange"


def test_the_arm_swings_and_the_head_sways_and_walks(body: Avatar) -> None:
    hand = body.skeleton.names.index("hand_l")
    at_rest = np.append(body.skeleton.rest[hand, :3, 3], 1.0)

    def places(act: Act) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([(Scene(body, act, 1.2).keys(n / 20)[0].joints[hand] @ at_rest)[:3] for n in range(80)])

    assert np.ptp(places("idle"), axis=0).max() < 0.03
    waved = places("waving")
    assert np.ptp(waved[:, 1]) > 0.2, "the arm goes up"
    across = np.diff(np.sign(np.diff(waved[20:60, 0])))
    assert 3 <= np.count_nonzero(across) <= 5, "two swings in two seconds turn round four times"

    talking = [Scene(body, "talking", 1.2).keys(n / 20)[0].expression for n in range(80)]
    jaw = np.array([face[body.expressions.index("jawOpen")] for face in talking])
    assert jaw.max() > 0.2 and jaw.min() == 0.0

    heads = {act: np.array([Scene(body, act, 1.2).head(n / 20)[:3, 3] for n in range(80)]) for act in ACTS}
    assert 0.01 < np.linalg.norm(np.ptp(heads["idle"], axis=0)) < 0.1
    assert np.linalg.norm(np.diff(heads["walking"], axis=0), axis=1).mean() * 20 == pytest.approx(0.9, abs=0.1)
    left, right = Scene(body, "idle", 0.6).eyes(0.5, 64)
    assert np.linalg.norm(left.pose[:3, 3] - right.pose[:3, 3]) == pytest.approx(EYES_APART_M)
