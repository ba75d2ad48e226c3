"""The bench of what may be left out: every figure is there and tells the options apart."""

from __future__ import annotations

import numpy as np
import pytest

from assets.progress import SilentProgress
from render.measure.cloud import make_cloud
from render.measure.culling import NOTHING, OPTIONS, bench_culling, psnr
from render.raster.rasteriser import RASTERISERS


def test_every_option_has_its_loss_and_its_gain() -> None:
    figures = bench_culling(make_cloud(3000), (128, 128), 2, SilentProgress())
    assert (figures["gaussians"], figures["width"], figures["height"]) == (3000, 128, 128)
    rows = figures["options"]
    assert rows.keys() == OPTIONS.keys()
    for name, row in rows.items():
        print(name, row)
        assert {"tiles", "quads"} <= set(row["frame"]) <= set(RASTERISERS) and all(
            ratio > 0 for ratio in row["frame"].values()
        )
        assert 0 < row["kept"] <= 1 and 0 < row["pairs"] <= 1
    nothing = rows[NOTHING]
    assert nothing["psnr_db"] == {"least": None, "median": None, "avatar": None}
    assert (nothing["kept"], nothing["pairs"], nothing["frame"]["tiles"]) == (1.0, 1.0, 1.0)
    tight, wide = rows["ends at sqrt 5"], rows["ends at sqrt 8"]
    assert tight["psnr_db"]["least"] < wide["psnr_db"]["least"] and tight["pairs"] < wide["pairs"] < 1
    hidden = rows["hidden, margin 0.1"]
    assert hidden["kept"] < 0.85 and hidden["psnr_db"]["least"] >= 45
    faint, fainter = rows["contribution 3 px"], rows["contribution 0.5 px"]
    assert faint["kept"] < fainter["kept"]
    assert rows["contribution 0.5 px, fovea 40 degrees"]["kept"] < fainter["kept"]
    for row in rows.values():
        least, avatar = row["psnr_db"]["least"], row["psnr_db"]["avatar"]
        assert least is None or avatar < least, "the background flatters"


def test_psnr() -> None:
    black, grey = np.zeros((2, 2, 4), np.uint8), np.full((2, 2, 4), 51, np.uint8)
    assert psnr(black, black) == np.inf
    assert psnr(black, grey) == pytest.approx(20 * np.log10(5))
