"""What a portrait frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets.avatar import Avatar, rest_deviations
from assets.importers.scene import read_scene
from tests.assets.importers import writers
from xr_app.errors import OptionError
from xr_app.portrait import portrait, standing_view


@pytest.fixture
def scene(tmp_path: Path) -> Avatar:
    (tmp_path / "a.ply").write_bytes(writers.ply(writers.made_up(200)))
    return read_scene(tmp_path / "a.ply")


def test_large_gaussians_are_not_cut_off_at_the_edges(scene: Avatar) -> None:
    gaussians = scene.gaussians
    large = replace(scene, gaussians=replace(gaussians, scale=np.full_like(gaussians.scale, 0.4)))
    for angle in (0, 90):
        picture = portrait(large, aim="body", distance=None, size=96, angle=angle)[..., :3].astype(int)
        edges = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert np.abs(edges - picture[0, 0]).max() < 12 < np.ptp(picture)


def test_small_ones_fill_the_picture(scene: Avatar) -> None:
    near, far = (
        standing_view(
            replace(scene, gaussians=replace(scene.gaussians, scale=size * scene.gaussians.scale)), "body", None, 0, 64
        )
        for size in (0.01, 20)
    )
    assert np.linalg.norm(near.pose[:3, 3]) < np.linalg.norm(far.pose[:3, 3])


def test_deviations_are_metres(scene: Avatar) -> None:
    """A scene's triangle has edges of one metre."""
    np.testing.assert_allclose(rest_deviations(scene.mesh, scene.gaussians), scene.gaussians.scale, rtol=1e-6)


def test_a_scene_has_no_face_to_aim_at(scene: Avatar) -> None:
    with pytest.raises(OptionError, match="has none"):
        standing_view(scene, "face", None, 0, 64)
