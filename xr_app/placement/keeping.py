"""Keeps where the avatar stands beyond the session: by an anchor where the headset stores any, by a file at any rate.

An anchor is found in the room itself. Without one the place is told from the floor's own origin (STAGE), which a
headset keeps for a room as long as its user does not set that up anew; an origin that is where the headset was put on
(LOCAL) says nothing of another session. A room whose free floor has another size is another room.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from xr_app.errors import PlaceError
from xr_app.placement.anchors import Anchors
from xr_app.placement.place_file import VERSION, AnchorName, Place, read_place, write_place
from xr_app.placement.spot import Spot, turned

F64 = NDArray[np.float64]

STAGE: Final = "stage"
_SAME_ROOM_M: Final = 0.3
_AGAIN_NS: Final = 1_000_000_000
"""From one look at an anchor to the next: headsets learn a room as they go, and move anchors with it."""


class RoomKeeper:
    """One session's Keeper (placing.py). space: what its origin is; bounds: of its free floor; tell: shows a sentence.

    Call `step` with every frame, before `Placement.update`.
    """

    def __init__(
        self,
        path: Path,
        space: str,
        bounds: tuple[float, float] | None = None,
        anchors: Anchors | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._path, self._space, self._bounds, self._anchors, self._tell = path, space, bounds, anchors, tell
        self._time = self._looked = 0
        self._place: Place | None = None
        self._offer: Spot | None = None
        self._seeking = False
        try:
            self._place = read_place(path)
        except PlaceError as error:
            tell(str(error))
        place = self._place
        if place is None:
            return
        if anchors is not None and place.anchor is not None and place.anchor.kind == anchors.kind:
            self._seeking = True
            anchors.seek(bytes.fromhex(place.anchor.uuid))
        else:
            self._recall(place)

    @property
    def searching(self) -> bool:
        """Whether the place of last time may still be found."""
        return self._seeking or self._offer is not None

    def found(self) -> Spot | None:
        """The place in the space of now, where more is known of it than when this was last asked."""
        offer, self._offer = self._offer, None
        return offer

    def keep(self, spot: Spot) -> None:
        """From now on this is the place."""
        self._seeking, self._offer = False, None
        self._write(spot, None)
        if self._anchors is not None and self._time:
            self._anchors.create(spot.model(), self._time)

    def restate(self, spot: Spot) -> None:
        """The place is the same, but told from an origin that has moved."""
        if self._place is not None and not self._seeking:
            self._write(spot, self._place.anchor)

    def step(self, xr_time: int) -> None:
        """Go on at a frame's display time."""
        self._time = xr_time
        anchors, place = self._anchors, self._place
        if anchors is None or place is None:
            return
        anchors.step(xr_time)
        if self._seeking:
            pose = anchors.locate(xr_time)
            if pose is not None:
                self._seeking = False
                self._offer = spot_of(pose, place.scale)
            elif anchors.lost:
                self._seeking = False
                self._recall(place)
            return
        name = _name(anchors)
        if name is not None and name != place.anchor:
            self._write(place.spot, name)
        if name is not None and xr_time - self._looked >= _AGAIN_NS:
            self._looked = xr_time
            pose = anchors.locate(xr_time)
            if pose is not None:
                self._offer = spot_of(pose, place.scale)

    def close(self) -> None:
        """Give the anchors back; what is kept stays so."""
        if self._anchors is not None:
            self._anchors.close()

    def _recall(self, place: Place) -> None:
        """By the origin alone."""
        same = place.bounds is None or self._bounds is None
        if place.bounds is not None and self._bounds is not None:
            same = all(abs(a - b) <= _SAME_ROOM_M for a, b in zip(place.bounds, self._bounds, strict=True))
        if place.space == self._space == STAGE and same:
            self._offer = place.spot

    def _write(self, spot: Spot, anchor: AnchorName | None) -> None:
        self._place = Place(VERSION, self._space, spot.x, spot.z, turned(spot.yaw), spot.scale, self._bounds, anchor)
        try:
            write_place(self._path, self._place)
        except PlaceError as error:
            self._tell(str(error))


def spot_of(pose: F64, scale: float) -> Spot:
    """Who stands upright at a (4, 4) pose."""
    ahead: Any = pose[:3, 2]
    return Spot(float(pose[0, 3]), float(pose[2, 3]), math.atan2(float(ahead[0]), float(ahead[2])), scale)


def _name(anchors: Anchors) -> AnchorName | None:
    saved = anchors.saved
    return None if saved is None else AnchorName(anchors.kind, saved.hex())
