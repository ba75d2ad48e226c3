"""A room that is nobody's: what is found of it is where its picture shows it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from render.offscreen import Offscreen
from render.view import View, look_at_pose
from xr_app.emulated.camera_picture import CameraPicture
from xr_app.emulated.composed import over_room
from xr_app.emulated.eye_pictures import EyePicture
from xr_app.emulated.planes import Flat
from xr_app.emulated.room import KINDS, Room
from xr_app.placement.spot import Spot
from xr_app.poses import matrix

F64 = NDArray[np.float64]

ROOM = Room()
SIZE = 120
EYE = (0.3, 1.6, 0.5)
ELSEWHERE = Spot(0.7, -1.1, 0.8).model()


@pytest.fixture(scope="module")
def cameras() -> Iterator[tuple[Offscreen, CameraPicture]]:
    with Offscreen() as offscreen:
        picture = CameraPicture(offscreen.ctx, ROOM)
        yield offscreen, picture
        picture.release()


def view(target: tuple[float, float, float], origin: F64 | None = None) -> View:
    pose = look_at_pose(EYE, target)
    return View(pose if origin is None else origin @ pose, (-0.5, 0.5, 0.5, -0.5), SIZE, SIZE)


def seen(cameras: tuple[Offscreen, CameraPicture], of: View, origin: F64, alpha: float = 0.0) -> NDArray[np.int_]:
    offscreen, picture = cameras
    target = offscreen.target(SIZE, SIZE)
    target.clear(0.0, 0.0, 0.0, alpha)
    picture.draw(of, target, origin)
    return offscreen.read(target)[..., :3].astype(int)


def corners(flat: Flat) -> F64:
    w, h = flat.size[0] / 2, flat.size[1] / 2
    return np.array([(-w, 0, -h, 1), (w, 0, -h, 1), (w, 0, h, 1), (-w, 0, h, 1)]) @ matrix(flat.pose).T


def test_flat_pieces_are_the_rooms_inner_sides() -> None:
    floor, table, *walls = ROOM.flats(np.eye(4))
    assert [flat.kind for flat in (floor, table, *walls)] == [KINDS.FLOOR, KINDS.PLATFORM, *[KINDS.WALL] * 4]
    assert np.allclose(corners(floor)[:, 1], ROOM.floor)
    assert np.allclose(corners(table)[:, 1], ROOM.table.high[1])
    assert np.allclose(np.sort(corners(table)[:, 0])[[0, -1]], (ROOM.table.low[0], ROOM.table.high[0]))
    reached = np.concatenate([corners(wall)[:, :3] for wall in walls])
    assert np.allclose(reached.min(axis=0), ROOM.low) and np.allclose(reached.max(axis=0), ROOM.high)
    for wall in walls:
        spread = np.ptp(corners(wall)[:, :3], axis=0)
        assert sorted(np.isclose(spread, 0.0)) == [False, False, True] and np.isclose(spread[1], 2.5)


def test_told_from_another_origin_everything_is_moved() -> None:
    for here, there in zip(ROOM.flats(np.eye(4)), ROOM.flats(ELSEWHERE), strict=True):
        assert np.allclose(corners(there), corners(here) @ ELSEWHERE.T, atol=1e-6)


def test_the_picture_shows_what_is_there(cameras: tuple[Offscreen, CameraPicture]) -> None:
    (x0, _, z0), (x1, top, z1) = ROOM.table.low, ROOM.table.high
    middle = SIZE // 2, SIZE // 2
    on_the_table = seen(cameras, view(((x0 + x1) / 2, top + 0.1, (z0 + z1) / 2)), np.eye(4))[middle]
    assert on_the_table[2] > on_the_table[0] + 30, "the blue box hides wall and floor"
    beside = seen(cameras, view((x1 + 0.5, ROOM.floor, z1)), np.eye(4))[middle]
    assert beside[0] > beside[2] + 20, "planks"
    window = seen(cameras, view((1.3, 1.9, ROOM.low[2])), np.eye(4))[middle]
    assert window[2] > 190 and window.min() > 120


def test_from_another_origin_it_is_the_same_picture(cameras: tuple[Offscreen, CameraPicture]) -> None:
    target = (0.0, 1.0, -2.0)
    here = seen(cameras, view(target), np.eye(4))
    assert np.abs(here - seen(cameras, view(target, ELSEWHERE), ELSEWHERE)).mean() < 0.5
    assert np.abs(here - seen(cameras, view(target, ELSEWHERE), np.eye(4))).mean() > 10


def test_what_covers_it_stays(cameras: tuple[Offscreen, CameraPicture]) -> None:
    assert not seen(cameras, view((0.0, 1.0, -2.0)), np.eye(4), alpha=1.0).any()


def test_what_is_submitted_lies_over_it() -> None:
    """Where it is opaque nothing else is seen, where it is clear nothing of it is, and half of it is half the light."""
    of = view((0.0, 1.0, -2.0))
    pixels = np.zeros((SIZE, SIZE, 4), np.uint8)
    with Offscreen() as offscreen:
        room = seen((offscreen, CameraPicture(offscreen.ctx, ROOM)), of, np.eye(4))
    pixels[:40] = 200, 100, 50, 255
    pixels[40:80, :, 3] = 128
    picture = over_room(EyePicture(pixels, of), ROOM, np.eye(4)).astype(int)
    assert (picture[:40] == (200, 100, 50)).all()
    assert np.abs(picture[80:] - room[80:]).max() <= 2
    light = (room[40:80] / 255.0 + 0.055) / 1.055
    dimmed = 255 * (1.055 * (light**2.4 * (127 / 255)) ** (1 / 2.4) - 0.055)
    bright = room[40:80] > 60
    assert np.abs(picture[40:80] - dimmed)[bright].max() <= 3
