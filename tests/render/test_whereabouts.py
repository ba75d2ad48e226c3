"""What is foretold of a pose between two keys must enclose it, and sort exactly where looking at it would."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assets.avatar import Avatar
from render.errors import ViewError
from render.renderer import SORT_MOVE_M, SORT_TURN
from render.stages.extent import Extent, Placement
from render.stages.sight import Sight
from render.whereabouts import Between, Place, SortTrigger
from tests.render.scenes import key, placed


@pytest.fixture(scope="module")
def extent(person: Avatar) -> Extent:
    return Extent(person.mesh, person.gaussians, len(person.skeleton.names), 3.33)


class Careful:
    """Looks at every pose itself: what `SortTrigger` should say."""

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        self._then: tuple[Placement, np.ndarray] | None = None

    def due(self, pose: Between, head: np.ndarray) -> bool:
        now = pose.before.toward(pose.after, pose.alpha)
        if self._then is not None:
            then, head_then = self._then
            a, b = then.corners - head_then, then.corners - head
            cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
            turned = np.arccos(np.clip(cosines, -1, 1)).max()
            shifted, moved = Sight(self._extent, then, head_then).shifted(now)
            if shifted + self._extent.corrected(moved) <= SORT_MOVE_M and turned <= SORT_TURN:
                return False
        self._then = now, head
        return True


@pytest.mark.parametrize("distance", [0.5, 1.6, 5.0])
@pytest.mark.parametrize("speed", [0.0, 0.2, 0.8])
def test_it_sorts_when_looking_at_every_pose_would(
    person: Avatar, extent: Extent, distance: float, speed: float
) -> None:
    quick, careful = SortTrigger(extent, turn=SORT_TURN, move=SORT_MOVE_M), Careful(extent)
    keys = [
        extent.place(key(person, n, 0.05 * n, arm_degrees=4 * math.sin(0.5 * n), jawOpen=0.5 + 0.5 * math.sin(n)))
        for n in range(40)
    ]
    asked = []
    for frame in range(3 * (len(keys) - 1)):
        angle = math.radians(speed * frame)
        head = np.array([distance * math.sin(angle), 1.5, distance * math.cos(angle)])
        pose = Between(keys[frame // 3], keys[frame // 3 + 1], frame % 3 / 3)
        asked.append((quick.due(pose, head), careful.due(pose, head)))
    assert all(a == b for a, b in asked)
    assert 1 < sum(a for a, _ in asked) < len(asked)


def test_a_blend_of_two_poses_lies_in_the_box_and_is_stretched_no_more(person: Avatar, extent: Extent) -> None:
    a = extent.place(key(person, 0, jawOpen=0.9))
    b = extent.place(key(person, 1, 3.0, arm_degrees=120, mouthSmileLeft=-0.7))
    place = Place(placed())
    for alpha in np.linspace(0, 1, 7).tolist():
        pose = Between(a, b, alpha)
        box, parts = place.box(pose), place.to_world(pose.placement.corners)
        turned = (parts - box[0]) @ np.linalg.inv(box[[4, 2, 1]] - box[0])
        assert turned.min() >= -1e-9 and turned.max() <= 1 + 1e-9
        assert np.abs(pose.placement.expression) @ extent._offsets <= pose.stretch + 1e-12


def test_a_place_takes_points_there_and_back() -> None:
    place = Place(placed() @ np.diag([0.7, 0.7, 0.7, 1.0]))
    point = np.array([0.3, 1.2, -0.4])
    assert place.size == pytest.approx(0.7)
    assert place.to_avatar(place.to_world(point[None])[0]) == pytest.approx(point)


@pytest.mark.parametrize("model", [np.eye(3), np.diag([1.0, 1, -1, 1]), np.zeros((4, 4)), np.full((4, 4), np.nan)])
def test_nobody_stands_inside_out(model: np.ndarray) -> None:
    with pytest.raises(ViewError, match="cannot stand"):
        Place(model)
