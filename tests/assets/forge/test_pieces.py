"""Strands are cut where they bend: pieces follow the curve, and straight hair needs few."""

import numpy as np

from assets.forge.hair.pieces import piece_count, pieces
from assets.forge.hair.strands import Strands
from assets.forge.source import F64


def strands(points: F64, step: float, length: F64) -> Strands:
    count = len(points)
    return Strands(points, step, length, np.ones(count), np.zeros(count, np.int32), np.ones(count))


def circle(radius: float, step: float, count: int) -> F64:
    angle = np.arange(count) * step / radius
    return radius * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)


def test_pieces_cover_each_strand_end_to_end() -> None:
    random = np.random.default_rng(0)
    points = np.cumsum(random.normal([0.004, 0, 0], 0.002, (20, 60, 3)), axis=1)
    length = random.uniform(0.02, 0.2, 20)
    made = strands(points, 0.004, length)
    strand, begin, end = pieces(made)
    assert len(strand) == piece_count(made)
    for k in range(20):
        mine = strand == k
        np.testing.assert_allclose(begin[mine][0], 0, atol=1e-9)
        np.testing.assert_allclose(end[mine][-1], length[k], rtol=1e-6)
        np.testing.assert_allclose(begin[mine][1:], end[mine][:-1], rtol=1e-6)


def test_pieces_keep_near_the_curve() -> None:
    for radius in (0.006, 0.03, 0.09):
        step = min(0.0005, radius / 20)
        made = strands(circle(radius, step, 400)[None], step, np.array([390 * step]))
        strand, begin, end = pieces(made)
        middle = (made.at(strand, begin) + made.at(strand, end)) / 2
        sag = radius - np.linalg.norm(middle, axis=1)
        assert sag.max() < 0.0004
        assert (end - begin).max() < 0.027
    line = np.zeros((1, 40, 3))
    line[0, :, 1] = -0.01 * np.arange(40)
    straight = strands(line, 0.01, np.array([0.39]))
    assert piece_count(straight) <= np.ceil(0.39 / 0.02)
    assert piece_count(strands(circle(0.006, 0.0005, 790)[None], 0.0005, np.array([0.39]))) > 5 * piece_count(straight)
