"""What onlookers see of a session on a real runtime, grabbed from the screen; the session must not notice."""

import glfw
import numpy as np
import pytest
from PIL import ImageGrab

from xr_app.desktop.mirror import Mirror
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.gl_binding import EGL_EXTENSION, Kind
from xr_app.session.session import XrSession

LEFT, RIGHT, HIDDEN = (0.2, 0.05, 0.6, 1.0), (0.05, 0.6, 0.2, 1.0), (1.0, 1.0, 1.0, 1.0)
SHOWN_LEFT, SHOWN_RIGHT = (124, 63, 203), (63, 203, 124)  # the same in sRGB
EYE, WINDOW = 64, (160, 80)
VALIDATION = "XR_APILAYER_LUNARG_core_validation"


def draw(frame: Frame) -> None:
    """Two halves, between bands above and below that a window twice as wide as high has no room for."""
    for target in frame.targets:
        target.clear(*HIDDEN)
        for left, colour in ((0, LEFT), (EYE // 2, RIGHT)):
            target.clear(*colour, viewport=(left, EYE // 4, EYE // 2, EYE // 2))
        if target is frame.targets[1]:
            target.clear(*HIDDEN)  # the right eye is nobody's business


def grabbed(display: str, window: object) -> np.ndarray:
    """(H, W, 3) of the screen where the window is, top row first."""
    left, top = glfw.get_window_pos(window)
    screen = np.asarray(ImageGrab.grab(xdisplay=display).convert("RGB"))
    return screen[top : top + WINDOW[1], left : left + WINDOW[0]].astype(int)


@pytest.mark.parametrize("kind", ["EGL", "GLX"])
def test_onlookers_see_the_left_eye(
    monado: MonadoService, display: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: Kind
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    mirror = Mirror(WINDOW)
    without = [EGL_EXTENSION] if kind == "GLX" else []
    pictures, pixels = [], set()
    with XrSession(
        monado.environment, eye_size=(EYE, EYE), layers=[VALIDATION], without=without, host=mirror
    ) as session:
        assert mirror._window is not None
        handle = mirror._window.handle
        mirror.say("loading")
        for frame in session.frames():
            with frame:
                if frame.targets:
                    draw(frame)
                    pixels.add(frame.targets[0].read(components=3, viewport=(4, EYE // 2, 1, 1)))
            if frame.index == 30:
                pictures.append(grabbed(display, handle))
                glfw.set_window_should_close(handle, True)
                closing = glfw.set_window_close_callback(handle, None)
                closing(handle)
            if frame.index == 40:
                assert not glfw.get_window_attrib(handle, glfw.VISIBLE)
                session.request_exit()
    assert pixels == {bytes(SHOWN_LEFT)}  # the session's own pictures are what they were, with the window and without
    (picture,) = pictures
    assert picture.shape == (WINDOW[1], WINDOW[0], 3)
    edge = WINDOW[0] // 2
    assert np.abs(picture[2:-2, : edge - 3] - SHOWN_LEFT).max() <= 1  # at its edges lies a pixel of the bands
    assert np.abs(picture[2:-2, edge + 3 :] - SHOWN_RIGHT).max() <= 1
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def test_a_smaller_picture_fills_the_window_which_goes_and_comes_as_is_wished_for(
    monado: MonadoService, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    wanted, seen = True, {}
    mirror = Mirror(WINDOW, lambda: wanted)
    with XrSession(monado.environment, eye_size=(EYE, EYE), host=mirror) as session:
        assert mirror._window is not None
        handle = mirror._window.handle
        for frame in session.frames():
            with frame:
                if frame.targets:
                    frame.targets[0].clear(*HIDDEN)
                    frame.shrink(0.5)
                    assert frame.targets[0].size == (EYE // 2, EYE // 2)
                    for target in frame.targets:
                        target.clear(*LEFT)
            seen[frame.index] = bool(glfw.get_window_attrib(handle, glfw.VISIBLE))
            if frame.index in (10, 15):
                wanted = frame.index == 15
            if frame.index == 35:
                picture = grabbed(display, handle)
                session.request_exit()
    assert (seen[10], seen[15], seen[20]) == (True, False, True)
    assert np.abs(picture - SHOWN_LEFT).max() <= 1
