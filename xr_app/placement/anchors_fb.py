"""Anchors by XR_FB_spatial_entity, its storage and its query: Quest's runtimes (OpenXR 1.1 specification, 12.109-111).

Every step is a request whose end comes as an event:

    create → created → locatable, storable → save → saved → the one before is erased
    query → results → locatable → found
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from ctypes import byref
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.placement.extension import Functions, fine, posef, said
from xr_app.session.frame_calls import matrix_at

F64 = NDArray[np.float64]

EXTENSIONS: Final = (
    "XR_FB_spatial_entity",
    "XR_FB_spatial_entity_storage",
    "XR_FB_spatial_entity_query",
)
_COMPONENTS = xr.SpaceComponentTypeFB
_TYPES = xr.StructureType
_EVENTS: Final = {
    _TYPES.EVENT_DATA_SPATIAL_ANCHOR_CREATE_COMPLETE_FB: xr.EventDataSpatialAnchorCreateCompleteFB,
    _TYPES.EVENT_DATA_SPACE_SET_STATUS_COMPLETE_FB: xr.EventDataSpaceSetStatusCompleteFB,
    _TYPES.EVENT_DATA_SPACE_SAVE_COMPLETE_FB: xr.EventDataSpaceSaveCompleteFB,
    _TYPES.EVENT_DATA_SPACE_ERASE_COMPLETE_FB: xr.EventDataSpaceEraseCompleteFB,
    _TYPES.EVENT_DATA_SPACE_QUERY_COMPLETE_FB: xr.EventDataSpaceQueryCompleteFB,
}
_KNOWN: Final = (xr.SpaceLocationFlags.ORIENTATION_VALID_BIT | xr.SpaceLocationFlags.POSITION_VALID_BIT).value
_TIMEOUT_NS: Final = 5_000_000_000
_MOST: Final = 8
"""Results of a query that are read; one is asked for."""


def has_anchors(instance: Any, system_id: Any, extensions: frozenset[str]) -> bool:
    """Whether this headset has them: the extensions are enabled, and the system says so too."""
    if not set(EXTENSIONS) <= extensions:
        return False
    can = xr.SystemSpatialEntityPropertiesFB()
    properties = xr.SystemProperties(next=can)
    result = xr.raw_functions.xrGetSystemProperties(instance, system_id, byref(properties))
    return fine(result) and bool(can.supports_spatial_entity)


@dataclass
class _Anchor:
    space: Any
    uuid: bytes
    fresh: bool
    """Made now, and to be stored."""
    wanted: list[Any] = field(default_factory=list)
    """Components that it has yet to be given."""
    ready: bool = False


class FbAnchors:
    """Of one session. heed: the session's, for events; base: the space that poses are in."""

    kind = "fb"

    def __init__(self, instance: Any, session: Any, base: Any, heed: Callable[..., None]) -> None:
        self._session, self._base = session, base
        self._call = Functions(
            instance,
            "xrCreateSpatialAnchorFB",
            "xrGetSpaceComponentStatusFB",
            "xrSetSpaceComponentStatusFB",
            "xrSaveSpaceFB",
            "xrEraseSpaceFB",
            "xrQuerySpacesFB",
            "xrRetrieveSpaceQueryResultsFB",
        )
        self._requests: dict[int, Callable[[Any], None]] = {}
        self._anchor: _Anchor | None = None
        self._spaces: list[Any] = []
        self._saved: bytes | None = None
        self._lost = False
        self._sought: bytes | None = None
        self._location = xr.SpaceLocation()
        for kind, structure in _EVENTS.items():
            heed(kind, structure, self._end)
        heed(
            _TYPES.EVENT_DATA_SPACE_QUERY_RESULTS_AVAILABLE_FB,
            xr.EventDataSpaceQueryResultsAvailableFB,
            self._retrieve,
        )

    @property
    def saved(self) -> bytes | None:
        """The anchor of now, once it is stored."""
        return self._saved

    @property
    def lost(self) -> bool:
        """Whether what was asked for last will not come."""
        return self._lost

    def create(self, pose: F64, xr_time: int) -> None:
        """Ask for an anchor; when it is made the one before is erased."""
        self._lost, self._saved, self._sought = False, None, None
        info = xr.SpatialAnchorCreateInfoFB(space=self._base, pose_in_space=posef(pose), time=xr_time)
        number = ctypes.c_uint64()
        self._ask(self._call.xrCreateSpatialAnchorFB(self._session, byref(info), byref(number)), number, self._created)

    def seek(self, uuid: bytes) -> None:
        """Ask for an anchor of an earlier session."""
        self._lost, self._sought = False, uuid
        stored = xr.SpaceStorageLocationFilterInfoFB(location=xr.SpaceStorageLocationFB.LOCAL)
        wanted = (xr.Uuid * 1)()
        wanted[0].data[:] = list(uuid)
        this_one = xr.SpaceUuidFilterInfoFB(uuids=wanted, next=stored)
        info = xr.SpaceQueryInfoFB(max_result_count=1, timeout=_TIMEOUT_NS)
        info.filter = ctypes.cast(ctypes.pointer(this_one), type(info.filter))
        number = ctypes.c_uint64()
        header = ctypes.cast(ctypes.pointer(info), ctypes.POINTER(xr.SpaceQueryInfoBaseHeaderFB))
        self._ask(self._call.xrQuerySpacesFB(self._session, header, byref(number)), number, self._queried)

    def locate(self, xr_time: int) -> F64 | None:
        """(4, 4) the anchor in the base space, if the headset sees where it is."""
        anchor = self._anchor
        if anchor is None or not anchor.ready:
            return None
        result = xr.raw_functions.xrLocateSpace(anchor.space, self._base, xr_time, byref(self._location))
        if not fine(result) or self._location._location_flags & _KNOWN != _KNOWN:
            return None
        return matrix_at(self._location.pose)

    def step(self, xr_time: int) -> None:
        """Ask again where a component was about to change by itself."""
        if self._anchor is not None and self._anchor.wanted and not self._requests:
            self._equip(self._anchor)

    def close(self) -> None:
        """Give the spaces back."""
        self._anchor = None
        self._requests.clear()
        for space in self._spaces:
            with suppress(xr.exception.ErrorResult):
                xr.destroy_space(space)
        self._spaces.clear()

    def _ask(self, result: Any, number: Any, then: Callable[[Any], None]) -> bool:
        """Have `then` called with the event that ends a request that was taken."""
        if fine(result):
            self._requests[number.value] = then
            return True
        self._lost = True
        return False

    def _end(self, event: Any) -> None:
        then = self._requests.pop(int(event.request_id), None)
        if then is not None:
            then(event)

    def _created(self, event: Any) -> None:
        if event._result < 0:
            self._lost = True
            return
        self._take(event.space, bytes(event.uuid.data), fresh=True)

    def _take(self, space: Any, uuid: bytes, *, fresh: bool) -> None:
        own = xr.Space.from_buffer_copy(space)  # the event's memory is used again
        self._spaces.append(own)
        before = self._anchor
        self._saved = None if fresh else uuid
        self._anchor = _Anchor(own, uuid, fresh, [_COMPONENTS.LOCATABLE, *([_COMPONENTS.STORABLE] if fresh else [])])
        if before is not None:
            self._erase(before)
        self._equip(self._anchor)

    def _equip(self, anchor: _Anchor) -> None:
        """Give it the components that it lacks, one after the other; then store it."""
        while anchor.wanted:
            component = anchor.wanted[0]
            status = xr.SpaceComponentStatusFB()
            result = self._call.xrGetSpaceComponentStatusFB(anchor.space, component.value, byref(status))
            if fine(result) and status.change_pending:
                return  # `step` asks again
            if not fine(result) or not status.enabled:
                info = xr.SpaceComponentStatusSetInfoFB(component_type=component, enabled=1, timeout=_TIMEOUT_NS)
                number = ctypes.c_uint64()
                result = self._call.xrSetSpaceComponentStatusFB(anchor.space, byref(info), byref(number))
                if said(result) != xr.Result.ERROR_SPACE_COMPONENT_STATUS_ALREADY_SET_FB:
                    self._ask(result, number, lambda event: self._equipped(anchor, event))
                    if self._lost:
                        anchor.wanted.clear()
                    return
            anchor.wanted.pop(0)
        anchor.ready = True
        if anchor.fresh:
            self._save(anchor)

    def _equipped(self, anchor: _Anchor, event: Any) -> None:
        if event._result < 0 or not event.enabled:
            self._lost = True
            anchor.wanted.clear()
        elif anchor is self._anchor:
            anchor.wanted.pop(0)
            self._equip(anchor)

    def _save(self, anchor: _Anchor) -> None:
        info = xr.SpaceSaveInfoFB(
            space=anchor.space,
            location=xr.SpaceStorageLocationFB.LOCAL,
            persistence_mode=xr.SpacePersistenceModeFB.INDEFINITE,
        )
        number = ctypes.c_uint64()

        def end(event: Any) -> None:
            if event._result < 0:
                self._lost = True
            elif anchor is self._anchor:
                self._saved = anchor.uuid

        self._ask(self._call.xrSaveSpaceFB(self._session, byref(info), byref(number)), number, end)

    def _erase(self, anchor: _Anchor) -> None:
        """Forget one that is not the place any more; one that was never stored is only given back."""
        info = xr.SpaceEraseInfoFB(space=anchor.space, location=xr.SpaceStorageLocationFB.LOCAL)
        number = ctypes.c_uint64()
        result = self._call.xrEraseSpaceFB(self._session, byref(info), byref(number))
        if fine(result):
            self._requests[number.value] = lambda event: self._give_back(anchor.space)
        else:
            self._give_back(anchor.space)

    def _give_back(self, space: Any) -> None:
        self._spaces.remove(space)
        with suppress(xr.exception.ErrorResult):
            xr.destroy_space(space)

    def _retrieve(self, event: Any) -> None:
        if self._requests.get(int(event.request_id)) != self._queried:
            return
        rows = (xr.SpaceQueryResultFB * _MOST)()
        found = xr.SpaceQueryResultsFB()
        found.result_capacity_input, found.results = _MOST, rows
        ask = self._call.xrRetrieveSpaceQueryResultsFB
        if not fine(ask(self._session, int(event.request_id), byref(found))):
            return
        for row in rows[: min(found.result_count_output, _MOST)]:
            uuid = bytes(row.uuid.data)
            if uuid == self._sought and self._anchor is None:
                self._take(row.space, uuid, fresh=False)
            else:
                with suppress(xr.exception.ErrorResult):
                    xr.destroy_space(row.space)

    def _queried(self, event: Any) -> None:
        if self._anchor is None:
            self._lost = True
