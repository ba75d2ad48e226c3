"""Fewer Gaussians, less like the whole."""

from __future__ import annotations

from dataclasses import replace

from render.measure.cloud import make_cloud
from render.measure.prefixes import SHARES, measure_prefixes


def test_longer_prefixes_are_nearer_to_the_whole() -> None:
    rows = measure_prefixes(replace(make_cloud(3200), levels=(500, 2000)), 128, distances=(1.0, 2.0))
    assert [row["gaussians"] for row in rows] == sorted({500, 2000, *(round(share * 3200) for share in SHARES)})
    assert [row["gaussians"] for row in rows if row["level"]] == [500, 2000]
    for distance in ("1 m", "2 m"):
        decibels = [row["psnr_db"][distance] for row in rows]
        assert decibels[-1] > decibels[len(rows) // 2] > decibels[0] > 5
