"""Heads bound to FLAME: a made-up one, written in GaussianAvatars' layout, against the same Gaussians in the world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.spatial.transform import Rotation

from assets.arkit import INDEX
from assets.avatar import Avatar, Gaussians
from assets.errors import AvatarError
from assets.importers.flame import is_bound, read_flame_avatar
from assets.importers.scene import read_scene
from render.motion.pose import PoseKey, rest_key
from render.offscreen import look_at_view
from tests.assets.importers.gltf_files import ball
from tests.render import oracle

COUNT = 3000


def model_arrays(random: np.random.Generator) -> dict[str, np.ndarray]:
    """An egg with FLAME's arrays: the lower half of it is the jaw's."""
    vertices, _, triangles = ball(12, 0.1)
    count = len(vertices)
    vertices = vertices * np.float32([0.8, 1.2, 1])
    jaw = (vertices[:, 1] < -0.02).astype(np.float32)
    weights = np.zeros((count, 5), np.float32)
    weights[:, 2], weights[:, 1] = jaw, 1 - jaw
    regressor = np.zeros((5, count), np.float32)
    regressor[:, ::40] = random.dirichlet(np.ones(len(vertices[::40])), 5)
    return {
        "v_template": vertices,
        "faces": triangles.astype(np.int64),
        "shapedirs": (0.002 * random.standard_normal((count, 3, 310))).astype(np.float32)[..., :310],
        "J_regressor": regressor,
        "lbs_weights": weights,
    }


def write(tmp_path: Path) -> tuple[Path, Path, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """point_cloud.ply, the model, its arrays and the Gaussians' own."""
    random = np.random.default_rng(3)
    arrays = model_arrays(random)
    model = tmp_path / "flame.npz"
    np.savez(model, **arrays)
    shape, static = random.standard_normal(20), 0.001 * random.standard_normal((1, len(arrays["v_template"]), 3))
    np.savez(tmp_path / "flame_param.npz", shape=shape, static_offset=static, expr=np.zeros((4, 100)))
    local = {
        "xyz": 0.3 * random.standard_normal((COUNT, 3)),
        "scale": np.log(random.uniform(0.1, 0.6, (COUNT, 3))),
        "rot": random.standard_normal((COUNT, 4)),
        "opacity": random.uniform(-1, 4, COUNT),
        "dc": random.standard_normal((COUNT, 3)),
        "binding": random.integers(0, len(arrays["faces"]), COUNT),
    }
    names = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2"]
    names += [f"rot_{k}" for k in range(4)]
    kinds = [(name, "<f4") for name in names] + [("binding_0", "<i4")]
    rows = np.zeros(COUNT, kinds)
    for key, columns in (("xyz", names[:3]), ("dc", names[6:9]), ("scale", names[10:13]), ("rot", names[13:])):
        for k, column in enumerate(columns):
            rows[column] = local[key][:, k]
    rows["opacity"], rows["binding_0"] = local["opacity"], local["binding"]
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {COUNT}\n"
    header += (
        "".join(f"property {'int' if kind == '<i4' else 'float'} {name}\n" for name, kind in kinds) + "end_header\n"
    )
    path = tmp_path / "point_cloud.ply"
    path.write_bytes(header.encode() + rows.tobytes())
    arrays["v_template"] = arrays["v_template"] + arrays["shapedirs"][..., :20] @ shape + static[0]
    return path, model, arrays, local


def in_world(template: Avatar, vertices: np.ndarray, faces: np.ndarray, local: dict[str, np.ndarray]) -> Avatar:
    """The Gaussians put where GaussianAvatars' equations put them on `vertices`, free in space."""
    v0, v1, v2 = (vertices[faces[local["binding"]][:, k]] for k in range(3))
    unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)  # noqa: E731
    a0 = unit(v1 - v0)
    a1 = unit(np.cross(a0, v2 - v0))
    a2 = -unit(np.cross(a1, a0))
    s = (np.linalg.norm(v1 - v0, axis=1) + abs((a2 * (v2 - v0)).sum(axis=1)))[:, None] / 2
    turn = Rotation.from_matrix(np.stack([a0, a1, a2], axis=2))
    quaternion = (turn * Rotation.from_quat(local["rot"][:, [1, 2, 3, 0]])).as_quat()
    height = 3**0.5 / 2
    return replace(
        template,
        mesh=replace(
            template.mesh,
            vertices=np.array([(0, -2 * height / 3, 0), (0, height / 3, -0.5), (0, height / 3, 0.5)], np.float32),
            triangles=np.array([(0, 1, 2)], np.int32),
            skin_joints=np.zeros((3, 4), np.uint16),
            skin_weights=np.tile(np.float32([1, 0, 0, 0]), (3, 1)),
            shapes=np.zeros((52, 3, 3), np.float16),
        ),
        gaussians=Gaussians(
            np.zeros(COUNT, np.int32),
            np.full((COUNT, 2), 1 / 3, np.float32),
            ((v0 + v1 + v2) / 3 + s * turn.apply(local["xyz"])).astype(np.float32),
            quaternion[:, [3, 0, 1, 2]].astype(np.float32),
            (s * np.exp(local["scale"])).astype(np.float32),
            (1 / (1 + np.exp(-local["opacity"]))).astype(np.float32),
            local["dc"][:, None].astype(np.float32),
        ),
    )


