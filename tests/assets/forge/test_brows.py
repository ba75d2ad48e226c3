"""Brows and lashes lie on the face, differ by style, and go where expressions move the skin."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.errors import ForgeError
from assets.forge.anatomy.face import Face
from assets.forge.hair.brows import BROW_STYLES, brows
from assets.forge.hair.lashes import LASH_STYLES, PIECES, lashes
from assets.forge.layer import Layer, albedo_of, frames, positions
from assets.forge.palette import palette
from assets.forge.source import F64
from tests.assets.forge.forged import body


def moved(layer: Layer, **weights: float) -> F64:
    shift = sum(w * layer.surface.shapes[INDEX[name]].astype(np.float64) for name, w in weights.items())
    return positions(replace(layer.surface, vertices=layer.surface.vertices + shift), layer.gaussians)


@pytest.mark.parametrize("style", BROW_STYLES)
def test_brows_lie_on_the_skin_above_the_eyes(style: str) -> None:
    layer = brows(body(), palette(0), seed=0, count=900, style=style)
    place, eyes = positions(layer.surface, layer.gaussians), Face(body()).eyes
    away = cKDTree(body().vertices).query(place)[0]
    assert away.max() < 0.012
    above = place[:, 1] - eyes[0, 1]
    assert above.min() > 0.007 and above.max() < 0.035
    assert (np.abs(place[:, 0]) > 0.008).all(), "they do not meet over the nose"
    assert 0.4 < (place[:, 0] > 0).mean() < 0.6
    _, edge = frames(layer.surface.vertices, layer.surface.triangles)
    deviations = np.sort(layer.gaussians.scale * edge[layer.gaussians.triangle, None], axis=1)
    assert deviations[:, 1].max() < 0.0002 and (deviations[:, 2] > 2.5 * deviations[:, 1]).all()
    assert 0.9 * 900 <= len(layer.gaussians) <= 900


def test_brow_styles_differ_as_they_say() -> None:
    made = {name: brows(body(), palette(0), seed=0, count=2000, style=name) for name in BROW_STYLES}
    height = {name: np.ptp(positions(layer.surface, layer.gaussians)[:, 1]) for name, layer in made.items()}
    assert height["bushy"] > height["plain"] > 0.009
    opacity = {name: float(layer.gaussians.opacity.mean()) for name, layer in made.items()}
    assert opacity["sparse"] < 0.8 * opacity["plain"] < opacity["full"]
    white = brows(body(), palette(0), seed=0, count=2000, grey=0.7)
    assert 0.6 < (albedo_of(white.gaussians).mean(axis=1) > 0.3).mean() < 0.8


def test_brows_rise_with_the_face() -> None:
    layer = brows(body(), palette(0), seed=0, count=900)
    rest = positions(layer.surface, layer.gaussians)
    raised = moved(layer, browInnerUp=1.0, browOuterUpLeft=1.0, browOuterUpRight=1.0)
    assert np.quantile((raised - rest)[:, 1], 0.1) > 0.001
    skin = body().posed({"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0})
    assert cKDTree(skin).query(raised)[0].max() < 0.012


@pytest.mark.parametrize("style", LASH_STYLES)
def test_lashes_go_down_with_the_lids(style: str) -> None:
    layer = lashes(body(), palette(0), seed=0, count=600, style=style)
    rest, eyes = positions(layer.surface, layer.gaussians), Face(body()).eyes
    shut = moved(layer, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    upper = rest[:, 1] > eyes[0, 1] + 0.003
    assert upper.sum() > 50
    assert np.quantile((shut - rest)[upper, 1], 0.9) < -0.003
    assert (rest[:, 2] > eyes[0, 2]).all()


def test_lashes_are_thin_curved_and_stronger_above() -> None:
    layer = lashes(body(), palette(0), seed=0, count=2000)
    _, edge = frames(layer.surface.vertices, layer.surface.triangles)
    deviations = np.sort(layer.gaussians.scale * edge[layer.gaussians.triangle, None], axis=1)
    assert deviations[:, 1].max() < 0.00014
    assert np.quantile(deviations[:, 2] / deviations[:, 1], 0.1) > 2
    place = positions(layer.surface, layer.gaussians).reshape(-1, PIECES, 3)
    upper = place[:, 0, 1] > Face(body()).eyes[0, 1] - 0.001
    assert 1.3 * (~upper).sum() < upper.sum() < 300
    reach = np.linalg.norm(place[:, -1] - place[:, 0], axis=1)
    assert np.median(reach[upper]) > 1.4 * np.median(reach[~upper])
    steps = np.diff(place[upper], axis=1)
    turned = (steps[:, -1, 1] / np.linalg.norm(steps[:, -1], axis=1)) - steps[:, 0, 1] / np.linalg.norm(
        steps[:, 0], axis=1
    )
    assert np.median(turned) > 0.15, "tips bend upwards"
    again = lashes(body(), palette(0), seed=0, count=2000)
    np.testing.assert_array_equal(again.gaussians.offset, layer.gaussians.offset)


def test_hairs_of_a_brow_turn_outwards_along_it() -> None:
    layer = brows(body(), palette(0), seed=0, count=2000)
    assert len(layer.gaussians) <= 2000
    pairs = positions(layer.surface, layer.gaussians).reshape(-1, 2, 3)
    root, heading = pairs[:, 0], pairs[:, 1] - pairs[:, 0]
    beside, outwards = np.abs(root[:, 0]), heading[:, 0] * np.sign(root[:, 0])
    upright = np.degrees(np.arctan2(heading[:, 1], outwards))
    inner, outer = (upright[(beside > low) & (beside < high)] for low, high in ((0.010, 0.024), (0.046, 0.060)))
    assert len(inner) > 30 and len(outer) > 30
    assert np.median(inner) > 35 and np.median(outer) < 5
    assert inner.std() > 5


def test_longer_lashes_reach_farther() -> None:
    reach = {}
    for style in LASH_STYLES:
        layer = lashes(body(), palette(0), seed=0, count=1500, style=style)
        place = positions(layer.surface, layer.gaussians)
        eyes = Face(body()).eyes
        reach[style] = np.linalg.norm(place - np.where(place[:, :1] > 0, eyes[0], eyes[1]), axis=1).max()
    assert reach["short"] < reach["plain"] <= reach["long"]


def test_styles_that_are_not_there_are_refused() -> None:
    with pytest.raises(ForgeError, match="choose among plain"):
        brows(body(), palette(0), seed=0, count=100, style="zigzag")
    with pytest.raises(ForgeError, match="choose among plain"):
        lashes(body(), palette(0), seed=0, count=100, style="zigzag")
