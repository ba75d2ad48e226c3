"""What stands for hands that no camera shows."""

from dataclasses import replace

import numpy as np
import pytest

from tests.xr_app.input.hand_model import FLAT, hand, turned
from tests.xr_app.panels.heads import head_at
from xr_app.input.inputs import Hand, Source
from xr_app.rays.hand_figure import hand_figure

HEAD = head_at()
BARE = Hand(Source.HAND, joints=hand(place=(0.2, 1.2, -0.4)))


def points(strokes: np.ndarray) -> np.ndarray:
    return np.concatenate([strokes[:, 0:3], strokes[:, 4:7]])


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("size", [1.0, 0.6])
def test_every_fingertip_is_the_end_of_a_bone(seed: int | None, size: float) -> None:
    turn = np.eye(3) if seed is None else turned(seed)
    strokes = hand_figure([Hand(Source.HAND, joints=hand(turn, (0.2, 1.2, -0.4), size))], HEAD)
    for name in ("wrist", "thumb", "index", "middle", "ring", "little"):
        tip = np.array((0.2, 1.2, -0.4)) + size * turn @ FLAT[name]
        assert np.linalg.norm(points(strokes) - tip, axis=1).min() < 1e-5
    assert size * 0.005 < strokes[:, [3, 7]].min() < strokes[:, [3, 7]].max() < size * 0.02  # metres: a finger's


def test_what_is_farther_comes_first() -> None:
    far = Hand(Source.HAND, joints=hand(place=(-0.2, 1.2, -0.9)))
    strokes = hand_figure([BARE, far], HEAD)
    away = np.linalg.norm((strokes[:, 0:3] + strokes[:, 4:7]) / 2 - HEAD[:3, 3], axis=1)
    assert (np.diff(away) <= 1e-6).all() and len(strokes) == 2 * len(hand_figure([far], HEAD))


def test_a_controller_is_where_it_is_held() -> None:
    grip, aim = np.eye(4), np.eye(4)
    grip[:3, 3], aim[:3, 3] = (0.2, 1.1, -0.4), (0.2, 1.13, -0.5)
    held = Hand(Source.CONTROLLER, grip=grip, aim=aim)
    strokes = hand_figure([Hand(), held], HEAD)
    assert np.linalg.norm(points(strokes) - grip[:3, 3], axis=1).max() < 0.15
    assert np.linalg.norm(points(strokes) - aim[:3, 3], axis=1).min() < 1e-6
    bare = hand_figure([Hand(), replace(held, aim=None)], HEAD)
    assert len(bare) == len(strokes) - 1


def test_nothing_for_what_is_not_there_or_a_mouse() -> None:
    grip = np.eye(4)
    assert len(hand_figure([Hand(), Hand(Source.MOUSE, aim=grip, grip=grip)], HEAD)) == 0
    assert len(hand_figure([Hand(), Hand(Source.CONTROLLER, aim=grip)], HEAD)) == 0
