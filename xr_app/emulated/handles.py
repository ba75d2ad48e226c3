"""The objects that an app has made: each of a kind, with a parent that it dies with."""

from __future__ import annotations

import itertools
from ctypes import POINTER, c_uint64, cast
from dataclasses import dataclass
from typing import Any

import xr

from xr_app.emulated.calls import Refused, address


@dataclass
class _Object:
    kind: str
    parent: int
    value: Any


class Handles:
    """Numbers for objects; a wrong, foreign or dead one is refused as a runtime would."""

    def __init__(self) -> None:
        self._objects: dict[int, _Object] = {}
        self._numbers = itertools.count(0x5A5A_0001)

    def adopt(self, kind: str, handle: Any, value: Any = None) -> None:
        """Know a handle that the runtime made."""
        self._objects[address(handle)] = _Object(kind, 0, value)

    def create(self, kind: str, out: Any, *, parent: Any, value: Any = None) -> None:
        """A new object, its handle written where `out` points; it dies with its parent, a handle."""
        if not address(out):
            raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
        number = next(self._numbers)
        self._objects[number] = _Object(kind, address(parent), value)
        cast(out, POINTER(c_uint64))[0] = number

    def find(self, kind: str, handle: Any) -> Any:
        """The object's value; Refused where there is none of that kind."""
        found = self._objects.get(address(handle))
        if found is None or found.kind != kind:
            raise Refused(xr.Result.ERROR_HANDLE_INVALID)
        return found.value

    def of(self, kind: str) -> list[Any]:
        """Values of all living objects of a kind."""
        return [each.value for each in self._objects.values() if each.kind == kind]

    def destroy(self, kind: str, handle: Any) -> list[str]:
        """Forget an object and its children, whose kinds are given back; Refused where there is none."""
        self.find(kind, handle)
        del self._objects[address(handle)]
        return self._orphans(address(handle))

    def clear(self) -> list[str]:
        """Forget everything; kinds of what there was."""
        kinds = [each.kind for each in self._objects.values()]
        self._objects.clear()
        return kinds

    def _orphans(self, parent: int) -> list[str]:
        kinds = []
        for number in [number for number, each in self._objects.items() if each.parent == parent]:
            kinds += [self._objects.pop(number).kind, *self._orphans(number)]
        return kinds
