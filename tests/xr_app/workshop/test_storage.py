"""What a compact file loses is measured on pictures, and is little."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.container import load, save
from assets.progress import SilentProgress
from render.measure.subject import make_subject
from xr_app.workshop.standard_views import VIEWS
from xr_app.workshop.storage import LEAST_DB, MOST_BYTES, bench_storage


def test_a_compact_avatar_looks_like_the_full_one() -> None:
    subject = make_subject(4000, shapes=4, degree=2)
    figures = bench_storage([subject], 192, SilentProgress())["avatars"][subject.name]
    assert [view["view"] for view in figures["views"]] == list(VIEWS)
    assert figures["worst_db"] == min(view["on_avatar_db"] for view in figures["views"]) >= LEAST_DB
    assert figures["compact_bytes"] < 0.6 * figures["full_bytes"] < figures["fp32_bytes"]
    assert (figures["gaussians"], figures["harmonics"], figures["shapes"]) == (4000, 9, 8)
    arrays = {row["array"]: row for row in figures["arrays"]}
    alone = {name: row["alone_db"] for name, row in arrays.items() if row["alone_db"] is not None}
    assert {"offset", "rotation", "scale", "sh", "place_shapes", "light_shapes"} <= alone.keys()
    assert min(alone.values()) > figures["worst_db"] - 0.5, "no array alone loses more than all"
    # Deflated alone, arrays take about what they take in the file.
    assert 0.8 < sum(row["packed_bytes"] for row in arrays.values()) / figures["compact_bytes"] < 1.1
    assert arrays["offset"]["fp32_bytes"] == 4 * 3 * 4000
    assert arrays["place_shapes"]["fp32_bytes"] == 4 * 4 * 4000 * 3
    parts = {row["part"]: row for row in figures["parts"]}
    of_gaussians = ("triangle", "barycentric", "offset", "rotation", "scale", "opacity", "sh")
    assert parts["gaussians.safetensors"]["fp32_bytes"] == sum(arrays[name]["fp32_bytes"] for name in of_gaussians)
    assert figures["fp32_bytes"] == sum(part["fp32_bytes"] for part in parts.values())


def test_what_was_packed_before_is_told(tmp_path: Path) -> None:
    subject = make_subject(1000, shapes=1)
    save(subject, tmp_path / "a.avatar")
    figures = [
        bench_storage([a], 64, SilentProgress())["avatars"]["cloud"] for a in (subject, load(tmp_path / "a.avatar"))
    ]
    assert [found["packed_before"] for found in figures] == [False, True]
    assert figures[1]["worst_db"] > 60 and figures[0]["compact_bytes"] == pytest.approx(
        figures[1]["compact_bytes"], rel=1e-3
    )


def test_a_person_with_blend_shapes_fits(tmp_path: Path) -> None:
    """250,000 Gaussians with 28 shapes of places and 28 of light, by what 10,000 take."""
    count = 10_000
    save(make_subject(count, shapes=28), tmp_path / "a.avatar")
    assert (tmp_path / "a.avatar").stat().st_size / count * 250_000 < MOST_BYTES
