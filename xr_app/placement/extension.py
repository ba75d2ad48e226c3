"""Functions of OpenXR's extensions, as they are called here: found once, and told apart by their results.

pyopenxr finds an extension's function anew in each call and raises for every refusal; here a refusal is a result, for
what stands on these calls goes on without them.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.poses import quaternion


class Functions:
    """Of one instance; each is an attribute of its own name."""

    def __init__(self, instance: Any, *names: str) -> None:
        for name in names:
            found = xr.get_instance_proc_addr(instance, name)
            setattr(self, name, ctypes.cast(found, getattr(xr, f"PFN_{name}")))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # none but those asked for


def said(result: Any) -> xr.Result:
    """The result of a call, whatever kind of number it came as."""
    return xr.Result(int(getattr(result, "value", result)))


def fine(result: Any) -> bool:
    """Whether the call was taken. What the runtime cannot answer any more it also says in the frame's own calls."""
    return int(getattr(result, "value", result)) >= 0


def posef(pose: NDArray[np.float64]) -> Any:
    """A rigid (4, 4) pose as OpenXR writes it."""
    turn = quaternion(pose[:3, :3])
    return xr.Posef(xr.Quaternionf(*turn), xr.Vector3f(*pose[:3, 3].tolist()))
