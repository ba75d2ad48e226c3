"""A window beside a headset's session for those who look on: what the left eye sees, the avatar not drawn twice.

The session draws in the window's own GL context, so that the runtime's picture can be read there without sharing
anything: a copy of it is completed by what the runtime alone puts around it, put into the window's back buffer, and
shown when the frame has been submitted. Panels are drawn over it as into any picture, and where the wearer sees their
own room and hands, which are nobody's picture, onlookers see the stage and figures of hands. The swap never waits for
the desktop's display, which is slower than a headset's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import glfw
import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.targets import colour_target
from render.strokes import Strokes
from render.view import View
from xr_app.desktop.glfw_window import GlfwWindow
from xr_app.desktop.presenter import Presenter
from xr_app.display import Board, Hands
from xr_app.input.inputs import Hand, Inputs
from xr_app.panels.paint import PanelPainter
from xr_app.panels.panel import Shown
from xr_app.rays.hand_figure import hand_figure
from xr_app.session.frame import Frame
from xr_app.session.gl_binding import Kind
from xr_app.surroundings.mode import Mode

TITLE: Final = "Visavis"
SIZE: Final = (960, 540)


class Around(Protocol):
    """What is around the avatar in the headset (surroundings.py)."""

    @property
    def mode(self) -> Mode:
        """What that is now."""
        ...

    @property
    def middle(self) -> NDArray[np.float64] | None:
        """(3,) of the avatar in the picture of this frame; None where nothing of it is seen."""
        ...

    def draw_stage(self, view: View, target: moderngl.Framebuffer) -> None:
        """Beneath a finished picture, where it is transparent."""
        ...


class Mirror:
    """The host of one session's context. Closing its window hides it; the session goes on."""

    def __init__(self, size: tuple[int, int] = SIZE, wanted: Callable[[], bool] = lambda: True) -> None:
        """size: at first, in the desktop's units; wanted: asked in every frame whether it shall be seen; where the
        answer is another one than before, the window goes or comes back."""
        self._size, self._wanted, self._seen = size, wanted, True
        self._window: GlfwWindow | None = None
        self._presenter: Presenter | None = None
        self._painter: PanelPainter | None = None
        self._strokes: Strokes | None = None
        self._picture: moderngl.Framebuffer | None = None
        self._taken = False
        self.around: Around | None = None
        """What completes a finished picture for those who see neither the wearer's room nor their hands."""
        self.hands: Sequence[Hand] = ()
        """The wearer's, in this frame."""
        self.panels: Sequence[Shown] = ()
        """What the runtime shows over the picture of this frame, the farthest first."""

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
        self._presenter, self._painter = Presenter(window.ctx), PanelPainter(window.ctx)
        self._strokes = Strokes(window.ctx)
        glfw.set_window_close_callback(window.handle, lambda _: window.hide())
        return window.ctx

    def take(self, drawn: moderngl.Framebuffer, view: View) -> None:
        """Complete an eye's finished picture, pixels of it from the bottom left, and crop it to the window's shape."""
        window, presenter, painter = self._window, self._presenter, self._painter
        assert window is not None and presenter is not None and painter is not None, "the mirror has not been opened"
        if self._wanted() != self._seen:
            self._seen = not self._seen
            (window.reveal if self._seen else window.hide)()
        self._taken = window.visible
        if self._taken:
            picture = self._copy(window.ctx, drawn, (view.width, view.height))
            self._complete(view, picture)
            painter.draw(view, picture, self.panels)
            presenter.show(picture, window.pixels)

    def _complete(self, view: View, picture: moderngl.Framebuffer) -> None:
        around = self.around
        if around is not None and self._strokes is not None and around.mode is not Mode.STAGE:
            self._strokes.draw([view], [picture], hand_figure(self.hands), around.middle)
            around.draw_stage(view, picture)

    def _copy(self, ctx: moderngl.Context, drawn: moderngl.Framebuffer, size: tuple[int, int]) -> moderngl.Framebuffer:
        if self._picture is None or self._picture.size != size:
            if self._picture is not None:
                self._picture.color_attachments[0].release()
                self._picture.release()
            self._picture = colour_target(ctx, *size)
        ctx.copy_framebuffer(self._picture, drawn)
        return self._picture

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
            self._window = self._presenter = self._painter = self._strokes = self._picture = None


class MirroredHands:
    """A headset's hands that onlookers see, too."""

    def __init__(self, hands: Hands, mirror: Mirror) -> None:
        self._hands, self._mirror = hands, mirror
        self.feel = hands.feel

    def read(self, frame: Frame) -> Inputs:
        """As they are, for both."""
        inputs = self._hands.read(frame)
        self._mirror.hands = inputs.hands
        return inputs


class MirroredBoard:
    """A headset's board whose panels onlookers see, too."""

    def __init__(self, board: Board, mirror: Mirror) -> None:
        self._board, self._mirror = board, mirror
        self.painted = board.painted

    def show(self, frame: Frame, shown: Sequence[Shown]) -> None:
        """On both."""
        self._board.show(frame, shown)
        self._mirror.panels = shown

    def bring(self, shown: Sequence[Shown]) -> None:
        """To the headset's; onlookers' pictures take no time of a frame."""
        self._board.bring(shown)

    def close(self) -> None:
        """Give back what the headset's board took."""
        self._mirror.panels = ()
        self._board.close()
