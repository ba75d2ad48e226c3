"""Directions and eyeballs: against plain geometry, and a forged eye's own pupil."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from assets.forge.features.eyes import eyes
from assets.forge.layer import albedo_of, positions
from assets.forge.palette import palette
from render.motion.quaternion import euler, mul, rotate
from render.motion.sight import EYE_MOST, elevation, eye_turn, point_of, way_to
from tests.assets.forge.forged import body
from tests.render.motion.watched import degrees_between

metres = st.floats(-3.0, 3.0)


@given(metres, metres, metres)
def test_a_way_leads_to_its_place(x: float, y: float, z: float) -> None:
    place, middle = (x, y, z), (0.1, 1.6, 0.0)
    if np.hypot(x - 0.1, z) > 0.3:
        assert point_of(way_to(place, middle), middle) == pytest.approx(place, abs=1e-9)


@given(st.floats(-60, 60), st.floats(-30, 30), st.floats(-22, 22), st.floats(-22, 22), st.floats(0.4, 9.0))
def test_an_eye_points_at_what_it_looks_at(yaw: float, pitch: float, left: float, up: float, far: float) -> None:
    head, eye = euler(pitch, yaw, 3.0), (0.03, 1.6, 0.1)
    way = np.array(rotate(mul(head, euler(-up, left, 0.0)), (0.0, 0.0, 1.0)))
    if degrees_between(way, np.array(rotate(head, (0.0, 0.0, 1.0)))) > 23.5:
        return
    point = tuple((np.array(eye) + far * way).tolist())
    turned = eye_turn(eye, point, head)
    assert degrees_between(np.array(rotate(mul(head, turned), (0.0, 0.0, 1.0))), way) < 0.01
    assert abs(turned[3]) < 1e-9  # no roll (Listing)
    assert np.sign(elevation(turned)) == np.sign(up) or abs(up) < 0.1


def test_an_eye_stops_softly_at_its_limit() -> None:
    angles = np.arange(0.0, 180.0, 0.5)
    turned = []
    for angle in np.radians(angles):
        w, x, y, z = eye_turn((0, 0, 0), (np.sin(angle), 0.0, np.cos(angle)), (1.0, 0.0, 0.0, 0.0))
        turned.append(Rotation.from_quat((x, y, z, w)).magnitude())
    turned = np.degrees(turned)
    assert turned[:40] == pytest.approx(angles[:40])
    assert turned.max() < EYE_MOST + 1e-6 and (np.diff(turned) > -1e-6).all()
    assert np.abs(np.diff(turned, n=2)).max() < 0.1


def test_a_forged_eye_s_pupil_is_where_its_joint_faces() -> None:
    """What is turned by its joint is the axis through the pupil."""
    layer, skeleton = eyes(body(), palette(0, eyes="blue"), seed=0, count=6_000), body().skeleton
    places, dark = positions(layer.surface, layer.gaussians), albedo_of(layer.gaussians).max(axis=1) < 0.01
    for name, side in (("eye_l", 1), ("eye_r", -1)):
        pupil = places[dark & (side * places[:, 0] > 0)].mean(axis=0)
        axis = pupil - skeleton.rest[skeleton.names.index(name), :3, 3]
        assert degrees_between(axis, np.array((0.0, 0.0, 1.0))) < 2.0
