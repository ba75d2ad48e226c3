"""Skin close up: pores, years, tones, lips, nails, and no light through lips and lids."""

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import label
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.forge.anatomy.face import Face
from assets.forge.anatomy.hand import hands
from assets.forge.features.eyes import eyes
from assets.forge.features.lids import lids
from assets.forge.features.mouth import mouth
from assets.forge.layer import Layer, albedo_of, merge, positions
from assets.forge.palette import palette
from assets.forge.skin.nails import nail_zone
from assets.forge.skin.skin import skin
from assets.forge.source import F64
from render.offscreen import look_at_view, render_image
from tests.assets.forge.forged import body

MAGENTA = (1.0, 0.0, 1.0, 1.0)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@cache
def layer(age: float = 25.0, tone: float = 0.2) -> Layer:
    covered = body().vertices[body().triangles["body"]].mean(axis=1)[:, 1] < body().joint("neck_01")[1] - 0.05
    covered &= np.abs(body().vertices[body().triangles["body"]].mean(axis=1)[:, 0]) < 0.4
    return skin(body(), palette(0, skin=tone), seed=0, count=28_000, age=age, covered=covered)


def seen(layer: Layer) -> tuple[F64, F64, F64]:
    """Places (N, 3), albedos (N, 3) and opacities (N,)."""
    return positions(layer.surface, layer.gaussians), albedo_of(layer.gaussians), layer.gaussians.opacity.astype(float)


def forehead(place: F64) -> F64:
    eye = Face(body()).eyes.mean(0)
    away = (place - eye - [0.0, 0.045, 0.0]) / [0.03, 0.014, 0.04]
    return np.asarray(np.linalg.norm(away, axis=1) < 1)


@cache
def head() -> Avatar:
    """What closes a face, without light: colours are albedos."""
    colours = palette(0, skin=0.2)
    parts = [
        layer(),
        eyes(body(), colours, seed=0, count=8_000),
        lids(body(), seed=0, count=2_000),
        mouth(body(), seed=0, count=7_000),
    ]
    return merge(parts, body().skeleton, name="head", licence="CC0-1.0")


def test_pores_vary_the_face_within_two_millimetres() -> None:
    place, albedo, opacity = seen(layer())
    nose = Face(body()).nose
    near = np.linalg.norm(place - nose, axis=1) < 0.012
    marks = near & (opacity < 0.9)
    assert marks.sum() > 30
    ground = near & (opacity >= 0.9)
    _, other = cKDTree(place[ground]).query(place[marks])
    ratio = (albedo[marks] / albedo[ground][other]) @ LUMINANCE
    assert np.median(ratio) < 0.85


def test_years_deepen_the_lines_of_the_forehead() -> None:
    def contrast(age: float) -> float:
        place, albedo, opacity = seen(layer(age))
        there = forehead(place) & (opacity >= 0.9)
        value, where = np.log(albedo[there] @ LUMINANCE), place[there]
        _, around = cKDTree(where).query(where, k=24)
        return float(np.std(value - value[around].mean(axis=1)))

    assert contrast(75.0) > 1.6 * contrast(25.0)


def test_deeper_is_darker_and_pale_where_no_sun_comes() -> None:
    light = []
    for tone in (0.2, 0.6, 1.0):
        place, albedo, opacity = seen(layer(25.0, tone))
        light.append(float(np.median(albedo[forehead(place) & (opacity >= 0.9)] @ LUMINANCE)))
    assert light[0] > 1.3 * light[1] > 1.3 * 1.3 * light[2]
    place, albedo, _ = seen(layer(25.0, 1.0))
    normal = layer(25.0, 1.0).normals.astype(float)
    hand = hands(body())[0]
    close = np.linalg.norm(place - (hand.wrist + hand.knuckle) / 2, axis=1) < 0.05
    inside, outside = (close & (sign * (normal @ hand.palm) > 0.6) for sign in (1, -1))
    assert np.median(albedo[inside] @ LUMINANCE) > 1.5 * np.median(albedo[outside] @ LUMINANCE)


def test_lips_are_redder_than_the_chin() -> None:
    place, albedo, opacity = seen(layer())
    mouth_ = Face(body()).mouth
    lower = np.linalg.norm((place - mouth_ - [0, -0.006, 0]) / [0.012, 0.003, 0.01], axis=1) < 1
    chin = np.linalg.norm((place - mouth_ - [0, -0.030, 0]) / [0.01, 0.006, 0.03], axis=1) < 1
    red = [float(np.median((albedo[:, 0] / albedo[:, 1])[which & (opacity >= 0.9)])) for which in (lower, chin)]
    assert red[0] > 1.25 * red[1]


@pytest.mark.parametrize("side", [0, 1])
def test_every_finger_has_a_pale_and_glossy_nail(side: int) -> None:
    place, albedo, opacity = seen(layer(25.0, 1.0))
    normal = layer(25.0, 1.0).normals.astype(float)
    gloss = layer(25.0, 1.0).gloss
    for finger in hands(body())[side].fingers:
        zone = (nail_zone(place, normal, finger) > 0) & (opacity >= 0.9)
        away = place - finger.joints[2]
        along = (away @ finger.along - finger.nail[0]) / (finger.nail[1] - finger.nail[0])
        middle = zone & (np.abs(away @ finger.across) < 0.5 * finger.half_width)
        bed = middle & (along > 0.4) & (along < 0.8)
        phalanx = np.linalg.norm(place - (finger.joints[1] + finger.joints[2]) / 2, axis=1) < 0.014
        back = phalanx & (normal @ finger.back > 0.4) & (opacity >= 0.9)
        assert bed.sum() > 1 and back.sum() > 1
        assert np.median(albedo[bed] @ LUMINANCE) > 1.3 * np.median(albedo[back] @ LUMINANCE)
        assert np.median(gloss[bed]) > 1.4 * np.median(gloss[back])


@pytest.mark.parametrize(
    "face",
    [
        {},
        {"jawOpen": 0.3},
        {"jawOpen": 0.7},
        {"jawOpen": 1.0},
        {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
        {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},
        {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "jawOpen": 0.25},
        {"mouthPucker": 0.9},
        {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    ],
    ids=str,
)
def test_nothing_shines_through_the_face(face: dict[str, float]) -> None:
    middle = Face(body()).eyes.mean(0) - [0.0, 0.035, 0.0]
    weights = np.zeros(52, np.float32)
    for name, weight in face.items():
        weights[INDEX[name]] = weight
    for aside in (0.0, 0.25, -0.25):
        view = look_at_view(middle + np.array([aside, -0.05, 0.55]), middle, 14.0, 300, 300)
        picture = render_image(head(), view, expression=weights, background=MAGENTA)[..., :3].astype(int)
        magenta = (picture[..., 0] > picture[..., 1] + 110) & (picture[..., 2] > picture[..., 1] + 110)
        around, _ = label(np.pad(magenta, 1, constant_values=True))
        holes = magenta & (around[1:-1, 1:-1] != around[0, 0])
        assert holes.sum() == 0, f"{holes.sum()} pixels are open from {aside}"
