"""Fewer Gaussians, less like the whole: measured near and far, and drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.avatar import Avatar
from assets.progress import SilentProgress
from render.measure.cloud import make_cloud
from xr_app.portrait import portrait
from xr_app.workshop.levels import SHARES, bench_levels, measure_levels
from xr_app.workshop.standard_views import VIEWS, picture_loss, pictures_by_level

COUNT = 3200


@pytest.fixture(scope="module")
def person() -> Avatar:
    return replace(make_cloud(COUNT), levels=(500, 2000))


def test_longer_prefixes_are_nearer_to_the_whole(person: Avatar) -> None:
    rows = measure_levels(person, 128)
    assert [row["gaussians"] for row in rows] == sorted({500, 2000, *(round(share * COUNT) for share in SHARES)})
    assert [row["gaussians"] for row in rows if row["level"]] == [500, 2000]
    for view in VIEWS:
        decibels = [row["on_avatar_db"][view] for row in rows]
        assert decibels[-1] > decibels[len(rows) // 2] > decibels[0] > 5


def test_every_level_is_drawn_as_on_its_own(person: Avatar) -> None:
    counts = [COUNT, 500, 2000]
    for count, pictures in zip(counts, pictures_by_level(person, VIEWS, 96, counts), strict=True):
        for name, view in VIEWS.items():
            size = 96 // view.get("smaller", 1)
            where = {key: view[key] for key in ("aim", "distance", "angle")}
            alone = portrait(person, size=size, gaussians=count, **where)[..., :3]
            # Gaussians as deep as each other may lie otherwise.
            assert picture_loss(pictures[name], alone)["on_avatar_db"] > 40, (count, name)
            assert np.ptp(alone) > 100


def test_a_bench_of_two_draws_two_panels(person: Avatar, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="curves are drawn with the extra bench")
    file = tmp_path / "levels.png"
    figures = bench_levels({"one": person, "two": replace(person, levels=())}, 64, file, SilentProgress())
    assert list(figures["people"]) == ["one", "two"] and figures["people"]["one"]["gaussians"] == COUNT
    assert not any(row["level"] for row in figures["people"]["two"]["prefixes"])
    with Image.open(file) as picture:
        assert picture.width > 2 * picture.height * 0.9
        colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) > 20
