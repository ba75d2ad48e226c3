"""Stage and shadow against rays that are followed here, and against each other from two eyes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.forge.studio import Studio
from render.gl.targets import GL_SRGB8_ALPHA8, colour_target
from render.ground.balls import MOST, Balls, fit_balls
from render.ground.ground import STILL_M, Ground
from render.ground.shadow import REACH_M, SIDE, ShadowMap, irradiance
from render.ground.standing import Standing
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.view import View, look_at_view
from tests.render.scenes import BOTH_APIS, key, placed

F64 = NDArray[np.float64]

SIZE = (64, 48)
RANGE = (0.05, 100.0)


def view(eye: tuple[float, float, float] = (0.4, 1.6, 2.0), size: tuple[int, int] = SIZE) -> View:
    return look_at_view(eye, (0.0, 1.1, 0.0), 70, *size)


def deep(gl: Offscreen) -> moderngl.Framebuffer:
    colour = gl.ctx.texture(SIZE, 4, dtype="f2")
    framebuffer = gl.ctx.framebuffer([colour], gl.ctx.depth_texture(SIZE))
    framebuffer.clear(depth=1.0)
    return framebuffer


def depths(framebuffer: moderngl.Framebuffer) -> F64:
    read = np.frombuffer(framebuffer.read(components=1, attachment=-1, dtype="f4"), np.float32)
    return read.reshape(SIZE[::-1])[::-1].astype(np.float64)


def rays(seen: View) -> F64:
    """(H, W, 3) ray of each pixel, a metre along -z, top row first."""
    fx, fy, cx, cy = seen.intrinsics
    x, y = np.meshgrid((np.arange(seen.width) + 0.5 - cx) / fx, (np.arange(seen.height) + 0.5 - cy) / fy)
    return (np.stack([x, y, -np.ones_like(x)], -1) @ seen.pose[:3, :3].T)[::-1]


def metres_to(seen: View, floor: float) -> F64:
    """(H, W) along -z to the floor, infinite above the horizon."""
    down = -rays(seen)[..., 1]
    return np.where(down > 0, (seen.pose[1, 3] - floor) / np.where(down > 0, down, 1.0), np.inf)


def cast(
    ground: Ground, avatar: Avatar, model: F64 | None = None, *, stage: bool, floor: float = 0.0, opacity: float = 1.0
) -> None:
    rest = rest_key(avatar)
    ground.cast(Standing(np.eye(4), rest, rest, 0.0, opacity, floor), stage=stage)


def blocks(picture: F64) -> F64:
    """Means of 8 by 8 pixels."""
    height, width, channels = picture.shape
    return picture.reshape(height // 8, 8, width // 8, 8, channels).mean(axis=(1, 3))


def lit(gl: Offscreen, shadow: ShadowMap) -> F64:
    """(SIDE, SIDE) what the map holds, z along rows and x along columns."""
    target = gl.ctx.framebuffer([shadow.texture])
    read = target.read(components=4, dtype="f4")
    assert gl.ctx.error in ("GL_NO_ERROR", "GL_INVALID_OPERATION")  # the latter is moderngl's own, in GLES
    return np.frombuffer(read, np.float32).reshape(SIDE, SIDE, 4)[..., 0].astype(float)


@BOTH_APIS
@pytest.mark.parametrize("floor", [0.0, 0.25])
def test_the_stages_depth_is_where_rays_meet_it(gl: Offscreen, person: Avatar, floor: float) -> None:
    if gl.ctx.version_code < 430:
        pytest.skip("a depth texture cannot be read back here")
    framebuffer, ground = deep(gl), Ground(gl.ctx, person, RANGE)
    cast(ground, person, stage=True, floor=floor)
    ground.draw_stage(view(), framebuffer)
    metres = metres_to(view(), floor)
    # OpenGL's clip depth (specification of GL 4.3, 13.6.1), as view.projection_matrix makes it.
    expected = np.clip((1 / RANGE[0] - 1 / metres) / (1 / RANGE[0] - 1 / RANGE[1]), 0, 1)
    assert np.abs(depths(framebuffer) - expected).max() < 1e-5
    assert np.isinf(metres).any() and (metres < 3).any()


def test_a_shadow_alone_has_the_floors_depth_and_nothing_else_has(gl: Offscreen, person: Avatar) -> None:
    framebuffer, ground = deep(gl), Ground(gl.ctx, person, RANGE)
    cast(ground, person, stage=False)
    ground.draw_shadow(view(), framebuffer)
    found, alpha = depths(framebuffer), gl.read_linear(framebuffer)[..., 3]
    expected = (1 / RANGE[0] - 1 / metres_to(view(), 0.0)) / (1 / RANGE[0] - 1 / RANGE[1])
    dark = alpha > 0.01
    assert 0.01 < dark.mean() < 0.5
    assert np.abs(found - expected)[dark].max() < 1e-5
    assert (found[alpha == 0] == 1).all()


@pytest.mark.parametrize("stage", [True, False])
def test_depth_changes_no_colour(gl: Offscreen, person: Avatar, stage: bool) -> None:
    pictures = []
    for depth_range in (None, RANGE):
        colour = gl.ctx.texture(SIZE, 4, internal_format=GL_SRGB8_ALPHA8)
        framebuffer, ground = (
            gl.ctx.framebuffer([colour], gl.ctx.depth_texture(SIZE)),
            Ground(gl.ctx, person, depth_range),
        )
        framebuffer.clear(depth=1.0)
        cast(ground, person, stage=stage)
        (ground.draw_stage if stage else ground.draw_shadow)(view(), framebuffer)
        pictures.append(gl.read(framebuffer))
        assert (depths(framebuffer) < 1).any() == (depth_range is not None)
    assert pictures[0].any() and np.array_equal(*pictures)


@pytest.mark.parametrize("stage", [True, False])
def test_what_is_nearer_keeps_its_depth_and_the_colour_goes_under_all_the_same(
    gl: Offscreen, person: Avatar, stage: bool
) -> None:
    pictures = []
    for depth_range in (None, RANGE):
        framebuffer, ground = deep(gl), Ground(gl.ctx, person, depth_range)
        framebuffer.clear(0.1, 0.2, 0.3, 0.5, depth=0.5)
        cast(ground, person, stage=stage)
        (ground.draw_stage if stage else ground.draw_shadow)(view(), framebuffer)
        assert np.abs(depths(framebuffer) - 0.5).max() < 1e-6
        pictures.append(gl.read_linear(framebuffer))
        ground.release()
    assert np.array_equal(*pictures)
    seen = pictures[0]
    if stage:
        assert np.abs(seen[..., 3] - 1).max() < 1e-3
        assert (seen[..., :3] > (0.1, 0.2, 0.3)).all()
    else:  # black: what was there is not changed, only what shines through it
        assert np.abs(seen[..., :3] - (0.1, 0.2, 0.3)).max() < 1e-3
        assert seen[..., 3].min() == 0.5 and seen[..., 3].max() > 0.6


@BOTH_APIS
@pytest.mark.parametrize(("centre", "radius"), [((0.1, 0.3, -0.05), 0.15), ((0.0, 0.8, 0.2), 0.3)])
def test_a_balls_shadow_against_rays_to_an_even_sky(
    gl: Offscreen, centre: tuple[float, float, float], radius: float
) -> None:
    shadow = ShadowMap(gl.ctx, Studio())
    ball = np.array([[*centre, radius]])
    shadow.cast(ball, (centre[0], centre[2]), np.eye(4), 0.0, studio=False)
    found = lit(gl, shadow)
    rng = np.random.default_rng(3)
    turn, out = rng.uniform(0, 2 * np.pi, 40_000), np.sqrt(rng.uniform(0, 1, 40_000))
    sky = np.stack([out * np.cos(turn), np.sqrt(1 - out**2), out * np.sin(turn)], axis=1)  # by the cosine
    # The map's middle is under the ball; 0.6 of its reach is as cast.
    for column, row in ((48, 48), (60, 48), (48, 70), (40, 30)):
        x, z = shadow.centre + REACH_M * (2 * (np.array((column, row)) + 0.5) / SIDE - 1)
        toward = np.array(centre) - (x, 0.0, z)
        along = sky @ toward
        hit = (along > 0) & (toward @ toward - along**2 < radius**2)
        assert abs(found[row, column] - (1 - hit.mean())) < 0.01
    assert min(found[0].min(), found[:, -1].min()) > 0.999
    shadow.release()


def test_a_ball_that_reaches_into_the_floor_lies_on_it(gl: Offscreen) -> None:
    shadow, found = ShadowMap(gl.ctx, Studio()), []
    for height in (0.05, 0.0, -0.04):
        shadow.cast(np.array([[0.0, height, 0.0, 0.05]]), (0.0, 0.0), np.eye(4), 0.0, studio=False)
        found.append(lit(gl, shadow))
    assert found[0].min() < 0.15 and all(np.array_equal(each, found[0]) for each in found[1:])


def test_an_open_floor_is_given_the_whole_irradiance(gl: Offscreen) -> None:
    rng = np.random.default_rng(4)
    sky = rng.normal(size=(200_000, 3))
    sky /= np.linalg.norm(sky, axis=1, keepdims=True)
    sky[:, 1] = np.abs(sky[:, 1])
    expected = 2 * (Studio().radiance(sky) * sky[:, 1:2]).mean(axis=0)
    assert np.abs(irradiance(Studio()) / expected - 1).max() < 0.01
    # A body that hides the whole sky leaves nothing of it, the key light's included.
    shadow = ShadowMap(gl.ctx, Studio())
    wall = [(0.9 * np.cos(a), h, 0.9 * np.sin(a), 0.7) for a in np.arange(12) * np.pi / 6 for h in (0.6, 1.4)]
    shadow.cast(np.array([*wall, (0.0, 2.0, 0.0, 1.5)]), (0.0, 0.0), np.eye(4), 0.0, studio=True)
    assert lit(gl, shadow)[SIDE // 2, SIDE // 2] < 0.1
    shadow.cast(np.zeros((0, 4)), (0.0, 0.0), np.eye(4), 0.0, studio=True)
    assert (lit(gl, shadow) == 1).all()


def test_the_stages_shadow_falls_away_from_the_light_that_the_body_is_lit_with(gl: Offscreen) -> None:
    shadow, ball = ShadowMap(gl.ctx, Studio()), np.array([[0.0, 0.5, 0.0, 0.2]])
    for degrees in (0.0, 130.0):
        model = placed(degrees, (0.0, 0.0, 0.0))
        shadow.cast(ball, (0.0, 0.0), model, 0.0, studio=True)
        dark = 1 - lit(gl, shadow)
        places = REACH_M * (2 * (np.arange(SIDE) + 0.5) / SIDE - 1)
        middle = np.array([(dark * places).sum(), 0.0, (dark * places[:, None]).sum()]) / dark.sum()
        light = model[:3, :3] @ Studio().key_from
        light[1] = 0.0
        cosine = -(middle @ light) / np.linalg.norm(middle) / np.linalg.norm(light)
        assert np.linalg.norm(middle) > 0.05 and cosine > 0.99


def test_the_shadow_follows_the_feet(gl: Offscreen, person: Avatar) -> None:
    """One leg is lifted: under that foot the floor grows light, under the other it stays dark."""
    model, ground = placed(30.0, (0.5, 0.0, -0.3)), Ground(gl.ctx, person)
    feet = {side: model @ (x, 0.0, 0.0, 1.0) for side, x in (("l", 0.10), ("r", -0.10))}
    above = look_at_view((0.5, 2.0, -0.29), (0.5, 0.0, -0.3), 60, 256, 256)

    def under(side: str, raised: float) -> float:
        pose = key(person, 1)
        joints = np.tile(np.eye(4, dtype=np.float32), (len(person.skeleton.names), 1, 1))
        joints[person.skeleton.names.index("calf_l"), 1, 3] = raised
        ground.cast(Standing(model, *[replace(pose, joints=joints)] * 2, 0.0), stage=False)
        target = gl.target(256, 256, "rgba16f")
        target.clear()
        ground.draw_shadow(above, target)
        fx, fy, cx, cy = above.intrinsics
        x, y, z, _ = above.world_to_eye @ feet[side]
        return float(gl.read_linear(target)[255 - round(cy + fy * y / -z), round(cx + fx * x / -z), 3])

    standing, lifted = ({side: under(side, raised) for side in "lr"} for raised in (0.0, 0.3))
    assert min(standing.values()) > 0.65
    assert lifted["l"] < 0.55 * standing["l"] and lifted["r"] > 0.9 * standing["r"]


def test_a_shadow_fades_and_spreads_with_height(gl: Offscreen, person: Avatar) -> None:
    darkest, widths = [], []
    shadow, balls, rest = ShadowMap(gl.ctx, Studio()), fit_balls(person), rest_key(person)
    for height in (0.0, 0.05, 0.2, 0.8):
        model = placed(0.0, (0.0, height, 0.0))
        shadow.cast(*balls.placed(Standing(model, rest, rest, 0.0)), model, 0.0, studio=False)
        dark = 1 - lit(gl, shadow)
        darkest.append(dark.max())
        widths.append((dark > dark.max() / 2).sum())
    assert darkest == sorted(darkest, reverse=True) and darkest[0] > 0.85 and darkest[-1] < 0.35
    assert widths == sorted(widths)


def test_no_shadow_from_below_the_floor_and_none_of_whom_is_not_seen(gl: Offscreen, person: Avatar) -> None:
    ground = Ground(gl.ctx, person)
    target = gl.target(*SIZE, "rgba16f")
    below = view((0.4, -0.5, 2.0))
    for seen, opacity in ((below, 1.0), (view(), 0.0)):
        cast(ground, person, stage=False, opacity=opacity)
        target.clear()
        ground.draw_shadow(seen, target)
        assert not gl.read_linear(target).any()
    ground.draw_stage(below, target)
    assert np.isfinite(gl.read_linear(target)).all()


@pytest.mark.parametrize("stage", [True, False])
def test_a_shadow_is_as_solid_as_who_casts_it(gl: Offscreen, person: Avatar, stage: bool) -> None:
    ground, pictures = Ground(gl.ctx, person), []
    for opacity in (0.0, 0.5, 1.0):
        target = gl.target(*SIZE, "rgba16f")
        target.clear()
        cast(ground, person, stage=stage, opacity=opacity)
        (ground.draw_stage if stage else ground.draw_shadow)(view(), target)
        pictures.append(gl.read_linear(target).astype(np.float64))
    assert np.abs(pictures[1] - (pictures[0] + pictures[2]) / 2).max() < 0.004
    assert np.abs(pictures[2] - pictures[0]).max() > 0.05


@pytest.mark.parametrize("height", [0.15, 1.6, 4.0])
def test_both_eyes_see_the_same_floor(gl: Offscreen, person: Avatar, height: float) -> None:
    """A place on the floor looks the same from everywhere: nothing of it is of the screen, and nothing has a seam."""
    ground = Ground(gl.ctx, person)
    cast(ground, person, stage=True)
    seen = []
    for eye in ((-0.4, height, 2.0), (1.4, height, 1.6)):
        # Far away or at grazing angles lines are averaged over what a pixel holds, which differs.
        looking = look_at_view(eye, (0.3, 0.0, 0.0), 60, 512, 512)
        target = gl.target(512, 512, "rgba16f")
        target.clear()
        ground.draw_stage(looking, target)
        picture = gl.read_linear(target)[..., :3]
        fx, fy, cx, cy = looking.intrinsics
        spots = np.random.default_rng(5).uniform((-0.7, 0, -0.7), (0.9, 0, 0.7), (400, 3))
        spots = spots[np.abs(np.mod(2 * spots[:, [0, 2]] + 0.5, 1) - 0.5).min(axis=1) > 0.2]  # between lines
        x, y, z = (looking.world_to_eye[:3, :3] @ spots.T) + looking.world_to_eye[:3, 3:]
        columns, rows = np.rint(cx + fx * x / -z - 0.5).astype(int), 511 - np.rint(cy + fy * y / -z - 0.5).astype(int)
        inside = (columns >= 0) & (columns < 512) & (rows >= 0) & (rows < 512)
        found = np.full((len(spots), 3), np.nan)
        found[inside] = picture[rows[inside], columns[inside]]
        seen.append(found)
    both = ~np.isnan(seen[0]).any(axis=1) & ~np.isnan(seen[1]).any(axis=1)
    assert both.sum() > 40
    difference = np.abs(seen[0] - seen[1])[both]
    assert np.median(difference) < 0.004 and np.percentile(difference, 95) < 0.02


def test_eight_bits_of_the_stage_show_no_steps(gl: Offscreen, person: Avatar) -> None:
    """The mean of small blocks is that of the light itself, to a fraction of the steps that rounding would make."""
    ground = Ground(gl.ctx, person)
    cast(ground, person, stage=True)
    seen = view((0.4, 1.6, 4.0), (256, 256))
    coarse, fine = colour_target(gl.ctx, 256, 256), colour_target(gl.ctx, 256, 256, "rgba16f")
    for target in (coarse, fine):
        target.clear()
        ground.draw_stage(seen, target)
    light = gl.read_linear(fine)[:128, :, :3].astype(np.float64)  # the sky, which is smooth
    wanted = blocks(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))
    error = blocks(gl.read(coarse)[:128, :, :3].astype(np.float64)) - wanted
    rounded = np.rint(wanted) - wanted
    print(f"blocks off by {np.abs(error).mean():.3f} steps, without dither by {np.abs(rounded).mean():.3f}")
    assert np.abs(error).max() < 0.25 and np.abs(error).mean() < 0.4 * np.abs(rounded).mean()


def test_light_on_the_stage_is_the_avatars(gl: Offscreen, person: Avatar) -> None:
    ground = Ground(gl.ctx, person)
    cast(ground, person, stage=True)
    pictures = []
    for light in ((1.0, 1.0, 1.0), (0.5, 0.4, 0.3)):
        target = gl.target(*SIZE, "rgba16f")
        target.clear()
        ground.draw_stage(view(), target, light=light)
        pictures.append(gl.read_linear(target)[..., :3].astype(np.float64))
    assert np.abs(pictures[1] - pictures[0] * (0.5, 0.4, 0.3)).max() < 4e-3


def test_balls_fill_the_body(person: Avatar) -> None:
    balls = fit_balls(person)
    assert 10 < len(balls.joint) <= MOST
    low, high = person.mesh.vertices.min(axis=0), person.mesh.vertices.max(axis=0)
    assert (balls.centre > low).all() and (balls.centre < high).all()
    # Each foot touches the floor, and has the calf's joint move it.
    for side, x in (("l", 0.1), ("r", -0.1)):
        mine = balls.joint == person.skeleton.names.index(f"calf_{side}")
        bottom = (balls.centre[:, 1] - balls.radius)[mine]
        assert abs(bottom.min()) < 0.03 and np.abs(balls.centre[mine, 0] - x).max() < 0.08


def test_balls_go_where_the_avatar_is_placed(person: Avatar) -> None:
    balls = Balls(np.array([0]), np.array([[0.1, 0.2, 0.3]]), np.array([0.05]))
    rest, moved = rest_key(person), rest_key(person, 1)
    moved.joints[0, :3, 3] = (0.0, 0.4, 0.0)
    model = placed(90.0, (1.0, 0.0, 2.0))
    model[:3, :3] *= 2
    found, feet = balls.placed(Standing(model, rest, moved, 0.25))
    assert np.allclose(found, [[1.6, 0.6, 1.8, 0.1]], atol=1e-6)
    assert feet == pytest.approx((1.6, 1.8)), "the lowest ball's place"


def test_a_shadow_is_found_anew_only_where_the_body_moved(gl: Offscreen, person: Avatar) -> None:
    """Never farther than two millimetres from where it was found, between keys or at them."""
    balls, ground, found = fit_balls(person), Ground(gl.ctx, person), []
    ground.meet(balls)
    find = ground._map.cast

    def note(places: F64, *rest: object, **more: object) -> None:
        found.append(places)
        find(places, *rest, **more)  # type: ignore[arg-type]

    ground._map.cast = note  # type: ignore[method-assign]
    keys = [key(person, n, 0.05 * n, arm_degrees=max(0.0, 3.0 * n - 20.0)) for n in range(16)]
    model, farthest, frames = placed(20.0, (0.3, 0.0, 0.1)), 0.0, 0
    for before, after in pairwise(keys):
        for alpha in (0.0, 0.25, 0.5, 0.75):
            standing = Standing(model, before, after, alpha)
            ground.cast(standing, stage=False)
            now, frames = balls.placed(standing)[0], frames + 1
            farthest = max(farthest, float(np.linalg.norm(now - found[-1], axis=1).max()))
    assert 0 < farthest <= STILL_M
    assert 8 < len(found) < 0.7 * frames
    known = len(found)
    for moved in (standing._replace(model=placed(21.0, (0.3, 0.0, 0.1))), standing._replace(floor=0.1)):
        ground.cast(moved, stage=False)
    ground.cast(moved, stage=True)
    assert len(found) == known + 3, "nor elsewhere, on another floor or in another light"


def test_a_statue_of_one_joint_has_a_shadow_too(gl: Offscreen, person: Avatar) -> None:
    mesh = replace(person.mesh, skin_joints=np.zeros_like(person.mesh.skin_joints))
    shadow, statue, rest = ShadowMap(gl.ctx, Studio()), replace(person, mesh=mesh), rest_key(person)
    balls = fit_balls(statue)
    assert len(balls.joint) <= MOST
    shadow.cast(*balls.placed(Standing(np.eye(4), rest, rest, 0.0)), np.eye(4), 0.0, studio=False)
    assert lit(gl, shadow).min() < 0.35


def test_whoever_comes_later_casts_a_shadow_then(gl: Offscreen, person: Avatar) -> None:
    key = rest_key(person)
    view = look_at_view((0.0, 1.4, 1.8), (0.0, 0.0, 0.0), 60, 64, 64)
    pictures = []
    for ground in (Ground(gl.ctx), Ground(gl.ctx, person)):
        for meeting in (False, True):
            if meeting:
                ground.meet(fit_balls(person))
            target = gl.target(64, 64)
            target.clear()
            ground.cast(Standing(np.eye(4), key, key, 0.0), stage=True)
            ground.cast(Standing(np.eye(4), key, key, 0.0), stage=True)
            ground.draw_stage(view, target)
            pictures.append(gl.read(target).astype(int))
    nobody, then, there, again = pictures
    assert (nobody - there).max() > 30, "the floor is darker where somebody stands"
    np.testing.assert_array_equal(then, there)
    np.testing.assert_array_equal(again, there)
