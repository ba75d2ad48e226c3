"""What panels showed is remembered, each picture once, and a film shows it again where and when it was."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from assets.progress import SilentProgress
from render.load import Quality
from render.measure.cloud import make_cloud
from render.view import View, look_at_pose
from xr_app.film import Look, Track, draw_film
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.panel_log import PanelLog

SECOND = 1_000_000_000
FOV = (-0.6, 0.6, 0.6, -0.6)
RED, GREEN = (255, 0, 0), (0, 255, 0)
HEAD = look_at_pose((0.0, 1.5, 2.0), (0.0, 1.5, 0.0))


def paint(colour: tuple[int, int, int], picture: Image.Image) -> Iterator[None]:
    picture.paste((*colour, 255), (0, 0, *picture.size))
    yield


def panel(name: str = "menu") -> Panel:
    return Panel(name, (64, 32), paint, (0, 0, 0))


def at(of: Panel, x: float, opacity: float = 1.0) -> Shown:
    pose = np.eye(4)
    pose[:3, 3] = x, 1.5, 1.0
    return Shown(of, pose, (0.4, 0.2), opacity)


def frame(seconds: float, *panels: object) -> ShownFrame:
    views = (View(HEAD, FOV, 64, 64),) * 2
    face = np.zeros(52, np.float32)
    return ShownFrame(
        round(seconds * SECOND), HEAD, views, face, True, False, 1.0, Quality(5000, 1.0), np.eye(4),
        panels=panels,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_picture_is_kept_once_and_as_it_was() -> None:
    log, menu = PanelLog(), panel()
    menu.show(RED, 1.0)
    (first,), (second,) = log.take([at(menu, 0.0)]), log.take([at(menu, 0.1, 0.5)])
    menu.show(GREEN, 1.0)
    (third,) = log.take([at(menu, 0.1)])
    assert first.panel is second.panel and (second.opacity, second.pose[0, 3]) == (0.5, 0.1)
    assert first.panel.picture()[:4] == bytes((*RED, 255)) and third.panel.picture()[:4] == bytes((*GREEN, 255))


def test_no_more_is_kept_than_there_is_room_for() -> None:
    log, menu = PanelLog(most=1), panel()
    menu.show(RED, 1.0)
    assert log.take([at(menu, 0.0)])
    menu.show(GREEN, 1.0)
    assert log.take([at(menu, 0.0)]) == ()


def test_between_frames_a_panel_is_on_its_way() -> None:
    panels, menu, other = PanelLog(), panel(), panel("other")
    log = FrameLog(0, 1, [])
    log.add(frame(0.0, *panels.take([at(menu, 0.0), at(other, 0.0)])))
    log.add(frame(1.0, *panels.take([at(menu, 0.4)])))
    moving, gone = log.panels_at(SECOND // 4)
    assert moving.pose[0, 3] == 0.1 and gone.pose[0, 3] == 0.0
    assert [each.panel.name for each in log.panels_at(2 * SECOND)] == ["menu"]


def test_a_film_of_one_eye_shows_them(tmp_path: Path) -> None:
    panels, menu = PanelLog(), panel()
    menu.show(RED, 1.0)
    log = FrameLog(0, 1, [frame(0.0, *panels.take([at(menu, 0.3)])), frame(0.5, *panels.take([at(menu, 0.3)]))])
    log.add(replace(frame(0.51)))
    log.add(replace(frame(1.0)))
    path = tmp_path / "film.mp4"
    facts = draw_film(
        log, lambda ns: np.zeros(52, np.float32), make_cloud(300), [Track(np.zeros(240, np.float32), 24_000, 0)],
        path, begin_ns=0, end_ns=SECOND, rows=96, fps=4.0, look=Look(zoom=1.0, eyes=1), progress=SilentProgress(),
    )  # fmt: skip
    assert (facts.width, facts.height, facts.frames) == (96, 96, 4)
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    pictures = np.frombuffer(raw, np.uint8).reshape(4, 96, 96, 3).astype(int)
    red = (pictures[..., 0] > 150) & (pictures[..., 1] < 90)
    wide = 0.4 / (2 * np.tan(0.6)) * 96  # a metre away
    assert abs(red[0].sum() / (wide * wide / 2) - 1) < 0.25
    middle = red[0].nonzero()[1].mean()
    assert abs(middle - (48 + 0.3 / (2 * np.tan(0.6)) * 96)) < 3
    assert not red[3].any()
