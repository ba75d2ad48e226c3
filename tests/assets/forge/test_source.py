"""Reading MakeHuman's data out of the wheel."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from assets.arkit import ARKIT_SHAPES
from assets.errors import ForgeError
from assets.forge.anatomy.body import MASKS
from assets.forge.source import FACE_UNITS, MPFB, Source
from tests.assets.forge.forged import wheel


def test_the_base_mesh_is_makehumans_hm08() -> None:
    with Source(wheel()) as source:
        mesh = source.base_mesh()
    assert mesh.vertices.shape == (19158, 3)
    assert mesh.triangles["body"].shape == (2 * 13378, 3)  # 13,378 quads
    assert mesh.triangles["body"].max() == 13379
    assert all(mesh.uv[group].shape == (*faces.shape, 2) for group, faces in mesh.triangles.items())


def test_triangles_face_outwards() -> None:
    with Source(wheel()) as source:
        mesh = source.base_mesh()
    corners = mesh.vertices[mesh.triangles["body"]]
    # the signed volume of a closed surface is positive where its triangles run counter-clockwise seen from outside
    assert np.einsum("fc,fc->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) > 0


def test_every_shape_is_there_and_left_mirrors_right() -> None:
    with Source(wheel()) as source:
        units = {name: source.face_unit(name, 19158) for name in ARKIT_SHAPES}
    for name, offsets in units.items():
        assert np.abs(offsets).max() > 0.01, name
        if name.endswith("Left"):
            other = units[name.removesuffix("Left") + "Right"]
            assert np.linalg.norm(offsets, axis=1).sum() == pytest.approx(np.linalg.norm(other, axis=1).sum(), rel=0.02)
            np.testing.assert_allclose(offsets.sum(0), other.sum(0) * [-1, 1, 1], atol=0.05 * np.abs(offsets).sum())


def test_masks_are_shares() -> None:
    with Source(wheel()) as source:
        for name in MASKS:
            mask = source.mask(name)
            assert mask.min() >= 0 and mask.max() <= 1 and 0 < mask.mean() < 0.2, name


def test_a_wheel_that_is_none_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.whl"
    other.write_bytes(b"not a zip")
    with pytest.raises(ForgeError, match=r"other\.whl"):
        Source(other)


def test_a_missing_or_damaged_part_is_named(tmp_path: Path) -> None:
    poor = tmp_path / "poor.whl"
    with zipfile.ZipFile(poor, "w") as archive:
        archive.writestr(FACE_UNITS + "jawOpen.target", "12 not numbers here\n")
        archive.writestr(MPFB + "textures/mpfb_lips.jpg", b"no picture")
    with Source(poor) as source:
        with pytest.raises(ForgeError, match=r"base\.obj"):
            source.base_mesh()
        with pytest.raises(ForgeError, match="jawOpen"):
            source.face_unit("jawOpen", 100)
        with pytest.raises(ForgeError, match="mpfb_lips"):
            source.mask("lips")
