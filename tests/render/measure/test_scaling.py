"""Every point is drawn as often as asked, and the curves come out as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from assets.progress import SilentProgress
from render.measure.plot import plot_scaling
from render.measure.scaling import Scaling, bench_scaling

SMALL = Scaling(counts=(200, 3200), distances=(0.5, 2.0), gaussians=800, size=(96, 64), stereo=True, frames=2)


def test_points_near_and_far_with_few_and_many(tmp_path: Path) -> None:
    figures = bench_scaling(SMALL, SilentProgress())
    few, many = figures["by_count"]
    near, far = figures["by_distance"]
    assert [point["gaussians"] for point in (few, many, near, far)] == [200, 3200, 800, 800]
    assert [point["distance_m"] for point in (few, many, near, far)] == [1.6, 1.6, 0.5, 2.0]
    assert figures["eyes"] == 2 and figures["frames"] == 2 and figures["machine"]["bytes_per_s"] > 0
    assert all(0 < point["frame_ms"]["p50"] <= point["frame_ms"]["p95"] for point in (few, many, near, far))
    # More of them move more, and so does what fills more of the picture.
    assert few["floor_ms"] < many["floor_ms"] and far["floor_ms"] < near["floor_ms"]

    plot_scaling(figures, tmp_path / "curves.png")
    picture = np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")).astype(int)
    assert picture.shape[1] > 900
    blue = np.abs(picture - (0x24, 0x58, 0xA6)).max(axis=2) < 30
    half = picture.shape[1] // 2
    assert blue[:, :half].sum() > 300 and blue[:, half:].sum() > 300, "a curve in each half"
