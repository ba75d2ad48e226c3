"""The radix sort's exact order against numpy's stable argsort; the depth sort's keys against float64 distances."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from render.offscreen import Offscreen
from render.stages.sort import DepthSort, RadixSort

SIZES = (1, 2, 7, 63, 64, 65, 256, 1000, 4099, 70_001)


def _sorted(gl: Offscreen, keys: NDArray[np.uint32], chunks: int = 64) -> NDArray[np.uint32]:
    sort = RadixSort(gl.ctx, len(keys), chunks)
    buffer = gl.ctx.buffer(keys.astype(np.uint32).tobytes())
    sort.run(buffer, len(keys))
    assert np.array_equal(np.frombuffer(buffer.read(), np.uint32), keys), "the keys must stay"
    return np.frombuffer(sort.order.read(), np.uint32)


@pytest.mark.parametrize("count", SIZES)
def test_random_keys(gl: Offscreen, count: int) -> None:
    keys = np.random.default_rng(count).integers(0, 1 << 16, count).astype(np.uint32)
    assert np.array_equal(_sorted(gl, keys), np.argsort(keys, kind="stable"))


@pytest.mark.parametrize("chunks", [8, 512])
def test_as_many_chunks_as_a_real_gpu_takes(gl: Offscreen, chunks: int) -> None:
    keys = np.random.default_rng(5).integers(0, 900, 3000).astype(np.uint32)
    assert np.array_equal(_sorted(gl, keys, chunks), np.argsort(keys, kind="stable"))


@pytest.mark.parametrize("count", (64, 1000, 4099))
@pytest.mark.parametrize(
    "shape",
    [
        "equal",
        "all nearest",
        "all farthest",
        "ascending",
        "descending",
        "one apart",
        "two values",
        "low byte",
        "high byte",
    ],
)
def test_keys_made_to_hurt(gl: Offscreen, count: int, shape: str) -> None:
    i = np.arange(count, dtype=np.uint32)
    keys = {
        "equal": np.full(count, 777, np.uint32),
        "all nearest": np.zeros(count, np.uint32),
        "all farthest": np.full(count, 0xFFFF, np.uint32),
        "ascending": i & 0xFFFF,
        "descending": 0xFFFF - (i & 0xFFFF),
        "one apart": np.where(i == count // 2, 3, 0xFFFF).astype(np.uint32),
        "two values": (i % 2) * 0x8000,
        "low byte": (i * 37) % 256,
        "high byte": ((i * 37) % 256) << 8,
    }[shape]
    assert np.array_equal(_sorted(gl, keys), np.argsort(keys, kind="stable"))


def test_more_than_one_chunk_can_walk(gl: Offscreen) -> None:
    """Over 64 chunks of 32,768 the sort takes more chunks: a driver that ends long loops would lose items."""
    count = 64 * 32_768 + 5
    keys = np.random.default_rng(0).integers(0, 1 << 16, count).astype(np.uint32)
    assert np.array_equal(_sorted(gl, keys), np.argsort(keys, kind="stable"))


def _world(positions: NDArray[np.float64]) -> NDArray[np.float32]:
    world = np.zeros((len(positions), 12), np.float32)
    world[:, :3] = positions
    return world


def test_depth_keys_follow_distance_and_ignore_where_the_head_looks(gl: Offscreen) -> None:
    positions = np.random.default_rng(3).normal(size=(5000, 3)) * (0.3, 0.9, 0.2)
    head = np.array([0.4, 0.3, 1.9])
    distance = np.linalg.norm(positions.astype(np.float32) - head, axis=1)
    sort = DepthSort(gl.ctx, len(positions))
    sort.run(
        gl.ctx.buffer(_world(positions).tobytes()), head, distance.min() - 0.01, distance.max() + 0.01, len(positions)
    )
    keys = np.frombuffer(sort.keys.read(), np.uint32)
    order = np.frombuffer(sort.order.read(), np.uint32)
    assert np.array_equal(order, np.argsort(keys, kind="stable"))
    step = (np.ptp(distance) + 0.02) / 65_535
    assert np.abs(keys - (distance - distance.min() + 0.01) / step).max() < 1.1
    assert np.diff(distance[order]).min() > -1.1 * step, "nothing stands before what is nearer by more than a key"


def test_distances_outside_the_range_go_to_its_ends(gl: Offscreen) -> None:
    positions = np.array([[0, 0, 0.5], [0, 0, 9.0], [0, 0, 2.0]])
    sort = DepthSort(gl.ctx, 3)
    sort.run(gl.ctx.buffer(_world(positions).tobytes()), np.zeros(3), 1.0, 3.0, len(positions))
    assert np.frombuffer(sort.keys.read(), np.uint32).tolist() == [0, 65_535, 32_767]
    assert np.frombuffer(sort.order.read(), np.uint32).tolist() == [0, 2, 1]
