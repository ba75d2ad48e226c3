"""A window on the desktop instead of a headset: one view, moved by mouse and keyboard.

    with WindowDisplay() as display:
        for frame in display.frames():
            with frame:
                if frame.should_render:
                    draw(frame.views, frame.targets)

The picture is drawn into a texture of its own, in linear light kept as sRGB, and then shown in the window
(presenter.py), when the next frame is asked for: the swap waits for the display, and that is no part of drawing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, Self

import glfw
import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import is_software
from render.gl.targets import colour_target
from render.view import View
from xr_app.desktop.camera import Camera
from xr_app.desktop.controls import CALL, FULLSCREEN, LEAVE, Controls
from xr_app.desktop.glfw_window import ContextApi, GlfwWindow
from xr_app.desktop.presenter import Presenter
from xr_app.desktop.ticks import Tick, Ticks
from xr_app.input.inputs import Inputs
from xr_app.input.keys import DeskInput, pointer_pose
from xr_app.placement.standing import Pulse
from xr_app.session.frame import Frame

F64 = NDArray[np.float64]

TITLE: Final = "Visavis"
SIZE: Final = (1280, 720)
UP: Final = math.radians(20)
"""From the middle of the picture to its upper edge, however wide it is."""


class WindowDisplay:
    """One window, seen from its first picture on; a context manager. Raises GraphicsError where there is no display or
    no GL 4.3."""

    depth_range = None

    def __init__(
        self, size: tuple[int, int] = SIZE, *, most_rows: int | None = None, apis: tuple[ContextApi, ...] | None = None
    ) -> None:
        """size: at first, in the desktop's units; most_rows: pixels of the picture from bottom to top at most, which
        are then enlarged to the window's; apis: see `GlfwWindow`."""
        self._window = GlfwWindow(TITLE, size, apis=apis, hidden=True)
        self.ctx = self._window.ctx
        self.camera = Camera()
        self._controls = Controls(self.camera)
        self._presenter = Presenter(self.ctx)
        self._ticks = Ticks(round(1e9 / self._window.refresh_hz))
        self._software = is_software(self.ctx)
        self._most_rows = most_rows
        self._target: moderngl.Framebuffer | None = None
        self._over = self._shown = self._revealed = False
        self._count = 0
        self._input = DeskInput()
        self._went_down: set[int] = set()
        self.menu_open: Callable[[], bool] = lambda: False
        """Whether the menu is there, which Esc sends away before it leaves."""
        self._sent_away = False
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._window.close()

    @property
    def runtime_name(self) -> str:
        """For reports."""
        return f"window, {self._window.refresh_hz} Hz"

    @property
    def eye_sizes(self) -> list[tuple[int, int]]:
        """Of the one picture."""
        return [self._size()]

    def say(self, sentence: str) -> None:
        """Show one line of what happens until the next; nothing where it is empty."""
        self._window.say(TITLE, sentence)

    def read(self, frame: Frame) -> Inputs:
        """What mouse and keyboard do in this frame; the mouse is the right hand."""
        (x, y), (width, height) = self._controls.cursor, (max(side, 1) for side in self._window.size)
        (view,) = frame.views
        pointer = pointer_pose(view, x * view.width / width, y * view.height / height)
        inputs = self._input.read(self._controls.desk(self._went_down, pointer), frame.begun_ns / 1e9)
        return replace(inputs, menu=True) if self._sent_away else inputs

    def feel(self, pulses: Sequence[Pulse], *, busy: bool) -> None:
        """A mouse feels nothing; while somebody is `busy`, dragging does not orbit."""
        self._controls.captured = busy

    def request_exit(self) -> None:
        """Have `frames` end with this one."""
        self._over = True

    def frames(self) -> Iterator[Frame]:
        """Each frame, begun when the display wants it, until the exit that is requested."""
        while not self._over:
            if self._shown:
                if not self._revealed:  # nobody sees an empty one
                    self._window.reveal()
                    self._revealed = True
                self._window.swap()
                self._shown = False
            tick = self._ticks.wait()
            self._window.make_current()
            self._take_events(tick)
            if self._over:
                return
            frame = self._frame(tick)
            yield frame
            if not frame.ended:
                frame.finish(with_picture=False)

    def acquire(self) -> list[moderngl.Framebuffer]:
        """The framebuffer; `with frame:` calls this."""
        size = self._size()
        if self._target is None or self._target.size != size:
            if self._target is not None:
                self._target.color_attachments[0].release()
                self._target.release()
            self._target = colour_target(self.ctx, *size)
        self._target.clear()
        return [self._target]

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        """Have the picture shown next; leaving `with frame:` calls this."""
        if with_picture and self._target is not None and self._window.visible:
            self._presenter.show(self._target, self._window.pixels)
            self._shown = True
            if self._software:
                self.ctx.finish()  # else it would draw in the swap, when the frame is thought to be over

    def _frame(self, tick: Tick) -> Frame:
        width, height = self._size()
        pose = self.camera.pose
        tangents = _angles(width, height)
        left, right, up, down = (math.atan(tangent) for tangent in tangents)
        frame = Frame(
            self,
            index=self._count,
            xr_time=tick.display_ns,
            display_time_ns=tick.display_ns,
            period_ns=self._ticks.period_ns,
            skipped=tick.skipped,
            head=pose,
            views=[View(pose, (left, right, up, down), width, height)],
            should_render=self._window.visible,
            recentred=False,
            begun_ns=tick.begun_ns,
            cpu_begun_ns=time.thread_time_ns(),
        )
        self._count += 1
        return frame

    def _size(self) -> tuple[int, int]:
        width, height = (max(1, side) for side in self._window.pixels)
        if self._most_rows is not None and height > self._most_rows:
            width, height = max(1, round(width * self._most_rows / height)), self._most_rows
        return width, height

    def _take_events(self, tick: Tick) -> None:
        glfw.poll_events()
        controls = self._controls
        controls.step((tick.skipped + 1) * self._ticks.period_ns / 1e9)
        self._went_down = controls.take()
        if CALL in self._went_down:
            self.camera.aim()  # at the avatar, which is called at the same time
        self._sent_away = LEAVE in self._went_down and self.menu_open()
        if LEAVE in self._went_down and not self._sent_away:
            self._over = True
        if FULLSCREEN in self._went_down:
            self._window.switch_fullscreen()

    def _listen(self) -> None:
        handle, controls = self._window.handle, self._controls
        glfw.set_key_callback(handle, lambda _, key, code, action, modifiers: controls.key(key, action))
        glfw.set_mouse_button_callback(handle, lambda _, button, action, modifiers: controls.button(button, action))
        glfw.set_cursor_pos_callback(handle, lambda _, x, y: controls.move(x, y, self._window.size[1]))
        glfw.set_scroll_callback(handle, lambda _, x, y: controls.scroll(y))
        glfw.set_window_close_callback(handle, lambda _: self.request_exit())


def _angles(width: int, height: int) -> tuple[float, float, float, float]:
    """Tangents of a picture's edges: left, right, up, down."""
    up = math.tan(UP)
    return -up * width / height, up * width / height, up, -up
