"""What an emulation is made of, and the tools for reading what an app hands over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ctypes import POINTER, byref, c_int32, c_void_p, cast
from typing import TYPE_CHECKING, Any, ClassVar

import xr

if TYPE_CHECKING:
    from tests.xr_app.simulated_layer.layer import SimulatedLayer, SubmittedFrame


class Refused(Exception):  # noqa: N818 - not an error of the test's
    """The call fails with this result."""

    def __init__(self, result: xr.Result) -> None:
        super().__init__(result.name)
        self.result = result


def emulates(function: str) -> Callable[[Any], Any]:
    """Marks the method that answers an extension's function; it is given the C arguments."""

    def mark(method: Any) -> Any:
        method.emulated = function
        return method

    return mark


def wraps(function: str) -> Callable[[Any], Any]:
    """Marks the method that stands before a function of the runtime; it is given that function, then the arguments."""

    def mark(method: Any) -> Any:
        method.wrapped = function
        return method

    return mark


class Emulation:
    """One thing that a headset can. See the package's text."""

    extensions: ClassVar[Mapping[str, int]] = {}
    """Offered, by name, with their versions."""
    layer_types: ClassVar[Mapping[xr.StructureType, Any]] = {}
    """Composition layers that are taken here, and their structures."""
    layer: SimulatedLayer
    """Set when the layer is made."""

    def handlers(self, kind: str) -> dict[str, Callable[..., Any]]:
        """Methods by the function that they are marked with; kind: emulated or wrapped."""
        methods = (getattr(self, name) for name in dir(type(self)) if not name.startswith("__"))
        return {getattr(method, kind): method for method in methods if hasattr(method, kind)}

    @property
    def enabled(self) -> bool:
        """Whether the app enabled all of the extensions."""
        return set(self.extensions) <= self.layer.enabled

    def instance_begun(self) -> None:
        """An app made an instance: what does not outlive one starts anew."""

    def system_property(self, structure: Any) -> bool:
        """Fill a structure (an xr.BaseOutStructure; `read` it) of XrSystemProperties; whether it is of ours."""
        return False

    def check_layer(self, layer: Any) -> None:
        """Look at a composition layer of `layer_types` before its frame is taken; raises Refused."""

    def submitted(self, frame: SubmittedFrame) -> None:
        """The runtime took this frame."""


def address(pointer: Any) -> int:
    """Of what a pointer or handle names, 0 for null."""
    return cast(pointer, c_void_p).value or 0


def type_of(pointer: Any) -> int:
    """The structure type that is written where a pointer leads."""
    return cast(pointer, POINTER(c_int32))[0]


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
