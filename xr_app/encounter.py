"""The user and the avatar in one room: where it stands, what can be read beside it, what the user's hands ask for.

Outlives the displays that it is seen on. Each frame gives it the user's head and input, and gets back where the avatar
is; the panels are then for whoever shows them. Lives on the thread of the frames, and waits for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.link.events import AppEvent, Voices
from render.strokes import NONE
from xr_app.attendance import elsewhere_text
from xr_app.display import Scenery
from xr_app.input.inputs import Hand, Inputs, Side
from xr_app.panels.aims import HALF_VIEW, Person
from xr_app.panels.choices import Action, Does, MirrorAt, Value
from xr_app.panels.hud import Figures
from xr_app.panels.panel import Shown as ShownPanel
from xr_app.panels.panels import Panels
from xr_app.panels.status import Status
from xr_app.placement.placing import HUMAN_HEIGHT, Placement
from xr_app.placement.standing import Pulse, Standing, hint_text
from xr_app.preferences import Preferences
from xr_app.rays.hand_figure import hand_figure
from xr_app.rays.rays import Rays
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame
from xr_app.wishes import Wishes

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

TICK: Final = (0.012, 0.3)
"""Seconds and strength of what a hand feels of the menu."""
_SIDES: Final[tuple[Side, Side]] = ("left", "right")


class Encounter:
    """heard_at: monotonic ns → sample of the voice that the user hears then; keep: remembers a setting that the menu
    changed, by its name in visavis.toml; choose: carries out what was chosen of several, an avatar or a voice, by its
    key; look: called when somebody is about to choose, and gives no answer, though it may `offer` others later; height:
    of the avatar, metres."""

    def __init__(
        self,
        placement: Placement,
        panels: Panels,
        wishes: Wishes,
        *,
        heard_at: Callable[[int], float],
        keep: Callable[[str, Value], None],
        choose: Callable[[Does, str], None] = lambda does, key: None,
        look: Callable[[], None] = lambda: None,
        height: float = HUMAN_HEIGHT,
    ) -> None:
        self.placement, self.panels = placement, panels
        self._wishes, self._heard_at, self._keep, self._height = wishes, heard_at, keep, height
        self._choose, self._look = choose, look
        self._obeyed: Preferences | None = None
        self._standing: Standing | None = None
        """As in the last frame."""
        self._rays = Rays()
        self._awaited = self._said = ""
        self._attention = Attention.HERE
        self._taken = [False, False]
        """Which hand's pinch or trigger began on a panel, and so means nothing else until it is let go."""
        self.leaving = False
        """Whether the user asked to leave."""

    def take(self, event: AppEvent, now_ns: int) -> None:
        """Note an event of the conversation."""
        self.panels.take(event, now_ns)
        if isinstance(event, Voices):
            voices = tuple((name, name) for name in event.names)
            self.panels.choices = replace(self.panels.choices, voices=voices, voice=event.chosen)

    def preferred(self) -> Preferences:
        """By the user, now."""
        return self.panels.choices.preferences

    def seen_on(self, *, foveates: bool, mirror_at: MirrorAt) -> None:
        """A display that can have coarser edges, or not, and where else it can be seen."""
        self.panels.choices = replace(self.panels.choices, foveates=foveates, mirror_at=mirror_at)

    @property
    def curious(self) -> bool:
        """Whether the user looks at figures."""
        return self.panels.choices.figures

    def measure(self, figures: Figures) -> None:
        """Newer figures for those who look at them."""
        self.panels.measure(figures)

    def offer(self, avatars: Sequence[tuple[str, str]], chosen: str) -> None:
        """Let the menu list these avatars, pairs of key and title."""
        self.panels.choices = replace(self.panels.choices, avatars=tuple(avatars), avatar=chosen)

    def chose(self, avatar: str) -> None:
        """It is this one that is there, whatever was pressed."""
        self.panels.choices = replace(self.panels.choices, avatar=avatar)

    def wait_for(self, sentence: str) -> None:
        """Say that something is on its way; no longer, where empty."""
        self._awaited = sentence

    def attend(self, attention: Attention) -> None:
        """The wearer is here, busy or away from now on; who is busy reads that nobody is heard."""
        self._attention = attention

    def meet(self, height: float) -> None:
        """Another avatar stands there, so many metres high."""
        self._height = self.placement.height = height

    def update(self, frame: Frame, inputs: Inputs, scenery: Scenery) -> tuple[Standing, list[Pulse]]:
        """Where the avatar is in this frame, and what the hands feel."""
        now_ns = frame.display_time_ns
        for action in self.panels.press(inputs, now_ns):
            self._carry_out(action, scenery)
        if (preferred := self.preferred()) is not self._obeyed:
            self._obeyed = preferred
            self.placement.prefer(preferred)
        meant = self._meant(inputs)
        standing = self.placement.update(now_ns / 1e9, frame.head, meant)
        self._wishes.take(meant)
        self._rays.update(now_ns, inputs, self.panels, self.placement, frame.head)
        self._standing = standing
        touched = [Pulse(side, *TICK) for side, felt in zip(_SIDES, self.panels.touched, strict=True) if felt]
        return standing, [*standing.pulses, *touched]

    def rest(self, frame: Frame, scenery: Scenery) -> None:
        """Once `frame` is submitted: what is to be read in the next one."""
        self._show_choices(scenery)
        standing = self._standing
        line = self._awaited or (hint_text(standing.hint) if standing and standing.hint else self._waits())
        if line != self._said:
            self._said = line
            self.panels.say(Status(line) if line else None)
        next_ns = frame.display_time_ns + frame.period_ns
        half_view = max((view.fov[1] for view in frame.views), default=HALF_VIEW)
        person = self._seen(standing) if standing is not None else None
        self.panels.settle(frame.head, next_ns, person=person, sample=self._heard_at(next_ns), half_view=half_view)
        self.panels.paint()

    def shown(self) -> list[ShownPanel]:
        """The panels of this frame, the farthest first."""
        return self.panels.shown()

    def strokes(self, head: F64, *, hands: bool) -> F32:
        """What is drawn of the user's hands in this frame, for render/strokes.py: where they point; hands: and where
        they are, for a room in which nobody sees their own. head: (4, 4) to the world."""
        rays = self._rays.strokes(head)
        figure = hand_figure(self._rays.hands) if hands else NONE
        return figure if not len(rays) else np.concatenate([rays, figure]) if len(figure) else rays

    @property
    def busy(self) -> bool:
        """Whether what the user presses is meant for the menu or the avatar, and not for the view."""
        return any(self.panels.pointing) or not self.placement.placed

    def _show_choices(self, scenery: Scenery) -> None:
        choices = self.panels.choices
        passthrough = scenery.asked.see_through if scenery.can_see_through else None
        if (choices.muted, choices.passthrough) != (self._wishes.muted, passthrough):
            self.panels.choices = replace(choices, muted=self._wishes.muted, passthrough=passthrough)

    def _carry_out(self, action: Action, scenery: Scenery) -> None:
        if action.setting is not None and action.value is not None:
            self._keep(action.setting, action.value)
        match action:
            case Action(Does.MUTE, bool(on)):
                self._wishes.mute(on)
            case Action(Does.PASSTHROUGH, bool(on)):
                scenery.switch(on)
            case Action(Does.OPEN):
                self._look()
            case Action(Does.AVATAR | Does.VOICE, str(key)):
                self._choose(action.does, key)
            case Action(Does.PLACE):
                self.placement.place_again()
            case Action(Does.LEAVE):
                self.leaving = True

    def _waits(self) -> str:
        heard = self._attention is not Attention.ELSEWHERE or not self._wishes.voice
        return "" if heard else elsewhere_text()

    def _meant(self, inputs: Inputs) -> Inputs:
        """What is not meant for panels."""
        hands: list[Hand] = []
        for side, (hand, pointing) in enumerate(zip(inputs.hands, self.panels.pointing, strict=True)):
            self._taken[side] = hand.select and (self._taken[side] or (pointing and hand.pressed))
            idle = pointing or self._taken[side]
            hands.append(replace(hand, select=False, held_s=0.0, grab=False) if idle else hand)
        left, right = hands
        return inputs if left is inputs.left and right is inputs.right else replace(inputs, left=left, right=right)

    def _seen(self, standing: Standing) -> Person | None:
        if standing.opacity <= 0 and not self._awaited:  # else a figure stands there that does not fade
            return None
        return Person.of(standing.model, self._height)
