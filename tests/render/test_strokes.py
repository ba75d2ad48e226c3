"""Strokes as pictures hold them, against points projected by hand; real GL and GLES."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from render.offscreen import Offscreen
from render.strokes import FLOATS, NONE, Strokes
from render.view import View, look_at_view, projection_matrix

SIZE = 96
BLUE, WHITE = (0.1, 0.2, 0.8), (1.0, 1.0, 1.0)
FILLED = 0.3


@pytest.fixture(scope="module", params=["gl", "gles"])
def offscreen(request: pytest.FixtureRequest) -> Iterator[Offscreen]:
    with Offscreen(request.param) as made:
        yield made


def eyes() -> list[View]:
    return [look_at_view((x, 1.6, 0.0), (x, 1.2, -2.0), 60, SIZE, SIZE) for x in (-0.1, 0.1)]


def stroke(
    first: tuple,
    last: tuple,
    colour: tuple,
    opacity: float = 1.0,
    radius: float = 0.03,
    rim: float = 0.0,
    rises: float = 0.0,
) -> list:
    return [*first, radius, *last, radius, *colour, opacity, *colour, opacity, rim, 0.0, rises]


def rows(*strokes: list) -> np.ndarray:
    assert all(len(each) == FLOATS for each in strokes)
    return np.array(strokes, np.float32)


def drawn(offscreen: Offscreen, strokes: np.ndarray, fill: tuple | None = None, **others: object) -> list[np.ndarray]:
    """(H, W, 4) linear light of both eyes; fill: what the left half of each target holds before."""
    targets = [offscreen.target(SIZE, SIZE, "rgba16f") for _ in range(2)]
    for target in targets:
        target.clear()
        if fill is not None:
            target.clear(*fill, viewport=(0, 0, SIZE // 2, SIZE))
    drawer = Strokes(offscreen.ctx)
    drawer.draw(eyes(), targets, strokes, **others)  # type: ignore[arg-type]
    drawer.close()
    return [offscreen.read_linear(target) for target in targets]


def pixel(view: View, point: tuple) -> np.ndarray:
    """Row from the top and column where a point is seen."""
    x, y, z = np.linalg.solve(view.pose, (*point, 1.0))[:3]
    camera = view.intrinsics
    return np.array([SIZE - (camera.cy + camera.fy * y / -z), camera.cx + camera.fx * x / -z])


def middle_of(picture: np.ndarray) -> np.ndarray:
    weight = picture[..., 3]
    places = np.indices(weight.shape) + 0.5
    return np.asarray((places * weight).sum(axis=(1, 2)) / weight.sum())


def test_a_dot_is_where_each_eye_sees_its_place(offscreen: Offscreen) -> None:
    point = (0.15, 1.1, -1.5)
    pictures = drawn(offscreen, rows(stroke(point, point, WHITE)))
    for view, picture in zip(eyes(), pictures, strict=True):
        np.testing.assert_allclose(middle_of(picture), pixel(view, point), atol=0.3)
        wide = np.sqrt((picture[..., 3] > 0.5).sum() / np.pi)
        assert wide == pytest.approx(
            view.intrinsics.fx * 0.03 / np.linalg.norm(np.subtract(view.pose[:3, 3], point)), rel=0.1
        )


@pytest.mark.parametrize("ends", [((0.2, 1.1, -0.5), (-0.3, 1.4, -3.0)), ((-0.4, 1.3, -1.0), (0.3, 1.3, -1.0))])
def test_a_stroke_goes_from_end_to_end_and_no_farther(offscreen: Offscreen, ends: tuple) -> None:
    first, last = (np.array(end) for end in ends)
    pictures = drawn(offscreen, rows(stroke(*ends, BLUE, 0.8, radius=0.02)))
    for view, picture in zip(eyes(), pictures, strict=True):
        for share in (0.1, 0.5, 0.9):
            row, column = pixel(view, tuple(first + share * (last - first))).astype(int)
            np.testing.assert_allclose(picture[row, column], [*(0.8 * np.array(BLUE)), 0.8], atol=0.02)
        row, column = pixel(view, tuple(last + 0.25 * (last - first))).astype(int)
        assert picture[row, column].max() == 0


def test_a_finger_that_points_at_the_eye_is_round(offscreen: Offscreen) -> None:
    left = eyes()[0].pose[:3, 3]
    way = np.array([0.1, -0.3, -1.0])
    first, last = left + 0.8 * way, left + way
    picture = drawn(offscreen, rows(stroke(tuple(first), tuple(last), WHITE)))[0]
    there = np.argwhere(picture[..., 3] > 0.5)
    high, wide = np.ptp(there, axis=0)
    assert abs(high - wide) <= 1 and high > 4


def test_what_is_thinner_than_a_pixel_is_seen_all_along(offscreen: Offscreen) -> None:
    picture = drawn(offscreen, rows(stroke((-0.5, 1.0, -3.0), (0.5, 1.3, -3.0), WHITE, radius=1e-4)))[0]
    columns = picture[..., 3].max(axis=0)
    assert np.count_nonzero(columns) > 25 and columns[columns > 0][1:-1].min() > 0.8


def test_a_rim_is_dark_and_all_is_premultiplied(offscreen: Offscreen) -> None:
    point = (-0.1, 1.2, -1.0)
    picture = drawn(offscreen, rows(stroke(point, point, WHITE, 0.9, radius=0.1, rim=0.5)))[0]
    assert (picture[..., :3].max(axis=-1) <= picture[..., 3] + 1e-3).all()
    row, column = pixel(eyes()[0], point).astype(int)
    np.testing.assert_allclose(picture[row, column], 0.9, atol=0.01)
    beside = picture[row, :, :][(picture[row, :, 3] > 0.2) & (picture[row, :, 3] < 0.6)]
    assert len(beside) >= 2 and beside[:, :3].max() < 0.1


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_round_and_nearer_hides_what_is_farther_whatever_their_order(
    offscreen: Offscreen, backwards: bool
) -> None:
    near, far = (0.0, 1.4, -0.8), (0.0, 1.2, -1.6)
    made = [stroke(near, near, BLUE, radius=0.05), stroke(far, far, WHITE, radius=0.2)]
    for each in made:
        each[17] = 1.0
    light = stroke((0.0, 1.35, -1.0), (0.0, 1.35, -1.0), (1.0, 0.0, 0.0), radius=0.02)
    picture = drawn(offscreen, rows(*(made[::-1] if backwards else made), light))[0]
    row, column = pixel(eyes()[0], near).astype(int)
    np.testing.assert_allclose(picture[row, column, :3], BLUE, atol=0.1)
    assert picture[..., 2].max() > 0.9
    assert (picture[..., 0] - picture[..., 1]).max() < 0.1  # what is no thing is beneath all things


def test_a_stroke_may_rise_from_nothing(offscreen: Offscreen) -> None:
    first, last = np.array((-0.5, 1.3, -1.5)), np.array((0.5, 1.3, -1.5))
    picture = drawn(offscreen, rows(stroke(tuple(first), tuple(last), WHITE, 0.8, rises=0.5)))[0]
    for share, opacity in ((0.0, 0.0), (0.25, 0.4), (0.45, 0.72), (0.7, 0.8), (0.95, 0.8)):
        row, column = pixel(eyes()[0], tuple(first + share * (last - first))).astype(int)
        assert picture[row, column, 3] == pytest.approx(opacity, abs=0.03)


def test_nothing_changes_nothing(offscreen: Offscreen) -> None:
    pictures = drawn(offscreen, NONE, fill=(0.1, 0.1, 0.1, FILLED))
    assert all(np.ptp(picture[:, : SIZE // 2, 3]) == 0 for picture in pictures)
    assert all(picture[:, SIZE // 2 :].max() == 0 for picture in pictures)


@pytest.mark.parametrize(("z", "before"), [(-1.0, True), (-2.0, False)])
@pytest.mark.parametrize("alpha", [1.0, FILLED])
def test_the_avatar_hides_what_is_behind_it(offscreen: Offscreen, z: float, before: bool, alpha: float) -> None:
    red = np.array([0.5, 0.0, 0.0, 1.0]) * alpha
    middle = np.array([0.0, 0.0, -1.5])
    stripe = rows(stroke((-0.6, 1.3, z), (0.6, 1.3, z), BLUE, radius=0.05))
    for view, picture in zip(eyes(), drawn(offscreen, stripe, fill=tuple(red), middle=middle), strict=True):
        blue = np.array([*BLUE, 1.0])
        over = [picture[tuple(pixel(view, (x, 1.3, z)).astype(int))] for x in (-0.5, 0.5)]
        np.testing.assert_allclose(over[0], blue if before else red + (1 - alpha) * blue, atol=0.01)
        np.testing.assert_allclose(over[1], blue, atol=0.01)


def test_a_stroke_through_the_avatar_is_cut_there(offscreen: Offscreen) -> None:
    full = (0.0, 0.0, 0.0, 1.0)
    through = rows(stroke((-0.3, 1.2, -0.8), (-0.3, 1.2, -2.2), WHITE, radius=0.02))
    picture = drawn(offscreen, through, fill=full, middle=np.array([-0.1, 0.0, -1.5]))[0]
    view = eyes()[0]
    assert picture[tuple(pixel(view, (-0.3, 1.2, -1.3)).astype(int))][0] > 0.9
    assert picture[tuple(pixel(view, (-0.3, 1.2, -1.7)).astype(int))][0] == 0


def test_depth_is_left_where_targets_keep_it() -> None:
    near_far, point = (0.05, 100.0), (0.0, 1.2, -1.4)
    with Offscreen() as offscreen:
        ctx, view = offscreen.ctx, eyes()[0]
        depth = ctx.depth_texture((SIZE, SIZE))
        target = ctx.framebuffer([ctx.texture((SIZE, SIZE), 4, dtype="f2")], depth)
        target.clear(depth=0.5)
        Strokes(ctx, near_far).draw([view], [target], rows(stroke(point, point, WHITE)))
        held = np.frombuffer(depth.read(), np.float32).reshape(SIZE, SIZE)[::-1]
        clip = projection_matrix(view, *near_far) @ view.world_to_eye @ (*point, 1.0)
        row, column = pixel(view, point).astype(int)
        assert held[row, column] == pytest.approx(0.5 + 0.5 * clip[2] / clip[3], abs=1e-4)
        assert held[2, 2] == pytest.approx(0.5, abs=1e-6)
        assert ctx.error == "GL_NO_ERROR"
