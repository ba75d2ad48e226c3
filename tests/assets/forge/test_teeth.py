"""Teeth: apart from each other, as wide as teeth are, ivory over pink, and where a jaw takes them."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.forge.anatomy.face import Face
from assets.forge.features.mouth import mouth
from assets.forge.features.teeth import row
from assets.forge.layer import albedo_of, positions, surface_of
from tests.assets.forge.forged import body

PARTS = ("upper_teeth", "lower_teeth")


@pytest.mark.parametrize("part", PARTS)
def test_fourteen_crowns_stand_side_by_side(part: str) -> None:
    teeth = row(body(), part, Face(body()).mouth - [0, 0, 0.013])
    place = teeth.surface.vertices
    assert sorted(set(teeth.tooth[teeth.tooth >= 0])) == list(range(7))
    left = place[:, 0] > 0
    first, second = ((teeth.tooth == number) & left for number in (0, 1))
    widths = (0.0085, 0.0066) if part == "upper_teeth" else (0.0053, 0.0058)
    assert np.ptp(place[first, 0]) == pytest.approx(widths[0], rel=0.25)
    apart = np.linalg.norm(place[second].mean(axis=0) - place[first].mean(axis=0))
    assert apart == pytest.approx(sum(widths) / 2, rel=0.2)
    assert place[teeth.tooth == 6, 2].max() < place[first, 2].max() - 0.015  # the arch goes back


def test_the_lower_teeth_go_with_the_jaw_and_the_upper_stay() -> None:
    upper, lower = (row(body(), part, Face(body()).mouth - [0, 0, 0.013]) for part in PARTS)
    jaw = INDEX["jawOpen"]
    assert np.abs(upper.surface.shapes[jaw]).max() < 1e-6
    bar = surface_of(body(), body().triangles["lower_teeth"])
    crowns = lower.tooth >= 0
    nearest = cKDTree(bar.vertices).query(lower.surface.vertices[crowns])[1]
    apart = lower.surface.shapes[jaw][crowns] - bar.shapes[jaw][nearest]
    assert np.median(np.linalg.norm(apart, axis=1)) < 0.0025


def test_teeth_are_pale_gums_are_pink_and_the_throat_side_is_dark() -> None:
    layer = mouth(body(), seed=0, count=5_000)
    place, colour = positions(layer.surface, layer.gaussians), albedo_of(layer.gaussians)
    lips = Face(body()).mouth
    front = place[:, 2] > lips[2] - 0.018
    height = place[:, 1] - lips[1]
    enamel = front & (height > -0.001) & (height < 0.004) & (np.abs(place[:, 0]) < 0.012)
    assert np.median(colour[enamel].mean(axis=1)) > 0.3
    assert np.median(colour[enamel, 0] / colour[enamel, 2]) < 1.9
    gum = front & (height > 0.011) & (np.abs(place[:, 0]) < 0.012)
    assert np.median(colour[gum, 0] / colour[gum, 1]) > 1.8
    back = place[:, 2] < lips[2] - 0.05
    assert np.median(colour[back].mean(axis=1)) < 0.15 * np.median(colour[enamel].mean(axis=1))


def test_age_yellows_teeth() -> None:
    young, old = (albedo_of(mouth(body(), seed=0, count=2_000, age=age).gaussians) for age in (25.0, 75.0))
    pale = young.min(axis=1) > 0.25
    assert np.mean((old / young)[pale, 2]) < 0.9 * np.mean((old / young)[pale, 0])
