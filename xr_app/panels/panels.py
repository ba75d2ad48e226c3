"""All panels together: fed with the conversation's events, placed each frame, pointed at and pressed.

    panels = Panels(Choices(avatars=..., voices=...))
    panels.take(event, now_ns)                              # for each event of the conversation
    for action in panels.press(inputs, now_ns):             # in a frame
        ...                                                 # carry it out
    session.over[:] = layers.of(panels.shown())             # quad_layer.QuadLayers, in a headset
    painter.draw(view, target, panels.shown())              # paint.PanelPainter, in a window or a film
    panels.settle(head, next_ns, person=person, sample=clock.heard_at(next_ns))     # once it is submitted
    panels.paint()

Times are monotonic nanoseconds, poses (4, 4) to the session's space with y = 0 on the floor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conversation.link.events import AppEvent, DeviceBack, Failure, Loading, Ready, TurnDone
from xr_app.input.inputs import Inputs
from xr_app.panels import captions, hud, menu, status
from xr_app.panels.aims import (
    HALF_VIEW,
    Aim,
    Attention,
    Person,
    captions_aim,
    clear_of,
    gaze_aim,
    menu_aim,
    status_aim,
)
from xr_app.panels.captions import CaptionFeed, Captions, paint_captions
from xr_app.panels.cursor import Cursors
from xr_app.panels.follow import Follower
from xr_app.panels.fonts import find_typeface
from xr_app.panels.hud import FIGURES_NS, Figures, paint_rows, rows_of, turn_of
from xr_app.panels.menu import Action, Choices, Does, Menu, MenuPicture, field_at, paint_menu
from xr_app.panels.panel import BUDGET_S, BUDGET_SHARE, Panel, Shown
from xr_app.panels.pointing import meet
from xr_app.panels.status import Status, paint_status
from xr_app.panels.style import BIG, MIDDLE, SMALL
from xr_app.panels.text import Painting, Writer
from xr_app.texts import tr

F64 = NDArray[np.float64]

FADE_S: Final = 0.2
TROUBLE_NS: Final = 10_000_000_000
"""For so long a failure stays to be read."""
FLASH_NS: Final = 150_000_000
"""For so long an entry that was pressed looks it."""
_STEPS: Final = 16
"""Of opacity: each is a picture to bring to the GPU."""


class _Place:
    """A panel, where it is and how much of it is seen."""

    def __init__(
        self,
        name: str,
        size: tuple[int, int],
        paint: Callable[..., Painting],
        nothing: Any,
        cone: float,
        clock: Callable[[], float],
    ) -> None:
        self.panel: Panel[Any] = Panel(name, size, paint, nothing, clock)
        self.follower = Follower(cone, self.panel.degrees[0])
        self.wanted = False
        self.strength = 0.0
        self.pose: F64 = np.eye(4)

    def show(self, content: Any, wanted: bool) -> None:
        """What it shall show, if it shall show anything; what goes away fades as it is."""
        self.wanted = wanted
        if wanted:
            self.panel.want(content)

    def update(self, aim: Callable[[], Aim], head: F64, person: Person | None, now_ns: int, seconds: float) -> None:
        """Fade and follow."""
        if self.wanted and (self.strength > 0 or self.panel.finished):
            self.strength = min(1.0, self.strength + seconds / FADE_S)
        elif not self.wanted:
            self.strength = max(0.0, self.strength - seconds / FADE_S)
        if self.strength == 0:
            self.follower.leave()
        else:
            wanted = aim() if person is None else clear_of(aim(), head, person, self.panel.degrees[0])
            self.pose = self.follower.update(wanted, head, person, now_ns)

    def shown(self) -> Shown:
        opacity = round(self.strength * _STEPS) / _STEPS
        return Shown(self.panel, self.pose, self.panel.metres(self.follower.distance), opacity)


class Panels:
    """What a wearer reads and presses; see above."""

    def __init__(
        self,
        choices: Choices | None = None,
        writer: Writer | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """choices: how the menu's entries stand now; may be set again at any time; clock: seconds, by which drawing is
        spread over frames."""
        self._clock = clock
        self._menu = Menu()
        self._menu.choices = choices or Choices()
        self._writer = writer or Writer(find_typeface())
        self._writer.warm((BIG, MIDDLE, SMALL))
        self._captions = self._make("captions", captions.SIZE, paint_captions, Captions(), 7)
        self._status = self._make("status", status.SIZE, paint_status, Status(), 15)
        self._figures = self._make("figures", hud.SIZE, paint_rows, (), 12)
        self._menu_place = self._make("menu", menu.SIZE, paint_menu, MenuPicture(), 35)
        self._places = (self._captions, self._status, self._figures, self._menu_place)
        self._cursors = Cursors(clock)
        self._feed = CaptionFeed()
        self._attention = Attention()
        self._trouble, self._trouble_until = Status(), 0
        self._loading = Status()
        self._said: Status | None = None
        self._measured, self._turn = Figures(), Figures()
        self._rows: tuple[tuple[str, str], ...] = ()
        self._rows_due = 0
        self._selecting = [False, False]
        self._flash: tuple[MenuPicture, int] | None = None
        self._last_ns: int | None = None
        self._seen: list[Shown] = []
        """As they were settled."""
        self._budget_s = BUDGET_S
        self.pointing: tuple[bool, bool] = (False, False)
        """Whether the left and the right hand point at the menu: what they select is meant for it."""
        self.touched: tuple[bool, bool] = (False, False)
        """Whether they came to another entry, or pressed one, in this frame: worth a tick in the hand."""
        self._fields: list[int | None] = [None, None]

    def _make(
        self, name: str, size: tuple[int, int], paint: Callable[[Writer, Any, Image.Image], Painting], nothing: Any,
        cone: float,
    ) -> _Place:  # fmt: skip
        return _Place(name, size, partial(paint, self._writer), nothing, cone, self._clock)

    @property
    def every(self) -> list[Panel[Any]]:
        """All panels, seen or not."""
        return [*(place.panel for place in self._places), *self._cursors.panels]

    @property
    def remark(self) -> str:
        """One sentence to tell, where panels are not written as they should be."""
        return self._writer.typeface.remark

    @property
    def choices(self) -> Choices:
        """How the menu's entries stand; a press changes its own."""
        return self._menu.choices

    @choices.setter
    def choices(self, choices: Choices) -> None:
        self._menu.choices = choices

    @property
    def menu_open(self) -> bool:
        """Whether the menu is there."""
        return self._menu_place.wanted

    def open_menu(self, on: bool = True) -> None:
        """Show the menu's first page, or send the menu away."""
        if on and not self.menu_open:
            self._menu.reset()
        self._menu_place.wanted = on

    def place_of(self, does: Does) -> F64 | None:
        """(3,) the middle of the menu's entry that does this, in the world; None where it is not to be seen."""
        field = self._menu.field_of(does) if self.menu_open and self._menu_place.strength > 0 else None
        if field is None:
            return None
        left, top, right, bottom = menu.corners(field)
        shown = self._menu_place.shown()
        across, down = (left + right) / (2 * menu.SIZE[0]) - 0.5, (top + bottom) / (2 * menu.SIZE[1]) - 0.5
        return np.asarray((shown.pose @ (across * shown.size[0], -down * shown.size[1], 0.0, 1.0))[:3])

    def pointed_at(self, side: int) -> F64 | None:
        """(3,) where the left (0) or the right (1) hand points at the menu, in the world; None where it does not."""
        return self._cursors.place(side, self._menu_place.shown()) if self.pointing[side] else None

    def say(self, status: Status | None) -> None:
        """Show this status line until there is another one, or None."""
        self._said = status

    def measure(self, figures: Figures) -> None:
        """Newer figures; those of the last turn are known from the events."""
        self._measured = figures

    def take(self, event: AppEvent, now_ns: int) -> None:
        """Note an event of the conversation."""
        self._feed.take(event, now_ns)
        match event:
            case Loading(stage=stage):
                names = hud.names_of_engines()
                self._loading = Status(
                    tr(f"Loading {names.get(stage, stage)} …", f"正在加载{names.get(stage, stage)}…")
                )
            case Ready():
                self._loading = Status()
            case Failure(message=message):
                self._trouble, self._trouble_until = Status(message, trouble=True), now_ns + TROUBLE_NS
            case DeviceBack():
                self._trouble = Status()
            case TurnDone(timings=timings):
                self._turn = turn_of(timings)

    def press(self, inputs: Inputs, now_ns: int) -> list[Action]:
        """What the user pressed, on the panels as they are seen in this frame; switches of the menu itself are done
        already."""
        if inputs.menu:
            self.open_menu(not self.menu_open)
        actions = [Action(Does.OPEN)] if inputs.menu and self.menu_open else []
        return actions + self._press(inputs, now_ns)

    def settle(
        self,
        head: F64,
        now_ns: int,
        *,
        person: Person | None = None,
        sample: float = -1.0,
        half_view: float = HALF_VIEW,
    ) -> None:
        """What is shown in the frame that is seen then, and where; person: where the avatar stands, if it is seen;
        sample: what the listener hears then (AudioClock.heard_at); half_view: radians from the middle of the view to
        its side."""
        seconds = 0.0 if self._last_ns is None else min((now_ns - self._last_ns) / 1e9, 0.1)
        self._last_ns = now_ns
        preferred = self.choices.preferences
        right = preferred.hand == "right"
        if preferred.text_size != self._menu_place.panel.text_size:
            self._enlarge(preferred.text_size)
        self._show(sample, now_ns)
        self._budget_s = max(BUDGET_S, BUDGET_SHARE * seconds)
        looked_at = person if self._attention.update(head, person) else None
        for place, aim in (
            (self._captions, partial(captions_aim, head, looked_at)),
            (self._status, partial(status_aim, head, looked_at)),
            (self._figures, partial(gaze_aim, head, person, right=-24 if right else 24, up=9)),
            (self._menu_place, partial(menu_aim, head, looked_at, right=right, half_view=half_view)),
        ):
            place.update(partial(aim, degrees=place.panel.degrees), head, person, now_ns, seconds)
        seen = [place for place in self._places if place.strength > 0]
        seen.sort(key=lambda place: (place is self._menu_place, -place.follower.distance))
        self._seen = [place.shown() for place in seen]

    def paint(self) -> None:
        """Draw for a little on what is to be shown: for the next frame, when this one is submitted."""
        until = self._clock() + self._budget_s
        for place in self._places:
            if place.wanted:
                place.panel.draw(until)

    def shown(self) -> list[Shown]:
        """The panels that are seen in this frame, the farthest first, the menu before all others but the dots on it."""
        if not any(self.pointing):
            return self._seen
        dots = self._cursors.shown(self._menu_place.shown(), self._menu_place.follower.distance)
        return [*self._seen, *dots]

    def _enlarge(self, text_size: float) -> None:
        for place in self._places:
            place.panel.text_size = text_size
            place.follower.width = place.panel.degrees[0]

    def _show(self, sample: float, now_ns: int) -> None:
        choices = self.choices
        content = self._feed.at(sample, now_ns, choices.muted)
        spoken = content if choices.captions else Captions(note=content.note)
        wanted = spoken != Captions()
        if choices.preferences.text_size > 1:
            spoken = replace(spoken, across=round(captions.SIZE[0] / choices.preferences.text_size))
        self._captions.show(spoken, wanted)
        trouble = self._trouble if now_ns < self._trouble_until else Status()
        line = next((each for each in (trouble, self._said, self._loading) if each and each.text), Status())
        self._status.show(line, bool(line.text))
        if choices.figures and now_ns >= self._rows_due:
            self._rows = rows_of(self._measured, self._turn)
            self._rows_due = now_ns + FIGURES_NS
        self._figures.show(self._rows, choices.figures and bool(self._rows))
        if self._flash is not None and now_ns >= self._flash[1]:
            self._flash = None
        picture = MenuPicture()
        if self.menu_open:
            hands = reversed(self._fields) if choices.preferences.hand == "right" else self._fields
            pointed = next((field for field in hands if field is not None), None)
            picture = self._flash[0] if self._flash else self._menu.picture(pointed)
        self._menu_place.show(picture, self.menu_open)

    def _press(self, inputs: Inputs, now_ns: int) -> list[Action]:
        actions: list[Action] = []
        pointing, touched = [False, False], [False, False]
        for side, hand in enumerate(inputs.hands):
            there = self._menu_place.shown() if self.menu_open and self._menu_place.strength > 0 else None
            hit = meet(hand.aim, there) if there is not None and hand.aim is not None else None
            field = field_at(hit.u, hit.v) if hit is not None else None
            field = field if self._menu.is_entry(field) else None
            pressed = hand.select and not self._selecting[side]
            self._selecting[side] = hand.select
            pointing[side] = hit is not None
            self._cursors.point(side, hit, hand.select)
            touched[side] = field is not None and (pressed or field != self._fields[side])
            self._fields[side] = field
            if pressed and field is not None:
                flash = self._menu.picture(pressed=field)
                self._flash = flash, now_ns + FLASH_NS
                action = self._menu.press(field)
                if action is not None:
                    actions.append(action)
                    if action.does in (Does.PLACE, Does.LEAVE):
                        self.open_menu(False)
        left, right = pointing
        self.pointing = left, right
        left, right = touched
        self.touched = left, right
        return actions
