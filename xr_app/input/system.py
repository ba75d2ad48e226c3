"""What a headset says of itself beyond OpenXR's core: structures that hang on xrGetSystemProperties."""

from __future__ import annotations

from ctypes import addressof, byref
from typing import Any

import xr

from xr_app.session.calls import check
from xr_app.session.instance import Instance


def ask_system(instance: Instance, properties: Any) -> None:
    """Have the runtime fill a structure of properties; its extension must be enabled. Raises RuntimeFailedError."""
    system = xr.SystemProperties()
    system.next = addressof(properties)  # pyopenxr's own call takes no such structure
    result = xr.raw_functions.xrGetSystemProperties(instance.handle, instance.system_id, byref(system))
    check(result, "xrGetSystemProperties")