def picture(avatar: Avatar, key: PoseKey) -> np.ndarray:
    middle = np.array([0.0, 1.5, 0.0])
    view = look_at_view(middle + np.array([0.2, 0.05, 0.6]), middle, 30.0, 160, 160)
    state = oracle.align(avatar, oracle.deform(avatar, key))
    grey = (0.2, 0.2, 0.2, 1.0)
    return oracle.render(avatar, view, state, head=view.pose[:3, 3], model=np.eye(4), background=grey)


def test_a_head_looks_as_its_equations_have_it(tmp_path: Path) -> None:
    path, model, arrays, local = write(tmp_path)
    avatar = read_flame_avatar(path, model)
    lifted = arrays["v_template"] + [0, 1.62 - arrays["v_template"][:, 1].max(), 0]
    np.testing.assert_allclose(avatar.mesh.vertices, lifted, atol=1e-5)
    direct = in_world(avatar, lifted, arrays["faces"], local)
    decibels = oracle.psnr(picture(avatar, rest_key(avatar)), picture(direct, rest_key(direct)))
    print(f"{decibels:.1f} dB")
    assert np.ptp(picture(direct, rest_key(direct))[..., :3]) > 100
    assert decibels >= 45


def test_the_jaw_opens_about_its_joint(tmp_path: Path) -> None:
    path, model, arrays, _ = write(tmp_path)
    avatar = read_flame_avatar(path, model)
    assert avatar.skeleton.names == ("root", "head", "jaw", "eye_l", "eye_r")
    centre = arrays["J_regressor"][2] @ avatar.mesh.vertices
    turned = Rotation.from_rotvec([0.35, 0, 0]).apply(avatar.mesh.vertices - centre) + centre
    moved = avatar.mesh.vertices + avatar.mesh.shapes[INDEX["jawOpen"]]
    jaw = arrays["lbs_weights"][:, 2] == 1
    np.testing.assert_allclose(moved[jaw], turned[jaw], atol=5e-5)
    np.testing.assert_array_equal(moved[~jaw], avatar.mesh.vertices[~jaw])


def test_a_map_drives_expressions(tmp_path: Path) -> None:
    path, model, arrays, _ = write(tmp_path)
    avatar = read_flame_avatar(path, model, table={"cheekPuff": {"expr_3": 2.0}})
    np.testing.assert_allclose(avatar.mesh.shapes[INDEX["cheekPuff"]], 2 * arrays["shapedirs"][..., 213], atol=1e-5)
    with pytest.raises(AvatarError, match="'expr_100' is not known"):
        read_flame_avatar(path, model, table={"cheekPuff": {"expr_100": 1.0}})


def test_a_model_may_be_safetensors_and_must_fit(tmp_path: Path) -> None:
    path, model, _, _ = write(tmp_path)
    arrays = dict(np.load(model))
    save_file(arrays, tmp_path / "flame.safetensors")
    one, two = read_flame_avatar(path, model), read_flame_avatar(path, tmp_path / "flame.safetensors")
    np.testing.assert_array_equal(one.gaussians.offset, two.gaussians.offset)
    for change, reason in (
        ({"faces": arrays["faces"][:5]}, "is bound to triangle"),
        ({"v_template": arrays["v_template"][:5]}, "do not fit together"),
        ({"lbs_weights": arrays["lbs_weights"] * np.nan}, "not a number"),
    ):
        np.savez(model, **{**arrays, **change})
        with pytest.raises(AvatarError, match=reason):
            read_flame_avatar(path, model)
    np.savez(model, v_template=np.array([{}], object))
    with pytest.raises(AvatarError, match="no plain numbers"):
        read_flame_avatar(path, model)
    with pytest.raises(AvatarError, match="There is no file"):
        read_flame_avatar(path, tmp_path / "gone.npz")


def test_bound_files_are_told_from_scenes(tmp_path: Path) -> None:
    path, *_ = write(tmp_path)
    assert is_bound(path) and not is_bound(tmp_path / "flame.npz") and not is_bound(tmp_path / "gone.ply")
    with pytest.raises(AvatarError, match="--flame"):
        read_scene(path)
