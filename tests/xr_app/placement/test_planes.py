"""Planes of a furnished room, from the headset's words to where one can stand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.planes import Flat, PlaneDetection
from xr_app.placement import planes
from xr_app.placement.planes import PlaneFinder, finds_planes
from xr_app.placement.room import Kind, Plane, Room, floor_of
from xr_app.poses import Pose
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

HALF = math.sqrt(0.5)
SEMANTICS = xr.PlaneDetectorSemanticTypeEXT
ROOM = [
    Flat(Pose(position=(0.0, 0.02, 0.0)), (5.0, 4.0), SEMANTICS.FLOOR),
    # Its y, the normal, to the user: a quarter turn about x.
    Flat(Pose((HALF, 0.0, 0.0, HALF), (0.0, 1.2, -2.0)), (5.0, 2.4), SEMANTICS.WALL),
    Flat(Pose(position=(1.5, 0.7, 0.0)), (9.0, 9.0), SEMANTICS.PLATFORM, [(-0.4, -0.3), (0.4, -0.3), (0.0, 0.5)]),
    Flat(Pose(position=(0.0, 1.0, 0.0)), (9.0, 9.0), known=False),
]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "_ASK_S", 0.0)


@contextmanager
def found(monado: MonadoService, detection: PlaneDetection) -> Iterator[tuple[XrSession, SimulatedLayer]]:
    with (
        SimulatedLayer(detection) as layer,
        XrSession(
            monado.environment, eye_size=(32, 32), layers=[CORE_VALIDATION, layer.name], extensions=layer.extensions
        ) as session,
    ):
        yield session, layer


def seen(session: XrSession, frames: int = 8) -> tuple[PlaneFinder, list[Plane]]:
    finder = PlaneFinder(session.instance.handle, session.handle, session.space)
    result: list[Plane] = []

    def draw(frame: Frame) -> None:
        result.extend(finder.step(frame.xr_time, frame.head) or [])

    run(session, frames, draw)
    return finder, result


def test_planes_of_a_room(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> None:
    detection = PlaneDetection(ROOM)
    with found(monado, detection) as (session, layer):
        instance = session.instance
        assert finds_planes(instance.handle, instance.system_id, instance.extensions)
        finder, (floor, wall, table) = seen(session)
        finder.close()
    assert not layer.leaked and detection.begun == 1
    assert [plane.kind for plane in (floor, wall, table)] == [Kind.FLOOR, Kind.WALL, Kind.TABLE]
    assert floor.level and wall.upright and table.level
    assert wall.outline[:, 1].min() == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(wall.outline[:, 2], -2.0, atol=1e-6)
    assert np.allclose(table.outline, [(1.1, 0.7, -0.3), (1.9, 0.7, -0.3), (1.5, 0.7, 0.5)], atol=1e-6)
    assert floor_of([floor, wall, table], 1.6) == pytest.approx(0.02)
    room = Room.of([floor, wall, table], 0.02)
    places = np.array([(0.0, 0.0), (0.0, -1.9), (1.5, 0.0), (1.5, 1.2)])
    assert room.free(places).tolist() == [True, False, False, True]
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def test_what_the_user_does_not_permit_is_not_asked_for_again(monado: MonadoService) -> None:
    with found(monado, PlaneDetection(ROOM, permitted=False)) as (session, layer):
        finder, result = seen(session)
        assert finder.refused and not result
        assert layer.calls.count("xrBeginPlaneDetectionEXT") == 1
        finder.close()


@pytest.mark.parametrize("end", [xr.PlaneDetectionStateEXT.ERROR, xr.PlaneDetectionStateEXT.FATAL])
def test_a_detection_that_fails_tells_nothing(monado: MonadoService, end: xr.PlaneDetectionStateEXT) -> None:
    detection = PlaneDetection(ROOM)
    detection.ends = end
    with found(monado, detection) as (session, _):
        finder, result = seen(session)
        assert not result and finder.refused == (end == xr.PlaneDetectionStateEXT.FATAL)
        finder.close()


def test_more_planes_than_a_room_has_are_left(monado: MonadoService) -> None:
    with found(monado, PlaneDetection(ROOM[:1] * 200)) as (session, _):
        finder, result = seen(session)
        assert not result
        finder.close()


def test_a_headset_without_planes(monado: MonadoService) -> None:
    with found(monado, PlaneDetection([], supported=False)) as (session, _):
        instance = session.instance
        assert not finds_planes(instance.handle, instance.system_id, instance.extensions)
        finder, result = seen(session, 2)
        assert finder.refused and not result
        finder.close()
    with XrSession(monado.environment, eye_size=(32, 32), extensions=[planes.EXTENSION]) as session:
        instance = session.instance
        assert not finds_planes(instance.handle, instance.system_id, instance.extensions)
