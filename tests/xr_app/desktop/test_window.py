"""A real window on a screen that nobody sees: what it shows, and what keys, mouse and the user's resizing do to it."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import glfw
import numpy as np
import pytest

from render.ground.ground import Ground
from render.ground.standing import Standing
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.desktop.glfw_window import ContextApi
from xr_app.desktop.presenter import cropped
from xr_app.desktop.window import WindowDisplay
from xr_app.errors import GraphicsError
from xr_app.input.inputs import Source
from xr_app.placement import in_front_of
from xr_app.session.frame import Frame

GREY = (0.2, 0.05, 0.6, 1.0)
SRGB = (124, 63, 203)


@pytest.fixture
def window(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowDisplay]:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with WindowDisplay((320, 200)) as window:
        yield window


def screen(window: WindowDisplay) -> np.ndarray:
    """(H, W, 3) as the window holds it, top row first."""
    width, height = glfw.get_framebuffer_size(handle(window))
    pixels = window.ctx.screen.read(viewport=(0, 0, width, height), components=3, alignment=1)
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)[::-1]


def handle(window: WindowDisplay) -> Any:
    return window._window.handle


def run(window: WindowDisplay, count: int, draw: Callable[[Frame], None]) -> list[Frame]:
    frames = []
    for frame in window.frames():
        with frame:
            if frame.should_render:
                draw(frame)
        frames.append(frame)
        if len(frames) == count:
            window.request_exit()
    return frames


def fill(frame: Frame) -> None:
    frame.targets[0].clear(*GREY)


def press(window: WindowDisplay, key: int, action: int = glfw.PRESS) -> None:
    """As GLFW does it when a key is pressed."""
    callback = glfw.set_key_callback(handle(window), None)
    glfw.set_key_callback(handle(window), callback)
    callback(handle(window), key, 0, action, 0)


def test_it_is_seen_with_its_first_picture(window: WindowDisplay) -> None:
    seen = []
    for frame in window.frames():
        seen.append(bool(glfw.get_window_attrib(handle(window), glfw.VISIBLE)))
        with frame:
            assert frame.should_render
            fill(frame)
        if frame.index == 3:
            window.request_exit()
    assert seen == [False, True, True, True]
    assert (np.abs(screen(window).astype(int) - SRGB) <= 1).all()


def test_light_is_shown_as_srgb(window: WindowDisplay) -> None:
    run(window, 2, fill)
    shown = screen(window)
    assert shown.shape == (200, 320, 3)
    assert (np.abs(shown.astype(int) - SRGB) <= 1).all()


@pytest.mark.parametrize("api", ["egl", "native"])
def test_every_way_to_a_context(display: str, monkeypatch: pytest.MonkeyPatch, api: ContextApi) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with WindowDisplay((64, 48), apis=(api,)) as window:
        assert window.ctx.version_code >= 430
        run(window, 1, fill)
        assert (np.abs(screen(window).astype(int) - SRGB) <= 1).all()


def test_shows_what_is_drawn_offscreen(window: WindowDisplay) -> None:
    avatar = make_cloud(3000)
    key = rest_key(avatar)
    views = []

    def draw_with(ctx: Any) -> Callable[..., None]:
        renderer, ground = AvatarRenderer(ctx, avatar), Ground(ctx, avatar)
        renderer.set_keys(key, key)

        def draw(view: Any, target: Any) -> None:
            model = in_front_of(view.pose)
            renderer.draw([view], [target], head=view.pose, model=model, alpha=0.0, background=None)
            ground.draw([view], [target], Standing(model, key, key, 0.0), stage=True)

        return draw

    draw = draw_with(window.ctx)

    def draw_frame(frame: Frame) -> None:
        views.append(frame.views[0])
        draw(frame.views[0], frame.targets[0])

    press(window, glfw.KEY_A)  # walks to the left meanwhile
    run(window, 3, draw_frame)
    shown = screen(window).astype(int)
    assert views[2].pose[0, 3] < views[1].pose[0, 3] < 0
    with Offscreen() as offscreen:
        target = offscreen.target(320, 200)
        draw_with(offscreen.ctx)(views[2], target)
        expected = offscreen.read(target)[..., :3].astype(int)
    assert expected.std() > 10
    assert np.abs(shown - expected).max() <= 2


def test_follows_the_users_size(window: WindowDisplay) -> None:
    sizes = []

    def draw(frame: Frame) -> None:
        sizes.append(frame.targets[0].size)
        fill(frame)
        if len(sizes) == 1:
            glfw.set_window_size(handle(window), 200, 320)

    for frame in window.frames():
        with frame:
            if frame.should_render:
                draw(frame)
        if window.eye_sizes == [(200, 320)] or frame.index > 60:
            window.request_exit()
    last = next(iter(run_once(window)))
    assert last.targets == [] and last.views[0].width == 200 and last.views[0].height == 320
    left, right, up, down = (math.tan(angle) for angle in last.views[0].fov)
    assert (right - left) / (up - down) == pytest.approx(200 / 320)


def run_once(window: WindowDisplay) -> list[Frame]:
    window._over = False
    return run(window, 1, fill)


def test_fewer_rows_fill_the_window_all_the_same(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with WindowDisplay((320, 200), most_rows=50) as window:
        assert window.eye_sizes == [(80, 50)]
        run(window, 1, fill)
        shown = screen(window)
        assert shown.shape == (200, 320, 3)
        assert (np.abs(shown.astype(int) - SRGB) <= 1).all()


def test_keys_are_one_frames_input(window: WindowDisplay) -> None:
    told = []

    def draw(frame: Frame) -> None:
        fill(frame)
        inputs = window.read(frame)
        told.append((inputs.talk, inputs.mute, inputs.menu))
        match frame.index:
            case 0:
                for key in (glfw.KEY_SPACE, glfw.KEY_U, glfw.KEY_TAB):
                    press(window, key)
            case 2:
                press(window, glfw.KEY_SPACE, glfw.RELEASE)

    run(window, 4, draw)
    assert told == [(False,) * 3, (True,) * 3, (True, False, False), (False,) * 3]


@pytest.mark.parametrize("by", ["key", "window"])
def test_leaving_ends_the_frames(window: WindowDisplay, by: str) -> None:
    close = glfw.set_window_close_callback(handle(window), None)
    glfw.set_window_close_callback(handle(window), close)

    def draw(frame: Frame) -> None:
        fill(frame)
        if by == "key":
            press(window, glfw.KEY_ESCAPE)
        else:
            close(handle(window))

    assert len(run(window, 9, draw)) == 1


def test_escape_sends_the_menu_away_before_it_leaves(window: WindowDisplay) -> None:
    opened = [True]
    window.menu_open = lambda: opened[0]
    asked = []

    def draw(frame: Frame) -> None:
        fill(frame)
        asked.append(window.read(frame).menu)
        if asked[-1]:
            opened[0] = not opened[0]
        if frame.index in (0, 2):
            press(window, glfw.KEY_ESCAPE)
            press(window, glfw.KEY_ESCAPE, glfw.RELEASE)

    run(window, 9, draw)
    assert asked == [False, True, False] and not opened[0]


def test_called_to_where_one_looks(window: WindowDisplay) -> None:
    window.camera.walk(3.0, 0.0, 0.0)
    called = []

    def draw(frame: Frame) -> None:
        fill(frame)
        if window.read(frame).call:
            called.append((frame.index, in_front_of(frame.head)[:3, 3]))
        if frame.index == 0:
            press(window, glfw.KEY_R)

    run(window, 3, draw)
    ((index, place),) = called
    assert index == 1
    np.testing.assert_allclose(place[[0, 2]], window.camera.middle[[0, 2]], atol=1e-9)


def test_pointer_goes_through_what_is_pointed_at(window: WindowDisplay) -> None:
    (frame,) = run(window, 1, fill)
    (view,) = frame.views
    intrinsics = view.intrinsics
    point = np.array([0.3, 1.5, -1.8])
    x, y, z = np.linalg.inv(view.pose)[:3] @ np.append(point, 1.0)
    column, row = intrinsics.cx + intrinsics.fx * x / -z, intrinsics.cy + intrinsics.fy * y / -z
    move = glfw.set_cursor_pos_callback(handle(window), None)
    move(handle(window), column, 200 - row)  # pixels count from below, the pointer from above
    hand = window.read(run_once(window)[0]).right
    assert hand.source == Source.MOUSE and hand.aim is not None and not hand.select
    way = point - hand.aim[:3, 3]
    np.testing.assert_allclose(-hand.aim[:3, 2], way / np.linalg.norm(way), atol=1e-9)
    button = glfw.set_mouse_button_callback(handle(window), None)
    button(handle(window), glfw.MOUSE_BUTTON_LEFT, glfw.PRESS, 0)
    assert window.read(run_once(window)[0]).right.pressed
    assert not window.read(run_once(window)[0]).right.pressed  # it is held now
    button(handle(window), glfw.MOUSE_BUTTON_LEFT, glfw.RELEASE, 0)
    assert window.read(run_once(window)[0]).right.released


def test_title_says_what_happens(window: WindowDisplay) -> None:
    window.say("loading asr …")
    assert glfw.get_window_title(handle(window)) == "Visavis – loading asr …"
    window.say("")
    assert glfw.get_window_title(handle(window)) == "Visavis"


def test_without_a_display_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(GraphicsError, match="--headset none"):
        WindowDisplay()


def test_crop_is_the_largest_of_that_shape() -> None:
    assert cropped((400, 200), (100, 100)) == (0.25, 0.0, 0.5, 1.0)
    assert cropped((200, 400), (100, 100)) == (0.0, 0.25, 1.0, 0.5)
    assert cropped((300, 200), (600, 400)) == (0.0, 0.0, 1.0, 1.0)
