"""Panels as Monado's own compositor puts them before the eyes: its window, on a virtual screen, is read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageGrab

from tests.xr_app.session.pump import run
from xr_app.panels.aims import gaze_of, point_of
from xr_app.panels.follow import facing
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.quad_layer import QuadLayers
from xr_app.panels.text import Painting
from xr_app.runtime.monado import REMOTE, MonadoService
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession

GROUND = 0.2
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
EYE = 480
"""Pixels of the window that each eye has."""


def paint(content: int, picture: Image.Image) -> Painting:
    """Red and green above, white through which one sees half, and blue below."""
    picture.paste((*RED, 255), (0, 0, 100, 50))
    picture.paste((*GREEN, 255), (100, 0, 200, 50))
    picture.paste((255, 255, 255, 128), (0, 50, 100, 100))
    picture.paste((*BLUE, 255), (100, 50, 200, 100))
    yield


@pytest.fixture(scope="module")
def window(display: str) -> Iterator[np.ndarray]:
    """(H, W, 3) of both eyes, side by side, with a panel a metre ahead."""
    devices = {"XRT_COMPOSITOR_NULL": "0", "XRT_COMPOSITOR_FORCE_XCB": "1", "DISPLAY": display, "LP_NUM_THREADS": "1"}
    panel: Panel[int] = Panel("panel", (200, 100), paint, 0)
    panel.show(1, 5.0)
    seen: list[Image.Image] = []
    service = MonadoService(devices={**REMOTE, **devices, "XRT_COMPOSITOR_DEFAULT_FRAMERATE": "20"})
    with service, XrSession(service.environment, eye_size=(240, 270)) as session, QuadLayers(session) as layers:

        def draw(frame: Frame) -> None:
            for target in frame.targets:
                target.clear(GROUND, GROUND, GROUND, 1.0)
            pose = facing(point_of(gaze_of(frame.head), frame.head), frame.head)
            session.over[:] = layers.of([Shown(panel, pose, (0.6, 0.3))])
            if len(seen) < 1 and frame.index > 20:
                seen.append(ImageGrab.grab(xdisplay=display))

        run(session, 24, draw)
    yield np.asarray(seen[0].convert("RGB")).astype(int)


def middle_of(window: np.ndarray, colour: tuple[int, int, int], eye: int) -> np.ndarray:
    """Row and column of the middle of what has this colour, in an eye's half of the window."""
    half = window[:540, eye * EYE : (eye + 1) * EYE]
    there = np.argwhere(np.abs(half - colour).max(-1) < 8)
    assert len(there) > 50
    return np.asarray(there.mean(0))


@pytest.mark.parametrize("eye", [0, 1])
def test_it_is_the_right_way_up_and_not_mirrored(window: np.ndarray, eye: int) -> None:
    red, green, blue = (middle_of(window, colour, eye) for colour in (RED, GREEN, BLUE))
    assert green[1] - red[1] > 10 and abs(green[0] - red[0]) < 2
    assert blue[0] - green[0] > 5 and abs(blue[1] - green[1]) < 2
    assert (green[1] - red[1]) / (blue[0] - green[0]) == pytest.approx(2, rel=0.15)  # as wide as it is made


def test_each_eye_sees_it_from_its_own_place(window: np.ndarray) -> None:
    left, right = (middle_of(window, RED, eye) for eye in (0, 1))
    assert left[1] - right[1] > 3  # what is near is farther right for the left eye


def test_it_blends_in_linear_light(window: np.ndarray) -> None:
    red, blue = middle_of(window, RED, 0), middle_of(window, BLUE, 0)
    row, column = round(blue[0]), round(red[1])
    light = (128 * 1.0 + 127 * GROUND) / 255
    assert np.abs(window[row, column] - 255 * (1.055 * light ** (1 / 2.4) - 0.055)).max() < 4
    assert np.abs(window[5, 5] - 255 * (1.055 * GROUND ** (1 / 2.4) - 0.055)).max() < 4
