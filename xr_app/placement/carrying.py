"""Which hands have the avatar from frame to frame, and where they bring it.

A hand that closes on it has it; another that closes anywhere while it is held has it, too; one that opens has it no
more. With every change among them the grasp is taken anew, so that nothing jumps. What a grasp is: grasp.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Inputs
from xr_app.placement.body import Body
from xr_app.placement.grasp import Detent, Hold, Stretch, hold, stretch, takes
from xr_app.placement.spot import Spot
from xr_app.placement.standing import Pulse

F64 = NDArray[np.float64]


class Carrying:
    """Of one avatar; hands are numbered 0 left, 1 right, and what they are to feel is added to `pulses`."""

    def __init__(self) -> None:
        self._holders: tuple[int, ...] = ()
        self._grasp: Hold | Stretch | None = None
        self._catches = True
        self._detent = Detent(1.0)

    @property
    def holders(self) -> tuple[int, ...]:
        """The hands that have it."""
        return self._holders

    def prefer(self, scale: float, *, detent: bool) -> None:
        """From now on, whether human size catches; `scale` is its size now."""
        self._catches = detent
        self._detent = Detent(scale, on=detent)

    def taken(self, before: Inputs, now: Inputs, order: tuple[int, int], body: Body, pulses: list[Pulse]) -> bool:
        """Whether a hand closed on it since the frame before; of two that did, the first of `order` has it."""
        for index in order:
            hand = now.hands[index]
            if hand.grab and not before.hands[index].grab and takes(hand, body):
                pulses.append(Pulse.of(index, 0.04, 0.5))
                self._holders, self._grasp = (index,), None
                self._detent = Detent(body.spot.scale, on=self._catches)
                return True
        return False

    def held(self, before: Inputs, now: Inputs, pulses: list[Pulse]) -> bool:
        """Whether any hand has it still."""
        hands = now.hands
        holders = tuple(i for i in self._holders if hands[i].grab)
        for i in (0, 1):  # one more hand closes
            if holders and i not in holders and hands[i].grab and not before.hands[i].grab:
                pulses.append(Pulse.of(i, 0.04, 0.5))
                holders = (0, 1)
        if holders != self._holders:
            self._holders, self._grasp = holders, None
        return bool(holders)

    def goal(self, body: Body, head: F64, inputs: Inputs, pulses: list[Pulse]) -> Spot | None:
        """Where its holders want it, (4, 4) head to world; None while they are not seen."""
        hands = inputs.hands
        if self._grasp is None:
            if len(self._holders) == 2:
                self._grasp = stretch(body.spot, *hands)
            else:
                self._grasp = hold(body.spot, hands[self._holders[0]], head, body)
        if isinstance(self._grasp, Stretch):
            goal = self._grasp.spot(*hands, head)
            if goal is None:
                return None
            scale, caught = self._detent.at(goal.scale)
            if caught:
                pulses.extend(Pulse.of(i, 0.03, 1.0) for i in (0, 1))
            return replace(goal, scale=scale)
        return self._grasp.spot(hands[self._holders[0]], head) if self._grasp is not None else None

    def take_anew(self) -> None:
        """The space moved under the hands: they have it where they are now."""
        self._grasp = None

    def drop(self) -> None:
        """Nobody has it."""
        self._holders, self._grasp = (), None
