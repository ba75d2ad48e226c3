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
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from conversation.link.events import AppEvent, SpeechPaused, SpeechResumed, StateChanged
from conversation.link.mouth_place import AHEAD, Mouth
from render.gl.context import nothing_stays
from render.ground.standing import Standing as OnGround
from render.load import Costs, Quality
from render.motion.score import State
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.sort import SortShape
from render.steps import at_once
from render.strokes import NONE, Strokes
from xr_app.animator import Animator, FaceAt, blend
from xr_app.display import Board, Display, Hands, Scenery, Shadowed
from xr_app.encounter import Encounter
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.likeness import Draws, Likeness, MakeMeter, MakePace
from xr_app.meter import Meter
from xr_app.pace import Pace
from xr_app.panels.panel_log import PanelLog
from xr_app.placement.standing import Standing
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.mode import Mode

F32 = NDArray[np.float32]

SEED: Final = 1
"""Of the body's motion."""
LATENESS_PACE: Final = 0.15
"""Share of each frame in the running mean of lateness."""


@dataclass
class Kept:
    """What outlives a session that is lost, for the next one: the avatar in the midst of what it does, and where."""

    animator: Animator
    log: FrameLog
    placed: bool = False
    asked: Asked = USUAL
    """Of the surroundings."""


class Live:
    """One avatar on one display.

    face_at: monotonic ns → face of what is heard then, and of what will be (animator.py). encounter: knows where the
    avatar is. hands: reads the user's input of a frame, and lets them feel something. board: shows what can be read.
    survey: called with each frame, tells the encounter's placement what is known of the room. on_placed: called once,
    when the avatar first stands somewhere. on_mouth: told with every picture where the voice comes from. on_frame:
    called after each frame, returns False to leave. gaussians: the most that are drawn, all if not given; how many and
    how finely is chosen for each frame from what they cost (pace.py). kept: of the session before this one,
    `Live.kept`. make_pace, make_meter: make what chooses and what measures. remembered: how many frames are logged,
    the newest; all if not given. filmed: the log remembers what could be read, too.
    """

    def __init__(
        self,
        display: Display,
        avatar: Avatar,
        face_at: FaceAt,
        *,
        encounter: Encounter,
        hands: Hands,
        board: Board,
        survey: Callable[[Frame], None],
        surroundings: Scenery,
        gaussians: int | None,
        rasteriser: RasteriserName,
        sort_shape: SortShape,
        costs: Costs,
        make_model: MakeModel | None,
        on_placed: Callable[[], None],
        on_mouth: Callable[[Mouth], None],
        on_frame: Callable[[], bool],
        kept: Kept | None = None,
        make_pace: MakePace = Pace,
        make_meter: MakeMeter = Meter,
        remembered: int | None = None,
        filmed: bool = False,
    ) -> None:
        self._display, self._on_placed, self._on_mouth, self._on_frame = display, on_placed, on_mouth, on_frame
        self._encounter, self._hands, self._board, self._survey = encounter, hands, board, survey
        self._face_at, self._remembered, self._filmed = face_at, remembered, filmed
        self._state: State = "idle"
        self._heard_from = AHEAD
        self._draws: Draws = partial(
            Likeness.in_steps,
            display,
            gaussians=gaussians,
            rasteriser=rasteriser,
            sort_shape=sort_shape,
            costs=costs,
            make_pace=make_pace,
            make_meter=make_meter,
        )
        self._likeness = at_once(self._draws(avatar, make_model))
        self._strokes = Strokes(display.ctx, display.depth_range)
        self._go_on(kept or begun(Animator(avatar, face_at, time.monotonic_ns(), SEED)))
        self.surroundings = surroundings
        self._lateness_ns = 0.0
        """How long after their display times frames are submitted, lately: a slow GPU's pictures are seen that much
        later than the runtime foretells, and the face has to be that of then."""

    def _go_on(self, kept: Kept) -> None:
        self.kept = kept
        """What the next session may go on with."""
        self._animator, self.log = kept.animator, kept.log
        self.log.most = self._remembered
        if self._filmed and self.log.panels is None:
            self.log.panels = PanelLog()

    @property
    def renderer(self) -> AvatarRenderer:
        """Of the avatar that is drawn now."""
        return self._likeness.renderer

    def exchange(self, avatar: Avatar, make_model: MakeModel | None) -> None:
        """Draw another avatar from the next frame on, where this one stands; to be called between two frames. The log
        begins anew, since a film shows one avatar. Raises RenderError where it cannot be drawn; then this one stays.
        """
        with nothing_stays(self._display.ctx):
            following = at_once(self._draws(avatar, make_model))
            before, self._likeness = self._likeness, following
            before.release()
            del before
            if isinstance(self.surroundings, Shadowed):
                self.surroundings.meet(avatar)
            gc.unfreeze()
        gc.freeze()
        now_ns = time.monotonic_ns()
        fresh = begun(Animator(avatar, self._face_at, now_ns, SEED))
        self._go_on(replace(self.kept, animator=fresh.animator, log=fresh.log))
        self._animator.enter(self._state, now_ns)

    def run(self) -> None:
        """Draw until `on_frame` says to leave or the session ends. Raises SessionLostError."""
        leaving = False
        with steady_garbage() as collect, closing(self.surroundings), closing(self._board), closing(self._strokes):
            for frame in self._display.frames():
                shown = None
                self._survey(frame)
                self.surroundings.update(frame)
                self.kept.asked = self.surroundings.asked
                with frame:
                    if frame.should_render:
                        shown = self._draw(frame)
                if shown is not None:
                    self._likeness.pace.ended(frame)
                    self._note(frame, *shown)
                    # What the next picture needs is made while the display shows this one.
                    self._animator.prepare(self._shows_ns(frame) + frame.period_ns)
                if not self._on_frame() and not leaving:
                    leaving = True
                    self._display.request_exit()
                collect(frame.index)

    def take(self, event: AppEvent, now_ns: int) -> None:
        """What of the conversation the body follows: the states that it comes into, and the user's pauses."""
        match event:
            case StateChanged(state=state):
                self._state = state
                self._animator.enter(state, now_ns)
            case SpeechPaused(speech_end=silent_ns):
                self._animator.paused(silent_ns)
            case SpeechResumed():
                self._animator.resumed()

    def _draw(self, frame: Frame) -> tuple[F32, Quality, Standing]:
        inputs = self._hands.read(frame)
        standing, pulses = self._encounter.update(frame, inputs, self.surroundings)
        self._hands.feel(pulses, busy=self._encounter.busy)
        model, veil = standing.model, standing.veil
        if not self.kept.placed and self._encounter.placement.placed:
            self.kept.placed = True
            self._on_placed()
        to_avatar = np.linalg.inv(model)
        head = to_avatar @ frame.head
        self._animator.watch(head, frame.display_time_ns)
        palms = [None if hand.grip is None else to_avatar @ hand.grip for hand in inputs.hands]
        self._animator.see_hands(palms, head, frame.display_time_ns)
        before, after, alpha = self._animator.around(self._shows_ns(frame))
        self.renderer.set_keys(before, after)
        self._heard_from = self._likeness.mouth.heard_by(frame.head, model, before, after, alpha)
        self._on_mouth(self._heard_from)
        self._likeness.meter.look(self._encounter.curious)
        with self._likeness.pace.drawing(frame, self._encounter.preferred().lowest_scale) as quality:
            scale = frame.shrink(quality.scale)
            self.renderer.draw(
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
            hands = self._encounter.strokes(frame.head, hands=self.surroundings.mode is Mode.STAGE)
            self._strokes.draw(frame.views, frame.targets, hands, model[:3, 3] if veil.opacity > 0 else None)
            floor = self._encounter.placement.floor
            self.surroundings.draw(frame, OnGround(model, before, after, alpha, veil.opacity, floor))
            self._board.show(frame, self._encounter.shown())
        return blend(before, after, alpha), quality, standing

    def _shows_ns(self, frame: Frame) -> int:
        """When its picture will be seen, as lateness is these days."""
        return frame.display_time_ns + round(self._lateness_ns)

    def _note(self, frame: Frame, expression: F32, quality: Quality, standing: Standing) -> None:
        if (figures := self._likeness.meter.ended(frame, quality)) is not None:
            self._encounter.measure(figures)
        late_ns = max(0, frame.ended_ns - frame.display_time_ns)
        self._lateness_ns += LATENESS_PACE * (late_ns - self._lateness_ns)
        self.log.add(
            ShownFrame(
                seen_ns=max(frame.display_time_ns, frame.ended_ns),
                head=frame.head,
                views=tuple(frame.views),
                expression=expression,
                sorted=self.renderer.sorted_last_frame,
                late=frame.late,
                cpu_ms=frame.cpu_ns / 1e6,
                quality=quality,
                model=standing.model,
                veil=standing.veil,
                mouth=self._heard_from,
                see_through=self.surroundings.mode is not Mode.STAGE,
                panels=self.log.panels.take(self._encounter.shown()) if self.log.panels is not None else (),
                strokes=NONE if self.log.panels is None else self._encounter.strokes(frame.head, hands=True),
            )
        )


def begun(animator: Animator) -> Kept:
    """The avatar before anything was seen of it."""
    return Kept(animator, FrameLog(animator.start_ns, animator.seed, score=animator.score))


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
