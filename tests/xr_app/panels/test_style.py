"""Shapes against their formulas, and inks against the contrast that text needs."""

import numpy as np
import pytest
from PIL import Image

from xr_app.panels import style
from xr_app.panels.style import box, switch


def light(ink: np.ndarray) -> float:
    """Relative luminance of sRGB (WCAG 2.1)."""
    c = ink / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("ink", [style.BRIGHT, style.QUIET, style.LIVELY, style.ALARM])
@pytest.mark.parametrize("wall", [0.0, 1.0])
def test_text_can_be_read_before_any_wall(ink: tuple[int, ...], wall: float) -> None:
    opacity = style.GROUND[3] / 255
    ground = opacity * light(np.array(style.GROUND[:3])) + (1 - opacity) * wall
    assert (light(np.array(ink[:3])) + 0.05) / (ground + 0.05) >= 4.5


@pytest.mark.parametrize("ink", [style.BRIGHT, style.QUIET])
def test_text_can_be_read_on_entries(ink: tuple[int, ...]) -> None:
    for ground in (style.CELL, style.POINTED):
        least = 4.5 if ink == style.BRIGHT or ground == style.CELL else 3
        assert (light(np.array(ink[:3])) + 0.05) / (light(np.array(ground[:3])) + 0.05) >= least


def test_a_box_has_round_corners() -> None:
    picture = Image.new("RGBA", (80, 60))
    box(picture, (5, 5, 75, 55), 20, (255, 255, 255, 255))
    y, x = np.mgrid[:60, :80] + 0.5
    inside = np.hypot(np.maximum(np.abs(x - 40) - 15, 0), np.maximum(np.abs(y - 30) - 5, 0)) <= 20
    assert np.abs(np.asarray(picture)[..., 3] / 255 - inside).mean() < 0.01


def test_a_switch_shows_how_it_stands() -> None:
    bright = []
    for on in (False, True):
        picture = Image.new("RGBA", (56, 32))
        switch(picture, (0, 0), on)
        white = np.asarray(picture)[..., :3].min(-1) > 250
        bright.append(np.flatnonzero(white.any(0)).mean())
    assert bright[0] < 20 and bright[1] > 36
