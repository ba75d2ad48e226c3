"""Every format gives back the Gaussians that were written into it, as finely as it keeps them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets.errors import AvatarError
from assets.importers.scene import read_cloud, read_scene
from tests.assets.importers import writers
from tests.assets.importers.writers import Scene, made_up

OTHERS = Path(__file__).parent.parent.parent / "data" / "splats"
FORMATS: dict[str, tuple[Callable[[Scene], bytes], str, float]] = {
    "ply": (writers.ply, ".ply", 1e-5),
    "ply, big-endian": (lambda s: writers.ply(s, layout="binary_big_endian"), ".ply", 1e-5),
    "ply, ascii": (lambda s: writers.ply(s, layout="ascii"), ".ply", 1e-5),
    "compressed ply": (writers.compressed_ply, ".ply", 0.004),
    "compressed ply, old": (lambda s: writers.compressed_ply(s, colours=False), ".ply", 0.004),
    "splat": (writers.splat, ".splat", 0.016),
    "spz 1": (lambda s: writers.spz(s, 1), ".spz", 0.1),
    "spz 2": (lambda s: writers.spz(s, 2), ".spz", 0.1),
    "spz 3": (lambda s: writers.spz(s, 3), ".spz", 0.003),
    "spz 4": (lambda s: writers.spz(s, 4), ".spz", 0.003),
}
"""Writer, suffix, and how far the parts of a quaternion may be off (most where the fourth follows from three)."""


def written(tmp_path: Path, name: str, scene: Scene) -> Path:
    write, suffix, _ = FORMATS[name]
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(write(scene))
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_comes_back(tmp_path: Path, name: str) -> None:
    scene = made_up(600)
    if name in ("compressed ply, old", "splat"):
        scene = replace(scene, sh=scene.sh.clip(-1.7, 1.7))  # bytes of colour end at 0 and 1
    cloud = read_cloud(written(tmp_path, name, scene))
    spz = name.startswith("spz")
    flip = np.array((1, -1, -1)) if spz else np.ones(3)
    assert cloud.y_up == spz
    np.testing.assert_allclose(cloud.positions * flip, scene.positions, atol=0.003)
    np.testing.assert_allclose(cloud.scales, scene.scales, rtol=0.035)
    np.testing.assert_allclose(cloud.opacities, scene.opacities, atol=1 / 254)
    turns = _unit(cloud.rotations * (1, 1, *flip[1:]))
    turns *= np.sign((turns * scene.rotations).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(turns, scene.rotations, atol=FORMATS[name][2])
    np.testing.assert_allclose(cloud.sh[:, 0], scene.sh[:, 0], atol=0.015)
    if name == "splat":
        assert cloud.sh.shape[1] == 1
    elif not spz:
        np.testing.assert_allclose(cloud.sh[:, 1:], scene.sh[:, 1:], atol=0.017)
    else:
        signs = [-1, -1, 1, -1, 1, 1, -1, 1, -1, 1, -1, -1, 1, -1, 1]
        np.testing.assert_allclose(cloud.sh[:, 1:] * np.array(signs)[:, None], scene.sh[:, 1:], atol=0.005)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("write", [writers.ply, writers.compressed_ply, writers.spz], ids=lambda w: w.__name__)
def test_any_degree(tmp_path: Path, write: Callable[..., bytes], degree: int) -> None:
    path = tmp_path / ("scene.spz" if write is writers.spz else "scene.ply")
    path.write_bytes(write(made_up(20), degree=degree))
    assert read_cloud(path).sh.shape == (20, (degree + 1) ** 2, 3)


def test_what_else_a_ply_may_hold(tmp_path: Path) -> None:
    """Further elements before and after, further properties, doubles, Windows line ends, surfels without thickness."""
    scene = made_up(3)
    names = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1"]
    names += ["rot_0", "rot_1", "rot_2", "rot_3"]
    head = ["ply", "format binary_little_endian 1.0", "obj_info none", "element camera 1", "property uchar id",
            "element vertex 3", "property uint label", *(f"property double {name}" for name in names),
            "element face 1", "property list uchar int vertex_indices", "end_header", ""]  # fmt: skip
    columns = [scene.positions, scene.sh[:, 0], np.zeros((3, 1)), np.log(scene.scales[:, :2]), scene.rotations]
    rows = b"".join(struct.pack("<I13d", 7, *row) for row in np.concatenate(columns, axis=1))
    path = tmp_path / "scene.ply"
    path.write_bytes("\r\n".join(head).encode() + b"\x01" + rows + b"\x03\0\0\0\0")
    cloud = read_cloud(path)
    np.testing.assert_allclose(cloud.positions, scene.positions, atol=1e-6)
    np.testing.assert_allclose(cloud.scales, scene.scales * (1, 1, 0), atol=1e-6)
    assert (cloud.opacities == 0.5).all()


def test_a_scene_trained_under_a_filter_says_so(tmp_path: Path) -> None:
    path = tmp_path / "scene.spz"
    for flags, antialiasing in ((0, "dilation"), (1, "mip")):
        path.write_bytes(writers.spz(made_up(5), flags=flags))
        assert read_scene(path).antialiasing == antialiasing


@pytest.mark.parametrize("version", [3, 4])
def test_an_spz_in_other_axes(tmp_path: Path, version: int) -> None:
    """As a .ply's (6: right, down, front) it is turned by half; mirrored (8) it is refused; others are passed over."""
    path = tmp_path / "scene.spz"
    path.write_bytes(writers.spz(made_up(9), version))
    plain = read_cloud(path)
    unknown = struct.pack("<IIf", 0xADBE0002, 4, 0.5)
    path.write_bytes(writers.spz(made_up(9), version, extensions=unknown + struct.pack("<III", 0xADBE0003, 4, 6)))
    turned = read_cloud(path)
    np.testing.assert_allclose(turned.positions, plain.positions * (1, -1, -1))
    np.testing.assert_allclose(turned.sh[:, 1], -plain.sh[:, 1])  # of y
    path.write_bytes(writers.spz(made_up(9), version, extensions=struct.pack("<III", 0xADBE0003, 4, 8)))
    with pytest.raises(AvatarError, match="mirrored"):
        read_cloud(path)


