"""The bench gives every figure that its readers look for, and really runs every stage in every frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.progress import SilentProgress
from render.measure.bench import BenchWork, bench_render, frame_cpu
from render.measure.cloud import make_cloud
from render.measure.store import Choices
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS

STAGES = {"deform", "align", "lerp", "sort", "project", "draw", "compose"}


def test_a_made_up_cloud() -> None:
    figures = bench_render(None, BenchWork(800, (96, 64), frames=3), SilentProgress())
    assert (figures["gaussians"], figures["width"], figures["height"], figures["frames"]) == (800, 96, 64, 3)
    assert figures["eyes"] == 1
    assert 0 < figures["frame_ms"]["p50"] <= figures["frame_ms"]["p95"]
    assert 0 < figures["cpu_ms"]["p50"] <= figures["cpu_ms"]["p99"]
    assert 0 < figures["main_thread_ms"]["p50"] <= figures["main_thread_ms"]["p99"]
    assert 0 < figures["processor_ms"]["p50"] <= figures["processor_ms"]["p95"]
    assert figures["gl"]["renderer"]
    assert set(figures["stages"]) >= STAGES
    assert all(figures["stages"][name].keys() == {"ms"} for name in STAGES)
    assert all(figures["stages"][name]["ms"] > 0 for name in STAGES)


def test_every_stage_beside_its_floor() -> None:
    mono = bench_render(None, BenchWork(800, (96, 64), frames=2, stages=True), SilentProgress())
    stereo = bench_render(None, BenchWork(800, (96, 64), stereo=True, frames=2, stages=True), SilentProgress())
    assert stereo["eyes"] == 2 and mono["stage_clock"] in ("finish", "query")
    assert mono["machine"]["bytes_per_s"] > 1e6 and mono["machine"]["fragments_per_s"] > 1e6
    for figures in (mono, stereo):
        for stage in figures["stages"].values():
            assert stage["ms"] == stage[f"{figures['stage_clock']}_ms"]
            assert stage["bytes"] > 0 and stage["floor_ms"] >= 0
    # What is shared by the eyes moves as much; what each eye has of its own, twice: the latter of 52 + 24 bytes.
    for name, times in {"lerp": 1, "sort": 1, "project": 100 / 76}.items():
        assert stereo["stages"][name]["bytes"] == pytest.approx(times * mono["stages"][name]["bytes"]), name


def test_an_avatar_and_a_prefix_of_it() -> None:
    avatar = make_cloud(600, degree=1)
    assert bench_render(avatar, BenchWork(size=(64, 64), frames=2), SilentProgress())["gaussians"] == 600
    figures = bench_render(avatar, BenchWork(200, (64, 64), frames=2), SilentProgress())
    assert figures["gaussians"] == 200 and figures["stages"]["colour"]["ms"] > 0


def test_two_rasterisers_in_turn(tmp_path: Path) -> None:
    choices = tmp_path / "choices.json"
    work = BenchWork(800, (96, 64), frames=3, rasterisers=RASTERISERS)
    figures = bench_render(None, work, SilentProgress(), Choices(choices))
    assert set(figures["rasterisers"]) == set(RASTERISERS)
    for times in figures["rasterisers"].values():
        assert 0 < times["frame_ms"]["p50"] <= times["frame_ms"]["p95"]
        assert times["stages"]["draw"]["ms"] > 0
    assert figures["chosen"] in RASTERISERS and choices.exists()
    assert figures["gaussians"] == 800 and "frame_ms" not in figures


def test_our_own_time_in_a_frame_is_told_for_both_eyes(gl: Offscreen) -> None:
    times = frame_cpu(gl.ctx, stereo=True)
    assert 0 < times["p50"] <= times["p99"]
