"""What an emulation is made of, and what it has of the layer that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import xr

from xr_app.emulated.handles import Handles


@dataclass(frozen=True)
class SubmittedFrame:
    """What an app gave xrEndFrame."""

    display_time: int
    blend_mode: xr.EnvironmentBlendMode
    layers: tuple[Any, ...]
    """Copies of the composition layers, in order; what they point to is the app's and has changed since."""

    @property
    def types(self) -> tuple[xr.StructureType, ...]:
        """Of the layers."""
        return tuple(layer.type for layer in self.layers)


class Layer(Protocol):
    """The API layer (layer.py), as its emulations know it."""

    handles: Handles
    enabled: set[str]

    def send(self, event: Any) -> None:
        """Have the app's next poll find this event (a structure with its type)."""
        ...

    def runtime(self, name: str) -> Any:
        """A function of the runtime below."""
        ...


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
    layer: Layer
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
