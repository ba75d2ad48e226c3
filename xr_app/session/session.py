"""An OpenXR session: the headset's states, its frames, and the pictures for its eyes.

    with open_runtime() as runtime, XrSession(runtime.environment) as session:
        for frame in session.frames():
            with frame:
                if frame.should_render:
                    draw(frame.views, frame.targets)

One thread, the one that made the session, owns it and its GL context. Order of closing: the session is asked to exit
and its frames are pumped until it has, then swapchains, spaces, session, GL context, instance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import Any, Final, Self

import moderngl
import numpy as np
import xr
from numpy.typing import NDArray

from render.view import View
from xr_app.errors import XrError
from xr_app.preferences import Preferred, usual
from xr_app.session import clock, gl_binding
from xr_app.session.attention import Attention
from xr_app.session.calls import explained
from xr_app.session.clock import XrClock
from xr_app.session.foveation import EXTENSIONS as FOVEATION_EXTENSIONS
from xr_app.session.foveation import Foveation
from xr_app.session.frame import Frame
from xr_app.session.frame_calls import FrameCalls, FrameState
from xr_app.session.gl_binding import Host
from xr_app.session.gl_choice import create_gl
from xr_app.session.instance import open_instance
from xr_app.session.life import PRESENCE_EXTENSION, Life
from xr_app.session.performance import EXTENSION as PERFORMANCE_EXTENSION
from xr_app.session.performance import THREAD_EXTENSION, Performance
from xr_app.session.refresh_rate import EXTENSION as RATE_EXTENSION
from xr_app.session.refresh_rate import RefreshRate
from xr_app.session.spaces import FLOOR_EXTENSION, create_floor_space, create_head_space
from xr_app.session.swapchain import Swapchain, choose_depth_format, choose_format

F64 = NDArray[np.float64]

DEPTH_EXTENSION: Final = "XR_KHR_composition_layer_depth"
_EXTENSIONS: Final = frozenset(
    (
        *gl_binding.EXTENSIONS,
        clock.EXTENSION,
        FLOOR_EXTENSION,
        DEPTH_EXTENSION,
        PRESENCE_EXTENSION,
        RATE_EXTENSION,
        PERFORMANCE_EXTENSION,
        THREAD_EXTENSION,
        *FOVEATION_EXTENSIONS,
    )
)
_EXIT_TIMEOUT_S: Final = 2.0
_IDLE_S: Final = 0.01


class XrSession:
    """A session on one headset, drawn by OpenGL; a context manager."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        eye_size: tuple[int, int] | None = None,
        depth_range: tuple[float, float] | None = None,
        layers: Collection[str] = (),
        extensions: Collection[str] = (),
        without: Collection[str] = (),
        refresh_rate: float | None = None,
        idle: Callable[[], None] = lambda: None,
        attend: Callable[[Attention], None] = lambda attention: None,
        host: Host | None = None,
        preferred: Preferred = usual,
    ) -> None:
        """environment: the runtime's (`Runtime.environment`); eye_size: (width, height) of each eye's picture, the
        runtime's recommendation if not given, its maximum at most; depth_range: metres at which depth is 0 and 1 (as
        by render/view.py's projection_matrix): targets then have depth, which the runtime is given too, if it takes
        any; layers: OpenXR API layers to enable; extensions: more of them to use, where the runtime has them (what is
        in use then: `instance.extensions`); without: extensions not to use though the runtime has them, for
        runtimes that have them wrong; refresh_rate: Hz, where the headset offers several; by what the frames hold if
        not given; idle: called every now and then while the headset takes no frames; attend: told of the wearer's
        attention when it changes; host: whose GL context to draw in, and who sees the left eye's pictures, too;
        preferred: asked in every frame how much coarser the pictures' edges shall be.
        """
        self._environment = environment
        self._eye_size = eye_size
        self._wanted_range = depth_range
        self._layers = layers
        self._wanted = (_EXTENSIONS | frozenset(extensions)) - frozenset(without)
        self._wanted_rate, self._idle, self._attend, self._host = refresh_rate, idle, attend, host
        self._preferred = preferred
        self.under: list[Any] = []
        """Composition layers beneath the eyes' pictures, farthest first; whoever puts one in keeps it up to date."""
        self.over: list[Any] = []
        """Composition layers above the eyes' pictures, the nearest last."""
        self._stack = ExitStack()
        self._count = 0
        self._last_xr_time: int | None = None
        self._located: tuple[F64, list[View]] = (np.eye(4), [])

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def _open(self, stack: ExitStack) -> None:
        self.instance = instance = stack.enter_context(open_instance(self._environment, self._wanted, self._layers))
        self.runtime_name, self.system_name = instance.runtime_name, instance.system_name
        self.transparent = xr.EnvironmentBlendMode.ALPHA_BLEND in instance.blend_modes
        """Whether the world is seen where pictures are transparent; else they fill the view and need a background."""
        blend_mode = xr.EnvironmentBlendMode.ALPHA_BLEND if self.transparent else instance.blend_modes[0]

        self._gl = create_gl(instance, self._host)
        self.ctx = self._gl.ctx
        stack.callback(self._host.close if self._host else self.ctx.release)
        with explained("xrCreateSession"):
            session = xr.create_session(
                instance.handle, xr.SessionCreateInfo(system_id=instance.system_id, next=self._gl.structure)
            )
        stack.callback(_destroy, xr.destroy_session, session)
        self.handle = session

        floor = create_floor_space(session, instance.extensions)
        stack.callback(_destroy, xr.destroy_space, floor.space)
        self.space, self.floor = floor.space, floor.name
        """What poses are in: y = 0 on the floor."""
        head_space = create_head_space(session)
        stack.callback(_destroy, xr.destroy_space, head_space)

        with explained("xrEnumerateSwapchainFormats"):
            formats = [int(each) for each in xr.enumerate_swapchain_formats(session)]
        wants_depth = self._wanted_range is not None and DEPTH_EXTENSION in instance.extensions
        gl_format, depth_format = choose_format(formats), choose_depth_format(formats) if wants_depth else None
        self.depth_range = self._wanted_range if depth_format is not None else None
        """Metres at which targets' depth, which the runtime is given, is 0 and 1; None where they have none."""
        self.foveation = foveation = Foveation(session, instance.extensions, self.ctx.extensions)
        self._swapchains: list[Swapchain] = []
        for recommended, most in zip(instance.view_sizes, instance.max_view_sizes, strict=True):
            width, height = self._eye_size or recommended
            size = (min(width, most[0]), min(height, most[1]))
            self._swapchains.append(Swapchain(session, self.ctx, size, gl_format, depth_format, foveation.at_creation))
            stack.callback(self._swapchains[-1].close)
        self.eye_sizes = [swapchain.size for swapchain in self._swapchains]
        foveation.begin([swapchain.colour.handle for swapchain in self._swapchains])
        foveation.ask(self._preferred().foveation)
        self._clock = XrClock(instance.handle, instance.extensions)
        self._calls = FrameCalls(instance.handle, session, self.space, head_space, self._swapchains, self.depth_range)
        self.life = Life(session, self._calls, floor, self._attend)
        """What state the session is in, and what the wearer does."""
        self.refresh_rate = RefreshRate(session, instance.extensions, self.life, self._wanted_rate)
        """Of the display."""
        self.performance = Performance(session, instance.extensions, self.life)
        self.blend(blend_mode, see_through=self.transparent)
        stack.callback(self._leave)

    @property
    def state(self) -> xr.SessionState:
        """As the runtime told it last."""
        return self.life.state

    @property
    def attention(self) -> Attention:
        """What the wearer does."""
        return self.life.attention

    @property
    def view_count(self) -> int:
        """Eyes."""
        return len(self._swapchains)

    def frames(self) -> Iterator[Frame]:
        """Each frame of the session, begun and located; ends when the session has exited.

        While the headset is not ready for frames this waits for it. Raises SessionLostError where the runtime or the
        headset goes away.
        """
        life = self.life
        while not life.over:
            life.hear()
            if life.running:
                frame = self._next_frame()
                yield frame
                if not frame.ended:
                    frame.finish(with_picture=False)
                self.refresh_rate.ended(frame)
            elif not life.over:
                self._last_xr_time = None  # a pause is no row of frames that were missed
                self._idle()
                time.sleep(_IDLE_S)

    def blend(self, mode: xr.EnvironmentBlendMode, *, see_through: bool) -> None:
        """From the next frame on put the layers before the world in this way; see_through: what lies behind the eyes'
        pictures, be it the world or a layer below, is seen where they are transparent.
        """
        self._calls.blend(mode, see_through=see_through)

    def heed(self, kind: xr.StructureType, structure: Any, tell: Callable[[Any], None]) -> None:
        """Call `tell` with every event of this kind, read as this structure, which is valid during the call."""
        self.life.heed(kind, structure, tell)

    def request_exit(self) -> None:
        """Ask the runtime to end the session; `frames` ends some frames later, at once while there are none."""
        self.life.leave()

    def _next_frame(self) -> Frame:
        self.foveation.ask(self._preferred().foveation)
        state = self._calls.wait()
        begun_ns, cpu_begun_ns = time.monotonic_ns(), time.thread_time_ns()
        self._calls.begin()
        self._gl.make_current()
        located = self._calls.locate(state.display_time)
        if located is not None:
            self._located = located
        head, views = self._located
        recentring = self.life.recentred_before(state.display_time)
        frame = Frame(
            self,
            index=self._count,
            xr_time=state.display_time,
            display_time_ns=self._clock.monotonic_ns(state.display_time, state.period_ns),
            period_ns=state.period_ns,
            skipped=self._skipped_before(state),
            head=head,
            views=views,
            should_render=state.should_render and located is not None,
            recentred=recentring is not None,
            moved=recentring.moved if recentring else None,
            begun_ns=begun_ns,
            cpu_begun_ns=cpu_begun_ns,
            # The fovea is the middle of the whole picture, not of a part of it.
            shrink=None if self.foveation.on else self._shrink,
        )
        self._count += 1
        self._last_xr_time = state.display_time
        return frame

    def _skipped_before(self, state: FrameState) -> int:
        if self._last_xr_time is None or state.period_ns <= 0:
            return 0
        return max(0, round((state.display_time - self._last_xr_time) / state.period_ns) - 1)

    def acquire(self) -> list[moderngl.Framebuffer]:
        """A framebuffer for each eye; `with frame:` calls this."""
        return [swapchain.acquire() for swapchain in self._swapchains]

    def _shrink(self, share: float) -> tuple[list[View], list[moderngl.Framebuffer]]:
        return self._calls.shrink(share), [
            swapchain.part(size) for swapchain, size in zip(self._swapchains, self._calls.sizes, strict=True)
        ]

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        """Release what was acquired and submit the frame; leaving `with frame:` calls this."""
        host = self._host if with_picture else None
        if host is not None:
            eye = self._swapchains[0]
            host.take(eye.part(eye.size), frame.views[0])
        for swapchain in self._swapchains:
            if swapchain.acquired:
                swapchain.release()
        self._calls.end(frame.xr_time, with_picture=with_picture, under=self.under, over=self.over)
        if host is not None:
            host.show()
        self._gl.make_current()

    def _leave(self) -> None:
        """End the session as the specification wants it, as far as the runtime still answers."""
        deadline = time.monotonic() + _EXIT_TIMEOUT_S
        with suppress(XrError):
            self._gl.make_current()
            self.ctx.finish()  # a software GPU may still draw into the pictures that are about to go
            for swapchain in self._swapchains:
                if swapchain.acquired:
                    swapchain.release()
        with suppress(XrError):
            self._calls.abandon()
        with suppress(XrError):
            life = self.life
            life.leave()
            while life.running and not life.over and time.monotonic() < deadline:
                life.hear()
                if life.running:
                    self._next_frame().finish(with_picture=False)
        self.life.over = True

    def __exit__(self, *exception: object) -> None:
        self._stack.close()


def _destroy(function: Any, handle: Any) -> None:
    with suppress(xr.exception.ErrorResult):  # the runtime is gone, and its objects with it
        function(handle)
