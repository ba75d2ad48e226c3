"""Cuts strands into pieces that are nearly straight: one Gaussian each."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.hair.strands import Index, Strands
from assets.forge.source import F64

_SAG: Final = 0.00016
"""Metres that a piece may lie beside the curve it stands for."""
_SHORTEST, _LONGEST = 0.0030, 0.026


def pieces(strands: Strands) -> tuple[Index, F64, F64]:
    """Each piece's strand (P,), and where it begins and ends, metres from the root (P,); strand after strand."""
    spent, total = _spent(strands)
    count = np.maximum(np.ceil(total - 0.2), 1).astype(np.int64)
    strand = np.repeat(np.arange(len(count)), count)
    index = np.arange(len(strand)) - np.repeat(np.cumsum(count) - count, count)
    # All strands in one rising row, so that one interpolation finds every border.
    apart = float(spent.max()) + 1
    row = (spent + apart * np.arange(len(count))[:, None]).ravel()
    along = np.tile(strands.along, len(count))
    begin, end = (np.interp((index + k) / count[strand] * total[strand] + apart * strand, row, along) for k in (0, 1))
    return strand, begin, end


def piece_count(strands: Strands) -> float:
    """Pieces of all strands."""
    return float(np.maximum(np.ceil(_spent(strands)[1] - 0.2), 1).sum())


def _spent(strands: Strands) -> tuple[F64, F64]:
    """(S, K) pieces from the root to each point, and (S,) in all: more where a strand bends."""
    tangent = np.diff(strands.points, axis=1)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-12)
    turn = np.linalg.norm(np.diff(tangent, axis=1), axis=2)
    turn = np.concatenate([turn[:, :1], turn, turn[:, -1:]], axis=1) / strands.step
    turn[:, 1:-1] = (turn[:, :-2] + 2 * turn[:, 1:-1] + turn[:, 2:]) / 4
    density = np.clip(np.sqrt(turn / (8 * _SAG)), 1 / _LONGEST, 1 / _SHORTEST)
    spent = np.concatenate(
        [np.zeros((len(turn), 1)), np.cumsum((density[:, 1:] + density[:, :-1]) / 2 * strands.step, axis=1)], axis=1
    )
    place = np.clip(strands.length / strands.step, 0, spent.shape[1] - 1.001)
    k, row = place.astype(np.int64), np.arange(len(spent))
    return spent, spent[row, k] + (place - k) * (spent[row, k + 1] - spent[row, k])
