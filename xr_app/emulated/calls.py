"""Tools for reading what an app hands over, and for refusing it."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import POINTER, byref, c_int32, c_void_p, cast
from typing import Any

import xr


class Refused(Exception):  # noqa: N818 - what a strict runtime does is no error of ours
    """The call fails with this result."""

    def __init__(self, result: xr.Result) -> None:
        super().__init__(result.name)
        self.result = result


def address(pointer: Any) -> int:
    """Of what a pointer or handle names, 0 for null."""
    return cast(pointer, c_void_p).value or 0


def type_of(pointer: Any) -> int:
    """The structure type that is written where a pointer leads."""
    return int(cast(pointer, POINTER(c_int32))[0])


def check_type(pointer: Any, wanted: xr.StructureType) -> Any:
    """What the pointer leads to; Refused where that is nothing or says to be another structure."""
    if not address(pointer) or type_of(pointer) != wanted.value:
        raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
    return pointer.contents


def chain(pointer: Any) -> Iterator[Any]:
    """Each structure (as xr.BaseOutStructure) that hangs on the next pointers of the one that is pointed to."""
    at = cast(pointer, POINTER(xr.BaseOutStructure)).contents
    while following := address(at._next):
        at = cast(following, POINTER(xr.BaseOutStructure)).contents
        yield at


def read(structure: Any, kind: Any) -> Any:
    """A structure of a chain as what it is."""
    return cast(byref(structure), POINTER(kind)).contents
