"""Eyes: the iris lies behind the cornea, the pupil follows the gaze, the lamps' reflections stay with the lamps."""

import numpy as np
import pytest

from assets.arkit import INDEX
from assets.forge.anatomy.aperture import aperture
from assets.forge.features.eyes import eyes
from assets.forge.features.globe import CORNEA, IRIS, globe
from assets.forge.layer import Layer, Surface, albedo_of, positions
from assets.forge.palette import EYE_COLOURS, palette
from assets.forge.source import F64
from assets.forge.studio import Studio
from tests.assets.forge.forged import body


def made(colour: str = "blue") -> Layer:
    return eyes(body(), palette(0, eyes=colour), seed=0, count=6_000)


def places(layer: Layer, face: dict[str, float]) -> F64:
    surface, vertices = layer.surface, layer.surface.vertices.copy()
    for name, weight in face.items():
        vertices = vertices + weight * surface.shapes[INDEX[name]].astype(np.float64)
    moved = Surface(vertices, surface.triangles, surface.skin_joints, surface.skin_weights, surface.shapes)
    return positions(moved, layer.gaussians)


def of_left(layer: Layer) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(positions(layer.surface, layer.gaussians)[:, 0] > 0)


def reflections(layer: Layer) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Those of the key light in the left eye: the only ones brighter than white."""
    return np.asarray((albedo_of(layer.gaussians).min(axis=1) > 1.0) & (layer.lit == 0) & of_left(layer))


def test_the_pupil_moves_farther_than_the_reflection() -> None:
    layer = made()
    pupil = (albedo_of(layer.gaussians).max(axis=1) < 0.01) & of_left(layer)
    lamp = reflections(layer)
    before = places(layer, {})
    for name, axis in (("eyeLookOutLeft", 0), ("eyeLookInLeft", 0), ("eyeLookDownLeft", 1), ("eyeLookUpLeft", 1)):
        moved = places(layer, {name: 1.0}) - before
        far, near = moved[pupil].mean(0)[axis], moved[lamp].mean(0)[axis]
        assert abs(far) > 0.0015
        assert np.sign(far) == np.sign(near)
        assert 0.4 < near / far < 0.8  # the cornea's centre lies between the ball's and the pupil


def test_the_reflection_is_where_the_cornea_mirrors_the_lamp() -> None:
    layer, ball = made(), globe(body(), "l")
    lamp = np.array(Studio().key_from) / np.linalg.norm(Studio().key_from)
    for face in ({}, {"eyeLookOutLeft": 0.6}, {"eyeLookDownLeft": 0.5}):
        spot = places(layer, face)[reflections(layer)].mean(0)
        centre = ball.cornea + sum(
            (weight * ball.moved(ball.cornea[None])[INDEX[name], 0] for name, weight in face.items()), np.zeros(3)
        )
        normal = np.append((spot - centre)[:2], 0.0)
        normal[2] = np.sqrt(CORNEA**2 - normal @ normal)
        normal /= CORNEA
        out = 2 * (normal @ lamp) * normal - lamp  # mirrored at the cornea: towards the viewer in front
        assert out[2] > np.cos(np.radians(4.0))


def test_the_iris_lies_flat_behind_the_sclera_s_sphere() -> None:
    layer, ball = made(), globe(body(), "l")
    place = positions(layer.surface, layer.gaussians)[of_left(layer)] - ball.centre
    aside = np.linalg.norm(place[:, :2], axis=1)
    iris = (aside < 0.8 * IRIS) & (place[:, 2] > 0) & (layer.lit[of_left(layer)] > 0)
    assert np.ptp(place[iris, 2]) < 0.001
    assert place[iris, 2].max() < ball.radius - 0.0008


@pytest.mark.parametrize("colour", sorted(EYE_COLOURS))
def test_the_iris_has_its_colour_and_a_dark_ring(colour: str) -> None:
    layer, ball = made(colour), globe(body(), "l")
    place = positions(layer.surface, layer.gaussians) - ball.centre
    share = np.linalg.norm(place[:, :2], axis=1) / IRIS
    front = (place[:, 2] > 0.005) & of_left(layer) & (layer.lit > 0) & (layer.gaussians.opacity > 0.9)
    albedo = albedo_of(layer.gaussians)
    middle, ring, pupil, white = (
        albedo[front & (share > low) & (share < high)].mean(0)
        for low, high in ((0.55, 0.75), (0.94, 1.0), (0.0, 0.25), (1.25, 1.5))
    )
    wanted = EYE_COLOURS[colour][0]
    cosine = middle @ wanted / (np.linalg.norm(middle) * np.linalg.norm(wanted))
    assert cosine > 0.97
    assert pupil.mean() < 0.6 * ring.mean() < 0.6 * 0.9 * middle.mean()
    assert white.min() > 0.35


@pytest.mark.parametrize("side", ["l", "r"])
def test_the_pupil_stands_in_the_upper_half_of_the_opening(side: str) -> None:
    ball = globe(body(), side)
    opening = aperture(body().vertices, body().triangles["body"], ball.centre, ball.radius)
    middle = int(np.argmin(np.abs(opening.x - ball.centre[0])))
    high, low = opening.upper[middle] - ball.centre[1], ball.centre[1] - opening.lower[middle]
    assert 0.003 < high < 0.006 and 0.004 < low < 0.008
    assert high < low
    assert 0.020 < opening.width < 0.032
