"""Rigged files as avatars: geometry, joints, faces and colours against what the files were written from."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.avatar import Avatar, rest_places
from assets.errors import AvatarError
from assets.importers.rigged import Imported, Options, read_rigged, read_table
from render.motion.performer import Performer
from render.motion.skeleton import skinning_matrices
from tests.assets.importers.gltf_files import BONES, LIMBS, GlbWriter, ball, box, morphs, person

FEW = Options(gaussians=3000, relight=False)
DATA = Path(os.environ.get("VISAVIS_TEST_DATA", Path(__file__).parents[4] / "shared/data")) / "rigs"


def brought(tmp_path: Path, writer: GlbWriter, options: Options = FEW, name: str = "it.glb") -> Imported:
    path = tmp_path / name
    path.write_bytes(writer.blob())
    return read_rigged(path, options)


def real(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not among the test data")
    return DATA / name


def colour_at(avatar: Avatar, place: tuple[float, float, float], within: float) -> np.ndarray:
    far = np.linalg.norm(rest_places(avatar.mesh, avatar.gaussians) - place, axis=1)
    return np.median((avatar.gaussians.sh[far < within, 0] * 0.28209479 + 0.5), axis=0)


@pytest.mark.parametrize("version", [0, 1])
def test_a_person_faces_us_with_the_arms_down(tmp_path: Path, version: int) -> None:
    imported = brought(tmp_path, person(version), name="it.vrm")
    avatar = imported.avatar
    assert imported.notes == ("Only 9 of the 52 ARKit shapes could be made of what it has; see --map.",)
    assert avatar.name == "Boxer" and avatar.licence == ("CC0" if version == 0 else "https://vrm.dev/licenses/1.0/")
    places = dict(zip(avatar.skeleton.names, avatar.skeleton.rest[:, :3, 3], strict=True))
    for ours, bone in (("pelvis", "hips"), ("head", "head"), ("eye_l", "leftEye"), ("calf_r", "rightLowerLeg")):
        np.testing.assert_allclose(places[ours], BONES[bone][1], atol=1e-5)
    for side, sign in (("l", 1), ("r", -1)):
        upper, lower, hand = (places[f"{part}_{side}"] for part in ("upperarm", "lowerarm", "hand"))
        np.testing.assert_allclose(lower - upper, 0.25 * np.sqrt(0.5) * np.array([sign, -1, 0]), atol=1e-5)
        np.testing.assert_allclose(hand - lower, 0.22 * np.sqrt(0.5) * np.array([sign, -1, 0]), atol=1e-5)
    assert avatar.mesh.vertices[:, 1].min() == pytest.approx(0, abs=1e-5)
    # The picture's face is on the front of the head, the hair that it has on top.
    assert colour_at(avatar, (0, 1.6, 0.12), 0.02)[0] > 0.5
    assert colour_at(avatar, (0, 1.71, 0.0), 0.03)[0] < 0.2
    np.testing.assert_allclose(colour_at(avatar, (0.0, 1.2, 0.1), 0.1), (0.2, 0.3, 0.6), atol=2e-3)


def test_the_arm_is_turned_about_its_shoulder_as_a_whole(tmp_path: Path) -> None:
    avatar = brought(tmp_path, person(1)).avatar
    first = 8 * list(LIMBS).index("leftLowerArm")
    mine = avatar.mesh.vertices[first : first + 8].astype(np.float64)
    corners, _ = box(*LIMBS["leftLowerArm"])
    away = corners - np.float32(BONES["leftUpperArm"][1])
    s = np.sqrt(0.5)
    turned = np.stack([s * away[:, 0] + s * away[:, 1], -s * away[:, 0] + s * away[:, 1], away[:, 2]], axis=1)
    np.testing.assert_allclose(mine, turned + BONES["leftUpperArm"][1], atol=1e-5)


def test_idle_life_brings_the_hands_to_the_thighs(tmp_path: Path) -> None:
    avatar = brought(tmp_path, person(0)).avatar
    life = Performer(avatar).at(1.0)
    joints = skinning_matrices(avatar.skeleton, life.rotations, life.root)
    for side in "lr":
        hand = avatar.skeleton.names.index(f"hand_{side}")
        x, y, z = (joints[hand] @ np.append(avatar.skeleton.rest[hand, :3, 3], 1))[:3]
        assert 0.1 < abs(x) < 0.4 and 0.75 < y < 1.05 and abs(z) < 0.25


@pytest.mark.parametrize("version", [0, 1])
def test_expressions_become_arkit_shapes(tmp_path: Path, version: int) -> None:
    avatar = brought(tmp_path, person(version)).avatar
    table = avatar.provenance["expressions"]
    assert table["jawOpen"] == {"aa": 1.0} and table["mouthClose"] == {"aa": -1.0}
    assert table["mouthSmileLeft"] == {"happy@mouth@left": 0.7} and "browInnerUp" not in table
    head = ball(16, 0.12)[0]
    wanted = morphs(head)
    mine = avatar.mesh.shapes[:, -len(head) :].astype(np.float64)
    np.testing.assert_allclose(mine[INDEX["jawOpen"]], wanted["A"], atol=3e-5)
    np.testing.assert_allclose(mine[INDEX["mouthPucker"]], 0.9 * wanted["U"], atol=3e-5)
    both = mine[INDEX["eyeBlinkLeft"]] + mine[INDEX["eyeBlinkRight"]]
    np.testing.assert_allclose(both, wanted["Blink"], atol=3e-5)
    assert not mine[INDEX["eyeBlinkLeft"]][head[:, 0] < -0.02].any()
    smile = mine[INDEX["mouthSmileLeft"]]
    assert smile[(head[:, 0] > 0.03) & (wanted["A"][:, 1] < 0)][:, 1].min() > 0.01
    assert not smile[wanted["Blink"][:, 1] < 0].any()  # a smile does not close the eyes
    assert not mine[INDEX["tongueOut"]].any()


def test_a_map_replaces_entries(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"tongueOut": {"Face_A": 0.5, "ou": 1}}))
    avatar = brought(tmp_path, person(1), Options(gaussians=2000, table=read_table(path))).avatar
    wanted = morphs(ball(16, 0.12)[0])
    mine = avatar.mesh.shapes[INDEX["tongueOut"]][-len(wanted["A"]) :]
    np.testing.assert_allclose(mine, 0.5 * wanted["A"] + wanted["U"], atol=3e-5)
    assert avatar.provenance["expressions"]["tongueOut"] == {"Face_A": 0.5, "ou": 1.0}
    with pytest.raises(AvatarError, match=r"'nothing' is not in the file, which has .*aa.*blink"):
        brought(tmp_path, person(1), Options(gaussians=2000, table={"jawOpen": {"nothing": 1.0}}))
    path.write_text("[1]")
    with pytest.raises(AvatarError, match="is no map of expressions"):
        read_table(path)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    w = GlbWriter()
    corners, sides = box((-0.2, 0, -0.2), (0.2, 1, 0.2))
    mesh = w.add(
        "meshes",
        {"primitives": [{"attributes": {"POSITION": w.accessor(corners)}, "indices": w.accessor(sides.reshape(-1))}]},
    )
    w.node(mesh=mesh, translation=[3, 2, 1])
    imported = brought(tmp_path, w)
    assert (
        len(imported.notes) == 2 and "no shapes for a face" in imported.notes[0] and "no skeleton" in imported.notes[1]
    )
    assert imported.avatar.skeleton.names == ("root",) and imported.avatar.licence == "unknown"
    np.testing.assert_allclose(imported.avatar.mesh.vertices.min(axis=0), (-0.2, 0, -0.2), atol=1e-6)


def test_units_are_guessed_and_can_be_told(tmp_path: Path) -> None:
    w = GlbWriter()
    corners, sides = box((-20, 0, -10), (20, 180, 10))
    mesh = w.add(
        "meshes",
        {"primitives": [{"attributes": {"POSITION": w.accessor(corners)}, "indices": w.accessor(sides.reshape(-1))}]},
    )
    w.node(mesh=mesh)
    guessed = brought(tmp_path, w)
    assert np.ptp(guessed.avatar.mesh.vertices[:, 1]) == pytest.approx(1.8) and "centimetres" in guessed.notes[0]
    told = brought(tmp_path, w, Options(gaussians=1000, height=1.5, relight=False))
    assert np.ptp(told.avatar.mesh.vertices[:, 1]) == pytest.approx(1.5) and not any("across" in n for n in told.notes)


def test_the_same_file_makes_the_same_avatar(tmp_path: Path) -> None:
    one, two = (brought(tmp_path, person(1)).avatar for _ in range(2))
    for name in ("triangle", "barycentric", "sh", "scale", "opacity"):
        assert np.array_equal(getattr(one.gaussians, name), getattr(two.gaussians, name))


def test_a_face_with_arkit_shapes_keeps_them() -> None:
    imported = read_rigged(real("glb_facecap/facecap.glb"), FEW)
    avatar = imported.avatar
    assert len(avatar.provenance["expressions"]) >= 51 and avatar.provenance["expressions"]["jawOpen"] == {
        "jawOpen": 1.0
    }
    assert {"eye_l", "eye_r"} < set(avatar.skeleton.names)
    middle = avatar.mesh.vertices.mean(axis=0)
    for shape in ("eyeBlinkLeft", "browDownLeft", "mouthSmileLeft"):
        moved = np.linalg.norm(avatar.mesh.shapes[ARKIT_SHAPES.index(shape)].astype(np.float64), axis=1)
        assert (moved @ avatar.mesh.vertices)[0] / moved.sum() > middle[0] + 0.01  # the person's left
    assert avatar.skeleton.rest[avatar.skeleton.names.index("eye_l"), 0, 3] > 0.02
    assert 0.2 < np.ptp(avatar.mesh.vertices[:, 1]) < 0.35 and avatar.mesh.vertices[:, 1].max() == pytest.approx(1.62)
    assert any("head" in note for note in imported.notes)


def test_a_ball_with_bones_says_what_it_lacks() -> None:
    imported = read_rigged(real("vrm_sphere_test/sphere.vrm"), FEW)
    assert imported.avatar.name == "sphere" and "CC0" in imported.avatar.licence
    assert {"pelvis", "head", "upperarm_l", "ball_r"} <= set(imported.avatar.skeleton.names)
    assert any("no shapes for a face" in note for note in imported.notes)


def test_materials_that_want_light_are_lit(tmp_path: Path) -> None:
    w = GlbWriter()
    vertices, _, sides = ball(12, 0.1)
    attributes = {"POSITION": w.accessor(vertices)}
    w.add("materials", {"pbrMetallicRoughness": {"baseColorFactor": [0.5, 0.5, 0.5, 1]}})
    primitive = {"attributes": attributes, "indices": w.accessor(sides.reshape(-1)), "material": 0}
    w.node(mesh=w.add("meshes", {"primitives": [primitive]}))
    lit = brought(tmp_path, w, Options(gaussians=1500, height=0.2)).avatar
    painted = brought(tmp_path, w, Options(gaussians=1500, height=0.2, relight=False)).avatar
    np.testing.assert_allclose(colour_at(painted, (0, 0.2, 0), 0.03), 0.5, atol=2e-3)
    assert colour_at(lit, (0.05, 0.16, 0.06), 0.03)[0] > 1.3 * colour_at(lit, (0, 0.01, -0.05), 0.03)[0]
