"""The whole person: complete, closed in every level of detail, face free, mouth shut, and the same again."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion
from scipy.spatial import cKDTree

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.avatar import Avatar
from assets.container import load, save
from assets.forge.anatomy.face import Face
from assets.forge.forge import forge
from assets.forge.layer import Surface, chosen, frames, positions
from assets.forge.look import Look, Recipe
from assets.forge.sampling import uniform_points
from assets.forge.source import F64
from assets.stages import STANDARD
from render.offscreen import look_at_view, render_image
from tests.assets.forge.forged import body, wheel

SIZE = 384


@cache
def person() -> Avatar:
    return forge(wheel(), Recipe(0, Look(), 110_000), name="test", corrected=False)


def surface(avatar: Avatar, face: dict[str, float] | None = None) -> Surface:
    mesh = avatar.mesh
    vertices = mesh.vertices.astype(np.float64)
    for name, weight in (face or {}).items():
        vertices = vertices + weight * mesh.shapes[INDEX[name]].astype(np.float64)
    return Surface(vertices, mesh.triangles, mesh.skin_joints, mesh.skin_weights, mesh.shapes.astype(np.float32))


def silhouette(avatar: Avatar, eye: F64, aim: F64, degrees: float) -> NDArray[np.bool_]:
    """(SIZE, SIZE) where a triangle that carries Gaussians is seen, drawn by Pillow."""
    forward = (aim - eye) / np.linalg.norm(aim - eye)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    local = (avatar.mesh.vertices - eye) @ np.stack([right, np.cross(right, forward), forward], axis=1)
    focal = SIZE / 2 / np.tan(np.radians(degrees) / 2)
    pixel = local[:, :2] / local[:, 2:] * [focal, -focal] + SIZE / 2
    picture = Image.new("1", (SIZE, SIZE))
    draw = ImageDraw.Draw(picture)
    for corners in pixel[avatar.mesh.triangles[np.unique(avatar.gaussians.triangle)]]:
        draw.polygon([tuple(corner) for corner in corners], fill=1)
    return np.asarray(picture)


def test_it_is_complete() -> None:
    avatar = person()
    assert avatar.expressions == ARKIT_SHAPES
    assert 80_000 <= len(avatar.gaussians) <= 120_000
    assert len(avatar.skeleton.names) == 55
    assert list(avatar.levels) == sorted(avatar.levels) and avatar.levels[-1] < len(avatar.gaussians)
    assert avatar.licence == "CC0-1.0"
    assert {source["licence"] for source in avatar.provenance["sources"]} == {"CC0-1.0"}
    assert avatar.gaussians.opacity.min() > 0 and avatar.gaussians.opacity.max() <= 1
    np.testing.assert_allclose(np.linalg.norm(avatar.gaussians.rotation, axis=1), 1, atol=1e-5)
    assert avatar.gaussians.barycentric.min() >= -1e-6
    assert avatar.gaussians.barycentric.sum(axis=1).max() <= 1 + 1e-6


def test_a_third_is_in_the_face() -> None:
    place, face = positions(surface(person()), person().gaussians), Face(body())
    near = np.linalg.norm((place - (face.eyes.mean(0) + face.mouth) / 2) / [0.085, 0.125, 0.09], axis=1) < 1
    assert near.mean() > 0.30


def test_gaussians_are_small_and_lie_on_the_body() -> None:
    whole = surface(person())
    _, edge = frames(whole.vertices, whole.triangles)
    gaussians = person().gaussians
    deviations = gaussians.scale * edge[gaussians.triangle][:, None]
    assert deviations.min() > 0 and deviations.max() < 0.02
    place = positions(whole, gaussians)
    assert place.min(0)[1] > -0.01 and place.max(0)[1] < 1.80 and np.abs(place[:, 0]).max() < 0.6


@pytest.mark.parametrize("angle", [0, 50, 90, 180, 270])
def test_there_are_no_holes(angle: float) -> None:
    turn = np.radians(angle)
    # Near the head the ends of hair let a little through.
    for aim, distance, degrees, open_ in (([0.0, 0.85, 0.0], 2.4, 42.0, 0.0007), ([0.0, 1.54, 0.05], 0.8, 24.0, 0.004)):
        centre = np.array(aim)
        eye = centre + distance * np.array([np.sin(turn), 0.05, np.cos(turn)])
        inside = binary_erosion(silhouette(person(), eye, centre, degrees), iterations=3)
        view = look_at_view(eye, centre, degrees, SIZE, SIZE)
        alpha = render_image(person(), view, background=None)[..., 3][inside] / 255
        assert inside.sum() > 5000
        assert np.mean(alpha < 0.97) < open_, f"{np.sum(alpha < 0.97)} of {inside.sum()} pixels are open"


@pytest.mark.parametrize("level", [5_000, 10_000, 20_000, 40_000])
def test_every_level_is_closed(level: int) -> None:
    aim = np.array([0.0, 0.85, 0.0])
    eye = np.array([0.6, 0.85, 2.3])
    inside = binary_erosion(silhouette(person(), eye, aim, 42.0), iterations=3)
    view = look_at_view(eye, aim, 42.0, SIZE, SIZE)
    alpha = render_image(person(), view, background=None, gaussians=level)[..., 3][inside] / 255
    assert level in person().levels
    assert np.mean(alpha < 0.9) < 0.005


def test_levels_look_like_the_whole() -> None:
    """But for pores, lines and reflections, which go first: they are in the last quarter."""
    place = positions(surface(person()), person().gaussians)
    place = place[: int(0.75 * len(place))]
    for level in person().levels:
        for axis in range(3):
            few, all_ = place[:level, axis], place[:, axis]
            np.testing.assert_allclose(np.percentile(few, [5, 50, 95]), np.percentile(all_, [5, 50, 95]), atol=0.04)


def darkness(face: dict[str, float]) -> float:
    """Mean luminance of the middle of the mouth, linear, by a picture from 0.5 m."""
    centre = Face(body()).mouth - np.array([0.0, 0.004, 0.0])
    view = look_at_view(centre + np.array([0.0, 0.0, 0.5]), centre, 8.0, 128, 128)
    weights = np.zeros(52, np.float32)
    for name, weight in face.items():
        weights[INDEX[name]] = weight
    picture = render_image(person(), view, expression=weights)[50:78, 40:88, :3].astype(np.float64) / 255
    return float((picture**2.2 @ [0.2126, 0.7152, 0.0722]).mean())


def test_closed_lips_hide_the_mouth_and_an_open_jaw_shows_it() -> None:
    closed, wide = darkness({}), darkness({"jawOpen": 0.7})
    assert closed > 0.12
    assert wide < 0.6 * closed


def test_nothing_hangs_in_front_of_the_face() -> None:
    """But for lids, lashes and the slit of the mouth, no Gaussian is more than 3 mm before the skin, unless it lies on
    skin itself, at the rim of the nose."""
    avatar, face = person(), Face(body())
    place = positions(surface(avatar), avatar.gaussians)
    low, high = face.mouth[1] - 0.02, face.eyes[0, 1] + 0.012
    front = (np.abs(place[:, 0]) < 0.040) & (place[:, 1] > low) & (place[:, 1] < high) & (place[:, 2] > 0.07)
    lashes = np.min(np.linalg.norm(place[:, None] - face.eyes, axis=2), axis=1) < 0.028
    slit = np.abs(place[:, 1] - face.mouth[1]) < 0.003
    seen = np.flatnonzero(front & ~lashes & ~slit)
    triangle, weights = face.front(place[seen, :2])
    skin = np.einsum("nk,nkc->nc", weights, body().vertices[body().triangles["body"][triangle]])
    assert len(seen) > 6_000
    before = place[seen, 2] - skin[:, 2] > 0.003
    points = uniform_points(body().vertices, body().triangles["body"], 0.001, 0)
    assert before.sum() < 20
    assert cKDTree(points).query(place[seen[before]])[0].max() < 0.002


def test_eyes_follow_the_look_shapes() -> None:
    avatar = person()
    dark = chosen(avatar.gaussians, avatar.gaussians.sh[:, 0].max(axis=1) < -1.6)  # pupils: nearly black
    for side, sign in (("Left", 1), ("Right", -1)):
        before, after = (positions(surface(avatar, pose), dark) for pose in ({}, {f"eyeLookOut{side}": 1.0}))
        eye = Face(body()).eyes[0 if sign > 0 else 1]
        pupil = np.linalg.norm(before - eye - [0, 0, 0.014], axis=1) < 0.004
        assert pupil.sum() > 5
        assert 0.003 < sign * (after - before)[pupil, 0].mean() < 0.01


def test_from_afar_it_is_what_it_is_near_but_smaller() -> None:
    """Lashes, brows and hairs thinner than a pixel neither thicken nor vanish."""
    avatar = person()
    target = np.array([0.0, 0.935 * np.ptp(avatar.mesh.vertices[:, 1]), 0.05])
    eye = target + np.array([0.0, 0.0, 2.5])

    def linear(size: int) -> F64:
        shown = render_image(avatar, look_at_view(eye, target, 8.0, size, size))[..., :3] / 255
        return np.asarray(np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4))

    far, near = linear(64), linear(512).reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))
    error = np.sqrt(np.mean((far ** (1 / 2.2) - near ** (1 / 2.2)) ** 2))
    assert -20 * np.log10(error) > 30


@cache
def small() -> Avatar:
    """With correctives."""
    return forge(wheel(), Recipe(3, Look(), 8_000), name="small")


def close_up(avatar: Avatar, face: dict[str, float]) -> F64:
    aim = avatar.skeleton.rest[avatar.skeleton.names.index("head"), :3, 3] + np.array([0.0, 0.07, 0.05])
    view = look_at_view(aim + np.array([0.0, 0.0, 0.55]), aim, 24.0, 256, 256)
    weights = np.zeros(52, np.float32)
    weights[[INDEX[name] for name in face]] = list(face.values())
    return render_image(avatar, view, expression=weights)[..., :3].astype(np.float64)


def test_correctives_are_still_at_rest_and_show_in_a_face(tmp_path: Path) -> None:
    save(small(), tmp_path / "small.avatar")
    corrected = load(tmp_path / "small.avatar")
    plain = replace(corrected, stages=STANDARD, models={}, programs={}, tensors={})
    assert {stage.kind for stage in corrected.stages} >= {"model", "blend"}
    apart = close_up(corrected, {}) - close_up(plain, {})
    assert 20 * np.log10(255 / np.sqrt(np.mean(apart**2))) > 55
    brows = {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0}
    change = (close_up(corrected, brows) - close_up(plain, brows)).mean(axis=2)
    assert change[70:130].min() < -4 and np.abs(change[180:]).mean() < 0.3


def test_the_same_again(tmp_path: Path) -> None:
    one, two = (tmp_path / f"{k}.avatar" for k in "ab")
    save(small(), one)
    save(forge(wheel(), Recipe(3, Look(), 8_000), name="small"), two)
    assert one.read_bytes() == two.read_bytes()
    assert len(load(one).gaussians) == pytest.approx(8_000, rel=0.15)
