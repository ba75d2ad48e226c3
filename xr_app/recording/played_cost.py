"""How finely the frames of a tape were drawn, and what they cost: once more, without measuring anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import moderngl

from render.control import QualityController
from render.load import Costs, Quality
from render.renderer import MIN_SCALE, AvatarRenderer
from xr_app.likeness import Metering, Pacing
from xr_app.panels.hud import Figures
from xr_app.recording.deck import Deck
from xr_app.session.frame import Frame


class PlayedPace:
    """The qualities of then, or always the one that is asked for."""

    def __init__(self, deck: Deck, renderer: AvatarRenderer, always: Quality | None) -> None:
        self._deck, self._renderer, self._always = deck, renderer, always

    @contextmanager
    def drawing(self, frame: Frame, least_scale: float, /) -> Iterator[Quality]:
        row = self._deck.take("quality")
        quality = self._always
        if quality is None:
            scale = 1.0 if row is None else float(row["scale"])
            count = self._renderer.gaussians if row is None else int(row["gaussians"])
            quality = Quality(count, scale if MIN_SCALE <= scale <= 1.0 else 1.0)
        self._renderer.set_level(quality.gaussians)
        yield quality

    def ended(self, frame: Frame) -> None:
        """Nothing is learned from it."""

    @property
    def found(self) -> None:
        """Nothing of this device."""

    def follow(self, found: QualityController | None) -> None:
        """It is known already how finely every frame is drawn."""

    def release(self) -> None:
        """It took nothing."""


def paced(deck: Deck, always: Quality | None) -> Callable[..., Pacing]:
    """For `Live`: makes a PlayedPace."""

    def make(ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, /, *, software: bool) -> Pacing:
        return PlayedPace(deck, renderer, always)

    return make


class PlayedMeter:
    """The figures of then."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def look(self, on: bool) -> None:
        """They are known whoever looks."""

    def ended(self, frame: Frame, quality: Quality) -> Figures | None:
        self._deck.advance()
        measured, figures = self._deck.measured, None
        while measured:
            figures = measured.popleft().figures
        return figures

    def release(self) -> None:
        """It took nothing."""


def metered(deck: Deck) -> Callable[..., Metering]:
    """For `Live`: makes a PlayedMeter."""
    return lambda ctx, renderer, whole: PlayedMeter(deck)
