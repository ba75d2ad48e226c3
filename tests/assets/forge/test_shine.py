"""Light that depends on the view: the harmonics draw what the model gives directly, never dark, the same behind."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar, Skeleton
from assets.forge.hair.fibre_light import fibre_shine, fibres_seen
from assets.forge.layer import Layer, albedo_of, albedo_sh, falling_importance, merge, positions, surfels
from assets.forge.light import lit
from assets.forge.sampling import scatter
from assets.forge.shine import around, fuzz, mirrored, never_dark, shine
from assets.forge.source import F64
from assets.forge.studio import Studio
from assets.harmonics import harmonics
from render.offscreen import look_at_view, render_image
from tests.assets.forge.test_light import colour, sheet

GLOSS = 0.05
STUDIO = Studio()
SPHERE = around(80)


@cache
def ball(gloss: float) -> Layer:
    """A ball of radius 0.1 m and the colour of skin, lit."""
    flat = sheet(np.zeros(3), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), 0.1)
    rows, columns = 48, 96
    polar, turn = np.meshgrid(np.linspace(0.01, np.pi - 0.01, rows), np.linspace(0, 2 * np.pi, columns), indexing="ij")
    points = np.stack([np.sin(polar) * np.sin(turn), np.cos(polar), np.sin(polar) * np.cos(turn)], axis=2)
    vertices = 0.1 * points.reshape(-1, 3)
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    a, b, c, d = first, first + columns, first + 1, first + columns + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([c, b, d], 1)]).astype(np.int32)
    count = len(vertices)
    surface = replace(
        flat.surface,
        vertices=vertices,
        triangles=triangles,
        skin_joints=np.zeros((count, 4), np.uint16),
        skin_weights=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        shapes=np.zeros((52, count, 3), np.float32),
    )
    samples = scatter(vertices, triangles, 8000, 0)
    normals = samples.position / np.linalg.norm(samples.position, axis=1, keepdims=True)
    albedo = np.tile([0.42, 0.25, 0.18], (len(samples), 1))
    layer = Layer(
        surface,
        surfels(surface, samples.triangle, samples.barycentric, normals, samples.spacing, albedo),
        normals.astype(np.float32),
        falling_importance(len(samples)),
        np.ones(len(samples), np.float32),
        np.full(len(samples), gloss, np.float32),
    )
    return lit([layer], STUDIO, 0, head_above=1e9)[0]


def avatar_of(layer: Layer) -> Avatar:
    skeleton = Skeleton(("root",), np.array([-1], np.int32), np.eye(4, dtype=np.float32)[None])
    return merge([layer], skeleton, name="ball", licence="CC0-1.0")


def picture(layer: Layer, eye: F64) -> NDArray[np.float64]:
    view = look_at_view(eye, np.zeros(3), 20.0, 160, 160)
    return render_image(avatar_of(layer), view, background=(0.0, 0.0, 0.0, 1.0))[..., :3].astype(np.float64)


@pytest.mark.parametrize("toward", [(0, 0, 1), (1, 0.2, 0.3), (-0.6, 0.5, 0.6), (0.2, 0.3, -1)])
def test_the_harmonics_draw_what_the_model_gives_from_there(toward: tuple[float, float, float]) -> None:
    eye = 0.7 * np.array(toward) / np.linalg.norm(toward)
    matt, glossy = ball(0.0), ball(GLOSS)
    to_eye = eye - positions(matt.surface, matt.gaussians)
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    direct = albedo_of(matt.gaussians)
    for k, (normal, viewer) in enumerate(zip(matt.normals.astype(np.float64), to_eye, strict=True)):
        if normal @ viewer > -0.2:
            open_sky = np.ones((len(SPHERE), 1), np.float32)
            light = mirrored(normal[None], open_sky, SPHERE, STUDIO.radiance(SPHERE), viewer[None])
            direct[k] += GLOSS * light[0, 0]
    wanted = picture(replace(matt, gaussians=replace(matt.gaussians, sh=albedo_sh(direct))), eye)
    made, without = picture(glossy, eye), picture(matt, eye)
    shown = wanted.max(axis=2) > 0

    def decibels(got: NDArray[np.float64]) -> float:
        return float(20 * np.log10(255 / np.sqrt(np.mean((got - wanted)[shown] ** 2))))

    assert decibels(made) > 34
    assert decibels(made) > decibels(without) + 6


def test_no_view_is_dark_or_of_another_colour_behind() -> None:
    matt, glossy = ball(0.0), ball(GLOSS)
    terms = glossy.gaussians.sh.shape[1]
    light = 0.5 + np.einsum("mk,nkc->nmc", harmonics(-around(200))[:, :terms], glossy.gaussians.sh)
    assert light.min() > 0
    behind = glossy.normals @ around(200).T < -0.5
    plain = np.broadcast_to(albedo_of(matt.gaussians)[:, None], light.shape)
    assert np.abs(light - plain)[behind].mean() < 0.025


def test_what_would_be_dark_is_lessened_and_keeps_its_middle() -> None:
    sh = np.zeros((2, 9, 3))
    sh[:, 0], sh[0, 1], sh[1, 6] = -1.0, 1.0, 0.01
    kept = never_dark(sh)
    np.testing.assert_array_equal(kept[:, 0], sh[:, 0])
    np.testing.assert_array_equal(kept[1], sh[1])
    light = 0.5 + np.einsum("mk,nkc->nmc", harmonics(around(400))[:, :9], kept)
    assert light.min() > 0 and kept[0, 1, 0] > 0


def test_matt_things_have_one_harmonic() -> None:
    floor = sheet(np.array([-0.5, 0.0, -0.5]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), 0.05)
    assert lit([floor], STUDIO, 0, head_above=1e9)[0].gaussians.sh.shape[1] == 1
    assert colour([floor]).shape[1] == 3


def test_a_highlight_stands_where_a_mirror_would_show_the_lamp() -> None:
    lamp = np.array([0.6, 0.0, 0.8])
    light = np.exp(30 * (SPHERE @ lamp - 1))[:, None] * np.ones(3)
    normal = np.array([[0.0, 0.0, 1.0]])
    fit = shine(normal, np.ones((80, 1), np.float32), SPHERE, light, 9)[0, :, 0]
    views = around(2000)
    views = views[views[:, 2] > 0.3]
    brightest = views[np.argmax(harmonics(-views)[:, :9] @ fit)]
    assert brightest @ np.array([-0.6, 0.0, 0.8]) > np.cos(np.radians(15))


def test_hair_shines_in_a_band_across_it() -> None:
    tangent, normal = np.array([[0.0, -1.0, 0.0]], np.float32), np.array([[0.0, 0.0, 1.0]])
    lamp = np.exp(30 * (SPHERE @ [0.0, 0.0, 1.0] - 1))[:, None] * np.ones(3)
    given = (np.ones((80, 1), np.float32), SPHERE, lamp, np.full((1, 3), 0.1))
    sides = np.array([[0.0, 0.0, 1.0], [0.7, 0.0, 0.714], [0.0, 0.8, 0.6], [0.0, -0.8, 0.6]])
    direct = fibres_seen(tangent, normal, *given, sides)[0, :, 0]
    assert direct[0] > 3 * direct[2] and direct[0] > 3 * direct[3]
    assert direct[1] > 2 * direct[2]
    made = harmonics(-sides)[:, :9] @ fibre_shine(tangent, normal, *given, 9)[0, :, 0]
    assert made[0] > 1.5 * max(made[2], made[3]) and made[1] > max(made[2], made[3])


def test_fuzz_is_brightest_along_the_cloth() -> None:
    normals = around(20)
    fit = fuzz(normals, 9)
    for normal, own in zip(normals, fit, strict=True):
        across = np.cross(normal, [0.3, 0.5, 0.8])
        across /= np.linalg.norm(across)
        edge, front = harmonics(-np.stack([0.97 * across + 0.24 * normal, normal]))[:, :9] @ own
        assert edge > 0.15 and abs(front) < 0.15
