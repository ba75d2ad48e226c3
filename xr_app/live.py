"""The live session: the frame loop that draws the avatar with the face of the voice being heard.

Runs on the main thread, which owns the GL context; the conversation lives in processes of its own and is only polled.
Reads like the OpenXR frame it is: the display has waited, begun and located; draw; leaving the frame ends it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from assets.avatar import Avatar
from conversation.link.events import AppEvent, SpeechPaused, SpeechResumed, StateChanged
from conversation.link.mouth_place import AHEAD, Mouth
from render.gl.context import give_back, is_software, later
from render.ground.standing import Standing as OnGround
from render.load import Quality
from render.motion.pose import PoseKey
from render.motion.score import State
from render.renderer import AvatarRenderer
from render.strokes import NONE, Strokes
from xr_app.animator import Animator, FaceAt, blend
from xr_app.display import Board, Display, Hands, Scenery
from xr_app.encounter import Encounter
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.herald import Herald, nobody_on
from xr_app.input.inputs import Inputs
from xr_app.likeness import Likeness
from xr_app.panels.panel_log import PanelLog
from xr_app.placement.standing import Standing
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.mode import Mode

SEED: Final = 1
"""Of the body's motion."""
SPARE_SHARE: Final = 0.6
"""Of a display's period, what may be spent on something else than its frame."""
GIVEN_BACK: Final = 4
"""Objects of those who left, a frame."""
SPARE_S: Final = 0.02
"""While there are no frames."""
SOFTWARE_SPARE_S: Final = 0.04
"""At least, where the processor draws: frames of a figure that waits would take what it waits for."""
LATENESS_PACE: Final = 0.15
"""Share of each frame in the running mean of lateness."""


@dataclass
class Kept:
    """What outlives a session that is lost, for the next one: the avatar in the midst of what it does, and where."""

    log: FrameLog
    avatar: Avatar | None = None
    """Who was there last; nobody yet."""
    animator: Animator | None = None
    """Theirs."""
    placed: bool = False
    asked: Asked = USUAL
    """Of the surroundings."""


class _Drawn(NamedTuple):
    """What was shown of the avatar in a frame."""

    before: PoseKey
    after: PoseKey
    alpha: float
    """Where between the two."""
    quality: Quality
    standing: Standing


