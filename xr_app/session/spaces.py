"""The frames of reference: the room with y = 0 on its floor, and the head."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import xr

from xr_app.session.calls import explained

FLOOR_EXTENSION: Final = "XR_EXT_local_floor"

ASSUMED_EYE_HEIGHT: Final = 1.6
"""Metres; only where a runtime knows no floor at all."""


class Floor(NamedTuple):
    """A space with y = 0 on the floor."""

    space: Any
    name: str
    kind: xr.ReferenceSpaceType
    """What it is made of."""
    height: float
    """Metres from that one's origin up to this one's."""


def create_floor_space(session: Any, extensions: frozenset[str]) -> Floor:
    """The best there is: STAGE, else LOCAL_FLOOR, else LOCAL lowered by an assumed eye height (STAGE and LOCAL_FLOOR
    are optional in OpenXR 1.0, LOCAL is not).
    """
    kinds = xr.ReferenceSpaceType
    with explained("xrEnumerateReferenceSpaces"):
        offered = {int(each) for each in xr.enumerate_reference_spaces(session)}
    if kinds.STAGE.value in offered:
        return _floor(session, "stage", kinds.STAGE)
    if kinds.LOCAL_FLOOR.value in offered and FLOOR_EXTENSION in extensions:
        return _floor(session, "local floor", kinds.LOCAL_FLOOR)
    return _floor(session, "local, floor assumed", kinds.LOCAL, -ASSUMED_EYE_HEIGHT)


def create_head_space(session: Any) -> Any:
    """The space between the eyes."""
    return _create(session, xr.ReferenceSpaceType.VIEW)


def _floor(session: Any, name: str, kind: xr.ReferenceSpaceType, height: float = 0.0) -> Floor:
    return Floor(_create(session, kind, height), name, kind, height)


def _create(session: Any, kind: xr.ReferenceSpaceType, y: float = 0.0) -> Any:
    origin = xr.Posef(xr.Quaternionf(0, 0, 0, 1), xr.Vector3f(0, y, 0))
    with explained("xrCreateReferenceSpace"):
        return xr.create_reference_space(
            session, xr.ReferenceSpaceCreateInfo(reference_space_type=kind, pose_in_reference_space=origin)
        )
