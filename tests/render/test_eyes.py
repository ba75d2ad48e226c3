"""Many eyes at once: each one's picture is what it is alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render import eyes
from render.errors import ViewError
from render.eyes import beside_each_other
from render.offscreen import Offscreen
from render.raster import quads
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.renderer import AvatarRenderer
from render.view import View
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes

GREY = (0.2, 0.25, 0.3, 1.0)
RANGE = (0.05, 20.0)


def four() -> tuple[NDArray[np.float64], list[View]]:
    """Two eyes, and what each sees in the middle with more pixels; the left ones larger than the right ones."""
    head, (left, right) = two_eyes((0.3, 1.6, 0.7), (0.3, 1.5, -0.2), 120, 88)
    inner = [replace(each, fov=(-0.2, 0.25, 0.2, -0.15), width=150, height=133) for each in (left, right)]
    return head, [left, replace(right, width=97, height=61), inner[0], replace(inner[1], width=81)]


class Stand:
    """One renderer, and what it draws for views of any number."""

    def __init__(self, gl: Offscreen, avatar: Avatar, rasteriser: RasteriserName, *, depth: bool = True) -> None:
        self._gl = gl
        self.renderer = AvatarRenderer(gl.ctx, avatar, rasteriser=rasteriser, depth_range=RANGE if depth else None)
        self.renderer.set_keys(key(avatar, 0, 1.0), key(avatar, 1, 4.0, arm_degrees=80, jawOpen=1.0))

    def draw(self, head: NDArray[np.float64], views: list[View], scale: float = 1.0) -> list[NDArray[np.uint8]]:
        targets = [self._gl.target(view.width, view.height) for view in views]
        self.renderer.draw(views, targets, head=head, model=placed(), alpha=0.4, background=GREY, scale=scale)
        return [self._gl.read(target) for target in targets]


def alike(a: NDArray[np.uint8], b: NDArray[np.uint8], rasteriser: RasteriserName, scale: float = 1.0) -> bool:
    """The same; but for a step where hardware puts edges of quads, or weighs pixels, elsewhere on a canvas."""
    steps = np.abs(a.astype(int) - b)
    exact = rasteriser != "quads" and scale == 1.0
    return int(steps.max()) <= (0 if exact else 1) and float((steps > 0).mean()) < 0.01


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", RASTERISERS)
@pytest.mark.parametrize("widest", [None, 200])
def test_four_views_of_any_size_are_what_each_is_alone(
    gl: Offscreen, person: Avatar, monkeypatch: pytest.MonkeyPatch, rasteriser: RasteriserName, widest: int | None
) -> None:
    """Where a picture cannot be so wide they stand above each other."""
    if widest is not None:
        for module in (eyes, quads):
            monkeypatch.setattr(module, "widest", lambda ctx: widest)
    head, views = four()
    together = Stand(gl, person, rasteriser).draw(head, views)
    alone = Stand(gl, person, rasteriser)
    for view, picture in zip(views, together, strict=True):
        assert np.ptp(picture[..., :3].astype(int)) > 60, "there is someone to see"
        assert alike(picture, alone.draw(head, [view])[0], rasteriser)


@pytest.mark.parametrize("rasteriser", RASTERISERS)
def test_as_many_views_as_are_wanted_from_frame_to_frame(
    gl: Offscreen, person: Avatar, rasteriser: RasteriserName
) -> None:
    head, views = four()
    stand = Stand(gl, person, rasteriser, depth=False)
    expected = [stand.draw(head, [view])[0] for view in views]
    half = [stand.draw(head, [view], 0.5)[0] for view in views]
    for chosen, scale in product(([0, 1], [2], [0, 1, 2, 3], [3, 0, 2], [1]), (1.0, 0.5)):
        drawn = stand.draw(head, [views[index] for index in chosen], scale)
        for index, picture in zip(chosen, drawn, strict=True):
            assert alike(picture, (expected if scale == 1.0 else half)[index], rasteriser, scale)
        assert len(stand.renderer.windows) == len(chosen)


def test_an_eye_that_sees_nothing_beside_one_that_does(gl: Offscreen, person: Avatar) -> None:
    head, views = two_eyes((0.3, 1.6, 0.7), (0.3, 1.5, -0.2))
    away = replace(views[1], pose=views[1].pose @ np.diag([-1.0, 1.0, -1.0, 1.0]))
    for rasteriser in RASTERISERS:
        stand = Stand(gl, person, rasteriser)
        alone = stand.draw(head, views[:1])[0]
        seen, nothing = stand.draw(head, [views[0], away])
        assert alike(seen, alone, rasteriser) and len(np.unique(nothing.reshape(-1, 4), axis=0)) == 1
        assert len(np.unique(stand.draw(head, [away])[0].reshape(-1, 4), axis=0)) == 1


def test_more_views_than_can_be_drawn_at_once_are_refused(gl: Offscreen, person: Avatar) -> None:
    head, views = four()
    with pytest.raises(ViewError, match="There are 5 views"):
        Stand(gl, person, "tiles").draw(head, [*views, views[0]])


def test_pictures_stand_beside_each_other_and_in_rows() -> None:
    sizes = [(80, 40), (64, 72), (96, 16), (200, 8)]
    assert beside_each_other(sizes[:1], 64) == ((80, 40), [(0, 0)])
    assert beside_each_other(sizes, 1000) == ((440, 72), [(0, 0), (80, 0), (144, 0), (240, 0)])
    size, places = beside_each_other(sizes, 150)
    assert size == (200, 96) and places == [(0, 0), (80, 0), (0, 72), (0, 88)]
    for (a, b), (size_a, size_b) in zip(pairwise(places), pairwise(sizes), strict=True):
        assert a[0] + size_a[0] <= b[0] or b[0] + size_b[0] <= a[0] or a[1] + size_a[1] <= b[1]
