"""The wire of Monado's remote driver: head, eyes, controllers and hands of a headset that a program moves, over TCP.

One packet replaces the whole state and holds until the next; the newest wins. The layout is `struct r_remote_data` of
Monado 25.0 (src/xrt/drivers/remote/r_interface.h): little endian, 376 bytes, header "mndrmt3". Poses are in stage
space: metres, y up, floor at y = 0.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from typing import Final, Self

from xr_app.errors import RuntimeFailedError, SessionLostError
from xr_app.poses import Pose

PACKET_BYTES: Final = 376
_HEADER: Final = b"mndrmt3\0"
_POSE: Final = struct.Struct("<7f")
_FOV: Final = struct.Struct("<4f")
_STANDING: Final = Pose(position=(0.0, 1.6, 0.0))
_CONTROLLER: Final = struct.Struct("<6f 5f 8f 16?")


@dataclass(frozen=True)
class Eye:
    """One eye of the simulated headset."""

    pose: Pose
    """Relative to the middle of the head."""
    fov: tuple[float, float, float, float]
    """left, right, up, down: radians, left and down negative."""


def _eyes(
    ipd: float = 0.063, outer: float = 0.66, inner: float = 0.56, up: float = 0.60, down: float = 0.66
) -> tuple[Eye, Eye]:
    """Eyes as a headset has them: wider outwards than towards the nose, a little lower than level."""
    return (
        Eye(Pose(position=(-ipd / 2, 0.0, 0.0)), (-outer, inner, up, -down)),
        Eye(Pose(position=(ipd / 2, 0.0, 0.0)), (-inner, outer, up, -down)),
    )


@dataclass(frozen=True)
class Head:
    """The headset; without `eyes` Monado uses its own, symmetric ones."""

    pose: Pose = _STANDING
    eyes: tuple[Eye, Eye] | None = field(default_factory=_eyes)


@dataclass(frozen=True)
class Controller:
    """One Index controller and the hand that holds it."""

    pose: Pose
    trigger: float = 0.0
    trigger_click: bool = False
    squeeze: float = 0.0
    """How much of the grip the fingers lie on, 0 to 1."""
    a_click: bool = False
    curl: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    """little, ring, middle, index, thumb: 0 open to 1 closed."""
    active: bool = True
    """Whether it is held and on; its hand may be tracked without."""
    hand_tracking: bool = True
    squeeze_force: float = 0.0
    """How hard the grip is pressed, 0 to 1."""
    thumbstick: tuple[float, float] = (0.0, 0.0)
    """Right and away from the user positive, -1 to 1."""
    thumbstick_click: bool = False
    b_click: bool = False
    system_click: bool = False
    trackpad: tuple[float, float] = (0.0, 0.0)
    trackpad_force: float = 0.0


@dataclass(frozen=True)
class State:
    """Everything that the remote driver knows."""

    head: Head = field(default_factory=Head)
    left: Controller = Controller(Pose(position=(-0.2, 1.1, -0.3)))
    right: Controller = Controller(Pose(position=(0.2, 1.1, -0.3)))

    def packet(self) -> bytes:
        """The state as it goes over the wire."""
        return _HEADER + _head(self.head) + _controller(self.left) + _controller(self.right)


class Remote:
    """A connection to the driver of one Monado service."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout_s: float = 5.0) -> None:
        """Connect; raises RuntimeFailedError where nobody answers as the driver does."""
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            greeting = 2 * PACKET_BYTES  # the driver's reset state and its latest
            while greeting > 0:
                received = self._socket.recv(greeting)
                if not received:
                    raise ConnectionError("closed")
                greeting -= len(received)
        except OSError as error:
            raise RuntimeFailedError(
                f"The simulated headset does not answer on port {port} ({error}); start it again."
            ) from error

    def send(self, state: State) -> None:
        """Make this the state of the headset; raises SessionLostError when the service is gone."""
        try:
            self._socket.sendall(state.packet())
        except OSError as error:
            raise SessionLostError("The simulated headset went away; start it again.") from error

    def close(self) -> None:
        """Hang up; the headset keeps its last state."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _pose(pose: Pose) -> bytes:
    return _POSE.pack(*pose.orientation, *pose.position)


def _head(head: Head) -> bytes:
    views = head.eyes or (Eye(Pose(), (0.0, 0.0, 0.0, 0.0)),) * 2
    packed = b"".join(_FOV.pack(*view.fov) + _pose(view.pose) + bytes(4) for view in views)
    return packed + _pose(head.pose) + struct.pack("<?3x", head.eyes is not None)


def _controller(hand: Controller) -> bytes:
    speeds = (0.0,) * 6
    pulled, leaned, trodden = hand.trigger > 0, any(hand.thumbstick), any(hand.trackpad) or hand.trackpad_force > 0
    axes = (hand.trigger, hand.squeeze, hand.squeeze_force, *hand.thumbstick, hand.trackpad_force, *hand.trackpad)
    flags = (
        (hand.hand_tracking, hand.active)
        + (hand.system_click,) * 2  # of each button: pressed, touched
        + (hand.a_click,) * 2
        + (hand.b_click,) * 2
        + (hand.trigger_click, hand.trigger_click or pulled)
        + (hand.thumbstick_click, hand.thumbstick_click or leaned)
        + (trodden, False, False, False)  # and padding
    )
    return _pose(hand.pose) + _CONTROLLER.pack(*speeds, *hand.curl, *axes, *flags)
