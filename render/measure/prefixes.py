"""What is lost where only the most important Gaussians of an avatar are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from assets.avatar import Avatar
from render.measure.losses import DISTANCES_M, losses

SHARES: Final = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4)


def measure_prefixes(avatar: Avatar, size: int, distances: Sequence[float] = DISTANCES_M) -> list[dict[str, Any]]:
    """Decibels between the picture of each prefix and that of the whole, by metres away, on the pixels that either
    touches: the levels of `avatar` and some shares of it, fewest first. Pictures are `size` pixels wide and high, over
    90 degrees."""
    whole = len(avatar.gaussians)
    wanted = sorted({*avatar.levels, *(round(share * whole) for share in SHARES)} - {0, whole})
    rows: dict[int, dict[str, Any]] = {
        count: {"gaussians": count, "share": count / whole, "level": count in avatar.levels, "psnr_db": {}}
        for count in wanted
    }
    for loss in losses(replace(avatar, levels=tuple(wanted)), size, distances, scales=(1.0,), rounds=0):
        if loss.quality.gaussians in rows:
            rows[loss.quality.gaussians]["psnr_db"][f"{loss.distance:g} m"] = round(loss.psnr, 2)
    return list(rows.values())
