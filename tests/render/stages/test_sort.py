"""The sort's exact order against numpy's stable argsort, in every shape that a device may choose; its keys against
float64 distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS, RasteriserName
from render.renderer import AvatarRenderer, PoseKey
from render.stages.sort import GPU_SHAPES, SOFTWARE_SHAPES, DepthSort, SortShape
from render.view import look_at_pose, look_at_view
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed

SHAPES = SOFTWARE_SHAPES + GPU_SHAPES
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.kind}-{s.chunks}x{s.local}")

Keys = NDArray[np.uint32]


def _sorted(gl: Offscreen, sort: DepthSort, keys: Keys) -> Keys:
    """The order of points that stand so far from the head that these are their keys."""
    world = np.zeros((len(keys), 12), np.float32)
    # From 1 to 1024 m are ten octaves of 2^23 floats each.
    bits = np.float32(1.0).view(np.uint32) + (keys + 0.5) * (10 * 2**23 / 65_535)
    world[:, 0] = bits.astype(np.uint32).view(np.float32)
    sort.run(gl.ctx.buffer(world.tobytes()), np.zeros(3), 1.0, 1024.0, len(keys))
    assert np.array_equal(np.frombuffer(sort.keys.read(), np.uint32), keys)
    return np.frombuffer(sort.order.read(), np.uint32)


def _patterns(count: int) -> dict[str, Keys]:
    rng = np.random.default_rng(count)
    i = np.arange(count, dtype=np.int64)
    spread = i * 65_535 // max(count - 1, 1)
    patterns = {
        "random": rng.integers(0, 1 << 16, count),
        "sorted": spread,
        "reversed": spread[::-1],
        "organ pipe": np.minimum(spread, spread[::-1]),
        "few distinct": rng.choice([3, 259, 700, 0xFF00, 0xFFFF], count),
        "two in turn": (i % 2) * 0x8000,
        "low byte only": rng.integers(0, 256, count),
        "high byte only": rng.integers(0, 256, count) << 8,
        "all equal": np.full(count, 777),
        "all nearest": np.zeros(count, np.int64),
        "all farthest": np.full(count, 0xFFFF),
        "one apart": np.where(i == count // 2, 3, 0xFFFF),
        "saw": i * 37 & 0xFFFF,
    }
    return {name: keys.astype(np.uint32) for name, keys in patterns.items()}


@every_shape
def test_the_order_is_numpy_s(gl: Offscreen, shape: SortShape) -> None:
    for count in (1, 2, 65, 5003):
        sort = DepthSort(gl.ctx, count, shape)
        for name, keys in _patterns(count).items():
            assert np.array_equal(_sorted(gl, sort, keys), np.argsort(keys, kind="stable")), (count, name)


@BOTH_APIS
@pytest.mark.parametrize("shape", [SOFTWARE_SHAPES[0], GPU_SHAPES[0]], ids=lambda s: s.kind)
def test_both_apis_sort_alike(gl: Offscreen, shape: SortShape) -> None:
    keys = _patterns(5003)["random"]
    assert np.array_equal(_sorted(gl, DepthSort(gl.ctx, len(keys), shape), keys), np.argsort(keys, kind="stable"))


@every_shape
def test_a_million(gl: Offscreen, shape: SortShape) -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 16, 1_000_003).astype(np.uint32)
    order = _sorted(gl, DepthSort(gl.ctx, len(keys), shape), keys)
    assert np.array_equal(order, np.argsort(keys, kind="stable"))


def test_more_than_the_chunks_of_a_shape_can_walk(gl: Offscreen) -> None:
    """Over 16 chunks of 32,768 the sort takes more chunks: a driver that ends long loops would lose items."""
    count = 32 * 65_536 + 5
    keys = np.random.default_rng(0).integers(0, 1 << 16, count).astype(np.uint32)
    assert np.array_equal(
        _sorted(gl, DepthSort(gl.ctx, count, SortShape("serial", 16, 8)), keys), np.argsort(keys, kind="stable")
    )


@pytest.mark.parametrize("eye", [(0, 1.2, 9.0), (1.0, 1.6, 1.3), (0.3, 1.5, 0.35), (0, 1.3, 0.02), (0.1, -0.4, 0.0)])
def test_keys_are_distances_over_the_avatar_s_own_range(
    gl: Offscreen, person: Avatar, eye: tuple[float, float, float]
) -> None:
    """Far, near, within arm's reach, inside the chest and under the feet; the avatar stands turned, half as large."""
    model = placed()
    model[:3, :3] *= 0.5
    head = look_at_pose(model[:3, :3] @ eye + model[:3, 3], model[:3, 3] + (0.001, 0.6, 0.002))
    pose = key(person, 1, 2.0, arm_degrees=100, jawOpen=0.7)
    renderer = AvatarRenderer(gl.ctx, person)
    renderer.set_keys(pose, pose)
    target = gl.target(32, 32)
    view = look_at_view(head[:3, 3], head[:3, 3] - head[:3, 2], 60, 32, 32)
    renderer.draw([view], [target], head=head, model=model, alpha=0, background=None)
    keys = np.frombuffer(renderer.sorter.keys.read(), np.uint32).astype(np.int64)
    order = np.frombuffer(renderer.sorter.order.read(), np.uint32)
    assert np.array_equal(order, np.argsort(keys, kind="stable"))

    drawn = replace(person, gaussians=renderer.drawn)
    positions, _ = oracle.world(drawn, oracle.align(drawn, oracle.deform(drawn, pose)), model)
    distance = np.linalg.norm(positions - head[:3, 3], axis=1)
    seen = distance > 0.05  # what is nearer no eye draws
    distance, keys = distance[seen], keys[seen]
    octave = np.floor(np.log2(distance))
    pieces = octave + distance / 2**octave
    octaves_a_key = np.ptp(pieces) / np.ptp(keys)
    first = (pieces - octaves_a_key * keys).mean()
    off = np.abs((pieces - first) / octaves_a_key - keys).max()
    metres_a_key = octaves_a_key * 2 ** octave.max()
    print(f"{metres_a_key * 1e6:.0f} um a key, keys {keys.min()} to {keys.max()}, off by {off:.2f} keys at most")
    assert keys.min() > 0 and keys.max() < 65_535, "no distance is beyond the range"
    assert off < 1.5
    assert metres_a_key < 100e-6


