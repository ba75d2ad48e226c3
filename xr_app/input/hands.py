"""Tracked fingers (XR_EXT_hand_tracking): 26 joints of each hand, once a frame.

Raw calls on structures that are made once; pyopenxr's own xrLocateHandJointsEXT hands over no place for the joints.
"""

from __future__ import annotations

from ctypes import addressof, byref, cast, sizeof
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.input.system import ask_system
from xr_app.session.calls import check, explained
from xr_app.session.session import XrSession

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

EXTENSION: Final = "XR_EXT_hand_tracking"
SOURCE_EXTENSION: Final = "XR_EXT_hand_tracking_data_source"
"""Tells fingers that are seen from those that are guessed from a controller."""
JOINTS: Final = 26
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
        self._joints = (xr.HandJointLocationEXT * (2 * JOINTS))()
        self._locations = [_locations(self._joints, side * JOINTS) for side in (0, 1)]
        self._sources = [xr.HandTrackingDataSourceStateEXT() for _ in (0, 1)] if tells else []
        for locations, source in zip(self._locations, self._sources, strict=False):
            locations.next = addressof(source)
        # The same memory as arrays: the flags of a joint, then its quaternion and position.
        stride, field = sizeof(xr.HandJointLocationEXT), xr.HandJointLocationEXT
        self._flags: NDArray[np.uint64] = np.ndarray(
            (2, JOINTS), np.uint64, self._joints, field._location_flags.offset, (JOINTS * stride, stride)
        )
        self._poses: F32 = np.ndarray(
            (2, JOINTS, 7), np.float32, self._joints, field.pose.offset, (JOINTS * stride, stride, 4)
        )

    def locate(self, xr_time: int) -> list[F64 | None]:
        """(26, 4, 4) to the session's space of the left and the right hand; None where it is not seen whole."""
        self._info.time = xr_time
        for tracker, locations in zip(self._trackers, self._locations, strict=True):
            check(xr.Result(self._locate(tracker, byref(self._info), byref(locations))), "xrLocateHandJointsEXT")
        seen = [
            bool(locations.is_active) and bool(((flags & _KNOWN) == _KNOWN).all())
            for locations, flags in zip(self._locations, self._flags, strict=True)
        ]
        if not any(seen):
            return [None, None]
        matrices = _matrices(self._poses)
        return [hand if known else None for hand, known in zip(matrices, seen, strict=True)]

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
    locations.joint_count = JOINTS
    pointer = type(locations._joint_locations)
    locations._joint_locations = cast(byref(joints, first * sizeof(xr.HandJointLocationEXT)), pointer)
    return locations


def _matrices(poses: F32) -> F64:
    """(..., 7) quaternions x, y, z, w and positions to (..., 4, 4), as `xr_app.poses.matrix` does one by one."""
    quaternions = poses[..., :4].astype(np.float64)
    x, y, z, w = np.moveaxis(quaternions, -1, 0)
    s = 2.0 / np.maximum((quaternions * quaternions).sum(-1), 1e-9)  # 0 in a hand that is not seen
    sx, sy, sz = s * x, s * y, s * z
    xx, yy, zz, xy, xz, yz, wx, wy, wz = x * sx, y * sy, z * sz, x * sy, x * sz, y * sz, w * sx, w * sy, w * sz
    matrices = np.zeros((*poses.shape[:-1], 4, 4))
    matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 0, 2] = 1.0 - (yy + zz), xy - wz, xz + wy
    matrices[..., 1, 0], matrices[..., 1, 1], matrices[..., 1, 2] = xy + wz, 1.0 - (xx + zz), yz - wx
    matrices[..., 2, 0], matrices[..., 2, 1], matrices[..., 2, 2] = xz - wy, yz + wx, 1.0 - (xx + yy)
    matrices[..., :3, 3] = poses[..., 4:]
    matrices[..., 3, 3] = 1.0
    return matrices