class Live:
    """One display, and one avatar at a time: nobody until `meet`, which may be called before the first frame or
    between two. Until somebody is there a figure of light stands in their place (herald.py).

    face_at: monotonic ns → face of what is heard then, and of what will be (animator.py). encounter: knows where the
    avatar is. hands: reads the user's input of a frame, and lets them feel something. board: shows what can be read.
    survey: called with each frame, tells the encounter's placement what is known of the room. on_placed: called once,
    when the avatar first stands somewhere. on_mouth: told with every picture where the voice comes from. on_frame:
    called after each frame, returns False to leave. kept: of the session before this one, `Live.kept`. remembered: how
    many frames are logged, the newest; all if not given. filmed: the log remembers what could be read, too.
    """

    def __init__(
        self,
        display: Display,
        face_at: FaceAt,
        *,
        encounter: Encounter,
        hands: Hands,
        board: Board,
        survey: Callable[[Frame], None],
        surroundings: Scenery,
        on_placed: Callable[[], None],
        on_mouth: Callable[[Mouth], None],
        on_frame: Callable[[], bool],
        kept: Kept | None = None,
        remembered: int | None = None,
        filmed: bool = False,
    ) -> None:
        self.ctx = display.ctx
        self._display, self._on_placed, self._on_mouth, self._on_frame = display, on_placed, on_mouth, on_frame
        self._encounter, self._hands, self._board, self._survey = encounter, hands, board, survey
        self._face_at, self._remembered, self._filmed = face_at, remembered, filmed
        self._state: State = "idle"
        self._heard_from = AHEAD
        self.likeness: Likeness | None = None
        """Of the avatar that is drawn now."""
        self._leaving: list[Likeness] = []
        """Those who were drawn before, and have not given everything back."""
        self._herald = Herald(display.ctx)
        self._strokes = Strokes(display.ctx, display.depth_range)
        self._least_spare_s = SOFTWARE_SPARE_S if is_software(display.ctx) else 0.0
        self.spare_s = SPARE_S
        """What may be done between two frames without the next one being late, or much too late."""
        self.pictures = 0
        """How many were submitted."""
        self._go_on(kept or Kept(FrameLog(time.monotonic_ns(), SEED)))
        self.surroundings = surroundings
        self._lateness_ns = 0.0
        """How long after their display times frames are submitted, lately: a slow GPU's pictures are seen that much
        later than the runtime foretells, and the face has to be that of then."""

    def _go_on(self, kept: Kept) -> None:
        self.kept = kept
        """What the next session may go on with."""
        self.log = kept.log
        self.log.most = self._remembered
        if self._filmed and self.log.panels is None:
            self.log.panels = PanelLog()

    @property
    def renderer(self) -> AvatarRenderer:
        """Of the avatar that is drawn now; there must be one."""
        assert self.likeness is not None
        return self.likeness.renderer

    def meet(self, likeness: Likeness, start_ns: int | None = None) -> None:
        """Draw this avatar from the next frame on, in the place of whoever was there; to be called between two frames.

        If anything was seen yet, they come out of the figure of light. One goes on with what they did in the session
        before; another one begins anew, and the log with it, since a film shows one avatar. start_ns: monotonic time at
        which its motion begins, now if not given.
        """
        before, self.likeness = self.likeness, likeness
        if before is not None:
            likeness.follow(before)
            self._leaving.append(before)
        if self.pictures:
            self._herald.announce()
        self.surroundings.meet(likeness.balls)
        if self.kept.avatar is not likeness.avatar:
            animator = Animator(
                likeness.avatar, self._face_at, start_ns or time.monotonic_ns(), SEED, figure=likeness.figure
            )
            animator.enter(self._state, animator.start_ns)
            log = FrameLog(animator.start_ns, animator.seed, score=animator.score)
            self._go_on(replace(self.kept, log=log, avatar=likeness.avatar, animator=animator))
        gc.freeze()

    def run(self) -> None:
        """Draw until `on_frame` says to leave or the session ends. Raises SessionLostError."""
        leaving = False
        with (
            steady_garbage() as collect,
            closing(self.surroundings),
            closing(self._board),
            closing(self._herald),
            closing(self._strokes),
        ):
            for frame in self._display.frames():
                shown = None
                self._survey(frame)
                self.surroundings.update(frame)
                self.kept.asked = self.surroundings.asked
                with frame:
                    if frame.should_render:
                        shown = self._draw(frame)
                self.spare_s = max(SPARE_SHARE * frame.period_ns / 1e9, self._least_spare_s)
                if shown is not None:
                    self._note(frame, shown)
                if frame.should_render:
                    self._encounter.rest(frame, self.surroundings)
                    self._board.bring(self._encounter.shown())
                if not self._on_frame() and not leaving:
                    leaving = True
                    self._display.request_exit()
                self._let_go()
                collect(frame.index)

    @property
    def leaving(self) -> bool:
        """Whether somebody who was drawn before has not given everything back."""
        return bool(self._leaving or self.ctx.objects)

    def _let_go(self) -> None:
        """Of those who were drawn before, without waiting for anything and a little at a time."""
        if self._leaving and not self._leaving[0].renderer.busy:
            with later(self.ctx):
                self._leaving.pop(0).release()
        give_back(self.ctx, most=GIVEN_BACK)

    def take(self, event: AppEvent, now_ns: int) -> None:
        """What of the conversation the body follows: the states that it comes into, and the user's pauses."""
        animator = self.kept.animator
        match event:
            case StateChanged(state=state):
                self._state = state
                if animator is not None:
                    animator.enter(state, now_ns)
            case SpeechPaused(speech_end=silent_ns) if animator is not None:
                animator.paused(silent_ns)
            case SpeechResumed() if animator is not None:
                animator.resumed()

    def _draw(self, frame: Frame) -> _Drawn | None:
        """Fill the frame's targets; what was shown of the avatar, None where nobody is there."""
        inputs = self._hands.read(frame)
        standing, pulses = self._encounter.update(frame, inputs, self.surroundings)
        self._hands.feel(pulses, busy=self._encounter.busy)
        self.pictures += 1
        likeness, animator = self.likeness, self.kept.animator
        if likeness is None or animator is None:
            for target in frame.targets:
                target.clear()
            self._complete(frame, nobody_on(self._encounter.placement.floor, standing.model), 0.0)
            return None
        return self._draw_person(frame, likeness, animator, standing, inputs)

    def _draw_person(
        self, frame: Frame, likeness: Likeness, animator: Animator, standing: Standing, inputs: Inputs
    ) -> _Drawn:
        arrived = self._herald.arrived(frame.display_time_ns)
        if arrived < 1:
            standing = replace(standing, opacity=arrived * standing.opacity)
        model, veil = standing.model, standing.veil
        if not self.kept.placed and self._encounter.placement.placed:
            self.kept.placed = True
            self._on_placed()
        if animator.looks(frame.display_time_ns):
            to_avatar = np.linalg.inv(model)
            head = to_avatar @ frame.head
            animator.watch(head, frame.display_time_ns)
            palms = [None if hand.grip is None else to_avatar @ hand.grip for hand in inputs.hands]
            animator.see_hands(palms, head, frame.display_time_ns)
        before, after, alpha = animator.around(self._shows_ns(frame))
        likeness.renderer.set_keys(before, after)
        likeness.meter.look(self._encounter.curious)
        with likeness.pace.drawing(frame, self._encounter.preferred().lowest_scale) as quality:
            scale = frame.shrink(quality.scale)
            likeness.renderer.draw(
                frame.views,
                frame.targets,
                head=frame.head,
                model=model,
                alpha=alpha,
                background=None,
                scale=scale,
                light=self.surroundings.light,
                veil=veil,
            )
            self._complete(
                frame, OnGround(model, before, after, alpha, veil.opacity, self._encounter.placement.floor), arrived
            )
        return _Drawn(before, after, alpha, quality, standing)

    def _shows_ns(self, frame: Frame) -> int:
        """When its picture will be seen, as lateness is these days."""
        return frame.display_time_ns + round(self._lateness_ns)

    def _complete(self, frame: Frame, standing: OnGround, arrived: float) -> None:
        """Add to the frame's targets everything but the avatar, of which so much is there."""
        hands = self._encounter.strokes(frame.head, hands=self.surroundings.mode is Mode.STAGE)
        self._strokes.draw(frame.views, frame.targets, hands, standing.middle)
        if arrived < 1:
            self._herald.draw(frame, standing.model, self.surroundings.light, arrived)
        self.surroundings.draw(frame, standing)
        self._board.show(frame, self._encounter.shown())

    def _note(self, frame: Frame, shown: _Drawn) -> None:
        likeness, animator, standing = self.likeness, self.kept.animator, shown.standing
        assert likeness is not None and animator is not None
        pose = shown.before, shown.after, shown.alpha
        self._heard_from = likeness.mouth.heard_by(frame.head, standing.model, *pose)
        self._on_mouth(self._heard_from)
        likeness.pace.ended(frame)
        if (figures := likeness.meter.ended(frame, shown.quality)) is not None:
            self._encounter.measure(figures)
        late_ns = max(0, frame.ended_ns - frame.display_time_ns)
        self._lateness_ns += LATENESS_PACE * (late_ns - self._lateness_ns)
        self.log.add(
            ShownFrame(
                seen_ns=max(frame.display_time_ns, frame.ended_ns),
                head=frame.head,
                views=tuple(frame.views),
                expression=blend(*pose),
                sorted=likeness.renderer.sorted_last_frame,
                late=frame.late,
                cpu_ms=frame.cpu_ns / 1e6,
                quality=shown.quality,
                model=standing.model,
                veil=standing.veil,
                mouth=self._heard_from,
                see_through=self.surroundings.mode is not Mode.STAGE,
                panels=self.log.panels.take(self._encounter.shown()) if self.log.panels is not None else (),
                strokes=NONE if self.log.panels is None else self._encounter.strokes(frame.head, hands=True),
            )
        )
        # What the next picture needs is made while the display shows this one.
        shows_ns = self._shows_ns(frame) + frame.period_ns
        before, after, _ = animator.around(shows_ns)
        likeness.prepare(before, after)
        animator.around(shows_ns + frame.period_ns)  # should a period pass without a picture


@contextmanager
def steady_garbage(every: int = 36) -> Iterator[Callable[[int], None]]:
    """Keep the collector out of frames: what is there already is frozen, young objects are swept between frames.

    Gives a function to call after each frame with its number.
    """
    gc.collect()
    gc.freeze()
    gc.disable()

    def collect(frame: int) -> None:
        if frame % every == 0:
            gc.collect(1)

    try:
        yield collect
    finally:
        gc.enable()
        gc.unfreeze()
