"""The OpenXR instance and the headset's system: what there is before any graphics."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import xr

from xr_app.errors import RuntimeFailedError
from xr_app.session.calls import explained

CORE_VALIDATION: Final = "XR_APILAYER_LUNARG_core_validation"
"""The API layer that checks every call against the specification and prints what is wrong."""

STEREO: Final = xr.ViewConfigurationType.PRIMARY_STEREO


@dataclass(frozen=True)
class Instance:
    """An instance, and the headset that it has."""

    handle: Any
    system_id: Any
    runtime_name: str
    system_name: str
    extensions: frozenset[str]
    """Those that are enabled."""
    blend_modes: tuple[xr.EnvironmentBlendMode, ...]
    """How the headset can put pictures before the world, the runtime's favourite first."""
    view_sizes: tuple[tuple[int, int], ...]
    """Recommended (width, height) of each eye's picture."""
    max_view_sizes: tuple[tuple[int, int], ...]


def extensions(layers: Collection[str] = ()) -> frozenset[str]:
    """Names of the extensions that the active runtime offers, and these API layers; RuntimeMissingError,
    RuntimeFailedError.
    """
    with explained("xrEnumerateInstanceExtensionProperties"):
        return frozenset(
            each.extension_name.decode()
            for layer in (None, *layers)
            for each in xr.enumerate_instance_extension_properties(layer)
        )


@contextmanager
def open_instance(
    environment: Mapping[str, str], wanted: Collection[str], layers: Collection[str] = ()
) -> Iterator[Instance]:
    """An instance with those of the `wanted` extensions that the runtime or a layer has; destroyed at the end.

    environment: set while the instance is created, for that is when the loader finds the runtime and the runtime finds
    its service; the process's own environment is then as before (its sound needs its own XDG_RUNTIME_DIR).
    Raises RuntimeMissingError, RuntimeFailedError, HeadsetMissingError.
    """
    # The loader would print what it also returns as a result, and the user hears of it in one sentence.
    with _applied({"XR_LOADER_DEBUG": os.environ.get("XR_LOADER_DEBUG", "none"), **environment}):
        enabled = frozenset(wanted) & extensions(layers)
        with explained("xrCreateInstance"):
            handle = xr.create_instance(
                xr.InstanceCreateInfo(
                    application_info=xr.ApplicationInfo(
                        application_name="Visavis", engine_name="Visavis", api_version=xr.Version(1, 0, 0)
                    ),
                    enabled_extension_names=sorted(enabled),
                    enabled_api_layer_names=list(layers),
                )
            )
    try:
        yield _describe(handle, enabled)
    finally:
        with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its instance with it
            xr.destroy_instance(handle)


def _describe(handle: Any, enabled: frozenset[str]) -> Instance:
    with explained("xrGetSystem"):
        runtime = xr.get_instance_properties(handle)
        system_id = xr.get_system(handle, xr.SystemGetInfo(xr.FormFactor.HEAD_MOUNTED_DISPLAY))
        system = xr.get_system_properties(handle, system_id)
        if STEREO.value not in [int(each) for each in xr.enumerate_view_configurations(handle, system_id)]:
            raise RuntimeFailedError("The OpenXR runtime does not offer a picture for two eyes; Visavis needs one.")
        views = xr.enumerate_view_configuration_views(handle, system_id, STEREO)
        blend_modes = xr.enumerate_environment_blend_modes(handle, system_id, STEREO)
    return Instance(
        handle,
        system_id,
        runtime.runtime_name.decode(),
        system.system_name.decode(),
        enabled,
        tuple(xr.EnvironmentBlendMode(mode) for mode in blend_modes),
        tuple((view.recommended_image_rect_width, view.recommended_image_rect_height) for view in views),
        tuple((view.max_image_rect_width, view.max_image_rect_height) for view in views),
    )


@contextmanager
def _applied(environment: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
