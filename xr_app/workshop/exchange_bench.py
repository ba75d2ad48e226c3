"""What a change of the avatar does to the frames around it, in a real session: in steps, as a talk has it, and at once.

Both are whole people with their networks, prepared in full but drawn at their coarsest level into small pictures: a
software GPU would draw more on the same cores, and drawing is not what is measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import moderngl
import numpy as np

from assets.avatar import Avatar
from assets.progress import Progress
from conversation.link.events import Failure
from render.control import QualityController
from render.load import LLVMPIPE, Costs, Quality
from render.renderer import AvatarRenderer
from render.stages.sort import shapes
from render.steps import at_once
from xr_app.arrival import networks_of
from xr_app.avatar_files import find_avatar
from xr_app.display import Board, Display, Hands, Scenery
from xr_app.encounter import Encounter
from xr_app.errors import OptionError
from xr_app.exchange import Exchange
from xr_app.likeness import Likeness, Manner
from xr_app.live import Live
from xr_app.meter import Meter
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.session.frame import Frame
from xr_app.wishes import Wishes
from xr_app.workshop.frame_bench import SIDE, Watched

NAMES: Final = ("mira", "anton")
QUIET: Final = 60
"""Frames before each exchange with which its own are compared."""
AFTER: Final = 30
"""Frames after the last that an exchange had to do with."""


@dataclass(frozen=True)
class Place:
    """Where one talks."""

    display: Display
    hands: Hands
    board: Board
    scenery: Scenery


@contextmanager
def in_headset() -> Iterator[Place]:
    """The simulated one. Raises XrError."""
    from xr_app.input.input import EXTENSIONS, XrInput
    from xr_app.panels.quad_layer import QuadLayers
    from xr_app.runtime.headset_runtime import HeadsetRuntime
    from xr_app.session.session import XrSession
    from xr_app.surroundings.surroundings import Surroundings

    with (
        HeadsetRuntime(simulated=True) as headset,
        XrSession(headset.environment, eye_size=(SIDE, SIDE), extensions=EXTENSIONS) as session,
    ):
        yield Place(session, XrInput(session), QuadLayers(session), Surroundings(session))


class Coarsest:
    """Draws every frame at the coarsest level."""

    def __init__(
        self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, /, *, software: bool
    ) -> None:
        self._renderer = renderer

    @contextmanager
    def drawing(self, frame: Frame, least_scale: float = 0.0) -> Iterator[Quality]:
        """As `Pacing`."""
        self._renderer.set_level(self._renderer.levels[0])
        yield Quality(self._renderer.level, 1.0)

    def ended(self, frame: Frame) -> None:
        """Nothing is learnt."""

    @property
    def found(self) -> None:
        """Nothing is known."""

    def follow(self, found: QualityController | None) -> None:
        """Every avatar is drawn so."""

    def release(self) -> None:
        """It took nothing."""


@dataclass
class Stretch:
    """Frames around one exchange, or before it: milliseconds of each."""

    cpu: list[float] = field(default_factory=list)
    """Of the main thread from one frame's end to the next one's."""
    interval: list[float] = field(default_factory=list)
    """From one frame's submission to the next one's."""
    seconds: float = 0.0
    """From the choice to the first frame of whoever was chosen."""


class Course:
    """Which frames belong to which exchange."""

    def __init__(
        self, avatars: Sequence[Avatar], names: Sequence[str], rounds: int, advance: Callable[[], None]
    ) -> None:
        self._avatars, self._names, self._advance = avatars, names, advance
        self._todo = [case for _ in range(rounds) for case in ("in steps", "at once") for _ in names]
        self.stretches: dict[str, list[Stretch]] = {"quiet": [], "in steps": [], "at once": []}
        self._there = 0
        self._frames = 0
        self._last_ns = 0
        self._begun_s: float | None = None
        self._now: Stretch | None = None
        self._before: Avatar | None = None

    def done(self, frame: Frame, loop_ns: int) -> None:
        """Take in a frame."""
        if self._now is not None and self._last_ns:
            self._now.cpu.append(loop_ns / 1e6)
            self._now.interval.append((frame.ended_ns - self._last_ns) / 1e6)
        self._last_ns = frame.ended_ns

    def step(self, live: Live, exchange: Exchange) -> bool:
        """Between two frames; whether there is more to do."""
        exchange.step(live)
        self._frames += 1
        if self._begun_s is None:
            if self._frames == QUIET // 2:  # the exchange before may still have something to give back
                self._now = self._stretch("quiet")
            if self._frames < QUIET:
                return True
            self._begin(live, exchange)
        assert self._now is not None and self._begun_s is not None
        if not self._now.seconds and exchange.avatar is not self._before:
            self._now.seconds = time.monotonic() - self._begun_s
            self._frames = 0
        if self._now.seconds and self._frames >= AFTER:
            self._begun_s, self._frames = None, 0
            self._advance()
            return bool(self._todo)
        return True

    def _begin(self, live: Live, exchange: Exchange) -> None:
        case, self._there, self._before = self._todo.pop(0), 1 - self._there, exchange.avatar
        self._now, self._begun_s = self._stretch(case), time.monotonic()
        if case == "in steps":
            exchange.choose(self._names[self._there])
            return
        avatar = self._avatars[self._there]
        assert live.likeness is not None
        live.meet(at_once(live.likeness.another(avatar, networks_of(avatar))))
        exchange.avatar = avatar

    def _stretch(self, case: str) -> Stretch:
        self.stretches[case].append(Stretch())
        return self.stretches[case][-1]


def bench_exchange(
    rounds: int,
    progress: Progress,
    *,
    names: tuple[str, str] = NAMES,
    place: Callable[[], AbstractContextManager[Place]] = in_headset,
) -> dict[str, Any]:
    """Two exchanges of each kind a round, to and fro between two avatars, in turn. Raises VisavisError."""
    read = {name: find_avatar(Path(name)) for name in names}
    with place() as there, progress.step("exchanges", 4 * rounds) as step:
        encounter = _standing()
        course = Course(list(read.values()), names, rounds, step.advance)
        watched = Watched(there.display, course.done)
        with Exchange(
            read[names[0]],
            Path(names[0]),
            encounter,
            networks=networks_of,
            keep=lambda name, value: None,
            fail=_fail,
            offers=False,
        ) as exchange:
            live = Live(
                watched,
                lambda time_ns, ahead_s=0.0: np.zeros(52, np.float32),
                encounter=encounter,
                hands=there.hands,
                board=there.board,
                survey=lambda frame: None,
                surroundings=there.scenery,
                on_placed=lambda: None,
                on_mouth=lambda mouth: None,
                on_frame=lambda: course.step(live, exchange),
            )
            live.meet(_likeness(watched, read[names[0]]))
            gl = str(there.display.ctx.info["GL_RENDERER"])
            live.run()
    return {
        "gaussians": [len(avatar.gaussians) for avatar in read.values()],
        "eye": list(there.display.eye_sizes[0]),
        "rounds": rounds,
        "gl": gl,
        **{case: _figures(stretches) for case, stretches in course.stretches.items()},
    }


def _standing() -> Encounter:
    placement = Placement()
    placement.stand()
    wishes = Wishes(lambda command: None, lambda sentence: None, voice=False, push_to_talk=False)
    return Encounter(placement, Panels(), wishes, heard_at=lambda time_ns: -1.0, keep=lambda name, value: None)


def _likeness(display: Display, avatar: Avatar) -> Likeness:
    manner = Manner(LLVMPIPE, Coarsest, Meter, sort_shape=shapes(display.ctx)[0])
    return at_once(Likeness.in_steps(display, manner, avatar, networks_of(avatar)))


def _fail(failure: Failure) -> None:
    raise OptionError(failure.message)


def _figures(stretches: Sequence[Stretch]) -> dict[str, Any]:
    def of(values: list[list[float]]) -> dict[str, float]:
        every = np.concatenate(values)
        longest = [max(each) for each in values]
        return {
            "p50": round(float(np.percentile(every, 50)), 1),
            "p99": round(float(np.percentile(every, 99)), 1),
            "longest": round(float(np.median(longest)), 1),
            "longest_of_all": round(max(longest), 1),
        }

    return {
        "cpu_ms": of([each.cpu for each in stretches]),
        "interval_ms": of([each.interval for each in stretches]),
        "seconds": round(float(np.median([each.seconds for each in stretches])), 2),
    }
