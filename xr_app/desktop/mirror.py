"""A window beside a headset's session for those who look on: the left eye's picture, not drawn a second time.

The session draws in the window's own GL context, so that the runtime's picture can be read there without sharing
anything: it is put into the window's back buffer before the runtime has it again, and shown when the frame has been
submitted. The swap never waits for the desktop's display, which is slower than a headset's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import glfw
import moderngl

from xr_app.desktop.glfw_window import GlfwWindow
from xr_app.desktop.presenter import Presenter
from xr_app.session.gl_binding import Kind

TITLE: Final = "Visavis"
SIZE: Final = (960, 540)


class Mirror:
    """The host of one session's context. Closing its window hides it; the session goes on."""

    def __init__(self, size: tuple[int, int] = SIZE, wanted: Callable[[], bool] = lambda: True) -> None:
        """size: at first, in the desktop's units; wanted: asked in every frame whether it shall be seen; where the
        answer is another one than before, the window goes or comes back."""
        self._size, self._wanted, self._seen = size, wanted, True
        self._window: GlfwWindow | None = None
        self._presenter: Presenter | None = None
        self._taken = False

    def open(self, kind: Kind) -> moderngl.Context:
        """Open the window with a context through EGL, GLX or WGL, which is then current. Raises GraphicsError."""
        self._window = window = GlfwWindow(
            TITLE,
            self._size,
            apis=("egl",) if kind == "EGL" else ("native",),
            vsync=False,
            focused=False,
            x11=kind == "GLX",
        )
        self._presenter = Presenter(window.ctx)
        glfw.set_window_close_callback(window.handle, lambda _: window.hide())
        return window.ctx

    def take(self, drawn: moderngl.Framebuffer, size: tuple[int, int]) -> None:
        """Copy an eye's finished picture, `size` pixels of it from the bottom left, cropped to the window's shape."""
        assert self._window is not None and self._presenter is not None, "the mirror has not been opened"
        if self._wanted() != self._seen:
            self._seen = not self._seen
            (self._window.reveal if self._seen else self._window.hide)()
        self._taken = self._window.visible
        if self._taken:
            self._presenter.show(drawn, self._window.pixels, size)

    def show(self) -> None:
        """Show what was taken, and hear what the user does to the window."""
        assert self._window is not None, "the mirror has not been opened"
        if self._taken:
            self._window.swap()
            self._taken = False
        glfw.poll_events()

    def say(self, sentence: str) -> None:
        """Show one line of what happens in the window's title."""
        if self._window is not None:
            self._window.say(TITLE, sentence)

    def close(self) -> None:
        """Take the window away, and the context with it."""
        if self._window is not None:
            self._window.close()
            self._window = self._presenter = None
