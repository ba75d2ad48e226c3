"""The room's depth against rays that meet the floor, computed here."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import numpy as np
import pytest

from render.offscreen import Offscreen
from render.view import View, look_at_view
from xr_app.room import Room

SIZE = (64, 48)
NEAR, FAR = 0.05, 100.0
FEET = np.array([0.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def gl() -> Iterator[Offscreen]:
    with Offscreen() as offscreen:
        yield offscreen


def target(gl: Offscreen) -> moderngl.Framebuffer:
    colour = gl.ctx.texture(SIZE, 4, dtype="f2")
    return gl.ctx.framebuffer([colour], gl.ctx.depth_texture(SIZE))


def view() -> View:
    return look_at_view((0.4, 1.6, 2.0), (0.0, 1.1, 0.0), 70, *SIZE)


def depths(framebuffer: moderngl.Framebuffer) -> np.ndarray:
    return np.frombuffer(framebuffer.read(components=1, attachment=-1, dtype="f4"), np.float32).reshape(SIZE[::-1])


def floor_metres(seen: View) -> np.ndarray:
    """(H, W) along -z to the floor, infinite above the horizon."""
    fx, fy, cx, cy = seen.intrinsics
    x, y = np.meshgrid((np.arange(SIZE[0]) + 0.5 - cx) / fx, (np.arange(SIZE[1]) + 0.5 - cy) / fy)
    ray = np.stack([x, y, -np.ones_like(x)], -1) @ seen.pose[:3, :3].T
    with np.errstate(divide="ignore"):
        return np.where(ray[..., 1] < 0, seen.pose[1, 3] / -ray[..., 1], np.inf)


def test_the_floors_depth_is_where_rays_meet_it(gl: Offscreen) -> None:
    framebuffer = target(gl)
    framebuffer.clear(depth=1.0)
    Room(gl.ctx, (NEAR, FAR)).draw(view(), framebuffer, FEET)
    metres = floor_metres(view())
    # OpenGL's clip depth (specification of GL 4.3, 13.6.1), as view.projection_matrix makes it.
    expected = np.clip((1 / NEAR - 1 / metres) / (1 / NEAR - 1 / FAR), 0, 1)
    assert np.abs(depths(framebuffer) - expected).max() < 1e-5
    assert np.isinf(metres).any() and (metres < 3).any()


def test_what_is_nearer_keeps_its_depth_and_the_colour_goes_under_all_the_same(gl: Offscreen) -> None:
    plain, deep = target(gl), target(gl)
    for framebuffer in (plain, deep):
        framebuffer.clear(0.1, 0.2, 0.3, 0.5, depth=0.5)
    Room(gl.ctx).draw(view(), plain, FEET)
    Room(gl.ctx, (NEAR, FAR)).draw(view(), deep, FEET)
    assert all(np.abs(depths(each) - 0.5).max() < 1e-6 for each in (plain, deep))
    pictures = [np.frombuffer(each.read(components=4, dtype="f2"), np.float16) for each in (plain, deep)]
    assert np.array_equal(*pictures)
    assert np.abs(pictures[0].reshape(-1, 4)[:, 3] - 1).max() < 1e-3
