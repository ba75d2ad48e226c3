"""The headset of a visit: the simulated one, and what it lacks emulated by API layers.

It feels whether it is worn, shows the wearer's room by cameras, finds floor, table and walls, and keeps anchors. Calls
about anchors are answered before the core validation layer sees them: it takes handles that come with an event, as
those of anchors do, for invalid ones. It stands between the app and everything else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

import moderngl
import numpy as np
import xr
from numpy.typing import NDArray

from render.view import View
from xr_app.emulated import Emulation, SimulatedLayer
from xr_app.emulated.camera_picture import CameraPicture
from xr_app.emulated.eye_pictures import EyePicture, EyePictures
from xr_app.emulated.fb_anchors import FbAnchors
from xr_app.emulated.fb_passthrough import FbPassthrough
from xr_app.emulated.planes import PlaneDetection
from xr_app.emulated.room import Room
from xr_app.emulated.wearer import UserPresence
from xr_app.session.instance import CORE_VALIDATION

F64 = NDArray[np.float64]

ROOM: Final = Room()
"""That the visit is in."""
_KINDS = xr.StructureType


@dataclass(frozen=True)
class RoomShown:
    """What one submitted frame let be seen of the wearer's room."""

    cameras: bool
    """Cameras run, and their view lies beneath everything."""
    clear: bool
    """The eyes' pictures let through what lies beneath them, where they are transparent."""
    share: float
    """How much of it the left eye's one lets through, 0 to 1."""


class _Begun(Emulation):
    """Tells that an app made an instance."""

    extensions: ClassVar = {}

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def instance_begun(self) -> None:
        self._tell()


class VisitHeadset:
    """A context manager, around all sessions of a visit."""

    def __init__(self, folder: Path) -> None:
        """folder: where it keeps anchors."""
        folder.mkdir(parents=True, exist_ok=True)
        self._storage = folder
        self._wearer = UserPresence()
        self._cameras, self._anchors = FbPassthrough(), FbAnchors(storage=folder)
        self._planes = PlaneDetection(ROOM.flats(np.eye(4)))
        self._eyes = EyePictures()
        self._layer = SimulatedLayer(self._wearer, self._cameras, self._planes, self._eyes, _Begun(self._begin))
        self._above = SimulatedLayer(self._anchors)
        self._stack = ExitStack()
        self._next: F64 | None = None
        self._origins: list[tuple[int, F64]] = [(0, np.eye(4))]
        self.moved: Callable[[F64], None] = lambda change: None
        """Told, when the origin lies elsewhere, of the (4, 4) change of everybody's places."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for layer in (self._layer, self._above):
                stack.enter_context(layer)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def layers(self) -> tuple[str, ...]:
        """To be named when a session is opened."""
        return self._above.name, CORE_VALIDATION, self._layer.name

    @property
    def rests(self) -> tuple[int, int]:
        """How often a session was ended because the headset lay there, and begun when it was taken up."""
        return self._wearer.ends, self._wearer.begins

    @property
    def origin(self) -> F64:
        """(4, 4) where the room's origin lies."""
        return self._origins[-1][1]

    def take_off(self) -> None:
        """It is no longer on a head."""
        self._wearer.put_on(on=False)

    def lay_down(self) -> None:
        """It goes idle."""
        self._wearer.lay_aside()

    def put_on(self) -> None:
        """It wakes, on a head."""
        self._wearer.take_up()
        self._wearer.put_on(on=True)

    def restart(self, origin: F64) -> None:
        """The runtime goes away; when it is back it tells everything from elsewhere: `origin` is where the room's own
        origin lies then."""
        self._next = origin
        self._layer.send(xr.EventDataInstanceLossPending(loss_time=1))

    def stores(self, anchor: bytes) -> bool:
        """Whether this anchor is kept."""
        return (self._storage / f"{anchor.hex()}.anchor").exists()

    def look(self) -> None:
        """Look at what the next frame shows."""
        self._eyes.look()

    @property
    def seen(self) -> EyePicture | None:
        """The left eye's picture of it, once it is there."""
        return self._eyes.seen

    def shown(self) -> RoomShown:
        """By the frame that was submitted last, and the picture that was looked at last."""
        layers = self._layer.frames[-1].layers if self._layer.frames else ()
        beneath = bool(layers) and layers[0].type == _KINDS.COMPOSITION_LAYER_PASSTHROUGH_FB
        through = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT
        eyes = [layer for layer in layers if layer.type == _KINDS.COMPOSITION_LAYER_PROJECTION]
        running = self._cameras.running == [True] and [each.running for each in self._cameras.layers] == [True]
        share = 1.0 - float(self.seen.pixels[..., 3].mean()) / 255.0 if self.seen is not None else 0.0
        return RoomShown(beneath and running, bool(eyes) and bool(eyes[0].layer_flags & through), share)

    def seen_by(self, ctx: moderngl.Context) -> _Seen:
        """What its cameras saw, for a film."""
        return _Seen(CameraPicture(ctx, ROOM), self._origins)

    def _begin(self) -> None:
        if self._next is None:
            return
        change = self._next @ np.linalg.inv(self.origin)
        self._anchors.drift, self._planes.room = self._next, ROOM.flats(self._next)
        self._origins.append((time.monotonic_ns(), self._next))
        self._next = None
        self.moved(change)


class _Seen:
    """A film.Backdrop."""

    def __init__(self, picture: CameraPicture, origins: list[tuple[int, F64]]) -> None:
        self._picture, self._origins = picture, origins

    def draw(self, view: View, target: moderngl.Framebuffer, time_ns: int) -> None:
        origin = [each for when, each in self._origins if when <= time_ns][-1]
        self._picture.draw(view, target, origin)
