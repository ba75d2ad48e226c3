"""What stands for hands that no camera shows."""

from dataclasses import replace

import numpy as np
import pytest

from tests.xr_app.input.hand_model import FLAT, hand, turned
from xr_app.input.inputs import Hand, Source
from xr_app.rays.hand_figure import hand_figure


def points(strokes: np.ndarray) -> np.ndarray:
    return np.concatenate([strokes[:, 0:3], strokes[:, 4:7]])


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("size", [1.0, 0.6])
def test_every_fingertip_is_the_end_of_a_bone(seed: int | None, size: float) -> None:
    turn = np.eye(3) if seed is None else turned(seed)
    strokes = hand_figure([Hand(Source.HAND, joints=hand(turn, (0.2, 1.2, -0.4), size))])
    for name in ("wrist", "thumb", "index", "middle", "ring", "little"):
        tip = np.array((0.2, 1.2, -0.4)) + size * turn @ FLAT[name]
        assert np.linalg.norm(points(strokes) - tip, axis=1).min() < 1e-5
    assert size * 0.005 < strokes[:, [3, 7]].min() < strokes[:, [3, 7]].max() < size * 0.02  # metres: a finger's


def test_a_hand_that_moves_keeps_the_order_of_its_bones() -> None:
    places = [(0.2, 1.2, -0.4), (-0.3, 1.4, -0.9)]
    before, after = (hand_figure([Hand(), Hand(Source.HAND, joints=hand(place=place))]) for place in places)
    way = np.subtract(places[1], places[0])
    np.testing.assert_allclose(after[:, 0:3] - before[:, 0:3], np.tile(way, (len(before), 1)), atol=1e-6)
    both = hand_figure([Hand(Source.HAND, joints=hand(place=place)) for place in places])
    assert len(both) == 2 * len(before)


def test_a_controller_is_where_it_is_held() -> None:
    grip, aim = np.eye(4), np.eye(4)
    grip[:3, 3], aim[:3, 3] = (0.2, 1.1, -0.4), (0.2, 1.13, -0.5)
    held = Hand(Source.CONTROLLER, grip=grip, aim=aim)
    strokes = hand_figure([Hand(), held])
    assert np.linalg.norm(points(strokes) - grip[:3, 3], axis=1).max() < 0.15
    assert np.linalg.norm(points(strokes) - aim[:3, 3], axis=1).min() < 1e-6
    bare = hand_figure([Hand(), replace(held, aim=None)])
    assert len(bare) == len(strokes) - 1


def test_nothing_for_what_is_not_there_or_a_mouse() -> None:
    grip = np.eye(4)
    assert len(hand_figure([Hand(), Hand(Source.MOUSE, aim=grip, grip=grip)])) == 0
    assert len(hand_figure([Hand(), Hand(Source.CONTROLLER, aim=grip)])) == 0
