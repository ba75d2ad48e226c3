"""Panels in an eye's view: where rays say they are, blended in linear light, hidden by what is near."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from PIL import Image

from render.gl.targets import read_linear, read_srgb
from render.offscreen import Offscreen
from render.view import View, look_at_pose, look_at_view, projection_matrix
from tests.xr_app.panels.heads import EYES, head_at
from xr_app.panels.captions import SIZE as CAPTIONS_SIZE
from xr_app.panels.captions import Captions, paint_captions
from xr_app.panels.follow import facing
from xr_app.panels.paint import Multiplier, PanelPainter
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.pointing import meet
from xr_app.panels.text import Painting, Writer

WIDTH, HEIGHT = 160, 120
RANGE = (0.05, 100.0)
INKS = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 128]], np.uint8)
"""Upper left, upper right, lower left, lower right."""


@pytest.fixture(scope="module")
def gl() -> Iterator[Offscreen]:
    with Offscreen() as offscreen:
        yield offscreen


def quarters(size: tuple[int, int] = (64, 32)) -> Panel[int]:
    def paint(content: int, picture: Image.Image) -> Painting:
        width, height = size
        for n, ink in enumerate(INKS.tolist()):
            x, y = n % 2 * width // 2, n // 2 * height // 2
            picture.paste(tuple(ink), (x, y, x + width // 2, y + height // 2))
        yield

    panel = Panel("quarters", size, paint, 0)
    panel.show(1, 1.0)
    return panel


def standing(place: tuple[float, float, float], panel: Panel[int], opacity: float = 1.0) -> Shown:
    return Shown(panel, facing(np.array(place), head_at()), (0.8, 0.4), opacity)


def view() -> View:
    return look_at_view(EYES, (0.2, 1.4, -2.0), 60, WIDTH, HEIGHT)


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def by_rays(seen: View, shown: Shown, ground: float, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(n, 3) linear light of some pixels, each by a ray through its middle."""
    fx, fy, cx, cy = seen.intrinsics
    picture = np.full((len(rows), 3), ground)
    for n, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        ray = np.array([(column + 0.5 - cx) / fx, (HEIGHT - row - 0.5 - cy) / fy, -1.0])
        hit = meet(look_at_pose(seen.pose[:3, 3], seen.pose[:3, 3] + seen.pose[:3, :3] @ ray), shown)
        if hit is not None:
            ink = INKS[int(hit.u * 2) + 2 * int(hit.v * 2)] / 255
            alpha = ink[3] * shown.opacity
            picture[n] = np.array([linear(c) for c in ink[:3]]) * alpha + ground * (1 - alpha)
    return picture


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_it_is_where_rays_meet_it_and_blends_in_linear_light(gl: Offscreen, opacity: float) -> None:
    shown = standing((-0.1, 1.3, -1.2), quarters(), opacity)
    target = gl.target(WIDTH, HEIGHT, "rgba16f")
    target.clear(0.25, 0.25, 0.25, 1.0)
    PanelPainter(gl.ctx).draw(view(), target, [shown])
    rows, columns = np.random.default_rng(1).integers((HEIGHT, WIDTH), size=(800, 2)).T
    ours, theirs = read_linear(target)[rows, columns, :3], by_rays(view(), shown, 0.25, rows, columns)
    off = np.abs(ours - theirs).max(-1) > 0.01
    assert (theirs != 0.25).any(-1).mean() > 0.1
    assert off.mean() < 0.05  # where two colours meet, or the panel ends, pixels hold some of both
    assert gl.ctx.error == "GL_NO_ERROR"


def test_what_is_nearer_hides_it_and_what_is_farther_does_not(gl: Offscreen) -> None:
    seen, painter = view(), PanelPainter(gl.ctx, RANGE)
    clip = projection_matrix(seen, *RANGE) @ (0.0, 0.0, -1.0, 1.0)
    colour = gl.ctx.texture((WIDTH, HEIGHT), 4, dtype="f2")
    target = gl.ctx.framebuffer([colour], gl.ctx.depth_texture((WIDTH, HEIGHT)))
    drawn = []
    for away in (0.6, 1.6):
        target.clear(0.0, 0.0, 0.0, 0.0, depth=0.5 + 0.5 * clip[2] / clip[3])  # a wall, one metre away
        painter.draw(seen, target, [standing((0.1, 1.6, -away), quarters())])
        drawn.append(read_linear(target)[..., 3].max())
    assert drawn == [1.0, 0.0]


def test_the_last_one_is_before_the_others_and_what_fades_is_not_drawn(gl: Offscreen) -> None:
    target = gl.target(WIDTH, HEIGHT)
    target.clear()
    near, far = standing((0.0, 1.6, -0.8), quarters()), standing((0.0, 1.6, -1.5), quarters((32, 64)))
    painter = PanelPainter(gl.ctx)
    painter.draw(view(), target, [far, near])
    both = read_srgb(target)
    target.clear()
    painter.draw(view(), target, [near])
    covered = read_srgb(target)[..., 3] == 255
    assert covered.sum() > 100 and np.array_equal(both[covered], read_srgb(target)[covered])
    target.clear()
    painter.draw(view(), target, [standing((0.0, 1.6, -0.8), quarters(), 0.0)])
    assert read_srgb(target).max() == 0


def test_a_picture_goes_to_the_gpu_only_when_it_is_another_one(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = []
    panel, painter, target = quarters(), PanelPainter(gl.ctx), gl.target(WIDTH, HEIGHT)
    monkeypatch.setattr(panel, "picture", lambda: brought.append(panel.version) or Panel.picture(panel))
    for content in (1, 1, 2, 2):
        panel.show(content, 1.0)
        painter.draw(view(), target, [standing((0.0, 1.6, -1.0), panel)])
    assert brought == [1, 2]


def test_what_is_kept_is_srgb_of_light_times_opacity(gl: Offscreen) -> None:
    panel = quarters()
    target = gl.target(*panel.pixels)
    Multiplier(gl.ctx)(panel, 0.5, target)
    kept = read_srgb(target)[[4, 4, 28, 28], [4, 60, 4, 60]].astype(int)
    light = [[linear(c / 255) * ink[3] / 510 for c in ink[:3]] for ink in INKS.tolist()]
    encoded = [[255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055) for c in row] for row in light]
    assert np.abs(kept[:, :3] - np.array(encoded)).max() < 1.5
    assert np.abs(kept[:, 3] - INKS[:, 3] / 2).max() <= 1


def test_text_can_be_read_in_a_headset(gl: Offscreen, writer: Writer) -> None:
    """Seen with 20 pixels a degree, a caption is its own picture made smaller."""
    panel: Panel[Captions] = Panel("captions", CAPTIONS_SIZE, partial(paint_captions, writer), Captions())
    panel.show(Captions("How are you? 你好吗？", True, "Quite well, thank you — 我很好，谢谢！", 60), 5.0)
    across, up = panel.metres(1.2)
    seen = look_at_view(EYES, (0.0, 1.6, -1.2), math.degrees(2 * math.atan(up / 2.4)), 600, 180)
    target = gl.target(600, 180)
    target.clear()
    PanelPainter(gl.ctx).draw(seen, target, [Shown(panel, facing(np.array([0.0, 1.6, -1.2]), head_at()), (across, up))])
    ours = read_srgb(target)[..., :3].mean(-1)
    small = Image.fromarray(panel.image()).resize((600, 180), Image.Resampling.BOX)
    theirs = np.asarray(small)[..., :3].mean(-1) * (np.asarray(small)[..., 3] > 0)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.97
    assert ours.max() > 230
