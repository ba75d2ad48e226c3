"""Which display a talk is shown on: the headset that is active, a simulated one, a window, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assets.paths import place_file
from xr_app.desktop.stage import Stage
from xr_app.display import Board, Display, Hands, Scenery
from xr_app.headset import Headset
from xr_app.panels.boards import PaintedBoard
from xr_app.panels.choices import MirrorAt
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.preferences import Preferred
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import Asked
from xr_app.watch import Watch

if TYPE_CHECKING:
    from xr_app.guest import Guest
    from xr_app.runtime.headset_runtime import HeadsetRuntime

DEPTH_RANGE: Final = (0.05, 100.0)
"""Metres at which depth is 0 and 1. A software GPU is spared it: nobody looks through one."""
SOFTWARE_EYE: Final = 320
"""What a software GPU draws beside the conversation at more than 8 stereo frames a second on two cores."""
WIDE: Final = 16 / 9
"""Of pictures that no headset shows."""


@dataclass(frozen=True)
class Shown:
    """A display that is open, and what else it can do."""

    display: Display
    surroundings: Callable[[Asked], Scenery]
    """What is around the avatar."""
    walk: Callable[[int], None]
    """The avatar stands before its viewer at this monotonic time: a head that a script moves may begin."""
    say: Callable[[str], None]
    """One line of what happens."""
    hands: Hands
    board: Callable[[Panels], Board]
    """Makes what these panels are seen on."""
    survey: Callable[[Placement], Callable[[Frame], None]]
    """Brings what is known of the room to a placement; what it gives is to be called with each frame."""
    attended: bool
    """Whether somebody is there who can put the avatar somewhere; else it stands at once."""
    foveates: bool = False
    """Whether its pictures can be coarser at their edges."""
    mirror_at: MirrorAt = ""
    """Where onlookers can see them."""


Opener = Callable[[], AbstractContextManager[Shown]]
"""Opens the display, and opens it again where it was lost."""


@contextmanager
def displays(
    headset: Headset,
    rows: int | None,
    *,
    refresh_rate: float | None,
    preferred: Preferred,
    software: bool,
    goes_on: Callable[[], bool],
    attend: Callable[[Attention], None],
    tell: Callable[[str], None],
    watch: Watch | None = None,
    guest: Guest | None = None,
) -> Iterator[Opener]:
    """What opens the display, for one talk.

    rows: pixels of a picture from bottom to top at most, what the display and the GPU can do if not given;
    refresh_rate: pictures a second of a headset that offers several, what the frames hold if not given; preferred:
    asked in every frame by whoever obeys; software: whether the processor draws; goes_on: asked while a headset takes
    no frames; attend: hears whether anybody looks; tell: shows a sentence; watch: is told how a runtime of our own is
    ended; guest: wears the headset where that is simulated. Raises XrError, ContextError.
    """
    rows = rows or (SOFTWARE_EYE if software else None)
    match headset:
        case Headset.WINDOW:
            yield lambda: _window(rows)
        case Headset.NONE:
            yield lambda: _unseen(rows)
        case Headset.AUTO | Headset.SIMULATED:
            # OpenXR, as GLFW in its place, is loaded only where it is used.
            from xr_app.runtime.headset_runtime import HeadsetRuntime

            mover = None if guest is None else guest.wear
            with HeadsetRuntime(simulated=headset is Headset.SIMULATED, mover=mover) as runtime:
                if watch is not None:
                    watch.rescue = runtime.end
                yield lambda: _session(
                    runtime,
                    rows,
                    refresh_rate=refresh_rate,
                    preferred=preferred,
                    depth_range=None if software else DEPTH_RANGE,
                    goes_on=goes_on,
                    attend=attend,
                    tell=tell,
                    guest=guest,
                )


@contextmanager
def _window(rows: int | None) -> Iterator[Shown]:
    from xr_app.desktop.window import WindowDisplay

    def board(panels: Panels) -> Board:
        window.menu_open = lambda: panels.menu_open
        return PaintedBoard(window.ctx, window.depth_range)

    with WindowDisplay(most_rows=rows) as window:
        yield Shown(
            window,
            lambda asked: Stage(window, asked),
            lambda _: None,
            window.say,
            window,
            board,
            _nothing_known,
            attended=False,
        )


@contextmanager
def _unseen(rows: int | None) -> Iterator[Shown]:
    from xr_app.desktop.unseen import SIZE, UnseenDisplay

    size = (round(rows * WIDE / 2) * 2, rows) if rows else SIZE
    with UnseenDisplay(size) as unseen:
        yield Shown(
            unseen,
            lambda asked: Stage(unseen, asked),
            unseen.walk,
            lambda _: None,
            unseen,
            lambda _: PaintedBoard(unseen.ctx, unseen.depth_range),
            _nothing_known,
            attended=False,
        )


@contextmanager
def _session(
    runtime: HeadsetRuntime,
    rows: int | None,
    *,
    refresh_rate: float | None,
    preferred: Preferred,
    depth_range: tuple[float, float] | None,
    goes_on: Callable[[], bool],
    attend: Callable[[Attention], None],
    tell: Callable[[str], None],
    guest: Guest | None,
) -> Iterator[Shown]:
    from xr_app.input import input as headset_input
    from xr_app.panels.quad_layer import QuadLayers
    from xr_app.placement import survey
    from xr_app.session.session import XrSession
    from xr_app.surroundings import ways
    from xr_app.surroundings.surroundings import Surroundings

    mirror = None
    if preferred().mirror:
        from xr_app.desktop.mirror import Mirror, MirroredBoard, MirroredHands

        mirror = Mirror(wanted=lambda: preferred().mirror)
    runtime.revive()
    real = runtime.service is None
    with ExitStack() as stack:
        session = stack.enter_context(
            XrSession(
                runtime.environment,
                eye_size=(rows, rows) if rows else None,
                depth_range=depth_range,
                layers=guest.layers if guest is not None else (),
                extensions=ways.EXTENSIONS | headset_input.EXTENSIONS | survey.EXTENSIONS,
                refresh_rate=refresh_rate,
                idle=lambda: None if goes_on() else session.request_exit(),
                attend=attend,
                host=mirror,
                preferred=preferred,
            )
        )

        def known(placement: Placement) -> Callable[[Frame], None]:
            # Nobody lives in a simulated room but a guest: what is kept of another one stays.
            of = session if real or guest is not None else None
            path = place_file() if guest is None else guest.place
            return stack.enter_context(survey.Survey(placement, of, path, tell)).step

        def around(asked: Asked) -> Scenery:
            surroundings = Surroundings(session, asked)
            if mirror is not None:
                mirror.around = surroundings
            return surroundings

        def board(panels: Panels) -> Board:
            layers = QuadLayers(session, panels.every)
            return layers if mirror is None else MirroredBoard(layers, mirror)

        hands = headset_input.XrInput(session, preferred=preferred)
        yield Shown(
            session,
            around,
            runtime.walk,
            mirror.say if mirror else lambda _: None,
            hands if mirror is None else MirroredHands(hands, mirror),
            board,
            known,
            attended=real or guest is not None,
            foveates=session.foveation.offered,
            mirror_at="now" if mirror else "later",
        )


def _nothing_known(placement: Placement) -> Callable[[Frame], None]:
    return lambda frame: None
