"""The API layer itself: its place in the loader's chain, and what all emulations share.

The loader finds it by a manifest, whose library is pyopenxr's; that hands the loader's negotiation on to Python.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import json
import os
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_char_p, c_void_p, cast, memmove, pointer, sizeof
from pathlib import Path
from typing import Any, Final, Self

import xr
from xr.api_layer.layer_path import add_folder_to_api_layer_path, py_layer_library_path
from xr.api_layer.raw_functions import insertXrApiLayer

from xr_app.emulated.calls import Refused, chain, check_type, type_of
from xr_app.emulated.emulation import Emulation, SubmittedFrame
from xr_app.emulated.handles import Handles

_NUMBERS: Final = itertools.count(1)  # pyopenxr's library never forgets a name, so none is used twice
_KNOWN_LAYERS: Final = {
    xr.StructureType.COMPOSITION_LAYER_PROJECTION: xr.CompositionLayerProjection,
    xr.StructureType.COMPOSITION_LAYER_QUAD: xr.CompositionLayerQuad,
    xr.StructureType.COMPOSITION_LAYER_CYLINDER_KHR: xr.CompositionLayerCylinderKHR,
}


class SimulatedLayer:
    """An API layer with these emulations; a context manager, and an entry of `layers` by its `name`.

    blend_modes: what the runtime is to offer; those that it has not are taken and shown opaque. None: its own.
    """

    def __init__(
        self, *emulations: Emulation, blend_modes: Sequence[xr.EnvironmentBlendMode] | None = None, frames: int = 500
    ) -> None:
        self.emulations = emulations
        self.extensions = {name: version for each in emulations for name, version in each.extensions.items()}
        self.name = f"XR_APILAYER_VISAVIS_emulated_{next(_NUMBERS)}"
        self.blend_modes = blend_modes
        self.handles = Handles()
        self.enabled: set[str] = set()
        """Extensions that the app enabled, those of the runtime among them."""
        self.frames: deque[SubmittedFrame] = deque(maxlen=frames)
        """Those that were submitted last."""
        self.calls: list[str] = []
        """Emulated functions that were called, in order."""
        self.leaked: list[str] = []
        """Kinds of emulated objects that lived when their session was destroyed."""
        self._events: deque[bytes] = deque()
        self._faults: list[BaseException] = []
        self._instance: Any = None
        self._real_modes: list[int] = []
        self._next: Any = None
        self._runtime: dict[str, Any] = {}
        self._layer_types = {kind: (each, cls) for each in emulations for kind, cls in each.layer_types.items()}
        # Callbacks live as long as the process: the loader and pyopenxr's library keep their addresses.
        self._negotiator = xr.PFN_xrNegotiateLoaderApiLayerInterface(self._negotiate)
        self._finder = xr.PFN_xrGetInstanceProcAddr(self._find_function)
        self._creator = xr.PFN_xrCreateApiLayerInstance(self._create_instance)
        _keep.append(self)
        self._emulated: dict[str, tuple[Emulation, Any]] = {}
        wrapped: dict[str, list[Callable[..., Any]]] = {
            name: [getattr(self, "_" + name)]
            for name in (
                "xrEnumerateEnvironmentBlendModes",
                "xrGetSystemProperties",
                "xrPollEvent",
                "xrCreateSession",
                "xrDestroySession",
                "xrDestroyInstance",
                "xrEndFrame",
            )
        }
        for each in emulations:
            each.layer = self
            for name, method in each.handlers("emulated").items():
                self._emulated[name] = each, getattr(xr, f"PFN_{name}")(self._emulate(name, method))
            for name, method in each.handlers("wrapped").items():
                wrapped.setdefault(name, []).append(method)
        self._wrapped = {name: getattr(xr, f"PFN_{name}")(self._wrap(name, way)) for name, way in wrapped.items()}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="visavis-layer-")
        self._path = os.environ.get("XR_API_LAYER_PATH", "")
        library = {
            "name": self.name,
            "library_path": py_layer_library_path(),
            "api_version": "1.0",
            "implementation_version": "1",
            "description": "abilities that the simulated headset has not",
            "instance_extensions": [
                {"name": name, "extension_version": str(version)} for name, version in self.extensions.items()
            ],
        }
        manifest = {"file_format_version": "1.0.0", "api_layer": library}
        Path(self._folder.name, f"{self.name}.json").write_text(json.dumps(manifest))
        add_folder_to_api_layer_path(self._folder.name)
        insertXrApiLayer(self.name.encode(), len(self.name), self._negotiator)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        os.environ["XR_API_LAYER_PATH"] = self._path
        self._folder.cleanup()
        if self._faults and kind is None:
            raise self._faults[0]

    def send(self, event: Any) -> None:
        """Have the app's next poll find this event (a structure with its type)."""
        self._events.append(ctypes.string_at(byref(event), sizeof(event)))

    def runtime(self, name: str) -> Any:
        """A function of the runtime below."""
        if name not in self._runtime:
            found = xr.PFN_xrVoidFunction()
            result = int(self._next(self._instance, name.encode(), pointer(found)))
            if result:
                raise LookupError(f"the runtime has no {name}")
            self._runtime[name] = cast(found, getattr(xr, f"PFN_{name}"))
        return self._runtime[name]

    # -- the loader's chain

    def _negotiate(self, _info: Any, _name: Any, request: Any) -> int:
        wanted = request.contents
        wanted.layer_interface_version = xr.CURRENT_LOADER_API_LAYER_VERSION
        wanted.layer_api_version = xr.XR_CURRENT_API_VERSION
        wanted.get_instance_proc_addr, wanted.create_api_layer_instance = self._finder, self._creator
        return 0

    def _create_instance(self, info: Any, layer_info: Any, instance: Any) -> int:
        following = layer_info.contents.next_info.contents
        # The loader's structure is gone when xrCreateInstance returns, so what it points to is taken out of it.
        self._next = xr.PFN_xrGetInstanceProcAddr(cast(following.next_get_instance_proc_addr, c_void_p).value)
        self._runtime, self._events = {}, deque()
        self.handles.clear()
        mine = xr.InstanceCreateInfo()
        memmove(byref(mine), info, sizeof(mine))
        names = cast(mine._enabled_extension_names, POINTER(c_char_p))[: mine.enabled_extension_count]
        self.enabled = {name.decode() for name in names}
        passed = [name for name in names if name.decode() not in self.extensions]
        array = (c_char_p * max(1, len(passed)))(*passed)
        mine._enabled_extension_names = cast(array, type(mine._enabled_extension_names))
        mine.enabled_extension_count = len(passed)
        theirs = xr.ApiLayerCreateInfo()
        memmove(byref(theirs), layer_info, sizeof(theirs))
        theirs.next_info = following.next
        result = int(following.next_create_api_layer_instance(pointer(mine), pointer(theirs), instance))
        if result == 0:
            self._instance = xr.Instance.from_buffer_copy(cast(instance, POINTER(xr.Instance)).contents)
            for each in self.emulations:
                each.instance_begun()
        return result

    def _find_function(self, instance: Any, name: bytes, function: Any) -> int:
        found = self._wrapped.get(name.decode())
        if found is None:
            if name.decode() not in self._emulated:
                return int(self._next(instance, name, function))
            emulation, found = self._emulated[name.decode()]
            if not emulation.enabled:
                return int(xr.Result.ERROR_FUNCTION_UNSUPPORTED.value)
        memmove(function, byref(found), sizeof(c_void_p))
        return 0

    # -- calls

    def _guarded(self, function: Callable[..., Any], *given: Any) -> int:
        try:
            result = function(*given)
        except Refused as refused:
            return int(refused.result.value)
        except BaseException as fault:
            self._faults.append(fault)
            return int(xr.Result.ERROR_RUNTIME_FAILURE.value)
        return int(getattr(result, "value", result) or 0)

    def _emulate(self, name: str, method: Callable[..., Any]) -> Callable[..., int]:
        def call(*given: Any) -> int:
            self.calls.append(name)
            return self._guarded(method, *given)

        return call

    def _wrap(self, name: str, way: Sequence[Callable[..., Any]]) -> Callable[..., int]:
        """The emulations stand before the layer's own part, and that before the runtime."""

        def call(*given: Any) -> int:
            onward: Callable[..., Any] = self.runtime(name)
            for method in way:
                onward = functools.partial(self._guarded, method, onward)
            return int(onward(*given))

        return call

    def _xrEnumerateEnvironmentBlendModes(  # noqa: N802 - as OpenXR names it
        self, runtime: Any, instance: Any, system: Any, views: Any, capacity: int, count: Any, out: Any
    ) -> int:
        real, number = (ctypes.c_int32 * 8)(), ctypes.c_uint32()
        if result := int(runtime(instance, system, views, 8, pointer(number), cast(real, type(out)))):
            return result
        self._real_modes = list(real[: number.value])
        modes = self._real_modes if self.blend_modes is None else [mode.value for mode in self.blend_modes]
        count[0] = len(modes)
        if capacity == 0:
            return 0
        if capacity < len(modes):
            raise Refused(xr.Result.ERROR_SIZE_INSUFFICIENT)
        cast(out, POINTER(ctypes.c_int32 * len(modes)))[0][:] = modes
        return 0

    def _xrGetSystemProperties(self, runtime: Any, instance: Any, system: Any, properties: Any) -> int:  # noqa: N802
        result = int(runtime(instance, system, properties))
        for structure in chain(properties):
            any(each.enabled and each.system_property(structure) for each in self.emulations)
        return result

    def _xrPollEvent(self, runtime: Any, instance: Any, event: Any) -> int:  # noqa: N802
        if not self._events:
            return int(runtime(instance, event))
        check_type(event, xr.StructureType.EVENT_DATA_BUFFER)
        said = self._events.popleft()
        memmove(event, said, len(said))
        return 0

    def _xrCreateSession(self, runtime: Any, instance: Any, info: Any, session: Any) -> int:  # noqa: N802
        result = int(runtime(instance, info, session))
        if result == 0:
            self.handles.adopt("XrSession", session.contents)
        return result

    def _xrDestroySession(self, runtime: Any, session: Any) -> int:  # noqa: N802
        self.leaked += self.handles.destroy("XrSession", session)
        return int(runtime(session))

    def _xrDestroyInstance(self, runtime: Any, instance: Any) -> int:  # noqa: N802
        self.leaked += self.handles.clear()
        return int(runtime(instance))

    def _xrEndFrame(self, runtime: Any, session: Any, info: Any) -> int:  # noqa: N802
        given = check_type(info, xr.StructureType.FRAME_END_INFO)
        mode = xr.EnvironmentBlendMode(given._environment_blend_mode)
        if self.blend_modes is not None and mode not in self.blend_modes:
            raise Refused(xr.Result.ERROR_ENVIRONMENT_BLEND_MODE_UNSUPPORTED)
        places = cast(given._layers, POINTER(c_void_p))[: given.layer_count] if given.layer_count else []
        layers, passed = [], []
        for place in places:
            emulation, kind = self._layer_types.get(type_of(place), (None, None))
            layers.append(_copy(place, kind))
            if emulation is None:
                passed.append(place)
            elif not emulation.enabled:
                raise Refused(xr.Result.ERROR_LAYER_INVALID)
            else:
                emulation.check_layer(layers[-1])
        mine = xr.FrameEndInfo()
        memmove(byref(mine), info, sizeof(mine))
        array = (c_void_p * max(1, len(passed)))(*passed)
        mine._layers, mine.layer_count = cast(array, type(mine._layers)), len(passed)
        if self.blend_modes is not None and mode.value not in self._real_modes:
            mine._environment_blend_mode = xr.EnvironmentBlendMode.OPAQUE.value
        if (result := int(runtime(session, pointer(mine)))) == 0:
            self.frames.append(SubmittedFrame(int(given.display_time), mode, tuple(layers)))
            for each in self.emulations:
                each.submitted(self.frames[-1])
        return result


_keep: Final[list[SimulatedLayer]] = []


def _copy(place: int, kind: Any) -> Any:
    kind = kind or _KNOWN_LAYERS.get(xr.StructureType(type_of(place)), xr.CompositionLayerBaseHeader)
    return kind.from_buffer_copy(ctypes.string_at(place, sizeof(kind)))
