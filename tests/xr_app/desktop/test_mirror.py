"""What onlookers see of a session on a real runtime, grabbed from the screen; the session must not notice."""

import glfw
import numpy as np
import pytest
from PIL import Image, ImageGrab

from render.gl.targets import colour_target, read_srgb
from render.ground.balls import fit_balls
from render.ground.standing import Standing
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.view import View
from tests.xr_app.input.hand_model import hand
from xr_app.desktop.mirror import Mirror, MirroredBoard, MirroredHands
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.panels.aims import gaze_of, point_of
from xr_app.panels.follow import facing
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.quad_layer import QuadLayers
from xr_app.panels.text import Painting
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.gl_binding import EGL_EXTENSION, Kind
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode
from xr_app.surroundings.surroundings import Surroundings

LEFT, RIGHT, HIDDEN = (0.2, 0.05, 0.6, 1.0), (0.05, 0.6, 0.2, 1.0), (1.0, 1.0, 1.0, 1.0)
SHOWN_LEFT, SHOWN_RIGHT = (124, 63, 203), (63, 203, 124)  # the same in sRGB
PANEL = (220, 60, 30)
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


class Palms:
    """The left hand is held up before the face."""

    def read(self, frame: Frame) -> Inputs:
        grip = frame.head.copy()
        grip[:3, 3] = (frame.head @ (-0.12, -0.1, -0.35, 1.0))[:3]
        return Inputs(left=Hand(Source.HAND, grip=grip, joints=hand(frame.head[:3, :3], grip[:3, 3])))

    def feel(self, pulses: object, *, busy: bool) -> None:
        pass


def in_window(across: float, up: float, view: View) -> tuple[int, int]:
    """Row and column of the window where a direction is seen, given by its tangents."""
    left, right, top, bottom = (np.tan(angle) for angle in view.fov)
    return (
        round(2 * WINDOW[1] * ((top - up) / (top - bottom) - 0.25)),
        round(WINDOW[0] * (across - left) / (right - left)),
    )


def paint(content: int, picture: Image.Image) -> Painting:
    picture.paste((*PANEL, 255), (0, 0, *picture.size))
    yield


def test_stage_and_hands_where_the_wearer_sees_their_own_and_panels_over_them(
    monado: MonadoService, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    mirror, shown, wanted = Mirror(WINDOW), [], []
    panel: Panel[int] = Panel("panel", (64, 32), paint, 0)
    panel.show(1, 5.0)
    avatar = make_cloud(50)
    key = rest_key(avatar)
    with XrSession(monado.environment, eye_size=(EYE, EYE), host=mirror) as session:
        assert mirror._window is not None
        handle = mirror._window.handle
        surroundings = Surroundings(session, Asked(see_through=True))
        surroundings.meet(fit_balls(avatar))
        assert surroundings.mode is Mode.BLENDED
        mirror.around = surroundings
        hands = MirroredHands(Palms(), mirror)
        board = MirroredBoard(QuadLayers(session, [panel]), mirror)
        for frame in session.frames():
            surroundings.update(frame)
            with frame:
                if frame.targets:
                    for target in frame.targets:
                        target.clear()
                    (palm, _) = hands.read(frame).hands
                    surroundings.draw(frame, Standing(in_front_of(frame.head, 1.5), key, key, 0.0, 0.0))
                    pose = facing(point_of(gaze_of(frame.head), frame.head), frame.head)
                    board.show(frame, [Shown(panel, pose, (0.3, 0.15))])
                    if frame.index == 12:
                        assert set(frame.targets[0].read(components=4)) == {0}  # the runtime's picture is the room's
                        stage = colour_target(session.ctx, EYE, EYE)
                        surroundings.draw_stage(frame.views[0], stage)
                        wanted.append(read_srgb(stage)[EYE // 4 : 3 * EYE // 4, :, :3].astype(int))
                        assert palm.grip is not None
                        for place in (pose, palm.grip):
                            x, y, z = (frame.views[0].world_to_eye @ place[:, 3])[:3]
                            shown.append((x / -z, y / -z, frame.views[0]))
            if wanted and frame.index == 14:
                picture = grabbed(display, handle)
                session.request_exit()
        board.close()
        surroundings.close()
        assert session.over == []
    (row, column), palm_seen = (in_window(*each) for each in shown)
    (stage_seen,) = wanted
    panel_seen = np.argwhere(np.abs(picture - PANEL).max(axis=-1) < 3)
    assert np.abs(panel_seen.mean(axis=0) - (row, column)).max() < 3 and len(panel_seen) > 100
    assert len(np.unique(stage_seen.reshape(-1, 3), axis=0)) > 10
    for y, x in ((8, 8), (8, 60), (36, 4), (72, 150), (70, 80)):  # of the window, beside the panel
        there = stage_seen[round(y / WINDOW[1] * stage_seen.shape[0]), round(x / WINDOW[0] * EYE)]
        assert np.abs(picture[y, x] - there).max() <= 6, (y, x)
    assert picture[palm_seen].min() > stage_seen.max() + 20, "a hand is brighter than the stage"
