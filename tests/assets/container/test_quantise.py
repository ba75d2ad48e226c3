"""How precisely a compact file keeps each array."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets.avatar import Avatar, rest_places
from assets.container import load, save
from assets.container.quantise import coded_parts
from assets.errors import AvatarError
from render.measure.cloud import make_cloud
from render.measure.subject import make_subject


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return make_subject(5000, shapes=5, degree=3)


@pytest.fixture(scope="module")
def read(avatar: Avatar, tmp_path_factory: pytest.TempPathFactory) -> Avatar:
    path = tmp_path_factory.mktemp("compact") / "a.avatar"
    save(avatar, path)
    return load(path)


def test_gaussians_stay_where_they_are(avatar: Avatar, read: Avatar) -> None:
    shift = np.linalg.norm(rest_places(read.mesh, read.gaussians) - rest_places(avatar.mesh, avatar.gaussians), axis=1)
    assert shift.max() < 1e-4, "a tenth of a millimetre"
    gs, was = read.gaussians, avatar.gaussians
    assert np.abs(np.log(gs.scale / was.scale)).max() < 0.01
    assert np.abs((gs.rotation * was.rotation).sum(axis=1)).min() > 0.99999
    assert np.abs(gs.opacity - was.opacity).max() <= 1 / 512 and gs.opacity.max() <= 1
    assert np.array_equal(gs.triangle, was.triangle)


def test_light_is_finest_where_it_is_dark(avatar: Avatar, read: Avatar) -> None:
    light, was = (0.5 + 0.28209479 * a.gaussians.sh[:, 0] for a in (read, avatar))
    dark = was < 0.05
    assert dark.any() and np.abs(light - was)[dark].max() < 1e-3 > 0.3 * np.abs(light - was).max()


def test_the_mesh_stays_whole(avatar: Avatar, read: Avatar) -> None:
    assert np.abs(read.mesh.vertices - avatar.mesh.vertices).max() < 5e-6
    np.testing.assert_array_equal(read.mesh.shapes, avatar.mesh.shapes)
    np.testing.assert_array_equal(read.mesh.triangles, avatar.mesh.triangles)
    assert np.abs(read.mesh.skin_weights.sum(axis=1) - 1).max() < 1e-4


def test_blend_shapes_take_a_byte_and_skip_what_is_still(avatar: Avatar, read: Avatar) -> None:
    coded = coded_parts(avatar, "compact")["tensors.safetensors"]
    for name in ("place_shapes", "light_shapes"):
        array, again = avatar.tensors[name], read.tensors[name]
        coding = coded[name].coding
        assert coding.bits == 8 and coding.kept == array.any(axis=2).sum() < array.shape[0] * array.shape[1]
        assert again.dtype == array.dtype and not again[~array.any(axis=2)].any()
        off = np.abs(again.astype(float) - array)
        assert np.sqrt(np.square(off).mean() / np.square(array.astype(float)).mean()) < 0.03
    assert coded["weights"].coding.codec == "plain"


def test_what_is_spread_wide_gets_more_bits() -> None:
    """A scene of small Gaussians in a large place."""
    person = make_cloud(500)
    bits = {}
    for size in (1, 300):
        gs = replace(person.gaussians, offset=person.gaussians.offset + np.linspace(0, size, 1500).reshape(500, 3))
        offset = replace(person, gaussians=replace(gs, offset=gs.offset.astype(np.float32)))
        coding, _ = coded_parts(offset, "compact")["gaussians.safetensors"]["offset"]
        bits[size] = coding.bits
    assert bits[1] == 12 < bits[300]


def test_full_is_every_bit(avatar: Avatar, tmp_path: Path) -> None:
    save(avatar, tmp_path / "full.avatar", precision="full")
    again = load(tmp_path / "full.avatar")
    for name, array in vars(avatar.gaussians).items():
        np.testing.assert_array_equal(getattr(again.gaussians, name), array)
    np.testing.assert_array_equal(again.tensors["place_shapes"], avatar.tensors["place_shapes"])


def test_names_that_collide_are_refused(avatar: Avatar, tmp_path: Path) -> None:
    tensors = {**avatar.tensors, "place_shapes.step": np.ones(1, np.float32)}
    with pytest.raises(AvatarError, match=r"rename its array 'place_shapes\.step'"):
        save(replace(avatar, tensors=tensors), tmp_path / "a.avatar")
