"""One window of GLFW's with a GL context of its own, current in the thread that made it.

On Linux contexts come through EGL, as everything else of Visavis draws, X11's GLX included where there is no EGL; which
one a headset's runtime needs may be asked for. Only one context may be current in a thread.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final, Literal, Self

import glfw
import moderngl

from render.gl.targets import encode_srgb
from xr_app.errors import GraphicsError

ContextApi = Literal["egl", "native"]
"""native: GLX, WGL or what else the platform has by itself."""
USUAL_HZ: Final = 60
"""Of a display that does not tell."""
_NEEDED: Final = 430
_REPORTING: Final[dict[int | None, str]] = {
    glfw.FEATURE_UNAVAILABLE: "ignore",
    glfw.FEATURE_UNIMPLEMENTED: "ignore",
    glfw.CURSOR_UNAVAILABLE: "ignore",
    None: "raise",
}
"""Some desktops lack what can be done without."""


class _Functions:
    """GL's functions as moderngl asks for them, from the context that is current."""

    def load_opengl_function(self, name: str) -> int:
        return ctypes.cast(glfw.get_proc_address(name), ctypes.c_void_p).value or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def release(self) -> None:
        pass


class GlfwWindow:
    """Open from construction to `close`. Raises GraphicsError where there is no display or no GL 4.3."""

    def __init__(
        self,
        title: str,
        size: tuple[int, int],
        *,
        apis: tuple[ContextApi, ...] | None = None,
        vsync: bool = True,
        focused: bool = True,
        x11: bool = False,
        hidden: bool = False,
    ) -> None:
        """size: of its inside, in the units of the desktop, of which a dense display makes more pixels; apis: through
        what the context may be made, the first that can; vsync: whether `swap` waits for the display; focused: whether
        keys go to it at first; x11: of X11 though the desktop has something else, for whoever needs GLX; hidden:
        nobody sees it until `reveal`, and what is drawn until then is seen at once."""
        _start(glfw.PLATFORM_X11 if x11 else glfw.ANY_PLATFORM)
        self._hidden = hidden
        self._before: tuple[int, int, int, int] | None = None
        """Place and size of the window that now fills its display."""
        usual: tuple[ContextApi, ...] = ("egl", "native") if sys.platform == "linux" else ("native",)
        try:
            self.handle = _create(title, size, apis or usual, focused=focused, hidden=hidden)
            glfw.make_context_current(self.handle)
            glfw.swap_interval(1 if vsync else 0)
            settings: dict[str, Any] = {"context": _Functions()}
            self.ctx = moderngl.create_context(require=_NEEDED, **settings)
        except (glfw.GLFWError, ValueError, moderngl.Error) as error:
            glfw.terminate()
            raise GraphicsError(
                f"No window with OpenGL 4.3 could be opened ({_words(error)}); install a driver for the graphics card."
            ) from None
        encode_srgb(self.ctx)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of what is seen of it; 0 while it is minimised."""
        width, height = glfw.get_framebuffer_size(self.handle)
        return int(width), int(height)

    @property
    def size(self) -> tuple[int, int]:
        """The same in the units in which the pointer is told."""
        width, height = glfw.get_window_size(self.handle)
        return int(width), int(height)

    @property
    def refresh_hz(self) -> int:
        """Pictures a second of the display that it is on."""
        monitor = glfw.get_window_monitor(self.handle) or glfw.get_primary_monitor()
        mode = glfw.get_video_mode(monitor) if monitor else None
        return int(mode.refresh_rate if mode else 0) or USUAL_HZ

    @property
    def visible(self) -> bool:
        """Whether anything of it can be seen, or could once it is revealed."""
        return (self._hidden or bool(glfw.get_window_attrib(self.handle, glfw.VISIBLE))) and min(self.pixels) > 0

    @property
    def title(self) -> str:
        """What stands above it."""
        return str(glfw.get_window_title(self.handle))

    def say(self, name: str, sentence: str) -> None:
        """Name what it is, and one line of what happens there, if there is one."""
        glfw.set_window_title(self.handle, f"{name} – {sentence}" if sentence else name)

    def make_current(self) -> None:
        """Let this thread draw with its context."""
        if glfw.get_current_context() != self.handle:
            glfw.make_context_current(self.handle)

    def switch_fullscreen(self) -> None:
        """Fill the display that the user looks at, or be a window again as before."""
        if self._before is not None:
            glfw.set_window_monitor(self.handle, None, *self._before, glfw.DONT_CARE)  # type: ignore[arg-type]
            self._before = None
            return
        monitor = glfw.get_primary_monitor()
        if monitor:
            self._before = (*glfw.get_window_pos(self.handle), *self.size)
            mode = glfw.get_video_mode(monitor)
            glfw.set_window_monitor(self.handle, monitor, 0, 0, *mode.size, mode.refresh_rate)

    def swap(self) -> None:
        """Show what was drawn."""
        glfw.swap_buffers(self.handle)

    def hide(self) -> None:
        """Close it for the user; its context goes on."""
        glfw.hide_window(self.handle)

    def reveal(self) -> None:
        """Show it, for the first time or again."""
        self._hidden = False
        glfw.show_window(self.handle)

    def close(self) -> None:
        """Take it away with its context and all that was made there."""
        self.ctx.release()
        glfw.destroy_window(self.handle)
        glfw.terminate()


def _start(platform: int) -> None:
    glfw.ERROR_REPORTING = _REPORTING  # type: ignore[assignment]  # a dict will do, by its documentation
    try:
        glfw.init_hint(glfw.PLATFORM, platform)
        started = glfw.init()
    except glfw.GLFWError as error:
        raise GraphicsError(
            f"There is no display for a window ({_words(error)}); start from a desktop, or with --headset none."
        ) from None
    if not started:
        raise GraphicsError("Windows cannot be opened on this machine; start with --headset none.")


def _create(title: str, size: tuple[int, int], apis: tuple[ContextApi, ...], *, focused: bool, hidden: bool) -> Any:
    """The window, by the first of `apis` that gives a context; GLFWError of the last where none does."""
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 4),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),
        (glfw.SCALE_TO_MONITOR, True),
        (glfw.DEPTH_BITS, 0),
        (glfw.STENCIL_BITS, 0),
        (glfw.VISIBLE, not hidden),
        (glfw.FOCUSED, focused),
        (glfw.FOCUS_ON_SHOW, focused),
    ):
        glfw.window_hint(hint, value)
    for number, api in enumerate(apis):
        glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API if api == "egl" else glfw.NATIVE_CONTEXT_API)
        try:
            return glfw.create_window(*size, title, None, None)
        except glfw.GLFWError:
            if number == len(apis) - 1:
                raise
    raise AssertionError("no way to make a context was named")


def _words(error: Exception) -> str:
    """What GLFW says, without its number."""
    text = str(error)
    return text.partition("b'")[2].strip("'\"") or text
