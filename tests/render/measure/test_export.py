"""What is written is what is drawn: read back by the format's own rules and compared with the float64 oracle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.importers.scene import read_cloud
from render.measure.cloud import make_cloud
from render.measure.export import PROPERTIES, at_rest, blended_as_others, display_values, write_ply
from tests.render import oracle


def columns(path: Path) -> NDArray[np.float64]:
    """(N, 17) by plain reading: the header names floats, which follow as they are."""
    head, _, body = path.read_bytes().partition(b"end_header\n")
    lines = head.decode("ascii").split("\n")
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    assert [line.split() for line in lines[3:-1]] == [["property", "float", name] for name in PROPERTIES]
    count = int(lines[2].removeprefix("element vertex "))
    return np.frombuffer(body, "<f4").reshape(count, len(PROPERTIES)).astype(np.float64)


def test_the_same_gaussians_come_back(tmp_path: Path, person: Avatar) -> None:
    write_ply(person, tmp_path / "person.ply")
    table = columns(tmp_path / "person.ply")
    state = oracle.align(person, person.mesh.vertices.astype(float))
    places, covariances = oracle.world(person, state, np.eye(4))
    assert np.abs(table[:, 0:3] - places).max() < 1e-6
    # Deviations and quaternions w x y z, as Kerbl et al. build a covariance from them: R S S^T R^T.
    w, x, y, z = (table[:, 13:17] / np.linalg.norm(table[:, 13:17], axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    axes = np.array(rows).transpose(2, 0, 1) * np.exp(table[:, 10:13])[:, None, :]
    error = np.abs(axes @ axes.transpose(0, 2, 1) - covariances).max(axis=(1, 2))
    assert (error < 1e-4 * np.abs(covariances).max(axis=(1, 2))).all()
    assert np.abs(1 / (1 + np.exp(-table[:, 9])) - person.gaussians.opacity).max() < 1e-5


def test_colours_are_display_values(tmp_path: Path) -> None:
    grey = make_cloud(200)
    linear = 0.2140411  # IEC 61966-2-1: half of full
    sh = np.full_like(grey.gaussians.sh, (linear - 0.5) / 0.28209479177387814)
    grey = replace(grey, gaussians=replace(grey.gaussians, sh=sh))
    write_ply(grey, tmp_path / "grey.ply")
    assert np.abs(columns(tmp_path / "grey.ply")[:, 6:9]).max() < 1e-5, "0.5 is a coefficient of zero"
    write_ply(blended_as_others(grey), tmp_path / "again.ply")
    assert (tmp_path / "again.ply").read_bytes() == (tmp_path / "grey.ply").read_bytes(), "converted once, not twice"


def test_only_what_looks_the_same_from_everywhere_is_kept(person: Avatar) -> None:
    assert person.gaussians.sh.shape[1] == 9
    assert blended_as_others(person).gaussians.sh.shape[1] == 1
    assert blended_as_others(blended_as_others(person)).blending == "display"


@pytest.mark.parametrize(("linear", "display"), [(0.0, 0.0), (1.0, 1.0), (0.0021, 0.027132), (0.2140411, 0.5)])
def test_srgb(linear: float, display: float) -> None:
    assert display_values(np.array([linear]))[0] == pytest.approx(display, abs=1e-5)


def test_our_own_reader_finds_the_same_cloud(tmp_path: Path, person: Avatar) -> None:
    write_ply(person, tmp_path / "person.ply")
    cloud = read_cloud(tmp_path / "person.ply")
    places, turns, sizes = at_rest(person)
    assert np.allclose(cloud.positions, places, atol=1e-6) and np.allclose(cloud.scales, sizes, rtol=1e-5)
    cosines = np.abs((np.roll(cloud.rotations, -1, axis=1) * turns.as_quat()).sum(axis=1))
    assert np.allclose(cosines, 1.0, atol=1e-6), "q and -q are the same rotation"
    assert np.allclose(cloud.opacities, person.gaussians.opacity, atol=1e-5)
    assert np.allclose(cloud.sh, blended_as_others(person).gaussians.sh, atol=1e-5)
