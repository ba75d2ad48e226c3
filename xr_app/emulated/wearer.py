"""Somebody who takes the headset off and on, opens its menu, and recentres: XR_EXT_user_presence, and session states
and events as a headset sends them."""

from __future__ import annotations

from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, read
from xr_app.emulated.emulation import Emulation, wraps
from xr_app.poses import Pose

STATES = xr.SessionState


class Wearer(Emulation):
    """What the headset makes of its wearer, besides what the runtime below says."""

    def __init__(self) -> None:
        self._session: Any = None
        self._stopping = self._idle = False
        self.ends = self.begins = 0
        """How often the app ended the session while it was stopping, and began it again."""

    def instance_begun(self) -> None:
        self._stopping = self._idle = False

    def enter(self, *states: xr.SessionState) -> None:
        """Send these states, one after the other."""
        for state in states:
            self._stopping |= state == STATES.STOPPING
            self.layer.send(xr.EventDataSessionStateChanged(session=self._session, state=state, time=1))

    def menu(self, *, opened: bool) -> None:
        """The headset's own menu comes in front, or goes."""
        self.enter(STATES.VISIBLE if opened else STATES.FOCUSED)

    def lay_aside(self) -> None:
        """The headset goes idle."""
        self.enter(STATES.VISIBLE, STATES.SYNCHRONIZED, STATES.STOPPING)

    def take_up(self) -> None:
        """It is used again."""
        self.enter(STATES.READY)

    def lose(self, state: xr.SessionState, count: int = 1) -> None:
        """Come into this state, which the app is not told: its events are lost."""
        self._stopping |= state == STATES.STOPPING
        self.layer.send(xr.EventDataEventsLost(lost_event_count=count))

    def recentre(self, at: int, pose: Pose | None, kind: xr.ReferenceSpaceType = xr.ReferenceSpaceType.STAGE) -> None:
        """From display time `at` on the origin of this kind of space is where `pose` in the old one was."""
        orientation, position = pose or Pose()
        event = xr.EventDataReferenceSpaceChangePending(
            session=self._session,
            reference_space_type=kind,
            change_time=at,
            pose_valid=pose is not None,
            pose_in_previous_space=xr.Posef(xr.Quaternionf(*orientation), xr.Vector3f(*position)),
        )
        self.layer.send(event)

    @wraps("xrCreateSession")
    def create(self, runtime: Any, instance: Any, info: Any, session: Any) -> Any:
        result = runtime(instance, info, session)
        self._session = session.contents
        return result

    @wraps("xrEndSession")
    def end(self, runtime: Any, session: Any) -> Any:
        if not self._stopping:
            return runtime(session)
        self._stopping, self._idle = False, True
        self.ends += 1
        self.enter(STATES.IDLE)
        return None

    @wraps("xrBeginSession")
    def begin(self, runtime: Any, session: Any, info: Any) -> Any:
        if not self._idle:
            return runtime(session, info)
        self._idle = False
        self.begins += 1
        self.enter(STATES.SYNCHRONIZED, STATES.VISIBLE, STATES.FOCUSED)
        return None

    @wraps("xrWaitFrame")
    def wait(self, runtime: Any, session: Any, info: Any, state: Any) -> Any:
        if self._idle:
            raise Refused(xr.Result.ERROR_SESSION_NOT_RUNNING)
        return runtime(session, info, state)


class UserPresence(Wearer):
    """A headset that also feels whether it is on a head, and says so as soon as a session runs."""

    extensions: ClassVar = {"XR_EXT_user_presence": 1}

    def __init__(self) -> None:
        super().__init__()
        self.on = True
        """Whether it is."""

    def system_property(self, structure: Any) -> bool:
        if structure._type != xr.StructureType.SYSTEM_USER_PRESENCE_PROPERTIES_EXT.value:
            return False
        read(structure, xr.SystemUserPresencePropertiesEXT).supports_user_presence = True
        return True

    def put_on(self, *, on: bool) -> None:
        """It is put on, or taken off."""
        self.on = on
        self.layer.send(xr.EventDataUserPresenceChangedEXT(session=self._session, is_user_present=on))

    @wraps("xrBeginSession")
    def begin(self, runtime: Any, session: Any, info: Any) -> Any:
        result = super().begin(runtime, session, info)
        if self.enabled:
            self.put_on(on=self.on)
        return result
