"""The bench gives every figure that its readers look for, and really runs every stage in every frame."""

from __future__ import annotations

from pathlib import Path

from assets.progress import SilentProgress
from render.measure.bench import bench_render
from render.measure.cloud import make_cloud
from render.measure.store import Choices
from render.raster.rasteriser import RASTERISERS


def test_a_made_up_cloud() -> None:
    figures = bench_render(None, 800, 96, 64, 3, SilentProgress())
    assert (figures["gaussians"], figures["width"], figures["height"], figures["frames"]) == (800, 96, 64, 3)
    assert 0 < figures["frame_ms"]["p50"] <= figures["frame_ms"]["p95"]
    assert figures["gl"]["renderer"]
    wanted = {"deform", "align", "lerp", "sort", "project", "draw", "compose"}
    assert wanted <= set(figures["stages"])
    assert all(figures["stages"][name]["ms"] > 0 for name in wanted)


def test_an_avatar_and_a_prefix_of_it() -> None:
    avatar = make_cloud(600, degree=1)
    assert bench_render(avatar, None, 64, 64, 2, SilentProgress())["gaussians"] == 600
    figures = bench_render(avatar, 200, 64, 64, 2, SilentProgress())
    assert figures["gaussians"] == 200 and figures["stages"]["colour"]["ms"] > 0


def test_two_rasterisers_in_turn(tmp_path: Path) -> None:
    choices = tmp_path / "choices.json"
    figures = bench_render(None, 800, 96, 64, 3, SilentProgress(), RASTERISERS, Choices(choices))
    assert set(figures["rasterisers"]) == {"tiles", "quads"}
    for times in figures["rasterisers"].values():
        assert 0 < times["frame_ms"]["p50"] <= times["frame_ms"]["p95"]
        assert times["stages"]["draw"]["ms"] > 0
    assert figures["chosen"] in RASTERISERS and choices.exists()
    assert figures["gaussians"] == 800 and "frame_ms" not in figures
