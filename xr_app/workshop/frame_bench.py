"""What a frame takes of the main thread, in a real session, and what disturbs it.

A small avatar in small pictures, since a software GPU would draw others on the same cores; everything else is as in a
talk: the runtime, the conversation's processes, which idle, and the frame loop. Stretches of frames of every case
follow each other in turn, round after round in one session, so that what else the machine does meets all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.paths import cache_dir
from assets.progress import Progress, Step
from conversation.conversation import Conversation
from conversation.errors import ProcessStartError
from conversation.link.events import Command, Failure
from conversation.measure.processor import ProcessorShare
from conversation.settings import ConversationSettings
from render.load import LLVMPIPE
from render.measure.cloud import make_cloud
from render.measure.store import CHOICES, Choices
from render.measure.tuning import tuned_sort
from render.steps import at_once
from xr_app.display import Display
from xr_app.encounter import Encounter
from xr_app.input.input import EXTENSIONS, XrInput
from xr_app.likeness import Likeness, Manner
from xr_app.live import Live
from xr_app.meter import Meter
from xr_app.pace import Pace
from xr_app.panels.menu import Choices as Entries
from xr_app.panels.panels import Panels
from xr_app.panels.quad_layer import QuadLayers
from xr_app.placement.placing import Placement
from xr_app.runtime.headset_runtime import HeadsetRuntime
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession
from xr_app.surroundings.surroundings import Surroundings
from xr_app.wishes import Wishes
from xr_app.workshop.disturbances import CASES, Disturb
from xr_app.workshop.frame_looks import DriverLook, MemoryLook

GAUSSIANS: Final = 100
SIDE: Final = 64
WARM_UP: Final = 90
"""Frames before anything counts."""
SETTLING: Final = 20
"""Frames of each stretch that do not."""
READY_S: Final = 60.0


@dataclass
class Stretch:
    """Frames of one case in one round: milliseconds of each."""

    cpu: list[float] = field(default_factory=list)
    """Of the main thread between the wait's end and the submission, blocking not counted."""
    loop: list[float] = field(default_factory=list)
    """Of the main thread from one frame's end to the next one's."""
    wall: list[float] = field(default_factory=list)
    """From the wait's end to the submission, as time goes by."""
    late: int = 0
    begun_ns: int = 0
    ended_ns: int = 0


class Watched:
    """A display whose every frame is told when the loop has done with it."""

    def __init__(self, session: Display, done: Callable[[Frame, int], None]) -> None:
        """done: given the frame and the thread's nanoseconds since the one before."""
        self._session, self._done = session, done

    @property
    def ctx(self) -> moderngl.Context:
        return self._session.ctx

    @property
    def runtime_name(self) -> str:
        return self._session.runtime_name

    @property
    def eye_sizes(self) -> Sequence[tuple[int, int]]:
        return self._session.eye_sizes

    @property
    def depth_range(self) -> tuple[float, float] | None:
        return self._session.depth_range

    def frames(self) -> Iterator[Frame]:
        last_ns = time.thread_time_ns()
        for frame in self._session.frames():
            yield frame
            now_ns = time.thread_time_ns()
            self._done(frame, now_ns - last_ns)
            last_ns = now_ns

    def request_exit(self) -> None:
        self._session.request_exit()


class Course:
    """Which case each frame belongs to, and what came of it."""

    def __init__(self, cases: Mapping[str, Disturb], rounds: int, frames: int, step: Step) -> None:
        self._cases, self._frames, self._step = cases, frames + SETTLING, step
        self._order = [name for _ in range(rounds) for name in cases]
        self._disturbance = ExitStack()
        self._at = -1
        self._in_stretch = 0
        self.stretches: dict[str, list[Stretch]] = {name: [] for name in cases}
        self.memory, self.driver = MemoryLook(), DriverLook()
        self._looks = (self.memory.look, self.driver.look)

    @property
    def over(self) -> bool:
        """Whether every case has had its rounds, and memory and driver their look."""
        return self._at >= len(self._order) + len(self._looks)

    def done(self, frame: Frame, loop_ns: int) -> None:
        """Take in a frame."""
        if self._at < 0:
            if frame.index >= WARM_UP:
                self._next()
            return
        if self.over:
            return
        if self._at >= len(self._order):
            if self._looks[self._at - len(self._order)](frame):
                self._next()
            return
        self._in_stretch += 1
        if self._in_stretch > SETTLING and frame.should_render:
            stretch = self.stretches[self._order[self._at]][-1]
            stretch.begun_ns = stretch.begun_ns or frame.begun_ns
            stretch.ended_ns = frame.ended_ns
            stretch.cpu.append(frame.cpu_ns / 1e6)
            stretch.loop.append(loop_ns / 1e6)
            stretch.wall.append((frame.ended_ns - frame.begun_ns) / 1e6)
            stretch.late += frame.late
        if self._in_stretch >= self._frames:
            self._next()

    def close(self) -> None:
        """End whatever disturbs and watches."""
        self._disturbance.close()
        self.driver.close()

    def _next(self) -> None:
        self._disturbance.close()
        self._at, self._in_stretch = self._at + 1, 0
        if self._at > 0:
            self._step.advance()
        if self._at < len(self._order):
            name = self._order[self._at]
            self.stretches[name].append(Stretch())
            self._disturbance.enter_context(self._cases[name]())


