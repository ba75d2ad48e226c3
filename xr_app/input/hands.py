"""Tracked fingers (XR_EXT_hand_tracking): 26 joints of each hand, once a frame.

Raw calls on structures that are made once; pyopenxr's own xrLocateHandJointsEXT hands over no place for the joints.
"""

from __future__ import annotations

from ctypes import addressof, byref, cast, sizeof
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.input.joints import COUNT, Joints
from xr_app.input.system import ask_system
from xr_app.session.calls import check, explained
from xr_app.session.session import XrSession

F32 = NDArray[np.float32]

EXTENSION: Final = "XR_EXT_hand_tracking"
SOURCE_EXTENSION: Final = "XR_EXT_hand_tracking_data_source"
"""Tells fingers that are seen from those that are guessed from a controller."""
_KNOWN: Final = (xr.SpaceLocationFlags.ORIENTATION_VALID_BIT | xr.SpaceLocationFlags.POSITION_VALID_BIT).value
_SOURCES: Final = (xr.HandTrackingDataSourceEXT.UNOBSTRUCTED, xr.HandTrackingDataSourceEXT.CONTROLLER)


class HandTracking:
    """Both hands of one session."""

    def __init__(self, session: XrSession) -> None:
        """Only where `has_hands`; raises RuntimeFailedError."""
        self._space = session.space
        instance = session.instance.handle
        self._locate = cast(xr.get_instance_proc_addr(instance, "xrLocateHandJointsEXT"), xr.PFN_xrLocateHandJointsEXT)
        tells = SOURCE_EXTENSION in session.instance.extensions
        self._trackers = [_create(session, hand, tells=tells) for hand in (xr.HandEXT.LEFT, xr.HandEXT.RIGHT)]
        self._info = xr.HandJointsLocateInfoEXT(base_space=self._space)
        self._joints = (xr.HandJointLocationEXT * (2 * COUNT))()
        self._locations = [_locations(self._joints, side * COUNT) for side in (0, 1)]
        self._sources = [xr.HandTrackingDataSourceStateEXT() for _ in (0, 1)] if tells else []
        for locations, source in zip(self._locations, self._sources, strict=False):
            locations.next = addressof(source)
        # The same memory as arrays: the flags of a joint, then its quaternion and position.
        stride, field = sizeof(xr.HandJointLocationEXT), xr.HandJointLocationEXT
        self._flags: NDArray[np.uint64] = np.ndarray(
            (2, COUNT), np.uint64, self._joints, field._location_flags.offset, (COUNT * stride, stride)
        )
        self._poses: F32 = np.ndarray(
            (2, COUNT, 7), np.float32, self._joints, field.pose.offset, (COUNT * stride, stride, 4)
        )

    def locate(self, side: int, xr_time: int) -> Joints | None:
        """Joints in the session's space of the left (0) or the right (1) hand; None where it is not seen whole."""
        self._info.time = xr_time
        locations = self._locations[side]
        result = self._locate(self._trackers[side], byref(self._info), byref(locations))
        check(result, "xrLocateHandJointsEXT")
        if not locations.is_active or not ((self._flags[side] & _KNOWN) == _KNOWN).all():
            return None
        return Joints(self._poses[side].copy())

    def guessed(self, side: int) -> bool:
        """Whether the joints located last follow a controller in the hand, as far as the runtime tells."""
        if not self._sources:
            return False
        source = self._sources[side]
        return bool(source.is_active) and int(source._data_source) == xr.HandTrackingDataSourceEXT.CONTROLLER.value


def has_hands(session: XrSession) -> bool:
    """Whether the headset sees fingers, or controllers tell of them."""
    if EXTENSION not in session.instance.extensions:
        return False
    properties = xr.SystemHandTrackingPropertiesEXT()
    ask_system(session.instance, properties)
    return bool(properties.supports_hand_tracking)


def _create(session: XrSession, hand: xr.HandEXT, *, tells: bool) -> Any:
    info = xr.HandTrackerCreateInfoEXT(hand=hand, hand_joint_set=xr.HandJointSetEXT.DEFAULT)
    kinds = (xr.HandTrackingDataSourceEXT.ctype() * len(_SOURCES))(*(each.value for each in _SOURCES))
    wish = xr.HandTrackingDataSourceInfoEXT(requested_data_source_count=len(kinds), requested_data_sources=kinds)
    if tells:
        info.next = addressof(wish)
    with explained("xrCreateHandTrackerEXT"):
        return xr.create_hand_tracker_ext(session.handle, info)


def _locations(joints: Any, first: int) -> Any:
    locations = xr.HandJointLocationsEXT()
    locations.joint_count = COUNT
    pointer = type(locations._joint_locations)
    locations._joint_locations = cast(byref(joints, first * sizeof(xr.HandJointLocationEXT)), pointer)
    return locations
