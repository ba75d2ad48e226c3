"""The avatar in the hands of a user who takes it, turns it, resizes it and lets it go."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.xr_app.placement.people import User, head, moved_origin, off_face, palm, place_of, pointer, pulses, size_of
from xr_app.input.inputs import Inputs
from xr_app.placement.standing import Hint


def test_a_pointer_takes_it_and_slides_it(met: User) -> None:
    chest = (0.0, 1.2, -2.0)
    met.see(0.1, Inputs(right=pointer(chest)))
    standing = met.see(0.5, Inputs(right=pointer(chest, grab=True)))
    assert place_of(standing) == pytest.approx((0.0, -2.0), abs=0.02), "holding still moves nothing"
    assert standing.hint is Hint.HELD and pulses(met.shown) == ["right"]
    standing = met.see(1.5, lambda t: Inputs(right=pointer((1.5 * t, 1.2, -2.0), grab=True)))
    x, z = place_of(standing)
    bearing = math.atan2(1.5 - 0.2, -2.0) - math.atan2(-0.2, -2.0)
    feet = math.atan2(-0.2, -2.0) + bearing
    assert math.atan2(x - 0.2, z) == pytest.approx(feet, abs=0.02)
    assert off_face(standing, met.head) < 0.05, "it keeps facing the user"
    left = place_of(met.see(1.0, Inputs(right=pointer((-1.0, 1.2, -2.0)))))
    assert left == pytest.approx((x, z), abs=0.05)


def test_a_pointer_that_sinks_brings_it_nearer(met: User) -> None:
    feet = (0.0, 0.05, -2.0)
    met.see(0.1, Inputs(right=pointer(feet)))
    standing = met.see(1.5, lambda t: Inputs(right=pointer((0.0, 0.05, -2.0 + 0.8 * t), grab=True)))
    assert place_of(standing) == pytest.approx((0.0, -1.2), abs=0.12)


def test_a_hand_beside_it_moves_it_one_to_one_and_turns_it(met: User) -> None:
    met.head = head((0.0, 1.6, -1.2))
    at = (0.2, 1.0, -1.8)
    met.see(0.2, Inputs(left=palm(at)))
    before = met.shown[-1]
    met.see(0.5, lambda t: Inputs(left=palm((0.2 + 0.4 * t, 1.0 + 0.3 * t, -1.8 + 0.2 * t), 0.8 * t, grab=True)))
    standing = met.see(0.7, Inputs(left=palm((0.6, 1.3, -1.6), 0.8, grab=True)))
    # What the hand had done when it closed does not count.
    assert place_of(standing) == pytest.approx((0.4, -1.8), abs=0.03)
    turned = math.atan2(*standing.model[[0, 2], 2]) - math.atan2(*before.model[[0, 2], 2])
    assert turned == pytest.approx(0.8, abs=0.05)
    assert standing.model[1, 3] == 0.0
    assert pulses(met.shown) == ["left"]


def test_a_hand_that_closes_elsewhere_takes_nothing(met: User) -> None:
    met.see(0.2, Inputs(left=palm((1.5, 1.0, 0.0)), right=pointer((2.0, 1.0, -1.0))))
    met.see(0.2, Inputs(left=palm((1.5, 1.0, 0.0), grab=True), right=pointer((2.0, 1.0, -1.0), grab=True)))
    standing = met.see(0.5, Inputs(left=palm((0.5, 1.0, -1.0), grab=True), right=pointer((-2.0, 1.0, -1.0), grab=True)))
    assert place_of(standing) == pytest.approx((0.0, -2.0), abs=0.02) and not pulses(met.shown)


def two(apart: float, yaw: float = 0.0, *, x: float = 0.0, second: bool = True) -> Inputs:
    dx, dz = apart / 2 * math.cos(yaw), -apart / 2 * math.sin(yaw)
    left = palm((x - dx, 1.0, -1.7 - dz), grab=True)
    right = palm((x + dx, 1.0, -1.7 + dz), grab=second)
    return Inputs(left=left, right=right)


def start_stretch(met: User, apart: float) -> None:
    met.head = head((0.0, 1.6, -1.0))
    let_go = two(apart, second=False)
    met.see(0.2, replace(let_go, left=replace(let_go.left, grab=False)))
    met.see(0.2, two(apart, second=False))
    met.see(0.2, two(apart))


@pytest.mark.parametrize(("factor", "size"), [(0.5, 0.5), (1.3, 1.3), (0.05, 0.1), (4.0, 1.5), (1.03, 1.0)])
def test_two_hands_change_its_size(met: User, factor: float, size: float) -> None:
    start_stretch(met, 0.4)
    standing = met.see(1.5, lambda t: two(0.4 * (1 + t * (factor - 1))))
    standing = met.see(1.0, two(0.4 * factor))
    assert size_of(standing) == pytest.approx(size, rel=0.02)
    assert standing.hint is Hint.RESIZED and standing.model[1, 3] == 0.0
    assert size_of(met.see(0.5)) == pytest.approx(size, rel=0.02), "it stays as it was left"


def test_human_size_catches_and_ticks(met: User) -> None:
    start_stretch(met, 0.4)
    met.see(1.0, lambda t: two(0.4 * (1 - 0.4 * t)))
    met.see(1.0, two(0.24))
    met.shown.clear()
    sizes = []
    for apart in np.linspace(0.24, 0.44, 60):
        sizes.append(size_of(met.see(0.1, two(float(apart)))))
    human = [size for size in sizes if abs(size - 1) < 1e-3]
    assert 0.06 < len(human) * 0.2 / 60 / 0.4 < 0.14, "a few percent of the way are human size"
    assert sorted(pulses(met.shown)) == ["left", "right"], "one tick"
    assert sizes[-1] == pytest.approx(1.1, rel=0.02), "and it lets go again"
    assert np.all(np.diff(sizes) > -1e-9)


def test_two_hands_turn_it(met: User) -> None:
    start_stretch(met, 0.4)
    before = met.shown[-1]
    met.see(1.0, lambda t: two(0.4, 0.9 * t))
    standing = met.see(0.5, two(0.4, 0.9))
    turned = math.atan2(*standing.model[[0, 2], 2]) - math.atan2(*before.model[[0, 2], 2])
    assert turned == pytest.approx(0.9, abs=0.03)
    assert size_of(standing) == 1.0


def test_letting_go_with_one_hand_goes_on_with_the_other(met: User) -> None:
    start_stretch(met, 0.4)
    met.see(1.0, two(0.6))
    large = size_of(met.see(1.0, two(0.6)))
    before = place_of(met.shown[-1])
    standing = met.see(
        1.0, lambda t: replace(two(0.6, second=False), left=palm((-0.3 + 0.5 * t, 1.0, -1.7), grab=True))
    )
    assert place_of(standing)[0] == pytest.approx(before[0] + 0.5, abs=0.06)
    assert size_of(standing) == large == pytest.approx(1.5, rel=0.02)


def test_a_new_origin_does_not_shake_off_a_hand(met: User) -> None:
    met.head = head((0.0, 1.6, -1.2))
    met.see(0.2, Inputs(left=palm((0.2, 1.0, -1.8))))
    before = met.see(0.5, Inputs(left=palm((0.2, 1.0, -1.8), grab=True)))
    origin = moved_origin(-0.4, 2.0, 1.0)
    met.placement.recentred(origin)
    change = np.linalg.inv(origin)
    met.head = change @ met.head
    hand = palm((0.2, 1.0, -1.8), grab=True)
    there = Inputs(left=replace(hand, grip=change @ hand.grip))
    assert np.allclose(origin @ met.see(0.5, there).model, before.model, atol=1e-6)
