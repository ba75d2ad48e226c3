"""The packet against the driver's own structure, written down again here in ctypes from r_interface.h."""

import ctypes
import socket
import threading

import pytest

from xr_app.errors import RuntimeFailedError, SessionLostError
from xr_app.poses import Pose
from xr_app.runtime.remote import PACKET_BYTES, Controller, Eye, Head, Remote, State

F, B = ctypes.c_float, ctypes.c_bool


class PoseC(ctypes.Structure):
    _fields_ = (("orientation", F * 4), ("position", F * 3))


class ViewC(ctypes.Structure):
    _fields_ = (("fov", F * 4), ("pose", PoseC), ("pad", ctypes.c_uint32))


class HeadC(ctypes.Structure):
    _fields_ = (("views", ViewC * 2), ("center", PoseC), ("per_view_data_valid", B), ("pad", B * 3))


class ControllerC(ctypes.Structure):
    _fields_ = (
        ("pose", PoseC),
        ("linear_velocity", F * 3),
        ("angular_velocity", F * 3),
        ("hand_curl", F * 5),
        ("trigger_value", F),
        ("squeeze_value", F),
        ("squeeze_force", F),
        ("thumbstick", F * 2),
        ("trackpad_force", F),
        ("trackpad", F * 2),
        ("hand_tracking_active", B),
        ("active", B),
        ("system_click", B),
        ("system_touch", B),
        ("a_click", B),
        ("a_touch", B),
        ("b_click", B),
        ("b_touch", B),
        ("trigger_click", B),
        ("trigger_touch", B),
        ("thumbstick_click", B),
        ("thumbstick_touch", B),
        ("trackpad_touch", B),
        ("pad", B * 3),
    )


class DataC(ctypes.Structure):
    _fields_ = (("header", ctypes.c_char * 8), ("head", HeadC), ("left", ControllerC), ("right", ControllerC))


def test_packet_is_the_drivers_structure() -> None:
    eyes = (Eye(Pose(position=(-0.03, 0, 0)), (-0.7, 0.6, 0.5, -0.4)), Eye(Pose(), (-0.6, 0.7, 0.5, -0.4)))
    head = Head(Pose((0.0, 0.6, 0.0, 0.8), (1.0, 2.0, 3.0)), eyes)
    right = Controller(Pose(position=(4.0, 5.0, 6.0)), trigger=0.5, trigger_click=True, squeeze=0.25)
    right = Controller(right.pose, 0.5, True, 0.25, curl=(0.1, 0.2, 0.3, 0.4, 0.5), hand_tracking=False)
    packet = State(head, right=right).packet()
    assert len(packet) == PACKET_BYTES == ctypes.sizeof(DataC)
    data = DataC.from_buffer_copy(packet)
    assert data.header == b"mndrmt3"
    assert list(data.head.center.orientation) == pytest.approx([0, 0.6, 0, 0.8])
    assert list(data.head.center.position) == [1, 2, 3]
    assert data.head.per_view_data_valid
    assert list(data.head.views[0].fov) == pytest.approx([-0.7, 0.6, 0.5, -0.4])
    assert data.head.views[0].pose.position[0] == pytest.approx(-0.03)
    assert list(data.head.views[1].pose.orientation) == [0, 0, 0, 1]
    assert list(data.right.pose.position) == [4, 5, 6]
    assert list(data.right.hand_curl) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert (data.right.trigger_value, data.right.squeeze_value) == (0.5, 0.25)
    assert data.right.trigger_click and data.right.trigger_touch and data.right.active
    assert not data.right.hand_tracking_active and not data.right.a_click and not data.right.thumbstick_click
    assert data.left.active and data.left.hand_tracking_active and not data.left.trigger_touch


def test_every_button_is_at_its_place() -> None:
    left = Controller(
        Pose(),
        squeeze_force=0.75,
        thumbstick=(0.5, -0.25),
        thumbstick_click=True,
        b_click=True,
        trackpad=(-0.5, 1.0),
        trackpad_force=0.125,
    )
    right = Controller(Pose(), a_click=True, system_click=True, active=False)
    data = DataC.from_buffer_copy(State(left=left, right=right).packet())
    assert (data.left.squeeze_force, data.left.trackpad_force) == (0.75, 0.125)
    assert (list(data.left.thumbstick), list(data.left.trackpad)) == ([0.5, -0.25], [-0.5, 1.0])
    buttons = ("system", "a", "b", "trigger", "thumbstick")
    for hand, down in ((data.left, {"b", "thumbstick"}), (data.right, {"a", "system"})):
        assert {name for name in buttons if getattr(hand, f"{name}_click")} == down
        assert {name for name in buttons if getattr(hand, f"{name}_touch")} == down
    assert data.left.trackpad_touch and not data.right.trackpad_touch
    assert data.left.active and not data.right.active and data.right.hand_tracking_active


def test_without_eyes_the_service_uses_its_own() -> None:
    assert not DataC.from_buffer_copy(State(Head(eyes=None)).packet()).head.per_view_data_valid


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(RuntimeFailedError, match="does not answer"):
            Remote(unused.getsockname()[1])


def test_somebody_else_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hang_up = threading.Thread(target=lambda: server.accept()[0].close())
        hang_up.start()
        with pytest.raises(RuntimeFailedError, match="does not answer"):
            Remote(server.getsockname()[1])
        hang_up.join()


def test_service_that_goes_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet_and_leave() -> None:
            connection, _ = server.accept()
            connection.sendall(bytes(2 * PACKET_BYTES))
            connection.close()

        service = threading.Thread(target=greet_and_leave)
        service.start()
        with Remote(server.getsockname()[1]) as remote, pytest.raises(SessionLostError):
            service.join()
            for _ in range(100):  # the first sends may still fit the socket's buffer
                remote.send(State())
