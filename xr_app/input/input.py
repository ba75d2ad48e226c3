"""A headset's input: controllers, tracked hands and eyes of one OpenXR session, read once a frame.

    with XrSession(environment, extensions=EXTENSIONS) as session:
        user = XrInput(session)
        for frame in session.frames():
            inputs = user.read(frame)

Each hand by itself is what it is: one that holds a controller is read from OpenXR's actions; a bare one from the
runtime's own hand interaction where it has that, else from the gestures of its joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.input import bindings, gaze, hands, locating
from xr_app.input.actions import Actions
from xr_app.input.bare_hand import BareHand
from xr_app.input.bindings import PROFILES, Action, Profile
from xr_app.input.hands import HandTracking, has_hands
from xr_app.input.holding import Holding
from xr_app.input.inputs import Hand, Inputs, Side, Source
from xr_app.input.switch import Switch
from xr_app.placement.standing import Pulse
from xr_app.preferences import Preferred, usual
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession

F64 = NDArray[np.float64]

EXTENSIONS: Final = bindings.EXTENSIONS | {
    hands.EXTENSION,
    hands.SOURCE_EXTENSION,
    gaze.EXTENSION,
    locating.EXTENSION,
}
"""For the session to wish for."""
_PULLED: Final = (0.6, 0.4)
"""Of a trigger or a grip: on at, off at."""
_SIDES: Final[tuple[Side, Side]] = ("left", "right")


class XrInput:
    """Of one session: make it before the first frame, once."""

    def __init__(
        self, session: XrSession, profiles: Sequence[Profile] = PROFILES, *, preferred: Preferred = usual
    ) -> None:
        """profiles: of controllers and hands to bind; preferred: asked for the hand that points. Raises
        RuntimeFailedError, SessionLostError."""
        self._preferred = preferred
        self._session = session
        self._actions = Actions(session, profiles)
        self._tracking = HandTracking(session) if has_hands(session) else None
        self._hands = [_OneHand(self._actions, number, side) for number, side in enumerate(_SIDES)]

    @property
    def refused(self) -> tuple[str, ...]:
        """Interaction profiles whose bindings the runtime does not take; for bug reports."""
        return tuple(self._actions.refused)

    def read(self, frame: Frame) -> Inputs:
        """What the user does in this frame; nothing while another app or the runtime's menu has the input.

        Poses are of the frame's display time. Raises SessionLostError.
        """
        time_s = frame.display_time_ns / 1e9
        actions, xr_time = self._actions, frame.xr_time
        if self._session.state != xr.SessionState.FOCUSED or not actions.sync():
            left, right = (hand.absent() for hand in self._hands)
            return Inputs(left, right)
        actions.locate(xr_time)
        shown_before = [hand.palm_up for hand in self._hands]
        left, right = (hand.read(self._tracking, frame.head, xr_time, time_s) for hand in self._hands)
        points = int(self._preferred().hand == "right")
        # The hand that points keeps free for the menu, unless it is the only one that there is.
        shows = points if (left, right)[1 - points].source is Source.ABSENT else 1 - points
        shown = (left, right)[shows].palm_up and not shown_before[shows]
        return Inputs(
            left,
            right,
            gaze=actions.gaze(),
            menu=actions.button(Action.MENU)[1] or shown,
            call=actions.button(Action.CALL)[1],
            mute=actions.button(Action.MUTE)[1],
            talk=actions.button(Action.TALK)[0],
        )

    def feel(self, pulses: Sequence[Pulse], *, busy: bool) -> None:
        """Have the hands' controllers vibrate; `busy` changes nothing for a headset's view."""
        for pulse in pulses:
            self.buzz(pulse.hand, pulse.seconds, pulse.strength)

    def buzz(self, side: Side, seconds: float, strength: float) -> None:
        """Have a hand's controller vibrate; strength 0 to 1. Nothing where none is held or the app has no focus."""
        self._actions.buzz(_SIDES.index(side), seconds, strength)


class _OneHand:
    """One side, from frame to frame."""

    def __init__(self, actions: Actions, number: int, side: Side) -> None:
        self._actions, self._number = actions, number
        self._bare = BareHand(side)
        self._select, self._grab = Switch(*_PULLED), Switch(*_PULLED)
        self._source = Source.ABSENT
        self._held = Holding()
        self.palm_up = False

    def read(self, tracking: HandTracking | None, head: F64, xr_time: int, time_s: float) -> Hand:
        """tracking: None where the headset sees no fingers; head: (4, 4) to the world."""
        actions, number = self._actions, self._number
        source = actions.sources[number]
        aim = grip = joints = None
        if source is not Source.ABSENT:
            aim, grip = actions.pose(Action.AIM, number), actions.pose(Action.GRIP, number)
        bound = aim is not None or grip is not None
        if tracking is not None and not (bound and source is Source.CONTROLLER):
            joints = tracking.locate(number, xr_time)
            if tracking.guessed(number):
                joints = None  # some controller that nothing is bound to
        if not bound and joints is None:
            return self.absent()
        self._turn_into(source if bound else Source.HAND)
        gesture = self._bare.read(joints, head, time_s) if joints is not None else None
        self.palm_up = gesture is not None and gesture.palm_up
        if bound:
            value = 0.0 if self.palm_up else actions.value(Action.SELECT, number)
            select = self._select.update(value, time_s)
            grab = self._grab.update(actions.value(Action.GRAB, number), time_s)
        else:
            assert gesture is not None
            aim, grip = gesture.aim, gesture.grip
            value, select, grab = gesture.pinch, gesture.pinched, gesture.grabbed
        held_s, released = self._held.update(select, time_s)
        return Hand(
            self._source,
            aim=aim,
            grip=grip,
            select=select,
            held_s=held_s,
            released=released,
            grab=grab,
            select_value=value,
            stick=actions.stick(number) if bound else (0.0, 0.0),
            joints=joints,
            palm_up=self.palm_up,
        )

    def absent(self) -> Hand:
        """Not there in this frame."""
        self._turn_into(Source.ABSENT)
        return Hand(released=self._held.end())

    def _turn_into(self, source: Source) -> None:
        if source is self._source:
            return
        self._source = source
        self._bare.lost()
        self._select.reset()
        self._grab.reset()
        self.palm_up = False