def test_distances_outside_the_range_go_to_its_ends(gl: Offscreen) -> None:
    world = np.zeros((3, 12), np.float32)
    world[:, 2] = 0.5, 9.0, 2.0
    for shape in (SHAPES[0], SHAPES[-3]):
        sort = DepthSort(gl.ctx, 3, shape)
        sort.run(gl.ctx.buffer(world.tobytes()), np.zeros(3), 1.0, 3.0, 3)
        assert np.frombuffer(sort.keys.read(), np.uint32).tolist() == [0, 65_535, 43_690]  # 1 to 2, 2 to 3 m
        assert np.frombuffer(sort.order.read(), np.uint32).tolist() == [0, 2, 1]


def _one_in_the_hand(person: Avatar, pose: PoseKey) -> tuple[Avatar, NDArray[np.float64]]:
    """The person with all Gaussians but one on the same triangle of a calf, and where that one is."""
    gs = person.gaussians.prefix(300)
    positions = oracle.align(person, oracle.deform(person, pose)).positions
    calf, hand = gs.triangle[positions[:300, 1].argmin()], gs.triangle[positions[:300, 0].argmax()]
    triangle = np.full(300, calf)
    triangle[150] = hand
    scale, opacity = gs.scale * np.float32(0.3), gs.opacity.copy()
    opacity[150] = 0.9
    avatar = replace(person, gaussians=replace(gs, triangle=triangle, scale=scale, opacity=opacity))
    return avatar, oracle.align(avatar, oracle.deform(avatar, pose)).positions[150]


@BOTH_APIS
@pytest.mark.parametrize("rasteriser", RASTERISERS)
@every_shape
def test_none_in_sight_and_one_in_sight(
    gl: Offscreen, person: Avatar, shape: SortShape, rasteriser: RasteriserName
) -> None:
    still = np.tile(np.array([1, 0, 0, 0], np.float32), (len(person.skeleton.names), 1))
    pose = PoseKey(0, np.zeros(52, np.float32), skinning_matrices(person.skeleton, still, np.zeros(3)))
    avatar, place = _one_in_the_hand(person, pose)
    renderer = AvatarRenderer(gl.ctx, avatar, rasteriser=rasteriser, sort_shape=shape)
    renderer.set_keys(pose, pose)
    target, background = gl.target(96, 96), (0.1, 0.2, 0.3, 1.0)
    eye = place + np.array([0.0, 0.1, 0.5])
    behind, beside = eye + np.array([0.0, 0.0, 1.0]), eye + np.array([1.0, 0.0, 0.0])
    whole = replace(avatar, gaussians=renderer.drawn)
    state = oracle.align(whole, oracle.deform(whole, pose))
    for seen, aim in (("none", beside), ("one", place), ("none", behind), ("one", place)):
        view = look_at_view(eye, aim, 25, 96, 96)
        renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0, background=background)
        picture = gl.read(target)
        drawn = (np.abs(picture.astype(int) - picture[0, 0]) > 2).any(axis=2).sum()
        if seen == "none":
            assert drawn == 0
        else:
            assert drawn > 20
            wanted = oracle.render(whole, view, state, head=view.pose[:3, 3], model=np.eye(4), background=background)
            assert oracle.psnr(picture, wanted) >= 40
    order = np.frombuffer(renderer.sorter.order.read(), np.uint32)
    keys = np.frombuffer(renderer.sorter.keys.read(), np.uint32)
    assert np.array_equal(order, np.argsort(keys, kind="stable"))
