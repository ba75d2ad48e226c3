"""Beards grow where beards grow, stand on the skin, and follow jaw and lips."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.errors import ForgeError
from assets.forge.anatomy.body import Body, make_body
from assets.forge.anatomy.face import Face
from assets.forge.anatomy.person import Person
from assets.forge.hair.beard import BEARD_STYLES, beard
from assets.forge.hair.scalp import scalp_of
from assets.forge.layer import Layer, albedo_of, positions
from assets.forge.palette import palette
from assets.forge.source import F64, Source
from tests.assets.forge.forged import wheel


@cache
def man() -> Body:
    with Source(wheel()) as source:
        return make_body(source, Person(sex=1.0, age=35), seed=1)


@cache
def grown(style: str) -> Layer:
    return beard(man(), palette(1), seed=1, count=4000, style=style)


def place(style: str) -> F64:
    return positions(grown(style).surface, grown(style).gaussians)


@pytest.mark.parametrize("style", BEARD_STYLES)
def test_lips_eyes_and_cheekbones_stay_free(style: str) -> None:
    face, scalp, points = Face(man()), scalp_of(man()), place(style)
    assert points[:, 1].max() < face.eyes[0, 1]
    between = (np.abs(points[:, 0]) < 0.6 * face.mouth_half_width) & (np.abs(points[:, 1] - face.mouth[1]) < 0.002)
    in_front = points[:, 2] > face.mouth[2] - 0.004
    assert (between & in_front).mean() < 0.01, "hair before the slit of the mouth"
    assert points[:, 1].min() > scalp.chin_height - 0.055
    cheek = (points[:, 1] > face.nose[1]) & (np.abs(np.degrees(scalp.azimuth(points))) < 35)
    assert not cheek.any()


@pytest.mark.parametrize("style", BEARD_STYLES)
def test_hair_stands_on_the_skin(style: str) -> None:
    longest = max(BEARD_STYLES[style].cheeks, BEARD_STYLES[style].chin, BEARD_STYLES[style].moustache)
    samples = man().vertices[man().triangles["body"]].mean(axis=1)
    away = cKDTree(np.concatenate([samples, man().vertices])).query(place(style))[0]
    assert away.max() < longest + 0.008
    assert 0.3 * 4000 < len(grown(style).gaussians) < 1.6 * 4000


def test_styles_grow_where_they_say() -> None:
    face = Face(man())
    chin = {style: (place(style)[:, 1] < face.mouth[1] - 0.015).mean() for style in BEARD_STYLES}
    assert chin["moustache"] == 0 and chin["full"] > 0.4
    beside = {style: np.abs(place(style)[:, 0]).max() for style in BEARD_STYLES}
    assert beside["goatee"] < 0.055 < beside["short"]


def test_it_follows_the_jaw() -> None:
    layer = grown("full")
    shift = layer.surface.shapes[INDEX["jawOpen"]].astype(np.float64)
    opened = positions(replace(layer.surface, vertices=layer.surface.vertices + shift), layer.gaussians)
    chin = place("full")[:, 1] < Face(man()).mouth[1] - 0.03
    assert np.median((opened - place("full"))[chin, 1]) < -0.008


def test_it_stays_on_the_skin_in_a_smile_and_an_open_mouth() -> None:
    layer, pose = grown("short"), {"jawOpen": 0.7, "mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}
    shift = sum(w * layer.surface.shapes[INDEX[name]].astype(np.float64) for name, w in pose.items())
    moved = positions(replace(layer.surface, vertices=layer.surface.vertices + shift), layer.gaussians)
    skin = man().posed(pose)
    samples = np.concatenate([skin, skin[man().triangles["body"]].mean(axis=1)])
    assert cKDTree(samples).query(moved)[0].max() < BEARD_STYLES["short"].chin + 0.010
    assert np.quantile(np.linalg.norm(moved - place("short"), axis=1), 0.5) > 0.003


def test_colour_seed_and_names() -> None:
    again = beard(man(), palette(1), seed=1, count=4000, style="short")
    np.testing.assert_array_equal(again.gaussians.offset, grown("short").gaussians.offset)
    white = beard(man(), palette(1), seed=1, count=4000, style="short", grey=1.0)
    assert np.median(albedo_of(white.gaussians)) > 4 * np.median(albedo_of(again.gaussians))
    with pytest.raises(ForgeError, match="choose one of stubble"):
        beard(man(), palette(1), seed=1, count=100, style="zz")
