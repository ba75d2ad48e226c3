"""XR_FB_spatial_entity, XR_FB_spatial_entity_storage and XR_FB_spatial_entity_query: anchors that a headset stores
(OpenXR 1.1 specification, 12.109 to 12.111). What is stored outlives instances, as it outlives an app."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable
from ctypes import POINTER, c_uint64, cast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xr

from xr_app.emulated.calls import Refused, address, chain, check_type, read
from xr_app.emulated.emulation import Emulation, emulates, wraps
from xr_app.placement.extension import posef
from xr_app.session.frame_calls import matrix_at

RESULT = xr.Result
COMPONENTS = xr.SpaceComponentTypeFB
LOCAL = xr.SpaceStorageLocationFB.LOCAL.value
F64 = np.ndarray


@dataclass
class Anchored:
    """A space of the app at an anchor."""

    uuid: bytes
    enabled: set[int] = field(default_factory=set)


class FbAnchors(Emulation):
    """Anchors that are where they were put, in the space of the app's first anchor, moved by `drift`.

    refuse: functions or events (by name) that fail; equipped: components that a new anchor has already; late: events
    are held back until `deliver`; storage: a folder in which anchors are kept as files, for other processes too.
    """

    extensions: ClassVar = {
        "XR_FB_spatial_entity": 3,
        "XR_FB_spatial_entity_storage": 1,
        "XR_FB_spatial_entity_query": 1,
    }

    def __init__(
        self,
        *,
        supported: bool = True,
        equipped: tuple[Any, ...] = (COMPONENTS.LOCATABLE,),
        storage: Path | None = None,
    ) -> None:
        self.supported, self._storage = supported, storage
        self.refuse: set[str] = set()
        self.equipped = {component.value for component in equipped}
        self.late = False
        self.tracked = True
        self.drift = np.eye(4)
        self.poses: dict[bytes, F64] = {}
        self.stored: set[bytes] = set()
        self.held: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)
        self._results: dict[int, list[bytes]] = {}
        self._session: Any = None

    def deliver(self) -> None:
        """Send the events that were held back."""
        held, self.held = self.held, []
        for send in held:
            send()

    def instance_begun(self) -> None:
        if self._storage is not None:
            # Another process would know no more.
            kept = {bytes.fromhex(file.stem): json.loads(file.read_text()) for file in self._storage.glob("*.anchor")}
            self.poses = {uuid: np.array(pose) for uuid, pose in kept.items()}
            self.stored = set(kept)

    def system_property(self, structure: Any) -> bool:
        if structure._type != xr.StructureType.SYSTEM_SPATIAL_ENTITY_PROPERTIES_FB.value:
            return False
        read(structure, xr.SystemSpatialEntityPropertiesFB).supports_spatial_entity = self.supported
        return True

    @wraps("xrLocateSpace")
    def locate(self, runtime: Any, space: Any, base: Any, time: int, location: Any) -> Any:
        anchored = self._known(space)
        if anchored is None:
            return runtime(space, base, time, location)
        if COMPONENTS.LOCATABLE.value not in anchored.enabled:
            raise Refused(RESULT.ERROR_SPACE_COMPONENT_NOT_ENABLED_FB)
        out, flags = location.contents, xr.SpaceLocationFlags
        known = (flags.ORIENTATION_VALID_BIT | flags.POSITION_VALID_BIT).value
        out._location_flags = known if self.tracked else 0
        out.pose = posef(self.drift @ self.poses[anchored.uuid])
        return None

    @wraps("xrDestroySpace")
    def destroy(self, runtime: Any, space: Any) -> Any:
        if self._known(space) is None:
            return runtime(space)
        self.layer.handles.destroy("XrSpace", space)
        return None

    @emulates("xrCreateSpatialAnchorFB")
    def create(self, session: Any, info: Any, request: Any) -> None:
        self._refused("xrCreateSpatialAnchorFB")
        given = check_type(info, xr.StructureType.SPATIAL_ANCHOR_CREATE_INFO_FB)
        if given.time <= 0 or not address(given.space):
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        number = self._request(session, request)
        uuid = secrets.token_bytes(16)
        self.poses[uuid] = np.linalg.inv(self.drift) @ matrix_at(given.pose_in_space)

        def send() -> None:
            event = xr.EventDataSpatialAnchorCreateCompleteFB(
                request_id=number, uuid=xr.Uuid(), result=self._end("create")
            )
            if event._result >= 0:
                self._space(event, uuid, set(self.equipped))
            self.layer.send(event)

        self._later(send)

    @emulates("xrGetSpaceComponentStatusFB")
    def status(self, space: Any, component: int, status: Any) -> None:
        out = check_type(status, xr.StructureType.SPACE_COMPONENT_STATUS_FB)
        out.enabled, out.change_pending = component in self._of(space).enabled, False

    @emulates("xrSetSpaceComponentStatusFB")
    def set_status(self, space: Any, info: Any, request: Any) -> None:
        self._refused("xrSetSpaceComponentStatusFB")
        given = check_type(info, xr.StructureType.SPACE_COMPONENT_STATUS_SET_INFO_FB)
        anchored, component, on = self._of(space), given._component_type, bool(given.enabled)
        if (component in anchored.enabled) == on:
            raise Refused(RESULT.ERROR_SPACE_COMPONENT_STATUS_ALREADY_SET_FB)
        number = self._request(self._session, request)

        def send() -> None:
            result = self._end("status")
            if result.value >= 0:
                anchored.enabled.add(component)
            self.layer.send(
                xr.EventDataSpaceSetStatusCompleteFB(
                    request_id=number, uuid=xr.Uuid(), result=result, component_type=COMPONENTS(component), enabled=on
                )
            )

        self._later(send)

    @emulates("xrSaveSpaceFB")
    def save(self, session: Any, info: Any, request: Any) -> None:
        given = check_type(info, xr.StructureType.SPACE_SAVE_INFO_FB)
        anchored = self._of(given.space)
        if COMPONENTS.STORABLE.value not in anchored.enabled:
            raise Refused(RESULT.ERROR_SPACE_COMPONENT_NOT_ENABLED_FB)
        if given._location != LOCAL or given._persistence_mode != xr.SpacePersistenceModeFB.INDEFINITE.value:
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        number = self._request(session, request)

        def send() -> None:
            result = self._end("save")
            if result.value >= 0:
                self.stored.add(anchored.uuid)
                if self._storage is not None:
                    self._file(anchored.uuid).write_text(json.dumps(self.poses[anchored.uuid].tolist()))
            self.layer.send(xr.EventDataSpaceSaveCompleteFB(request_id=number, uuid=xr.Uuid(), result=result))

        self._later(send)

    @emulates("xrEraseSpaceFB")
    def erase(self, session: Any, info: Any, request: Any) -> None:
        given = check_type(info, xr.StructureType.SPACE_ERASE_INFO_FB)
        uuid = self._of(given.space).uuid
        number = self._request(session, request)

        def send() -> None:
            self.stored.discard(uuid)
            if self._storage is not None:
                self._file(uuid).unlink(missing_ok=True)
            self.layer.send(
                xr.EventDataSpaceEraseCompleteFB(request_id=number, uuid=xr.Uuid(), result=self._end("erase"))
            )

        self._later(send)

    @emulates("xrQuerySpacesFB")
    def query(self, session: Any, info: Any, request: Any) -> None:
        self._refused("xrQuerySpacesFB")
        check_type(info, xr.StructureType.SPACE_QUERY_INFO_FB)
        given = cast(info, POINTER(xr.SpaceQueryInfoFB)).contents
        chosen = check_type(
            cast(given.filter, POINTER(xr.SpaceUuidFilterInfoFB)), xr.StructureType.SPACE_UUID_FILTER_INFO_FB
        )
        places = [
            read(each, xr.SpaceStorageLocationFilterInfoFB)._location
            for each in chain(cast(given.filter, POINTER(xr.SpaceUuidFilterInfoFB)))
        ]
        if places != [LOCAL] or given.max_result_count < 1:
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        wanted = {bytes(chosen._uuids[i].data) for i in range(chosen.uuid_count)}
        number = self._request(session, request)

        def send() -> None:
            self._results[number] = sorted(wanted & self.stored)
            if self._results[number]:
                self.layer.send(xr.EventDataSpaceQueryResultsAvailableFB(request_id=number))
            self.layer.send(xr.EventDataSpaceQueryCompleteFB(request_id=number, result=self._end("query")))

        self._later(send)

    @emulates("xrRetrieveSpaceQueryResultsFB")
    def retrieve(self, session: Any, request: int, results: Any) -> None:
        self.layer.handles.find("XrSession", session)
        out = check_type(results, xr.StructureType.SPACE_QUERY_RESULTS_FB)
        if request not in self._results:
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        out.result_count_output = len(self._results[request])
        if out.result_capacity_input < out.result_count_output:
            if out.result_capacity_input:
                raise Refused(RESULT.ERROR_SIZE_INSUFFICIENT)
            return
        for row, uuid in zip(out.results, self._results.pop(request), strict=False):
            self._space(row, uuid, set())

    def _file(self, uuid: bytes) -> Path:
        assert self._storage is not None
        return self._storage / f"{uuid.hex()}.anchor"

    def _space(self, out: Any, uuid: bytes, enabled: set[int]) -> None:
        """A new space at an anchor, written with its name into `out`."""
        handle = c_uint64()
        self.layer.handles.create(
            "XrSpace", POINTER(c_uint64)(handle), parent=self._session, value=Anchored(uuid, enabled)
        )
        out.space = cast(handle.value, xr.Space)
        out.uuid.data[:] = list(uuid)

    def _request(self, session: Any, out: Any) -> int:
        self.layer.handles.find("XrSession", session)
        self._session = xr.Session.from_buffer_copy(session)
        number = next(self._numbers)
        out[0] = number
        return number

    def _known(self, space: Any) -> Anchored | None:
        try:
            return self._of(space)
        except Refused:
            return None

    def _of(self, space: Any) -> Anchored:
        found: Anchored = self.layer.handles.find("XrSpace", space)
        return found

    def _refused(self, name: str) -> None:
        if name in self.refuse:
            raise Refused(RESULT.ERROR_RUNTIME_FAILURE)

    def _end(self, name: str) -> xr.Result:
        return RESULT.ERROR_RUNTIME_FAILURE if name in self.refuse else RESULT.SUCCESS

    def _later(self, send: Callable[[], None]) -> None:
        if self.late:
            self.held.append(send)
        else:
            send()