def _encounter(conversation: Conversation | None) -> Encounter:
    """The avatar stands at once, captions and figures can be read."""
    placement = Placement()
    placement.stand()
    send: Callable[[Command], None] = conversation.send if conversation is not None else lambda command: None
    return Encounter(
        placement,
        Panels(Entries(captions=True, figures=True)),
        Wishes(send, lambda sentence: None, voice=False, push_to_talk=False),
        heard_at=conversation.clock.heard_at if conversation is not None else lambda time_ns: -1.0,
        keep=lambda name, value: None,
    )


def bench_frame(
    rounds: int,
    frames: int,
    progress: Progress,
    settings: ConversationSettings | None = None,
    cases: Mapping[str, Disturb] | None = None,
) -> dict[str, Any]:
    """`rounds` times `frames` frames of each case, in turn; settings: of a conversation that idles beside them, none
    without; cases: `CASES` if not given, the first undisturbed. Raises VisavisError."""
    cases = cases or CASES
    avatar = make_cloud(GAUSSIANS)
    with ExitStack() as stack:
        conversation = stack.enter_context(Conversation(settings)) if settings is not None else None
        if conversation is not None:
            with progress.step("conversation"):
                _load(conversation)
        step = stack.enter_context(progress.step("frames", rounds * len(cases) + 2))
        course = Course(cases, rounds, frames, step)
        stack.callback(course.close)
        headset = stack.enter_context(HeadsetRuntime(simulated=True))
        session = stack.enter_context(XrSession(headset.environment, eye_size=(SIDE, SIDE), extensions=EXTENSIONS))

        def on_frame() -> bool:
            if conversation is not None:
                conversation.poll()
            return not course.over

        watched = Watched(session, course.done)
        live = Live(
            watched,
            lambda time_ns, ahead_s=0.0: _face(conversation, time_ns, ahead_s),
            encounter=_encounter(conversation),
            hands=XrInput(session),
            board=QuadLayers(session),
            survey=lambda frame: None,
            surroundings=Surroundings(session),
            on_placed=lambda: headset.walk(time.monotonic_ns()),
            on_mouth=conversation.mouth.write if conversation is not None else lambda mouth: None,
            on_frame=on_frame,
        )
        shape = tuned_sort(session.ctx, Choices(cache_dir() / CHOICES), GAUSSIANS)
        manner = Manner(LLVMPIPE, Pace, Meter, sort_shape=shape)
        live.meet(at_once(Likeness.in_steps(watched, manner, avatar, None)))
        renderer = str(session.ctx.info["GL_RENDERER"])
        with ProcessorShare(conversation.process_ids if conversation is not None else {}) as idle:
            live.run()
    found = {name: _figures(stretches) for name, stretches in course.stretches.items()}
    first = next(iter(found))
    for name, figures in found.items():
        if name != first:
            figures["ratio"] = {
                key: round(float(np.median(np.divide(_each(course, name, key), _each(course, first, key)))), 2)
                for key in ("cpu", "wall")
            }
    return {
        "gaussians": GAUSSIANS,
        "eye": [SIDE, SIDE],
        "conversation": settings is not None,
        "rounds": rounds,
        "frames": frames,
        "gl": renderer,
        "idle_cpu": idle.shares,
        "cpu_ms": found[first]["cpu_ms"],
        "driver": {
            "ms": round(float(np.median(course.driver.ms)), 2),
            "share": round(float(np.median(course.driver.share)), 2),
            "calls": round(float(np.median(course.driver.calls))),
        },
        "cases": found,
        "memory": {
            "most_kb": {
                "p50": round(float(np.median(course.memory.most_kb)), 1),
                "max": round(max(course.memory.most_kb), 1),
            },
            "kept_bytes": round(course.memory.kept_bytes),
            "containers": round(course.memory.containers, 1),
        },
    }


def _each(course: Course, name: str, key: str) -> list[float]:
    """Of every round, the 99th percentile."""
    return [float(np.percentile(getattr(each, key), 99)) for each in course.stretches[name]]


def _figures(stretches: Sequence[Stretch]) -> dict[str, Any]:
    def of(key: str) -> dict[str, float]:
        values = np.concatenate([getattr(each, key) for each in stretches])
        return {f"p{part}": round(float(np.percentile(values, part)), 2) for part in (50, 99)}

    spans = sum(each.ended_ns - each.begun_ns for each in stretches) / 1e9
    count = sum(len(each.cpu) for each in stretches)
    quietest = min((np.percentile(each.cpu, (50, 99)) for each in stretches), key=lambda parts: float(parts[1]))
    return {
        "cpu_ms": of("cpu"),
        "quietest_round_cpu_ms": dict(zip(("p50", "p99"), (round(float(part), 2) for part in quietest), strict=True)),
        "loop_ms": of("loop"),
        "wall_ms": of("wall"),
        "fps": round(count / spans, 1),
        "late": round(sum(each.late for each in stretches) / count, 3),
    }


def _face(conversation: Conversation | None, time_ns: int, ahead_s: float) -> NDArray[np.float32]:
    """(52,) of a voice that is silent."""
    if conversation is None:
        return np.zeros(52, np.float32)
    clock = conversation.clock
    return conversation.face.at(clock.heard_at(time_ns) + ahead_s * clock.sample_rate)


def _load(conversation: Conversation) -> None:
    """Start the processes, and wait until all engines are loaded."""
    conversation.start()
    deadline = time.monotonic() + READY_S
    while not conversation.ready:
        for event in conversation.poll():
            if isinstance(event, Failure) and event.fatal:
                raise ProcessStartError(event.message)
        if time.monotonic() > deadline:
            raise ProcessStartError(f"The conversation was not ready after {READY_S:.0f} s; try again.")
        time.sleep(0.1)
