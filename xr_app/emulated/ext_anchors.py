"""XR_EXT_spatial_entity, XR_EXT_spatial_anchor and XR_EXT_spatial_persistence with its operations, on XR_EXT_future:
anchors that any headset may store (OpenXR 1.1 specification, 12.30 to 12.38). What is stored outlives instances."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from ctypes import POINTER, c_int, c_uint64, cast
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import xr

from xr_app.emulated.calls import Refused, address, chain, check_type, read
from xr_app.emulated.emulation import Emulation, emulates
from xr_app.placement.extension import posef
from xr_app.session.frame_calls import matrix_at

RESULT, TYPES = xr.Result, xr.StructureType
ANCHOR, PERSISTENCE = xr.SpatialComponentTypeEXT.ANCHOR.value, xr.SpatialComponentTypeEXT.PERSISTENCE.value
STATES, ENDS = xr.SpatialEntityTrackingStateEXT, xr.SpatialPersistenceContextResultEXT
F64 = np.ndarray


@dataclass
class Future:
    """Something that takes time."""

    make: Callable[[Any], None]
    """Fills the structure of its completion."""
    asked: int = 0


class ExtAnchors(Emulation):
    """Anchors that are where they were put, moved by `drift`, in a headset that answers after `patience` polls.

    refuse: functions that fail; untracked: for how many attempts an anchor cannot be stored or found.
    """

    extensions: ClassVar = {
        "XR_EXT_future": 1,
        "XR_EXT_spatial_entity": 1,
        "XR_EXT_spatial_anchor": 1,
        "XR_EXT_spatial_persistence": 1,
        "XR_EXT_spatial_persistence_operations": 1,
    }

    def __init__(self, *, supported: bool = True, patience: int = 1) -> None:
        self.supported, self.patience = supported, patience
        self.refuse: set[str] = set()
        self.untracked = 0
        self.drift = np.eye(4)
        self.stored: dict[bytes, F64] = {}
        self._live: dict[int, F64] = {}
        self._numbers = itertools.count(1)
        self._futures: dict[int, Future] = {}
        self._names: dict[int, bytes] = {}

    def instance_begun(self) -> None:
        self._futures, self._live, self._names = {}, {}, {}

    def _listed(self, name: str, value: int, room: int, count: Any, out: Any) -> None:
        self._check(name)
        count[0] = int(self.supported)
        if self.supported and room:
            cast(out, POINTER(c_int))[0] = value

    @emulates("xrEnumerateSpatialCapabilitiesEXT")
    def capabilities(self, instance: Any, system: Any, room: int, count: Any, out: Any) -> None:
        self._listed("capabilities", xr.SpatialCapabilityEXT.ANCHOR.value, room, count, out)

    @emulates("xrEnumerateSpatialPersistenceScopesEXT")
    def scopes(self, instance: Any, system: Any, room: int, count: Any, out: Any) -> None:
        self._listed("scopes", xr.SpatialPersistenceScopeEXT.LOCAL_ANCHORS.value, room, count, out)

    @emulates("xrPollFutureEXT")
    def poll(self, instance: Any, info: Any, result: Any) -> None:
        future = self._futures.get(address(check_type(info, TYPES.FUTURE_POLL_INFO_EXT).future))
        if future is None:
            raise Refused(RESULT.ERROR_FUTURE_INVALID_EXT)
        future.asked += 1
        ready = future.asked > self.patience
        out = check_type(result, TYPES.FUTURE_POLL_RESULT_EXT)
        out._state = (xr.FutureStateEXT.READY if ready else xr.FutureStateEXT.PENDING).value

    @emulates("xrCreateSpatialPersistenceContextAsyncEXT")
    def open_store(self, session: Any, info: Any, future: Any) -> None:
        self._check("xrCreateSpatialPersistenceContextAsyncEXT")
        self.layer.handles.find("XrSession", session)
        given = check_type(info, TYPES.SPATIAL_PERSISTENCE_CONTEXT_CREATE_INFO_EXT)
        if given._scope != xr.SpatialPersistenceScopeEXT.LOCAL_ANCHORS.value:
            raise Refused(RESULT.ERROR_SPATIAL_PERSISTENCE_SCOPE_UNSUPPORTED_EXT)
        owner = xr.Session.from_buffer_copy(session)
        self._begin(
            future, lambda out: self._handle("XrSpatialPersistenceContextEXT", out, "persistence_context", owner)
        )

    @emulates("xrCreateSpatialPersistenceContextCompleteEXT")
    def store_opened(self, session: Any, future: Any, out: Any) -> None:
        self._complete(future, check_type(out, TYPES.CREATE_SPATIAL_PERSISTENCE_CONTEXT_COMPLETION_EXT))

    @emulates("xrDestroySpatialPersistenceContextEXT")
    def close_store(self, store: Any) -> None:
        self.layer.handles.destroy("XrSpatialPersistenceContextEXT", store)

    @emulates("xrCreateSpatialContextAsyncEXT")
    def open_context(self, session: Any, info: Any, future: Any) -> None:
        self._check("xrCreateSpatialContextAsyncEXT")
        self.layer.handles.find("XrSession", session)
        given = check_type(info, TYPES.SPATIAL_CONTEXT_CREATE_INFO_EXT)
        kept = [each for each in chain(info) if each._type == TYPES.SPATIAL_CONTEXT_PERSISTENCE_CONFIG_EXT.value]
        config = check_type(given._capability_configs[0], TYPES.SPATIAL_CAPABILITY_CONFIGURATION_ANCHOR_EXT)
        enabled = set(config._enabled_components[: config.enabled_component_count])
        if given.capability_config_count != 1 or config._capability != xr.SpatialCapabilityEXT.ANCHOR.value:
            raise Refused(RESULT.ERROR_SPATIAL_CAPABILITY_CONFIGURATION_INVALID_EXT)
        if enabled != {ANCHOR, PERSISTENCE} or len(kept) != 1:
            raise Refused(RESULT.ERROR_SPATIAL_COMPONENT_NOT_ENABLED_EXT)
        stores = read(kept[0], xr.SpatialContextPersistenceConfigEXT)
        self.layer.handles.find("XrSpatialPersistenceContextEXT", stores._persistence_contexts[0])
        owner = xr.Session.from_buffer_copy(session)
        self._begin(future, lambda out: self._handle("XrSpatialContextEXT", out, "spatial_context", owner))

    @emulates("xrCreateSpatialContextCompleteEXT")
    def context_opened(self, session: Any, future: Any, out: Any) -> None:
        self._complete(future, check_type(out, TYPES.CREATE_SPATIAL_CONTEXT_COMPLETION_EXT))

    @emulates("xrDestroySpatialContextEXT")
    def close_context(self, context: Any) -> None:
        self.layer.handles.destroy("XrSpatialContextEXT", context)

    @emulates("xrCreateSpatialAnchorEXT")
    def create(self, context: Any, info: Any, number: Any, entity: Any) -> None:
        self._check("xrCreateSpatialAnchorEXT")
        self.layer.handles.find("XrSpatialContextEXT", context)
        given = check_type(info, TYPES.SPATIAL_ANCHOR_CREATE_INFO_EXT)
        if given.time <= 0 or not address(given.base_space):
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        number[0] = self._known(matrix_at(given.pose))
        self.layer.handles.create("XrSpatialEntityEXT", entity, parent=context, value=number[0])

    @emulates("xrCreateSpatialEntityFromIdEXT")
    def entity(self, context: Any, info: Any, entity: Any) -> None:
        number = check_type(info, TYPES.SPATIAL_ENTITY_FROM_ID_CREATE_INFO_EXT).entity_id
        if number not in self._live:
            raise Refused(RESULT.ERROR_SPATIAL_ENTITY_ID_INVALID_EXT)
        self.layer.handles.create("XrSpatialEntityEXT", entity, parent=context, value=number)

    @emulates("xrDestroySpatialEntityEXT")
    def destroy_entity(self, entity: Any) -> None:
        self.layer.handles.destroy("XrSpatialEntityEXT", entity)

    @emulates("xrPersistSpatialEntityAsyncEXT")
    def persist(self, store: Any, info: Any, future: Any) -> None:
        self._check("xrPersistSpatialEntityAsyncEXT")
        self.layer.handles.find("XrSpatialPersistenceContextEXT", store)
        given = check_type(info, TYPES.SPATIAL_ENTITY_PERSIST_INFO_EXT)
        self.layer.handles.find("XrSpatialContextEXT", given.spatial_context)
        number = int(given.spatial_entity_id)
        if number not in self._live:
            raise Refused(RESULT.ERROR_SPATIAL_ENTITY_ID_INVALID_EXT)

        def make(out: Any) -> None:
            if self.untracked:
                self.untracked -= 1
                out._persist_result = ENDS.ENTITY_NOT_TRACKING.value
                return
            out._persist_result = ENDS.SUCCESS.value
            uuid = self._names.setdefault(number, bytes([len(self.stored) + number]) * 16)
            self.stored[uuid] = self._live[number]
            out.persist_uuid.data[:] = list(uuid)

        self._begin(future, make)

    @emulates("xrPersistSpatialEntityCompleteEXT")
    def persisted(self, store: Any, future: Any, out: Any) -> None:
        self._complete(future, check_type(out, TYPES.PERSIST_SPATIAL_ENTITY_COMPLETION_EXT))

    @emulates("xrUnpersistSpatialEntityAsyncEXT")
    def unpersist(self, store: Any, info: Any, future: Any) -> None:
        uuid = bytes(check_type(info, TYPES.SPATIAL_ENTITY_UNPERSIST_INFO_EXT).persist_uuid.data)

        def make(out: Any) -> None:
            found = self.stored.pop(uuid, None)
            out._unpersist_result = (ENDS.PERSIST_UUID_NOT_FOUND if found is None else ENDS.SUCCESS).value

        self._begin(future, make)

    @emulates("xrUnpersistSpatialEntityCompleteEXT")
    def unpersisted(self, store: Any, future: Any, out: Any) -> None:
        self._complete(future, check_type(out, TYPES.UNPERSIST_SPATIAL_ENTITY_COMPLETION_EXT))

    @emulates("xrCreateSpatialDiscoverySnapshotAsyncEXT")
    def discover(self, context: Any, info: Any, future: Any) -> None:
        self._check("xrCreateSpatialDiscoverySnapshotAsyncEXT")
        self.layer.handles.find("XrSpatialContextEXT", context)
        given = check_type(info, TYPES.SPATIAL_DISCOVERY_SNAPSHOT_CREATE_INFO_EXT)
        types = set(given._component_types[: given.component_type_count])
        (chosen,) = chain(info)
        if types != {ANCHOR, PERSISTENCE} or chosen._type != TYPES.SPATIAL_DISCOVERY_PERSISTENCE_UUID_FILTER_EXT.value:
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        wanted = read(chosen, xr.SpatialDiscoveryPersistenceUuidFilterEXT)
        uuids = [bytes(wanted._persisted_uuids[i].data) for i in range(wanted.persisted_uuid_count)]
        owner = xr.SpatialContextEXT.from_buffer_copy(context)

        def make(out: Any) -> None:
            found = []
            if self.untracked:
                self.untracked -= 1
            else:
                for uuid in filter(self.stored.__contains__, uuids):
                    found.append(self._known(self.stored[uuid]))
                    self._names[found[-1]] = uuid
            self._handle("XrSpatialSnapshotEXT", out, "snapshot", owner, found)

        self._begin(future, make)

    @emulates("xrCreateSpatialDiscoverySnapshotCompleteEXT")
    def discovered(self, context: Any, info: Any, out: Any) -> None:
        given = check_type(info, TYPES.CREATE_SPATIAL_DISCOVERY_SNAPSHOT_COMPLETION_INFO_EXT)
        if given.time <= 0 or not address(given.base_space):
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        self._complete(given.future, check_type(out, TYPES.CREATE_SPATIAL_DISCOVERY_SNAPSHOT_COMPLETION_EXT))

    @emulates("xrCreateSpatialUpdateSnapshotEXT")
    def look(self, context: Any, info: Any, snapshot: Any) -> None:
        given = check_type(info, TYPES.SPATIAL_UPDATE_SNAPSHOT_CREATE_INFO_EXT)
        if given.time <= 0 or set(given._component_types[: given.component_type_count]) != {ANCHOR}:
            raise Refused(RESULT.ERROR_VALIDATION_FAILURE)
        found = [self.layer.handles.find("XrSpatialEntityEXT", given.entities[i]) for i in range(given.entity_count)]
        self.layer.handles.create("XrSpatialSnapshotEXT", snapshot, parent=context, value=found)

    @emulates("xrDestroySpatialSnapshotEXT")
    def destroy_snapshot(self, snapshot: Any) -> None:
        self.layer.handles.destroy("XrSpatialSnapshotEXT", snapshot)

    @emulates("xrQuerySpatialComponentDataEXT")
    def query(self, snapshot: Any, condition: Any, result: Any) -> None:
        found = self.layer.handles.find("XrSpatialSnapshotEXT", snapshot)
        check_type(condition, TYPES.SPATIAL_COMPONENT_DATA_QUERY_CONDITION_EXT)
        out = check_type(result, TYPES.SPATIAL_COMPONENT_DATA_QUERY_RESULT_EXT)
        out.entity_id_count_output = out.entity_state_count_output = len(found)
        if min(out.entity_id_capacity_input, out.entity_state_capacity_input) < len(found):
            raise Refused(RESULT.ERROR_SIZE_INSUFFICIENT)
        lists = {each._type: each for each in chain(result)}
        anchors = read(lists[TYPES.SPATIAL_COMPONENT_ANCHOR_LIST_EXT.value], xr.SpatialComponentAnchorListEXT)
        names = lists.get(TYPES.SPATIAL_COMPONENT_PERSISTENCE_LIST_EXT.value)
        for i, number in enumerate(found):
            out.entity_ids[i], out.entity_states[i] = number, STATES.TRACKING.value
            anchors._locations[i] = posef(self.drift @ self._live[number])
            if names is not None:
                row = read(names, xr.SpatialComponentPersistenceListEXT).persist_data[i]
                row.persist_uuid.data[:] = list(self._names[number])
                row._persist_state = xr.SpatialPersistenceStateEXT.LOADED.value

    def _known(self, pose: F64) -> int:
        number = next(self._numbers)
        self._live[number] = pose
        return number

    def _begin(self, out: Any, make: Callable[[Any], None]) -> None:
        number = next(self._numbers) + 0x7000
        self._futures[number] = Future(make)
        cast(out, POINTER(c_uint64))[0] = number

    def _complete(self, future: Any, out: Any) -> None:
        found = self._futures.pop(address(future), None)
        if found is None:
            raise Refused(RESULT.ERROR_FUTURE_INVALID_EXT)
        if found.asked <= self.patience:
            raise Refused(RESULT.ERROR_FUTURE_PENDING_EXT)
        out._future_result = RESULT.SUCCESS.value
        found.make(out)

    def _handle(self, kind: str, out: Any, name: str, parent: Any, value: Any = None) -> None:
        made = c_uint64()
        self.layer.handles.create(kind, POINTER(c_uint64)(made), parent=parent, value=value)
        setattr(out, name, cast(made.value, getattr(xr, kind.removeprefix("Xr"))))

    def _check(self, name: str) -> None:
        if name in self.refuse:
            raise Refused(RESULT.ERROR_RUNTIME_FAILURE)
