"""The life of one session: its states and the runtime's events, and what they say of the wearer.

    idle → (ready) → running: synchronized ↔ visible ↔ focused → (stopping) → idle → … → over

A session may stop and run again as often as the headset is put away and taken up; it is over when the runtime has let
it go, and lost (SessionLostError) where the runtime or the headset went away.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.errors import SessionLostError
from xr_app.session.attention import Attention
from xr_app.session.calls import explained
from xr_app.session.frame_calls import FrameCalls, matrix_at
from xr_app.session.instance import STEREO
from xr_app.session.spaces import Floor

F64 = NDArray[np.float64]

PRESENCE_EXTENSION: Final = "XR_EXT_user_presence"

_AWAKE: Final = (xr.SessionState.VISIBLE, xr.SessionState.FOCUSED)


@dataclass(frozen=True)
class Recentring:
    """The origin that poses are in is moved."""

    xr_time: int
    """From this display time on poses are told from the new one."""
    moved: F64 | None
    """(4, 4) the new origin's pose in the old space; None where the runtime does not know how the two lie."""


class Life:
    """State and events of one session; asked for events before every frame, and now and then while there is none."""

    def __init__(
        self,
        session: Any,
        calls: FrameCalls,
        floor: Floor,
        attend: Callable[[Attention], None] = lambda attention: None,
    ) -> None:
        """attend: told of the wearer's attention whenever that changes, once something is known of it."""
        self._session, self._calls, self._floor, self._attend = session, calls, floor, attend
        self.state = xr.SessionState.UNKNOWN
        """As the runtime told it last."""
        self.running = False
        """Whether the runtime takes frames."""
        self.over = False
        self.worn: bool | None = None
        """Whether the headset is on a head; None where the runtime does not say."""
        self.lost_events = 0
        """How many the runtime could not keep."""
        self._was_focused = self._leaving = False
        self._attended: Attention | None = None
        self._recentrings: list[Recentring] = []
        self._heeded: dict[xr.StructureType, list[tuple[Any, Callable[[Any], None]]]] = {}

    @property
    def attention(self) -> Attention:
        """Without XR_EXT_user_presence a headset that shows nothing counts as taken off. Before it had the wearer's
        attention for the first time a session counts as being looked forward to."""
        if self.worn is False:
            return Attention.AWAY
        if self.state == xr.SessionState.FOCUSED or not self._was_focused:
            return Attention.HERE
        return Attention.ELSEWHERE if self.worn or self.state in _AWAKE else Attention.AWAY

    def heed(self, kind: xr.StructureType, structure: Any, tell: Callable[[Any], None]) -> None:
        """Call `tell` with every event of this kind, read as this structure, which is valid during the call."""
        self._heeded.setdefault(kind, []).append((structure, tell))

    def recentred_before(self, xr_time: int) -> Recentring | None:
        """What moved the origin up to a display time, all such events since the last call together."""
        due = [each for each in self._recentrings if each.xr_time <= xr_time]
        if not due:
            return None
        self._recentrings = [each for each in self._recentrings if each.xr_time > xr_time]
        moved: F64 | None = np.eye(4)
        for each in due:
            moved = None if moved is None or each.moved is None else moved @ each.moved
        return Recentring(due[-1].xr_time, moved)

    def leave(self) -> None:
        """Ask the runtime to end the session; one that does not run is over at once."""
        self._leaving = True
        if self.running:
            with explained("xrRequestExitSession"):
                xr.request_exit_session(self._session)
        else:
            self.over = True

    def hear(self) -> None:
        """Take in all that happened. Raises SessionLostError."""
        while (event := self._calls.poll_event()) is not None:
            match event.type:
                case xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED:
                    self._enter(xr.SessionState(_as(event, xr.EventDataSessionStateChanged).state))
                case xr.StructureType.EVENT_DATA_REFERENCE_SPACE_CHANGE_PENDING:
                    self._recentre(_as(event, xr.EventDataReferenceSpaceChangePending))
                case xr.StructureType.EVENT_DATA_USER_PRESENCE_CHANGED_EXT:
                    self.worn = bool(_as(event, xr.EventDataUserPresenceChangedEXT).is_user_present)
                case xr.StructureType.EVENT_DATA_EVENTS_LOST:
                    self.lost_events += int(_as(event, xr.EventDataEventsLost).lost_event_count)
                    self._find_out()
                case xr.StructureType.EVENT_DATA_INSTANCE_LOSS_PENDING:
                    raise SessionLostError("The OpenXR runtime is about to stop; when it is back, start again.")
            for structure, tell in self._heeded.get(event.type, ()):
                tell(_as(event, structure))
        known = (self._was_focused or self.worn is not None) and not self._leaving
        if known and self.attention != self._attended:
            self._attended = self.attention
            self._attend(self.attention)

    def _enter(self, state: xr.SessionState) -> None:
        self.state = state
        match state:
            case xr.SessionState.READY if not self.running:
                with explained("xrBeginSession"):
                    self._begin()
            case xr.SessionState.FOCUSED:
                self._was_focused = True
            case xr.SessionState.STOPPING if self.running:
                with explained("xrEndSession"):
                    self._end()
            case xr.SessionState.EXITING:
                self.over = True
            case xr.SessionState.LOSS_PENDING:
                self.over = True
                raise SessionLostError("The headset was disconnected; connect it, then start again.")

    def _begin(self) -> None:
        xr.begin_session(self._session, xr.SessionBeginInfo(STEREO))
        self.running = True

    def _end(self) -> None:
        xr.end_session(self._session)
        self.running = False

    def _find_out(self) -> None:
        """Among events that are lost may be one that wants an answer: it is given, and refused where none is due."""
        with suppress(xr.exception.ErrorResult):
            if self.running:
                self._end()
                self.state = xr.SessionState.STOPPING
            else:
                self._begin()
                self.state = xr.SessionState.READY

    def _recentre(self, event: Any) -> None:
        if event._reference_space_type != self._floor.kind.value:
            return
        moved = None
        if event.pose_valid:
            up = np.eye(4)
            up[1, 3] = self._floor.height
            moved = np.linalg.inv(up) @ matrix_at(event.pose_in_previous_space) @ up
        self._recentrings.append(Recentring(int(event.change_time), moved))


def _as(event: Any, kind: Any) -> Any:
    return ctypes.cast(ctypes.byref(event), ctypes.POINTER(kind)).contents
