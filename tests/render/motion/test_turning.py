"""Turning on the spot: by steps of feet that do not slide, and no farther than legs can."""

from __future__ import annotations

import numpy as np
import pytest

from render.motion.turning import MOST_DEG, TURN_S, Turning
from tests.render.motion.bodies import bare
from tests.render.motion.watched import Watched, scored, viewer

AVATAR = bare()


def test_feet_that_turn_do_not_slide() -> None:
    watched = Watched(AVATAR, 1, scored("idle", viewer(1.0, (-1.2, 1.6, -0.8))))
    for name in ("foot_l", "foot_r"):
        places = np.array([watched.joint(name, float(t))[:3, 3] for t in np.arange(0.5, 7.5, 0.02)])
        rest = places[0, 1]
        lifted = places[1:, 1] > rest + 0.002
        moved = np.linalg.norm(np.diff(places[:, (0, 2)], axis=0), axis=1)
        assert moved[~lifted].max() < 5e-4
        assert moved.sum() > 0.1 and 0.02 < places[:, 1].max() - rest < 0.06
        assert abs(places[-1, 1] - rest) < 1e-3
    knees = [watched.joint("calf_l", float(t))[:3, 3] for t in np.arange(0.5, 7.5, 0.02)]
    assert np.linalg.norm(np.diff(knees, axis=0), axis=1).max() < 0.03


@pytest.mark.parametrize("by", [MOST_DEG, -30.0])
def test_the_foot_on_that_side_goes_first_and_only_while_the_other_carries(by: float) -> None:
    turning = Turning()
    turning.turn(1.0, by)
    lead = 0 if by > 0 else 1
    begun = [0.0, 0.0]
    for t in np.arange(1.0, 1.0 + TURN_S, 0.01):
        lifted = [float(track.at(t)[0]) for track in turning.lifts]
        assert min(lifted) < 0.02  # one is always down
        share, weight = turning.lean.at(t)
        for foot in (0, 1):
            if lifted[foot] > 1.0:
                begun[foot] = begun[foot] or float(t)
                assert share > 0.9 and weight * (1 - 2 * foot) < 0.1  # +1 is on the left leg
        hips = float(turning.heading.at(t)[0])
        assert max(abs(float(track.at(t)[0]) - hips) for track in turning.feet) < 0.75 * MOST_DEG
    assert 1.0 < begun[lead] < begun[1 - lead]
    assert [float(track.at(9.0)[0]) for track in (turning.heading, *turning.feet)] == [by] * 3
    assert turning.lean.at(9.0).tolist() == [0, 0]
