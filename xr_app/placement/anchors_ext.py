"""Anchors by XR_EXT_spatial_anchor and XR_EXT_spatial_persistence, which any runtime may have (OpenXR 1.1
specification, 12.30 to 12.38).

What takes time is a future, which `step` asks after:

    persistence context → spatial context → (anchor → persisted, the one before unpersisted) or (discovery → found)

An anchor is where the newest snapshot of it says.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from ctypes import byref
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.placement.extension import Functions, fine, posef
from xr_app.session.frame_calls import matrix_at

F64 = NDArray[np.float64]

EXTENSIONS: Final = (
    "XR_EXT_future",
    "XR_EXT_spatial_entity",
    "XR_EXT_spatial_anchor",
    "XR_EXT_spatial_persistence",
    "XR_EXT_spatial_persistence_operations",
)
_ANCHOR, _PERSISTENCE = xr.SpatialComponentTypeEXT.ANCHOR, xr.SpatialComponentTypeEXT.PERSISTENCE
_TRACKING: Final = xr.SpatialEntityTrackingStateEXT.TRACKING.value
_MOST: Final = 16
"""Entities of a snapshot that are read; one is asked for."""
_AGAIN_NS: Final = 1_000_000_000
_TRIES: Final = 10
"""How often, a second apart, a headset is asked that does not know its whereabouts yet."""


def has_anchors(instance: Any, system_id: Any, extensions: frozenset[str]) -> bool:
    """Whether this headset has them: the extensions are enabled, and the system says so too."""
    if not set(EXTENSIONS) <= extensions:
        return False
    call = Functions(instance, "xrEnumerateSpatialCapabilitiesEXT", "xrEnumerateSpatialPersistenceScopesEXT")
    capabilities = _listed(call.xrEnumerateSpatialCapabilitiesEXT, instance, system_id)
    scopes = _listed(call.xrEnumerateSpatialPersistenceScopesEXT, instance, system_id)
    wanted = xr.SpatialCapabilityEXT.ANCHOR, xr.SpatialPersistenceScopeEXT.LOCAL_ANCHORS
    return wanted[0].value in capabilities and wanted[1].value in scopes


class ExtAnchors:
    """Of one session; base: the space that poses are in."""

    kind = "ext"

    def __init__(self, instance: Any, session: Any, base: Any) -> None:
        self._instance, self._session, self._base = instance, session, base
        self._call = Functions(
            instance,
            "xrPollFutureEXT",
            "xrCreateSpatialPersistenceContextAsyncEXT",
            "xrCreateSpatialPersistenceContextCompleteEXT",
            "xrDestroySpatialPersistenceContextEXT",
            "xrCreateSpatialContextAsyncEXT",
            "xrCreateSpatialContextCompleteEXT",
            "xrDestroySpatialContextEXT",
            "xrCreateSpatialAnchorEXT",
            "xrCreateSpatialEntityFromIdEXT",
            "xrDestroySpatialEntityEXT",
            "xrPersistSpatialEntityAsyncEXT",
            "xrPersistSpatialEntityCompleteEXT",
            "xrUnpersistSpatialEntityAsyncEXT",
            "xrUnpersistSpatialEntityCompleteEXT",
            "xrCreateSpatialDiscoverySnapshotAsyncEXT",
            "xrCreateSpatialDiscoverySnapshotCompleteEXT",
            "xrQuerySpatialComponentDataEXT",
            "xrCreateSpatialUpdateSnapshotEXT",
            "xrDestroySpatialSnapshotEXT",
        )
        self._futures: list[tuple[Any, Callable[[Any], None]]] = []
        self._store = xr.SpatialPersistenceContextEXT()
        self._context = xr.SpatialContextEXT()
        self._entity: Any = None
        self._id = 0
        self._saved: bytes | None = None
        self._stored: bytes | None = None
        """What the headset holds, be it the anchor of now or the one before."""
        self._lost = self._closed = False
        self._task: Callable[[], None] | None = None
        """To be done as soon as it can be, and again while it cannot."""
        self._tries, self._next, self._time = 0, 0, 0
        self._open()

    @property
    def saved(self) -> bytes | None:
        """The anchor of now, once it is stored."""
        return self._saved

    @property
    def lost(self) -> bool:
        """Whether what was asked for last will not come."""
        return self._lost or self._closed

    def create(self, pose: F64, xr_time: int) -> None:
        """Ask for an anchor; when it is stored the one before is forgotten."""
        self._time = xr_time
        self._saved = None
        place = pose.copy()
        self._begin(lambda: self._create(place))

    def seek(self, uuid: bytes) -> None:
        """Ask for an anchor of an earlier session."""
        self._begin(lambda: self._discover(uuid))

    def locate(self, xr_time: int) -> F64 | None:
        """(4, 4) the anchor in the base space, if the headset sees where it is."""
        if self._entity is None:
            return None
        entities = (xr.SpatialEntityEXT * 1)(self._entity)
        info = xr.SpatialUpdateSnapshotCreateInfoEXT(base_space=self._base, time=xr_time)
        info.entity_count, info.entities = 1, entities
        info.component_types = [_ANCHOR.value]
        snapshot = xr.SpatialSnapshotEXT()
        if not fine(self._call.xrCreateSpatialUpdateSnapshotEXT(self._context, byref(info), byref(snapshot))):
            return None
        seen = self._read(snapshot, stored=False)
        return next((pose for number, _, pose in seen if number == self._id), None)

    def step(self, xr_time: int) -> None:
        """Look after what takes time."""
        self._time = xr_time
        for future, then in list(self._futures):
            result = xr.FuturePollResultEXT()
            asked = self._call.xrPollFutureEXT(
                self._instance, byref(xr.FuturePollInfoEXT(future=future)), byref(result)
            )
            if fine(asked) and result._state != xr.FutureStateEXT.READY.value:
                continue
            self._futures = [each for each in self._futures if each[0] is not future]
            if fine(asked):
                then(future)
            else:
                self._fail()
                self._closed |= not self._context
        if self._task is not None and self._context and xr_time >= self._next:
            task, self._task = self._task, None
            task()

    def close(self) -> None:
        """Give everything back."""
        self._futures, self._task = [], None
        with suppress(xr.exception.ErrorResult):
            self._let_go()
            if self._context:
                self._call.xrDestroySpatialContextEXT(self._context)
            if self._store:
                self._call.xrDestroySpatialPersistenceContextEXT(self._store)
        self._context, self._store = xr.SpatialContextEXT(), xr.SpatialPersistenceContextEXT()

    def _begin(self, task: Callable[[], None]) -> None:
        self._lost, self._tries, self._next, self._task = False, 0, 0, task

    def _again(self, task: Callable[[], None]) -> None:
        """Once more in a while, unless it was tried often enough, or something else is to be done by now."""
        self._tries += 1
        if self._tries >= _TRIES:
            self._fail()
        elif self._task is None:
            self._task, self._next = task, self._time + _AGAIN_NS

    def _fail(self) -> None:
        self._lost, self._task = True, None

    def _wait(self, result: Any, future: Any, then: Callable[[Any], None]) -> None:
        if fine(result):
            self._futures.append((future, then))
        else:
            self._fail()

    def _open(self) -> None:
        info = xr.SpatialPersistenceContextCreateInfoEXT(scope=xr.SpatialPersistenceScopeEXT.LOCAL_ANCHORS)
        future = xr.FutureEXT()
        begun = self._call.xrCreateSpatialPersistenceContextAsyncEXT(self._session, byref(info), byref(future))
        self._closed = not fine(begun)
        self._wait(begun, future, self._open_context)

    def _open_context(self, future: Any) -> None:
        made = xr.CreateSpatialPersistenceContextCompletionEXT()
        done = self._call.xrCreateSpatialPersistenceContextCompleteEXT(self._session, future, byref(made))
        self._closed = not (fine(done) and fine(made._future_result) and fine(made._create_result))
        if self._closed:
            return
        self._store = xr.SpatialPersistenceContextEXT.from_buffer_copy(made.persistence_context)
        kept = xr.SpatialContextPersistenceConfigEXT(persistence_contexts=[self._store])
        components = (ctypes.c_int * 2)(_ANCHOR.value, _PERSISTENCE.value)
        anchors = xr.SpatialCapabilityConfigurationAnchorEXT()  # which pyopenxr leaves empty
        anchors._type = xr.StructureType.SPATIAL_CAPABILITY_CONFIGURATION_ANCHOR_EXT.value
        anchors._capability = xr.SpatialCapabilityEXT.ANCHOR.value
        anchors.enabled_component_count = len(components)
        anchors._enabled_components = ctypes.cast(components, type(anchors._enabled_components))
        header = ctypes.POINTER(xr.SpatialCapabilityConfigurationBaseHeaderEXT)
        configs = (header * 1)(ctypes.cast(ctypes.pointer(anchors), header))
        info = xr.SpatialContextCreateInfoEXT(next=kept)
        info.capability_config_count = 1
        info._capability_configs = ctypes.cast(configs, type(info._capability_configs))
        following = xr.FutureEXT()
        begun = self._call.xrCreateSpatialContextAsyncEXT(self._session, byref(info), byref(following))
        self._closed = not fine(begun)
        self._wait(begun, following, self._opened)

    def _opened(self, future: Any) -> None:
        made = xr.CreateSpatialContextCompletionEXT()
        done = self._call.xrCreateSpatialContextCompleteEXT(self._session, future, byref(made))
        self._closed = not (fine(done) and fine(made._future_result))
        if not self._closed:
            self._context = xr.SpatialContextEXT.from_buffer_copy(made.spatial_context)

    def _create(self, pose: F64) -> None:
        info = xr.SpatialAnchorCreateInfoEXT(base_space=self._base, time=self._time, pose=posef(pose))
        number, entity = ctypes.c_uint64(), xr.SpatialEntityEXT()
        if not fine(self._call.xrCreateSpatialAnchorEXT(self._context, byref(info), byref(number), byref(entity))):
            self._fail()
            return
        self._let_go()
        self._entity, self._id = entity, number.value
        self._persist(self._id)

    def _persist(self, number: int) -> None:
        info = xr.SpatialEntityPersistInfoEXT(spatial_context=self._context, spatial_entity_id=number)
        future = xr.FutureEXT()
        begun = self._call.xrPersistSpatialEntityAsyncEXT(self._store, byref(info), byref(future))
        self._wait(begun, future, lambda ended: self._persisted(number, ended))

    def _persisted(self, number: int, future: Any) -> None:
        made = xr.PersistSpatialEntityCompletionEXT(persist_uuid=xr.Uuid())
        done = self._call.xrPersistSpatialEntityCompleteEXT(self._store, future, byref(made))
        results = xr.SpatialPersistenceContextResultEXT
        if fine(done) and fine(made._future_result) and made._persist_result == results.SUCCESS.value:
            uuid = bytes(made.persist_uuid.data)
            before, self._stored = self._stored, uuid
            if number == self._id:
                self._saved = uuid
            if before is not None and before != uuid:
                self._unpersist(before)
        elif made._persist_result == results.ENTITY_NOT_TRACKING.value and number == self._id:
            self._again(lambda: self._persist(number))
        elif number == self._id:
            self._fail()

    def _unpersist(self, uuid: bytes) -> None:
        info = xr.SpatialEntityUnpersistInfoEXT(persist_uuid=xr.Uuid())
        info.persist_uuid.data[:] = list(uuid)
        future = xr.FutureEXT()
        if fine(self._call.xrUnpersistSpatialEntityAsyncEXT(self._store, byref(info), byref(future))):
            self._futures.append((future, self._unpersisted))

    def _unpersisted(self, future: Any) -> None:
        done = xr.UnpersistSpatialEntityCompletionEXT()
        self._call.xrUnpersistSpatialEntityCompleteEXT(self._store, future, byref(done))

    def _discover(self, uuid: bytes) -> None:
        wanted = (xr.Uuid * 1)()
        wanted[0].data[:] = list(uuid)
        this_one = xr.SpatialDiscoveryPersistenceUuidFilterEXT(persisted_uuids=wanted)
        info = xr.SpatialDiscoverySnapshotCreateInfoEXT(
            component_types=[_ANCHOR.value, _PERSISTENCE.value], next=this_one
        )
        future = xr.FutureEXT()
        begun = self._call.xrCreateSpatialDiscoverySnapshotAsyncEXT(self._context, byref(info), byref(future))
        self._wait(begun, future, lambda ended: self._discovered(uuid, ended))

    def _discovered(self, uuid: bytes, future: Any) -> None:
        info = xr.CreateSpatialDiscoverySnapshotCompletionInfoEXT(base_space=self._base, time=self._time, future=future)
        made = xr.CreateSpatialDiscoverySnapshotCompletionEXT()
        done = self._call.xrCreateSpatialDiscoverySnapshotCompleteEXT(self._context, byref(info), byref(made))
        if not (fine(done) and fine(made._future_result)):
            self._fail()
            return
        seen = self._read(made.snapshot, stored=True)
        if self._entity is not None:
            return  # put elsewhere meanwhile
        number = next((number for number, name, _ in seen if name == uuid), None)
        if number is None:
            self._again(lambda: self._discover(uuid))  # a headset finds a room again as it looks about
            return
        this_one, entity = xr.SpatialEntityFromIdCreateInfoEXT(entity_id=number), xr.SpatialEntityEXT()
        if not fine(self._call.xrCreateSpatialEntityFromIdEXT(self._context, byref(this_one), byref(entity))):
            self._fail()
            return
        self._entity, self._id = entity, number
        self._saved = self._stored = uuid

    def _read(self, snapshot: Any, *, stored: bool) -> list[tuple[int, bytes, F64 | None]]:
        """Number, name and, where it is tracked, (4, 4) pose of each entity of a snapshot, which is given back."""
        types = [_ANCHOR.value, *([_PERSISTENCE.value] if stored else [])]
        poses, names = (xr.Posef * _MOST)(), (xr.SpatialPersistenceDataEXT * _MOST)()
        persistence = xr.SpatialComponentPersistenceListEXT()
        persistence.persist_data_count, persistence.persist_data = _MOST, names
        anchors = xr.SpatialComponentAnchorListEXT(next=persistence if stored else None)
        anchors.location_count, anchors._locations = _MOST, poses
        numbers, states = (ctypes.c_uint64 * _MOST)(), (ctypes.c_int * _MOST)()
        result = xr.SpatialComponentDataQueryResultEXT(next=anchors)
        result.entity_id_capacity_input = result.entity_state_capacity_input = _MOST
        result.entity_ids = ctypes.cast(numbers, type(result.entity_ids))
        result.entity_states = ctypes.cast(states, type(result.entity_states))
        condition = xr.SpatialComponentDataQueryConditionEXT(component_types=types)
        done = self._call.xrQuerySpatialComponentDataEXT(snapshot, byref(condition), byref(result))
        self._call.xrDestroySpatialSnapshotEXT(snapshot)
        if not fine(done):
            return []
        return [
            (numbers[i], bytes(names[i].persist_uuid.data), matrix_at(poses[i]) if states[i] == _TRACKING else None)
            for i in range(min(result.entity_id_count_output, _MOST))
        ]

    def _let_go(self) -> None:
        if self._entity is not None:
            self._call.xrDestroySpatialEntityEXT(self._entity)
            self._entity = None


def _listed(ask: Any, instance: Any, system_id: Any) -> set[int]:
    count, values = ctypes.c_uint32(), (ctypes.c_int * 64)()
    result = ask(instance, system_id, len(values), byref(count), values)
    return set(values[: min(count.value, len(values))]) if fine(result) else set()