def test_three_points_in_three_formats_of_another_program() -> None:
    clouds = {kind: read_cloud(OTHERS / f"test-splat.3-points-from-train.{kind}") for kind in ("ply", "splat", "spz")}
    ply = clouds["ply"]
    for kind, cloud in clouds.items():
        flip = (1, -1, -1) if kind == "spz" else (1, 1, 1)
        np.testing.assert_allclose(cloud.positions * flip, ply.positions, atol=2e-4)
        np.testing.assert_allclose(cloud.scales, ply.scales, rtol=0.032)
        np.testing.assert_allclose(cloud.opacities, ply.opacities, atol=1 / 254)
        np.testing.assert_allclose(cloud.sh[:, 0], ply.sh[:, 0], atol=0.015)
        np.testing.assert_allclose(_unit(cloud.rotations * (1, 1, *flip[1:])), _unit(ply.rotations), atol=0.01)


def test_a_ksplat_of_another_program() -> None:
    cloud = read_cloud(OTHERS / "minimal.ksplat")
    np.testing.assert_array_equal(cloud.positions, [(-1, 0, -1), (0, 0, -1), (-1, 0, 0), (0, 0, 0)])
    np.testing.assert_allclose(cloud.scales, 0.1)
    np.testing.assert_allclose(cloud.opacities, 0.9, atol=1 / 254)


@pytest.mark.parametrize(("level", "atol"), [(0, 1e-6), (1, 0.002), (2, 0.012)])
def test_ksplat_in_three_depths(tmp_path: Path, level: int, atol: float) -> None:
    scene, path = made_up(70), tmp_path / "scene.ksplat"
    path.write_bytes(writers.ksplat(scene, level))
    cloud = read_cloud(path)
    np.testing.assert_allclose(cloud.positions, scene.positions, atol=atol)
    np.testing.assert_allclose(cloud.scales, scene.scales, rtol=0.001)
    np.testing.assert_allclose(cloud.rotations, scene.rotations, atol=0.001)
    np.testing.assert_allclose(cloud.opacities, scene.opacities, atol=1 / 254)
    np.testing.assert_allclose(cloud.sh[:, 0], scene.sh[:, 0], atol=0.015)
    np.testing.assert_allclose(cloud.sh[:, 1:9], scene.sh[:, 1:9], atol=atol)


def _unit(quaternions: np.ndarray) -> np.ndarray:
    return quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)
