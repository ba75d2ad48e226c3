"""FLAME's numbers as ARKit weights, by the table that an avatar's manifest carries.

The importer of FLAME heads writes every ARKit shape as a sum of FLAME's motions (assets/importers/flame_fit.py). Here
the way back is wanted: weights between 0 and 1 whose sums come nearest to 50 expression components and the rotation of
the jaw. That is a least-squares problem with bounds for every frame, solved by coordinate descent on all frames at once
(Franc et al. 2005); a small ridge keeps shapes at rest that would undo each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.container.read import read_manifest
from assets.importers.flame_model import JAW
from conversation.errors import EngineError

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Table = Mapping[str, Mapping[str, float]]

EXPRESSIONS: Final = 50
"""Components that come first; the rotation of the jaw about x, y, z, in radians, follows."""
NUMBERS: Final = EXPRESSIONS + 3
JAW_ALONE: Final[Table] = {
    "jawOpen": {"jaw_open": 1.0},
    "jawLeft": {"jaw_left": 1.0},
    "jawRight": {"jaw_right": 1.0},
}
"""What can be said of FLAME without a fit: its expressions have no names."""
_LARGEST: Final = 64.0
"""Weight in a table; those of fits are below eight."""
_OTHERS: Final = ("eyeBlink", "eyeLook", "tongue")
"""Channels that belong to somebody else, or that FLAME has not."""
_JAW_COUNTS: Final = 3.0
"""Deviations of an expression that a jaw fully open is worth."""
_RIDGE: Final = 1e-2
_ROUNDS: Final = 60


class FlameMap:
    """A table, ready to be used; not changed by use. Raises EngineError where a table is no such table."""

    def __init__(self, table: Table = JAW_ALONE) -> None:
        self._shapes = [name for name in table if not name.startswith(_OTHERS)]
        columns = [_column(name, table[name]) for name in self._shapes]
        self._basis = np.stack(columns, axis=1) if columns else np.zeros((NUMBERS, 0))
        self._gram = self._basis.T @ self._basis
        size = np.diag(self._gram)
        if (size < 1e-9).any():
            raise EngineError("The avatar's table of expressions has an entry that moves nothing; import it again.")
        self._ridge = _RIDGE * float(size.mean()) if len(size) else 0.0

    def __call__(self, numbers: F32) -> F32:
        """(frames, 53) FLAME numbers -> (frames, 52) ARKit weights in [0, 1]."""
        pull = (numbers.astype(np.float64) * _scale()) @ self._basis
        weights: F64 = np.zeros_like(pull)
        diagonal = np.diag(self._gram) + self._ridge
        for _ in range(_ROUNDS):
            for k, own in enumerate(diagonal):
                rest = pull[:, k] - weights @ self._gram[:, k] + weights[:, k] * self._gram[k, k]
                weights[:, k] = np.clip(rest / own, 0.0, 1.0)
        face = np.zeros((len(numbers), len(ARKIT_SHAPES)), np.float32)
        face[:, [INDEX[name] for name in self._shapes]] = weights
        return face


def table_of(avatar: Path) -> Table:
    """The table in an avatar's manifest. Raises AvatarError, or EngineError where the avatar is no FLAME head."""
    found: Any = read_manifest(avatar).provenance.get("expressions")
    known = isinstance(found, dict) and all(
        name in INDEX and isinstance(sources, dict) and set(sources) <= _sources() and _all_finite(sources)
        for name, sources in found.items()
    )
    if not known or not found:
        raise EngineError(
            f"{avatar} has no table of FLAME's expressions: name an avatar that was imported with --flame, or none."
        )
    table: Table = found
    return table


def _column(name: str, sources: Mapping[str, float]) -> F64:
    """(53,) what FLAME does for one ARKit shape at weight 1, in the scale of the fit."""
    column = np.zeros(NUMBERS)
    for source, weight in sources.items():
        if source in JAW:
            column[EXPRESSIONS:] += weight * np.array(JAW[source])
        elif source.startswith("expr_") and source in _sources():
            component = int(source[5:])
            if component < EXPRESSIONS:  # an avatar may know more components than the network tells
                column[component] += weight
        else:
            raise EngineError(f"The avatar's table of expressions names {source!r} for {name}, which FLAME has not.")
    return column * _scale()


def _sources() -> set[str]:
    return {*JAW, *(f"expr_{k}" for k in range(100))}


def _all_finite(sources: Mapping[str, Any]) -> bool:
    return all(isinstance(weight, int | float) and abs(weight) <= _LARGEST for weight in sources.values())


def _scale() -> F64:
    """(53,) what makes a radian of the jaw count as much as deviations of an expression."""
    scale = np.ones(NUMBERS)
    scale[EXPRESSIONS:] = _JAW_COUNTS / max(abs(angle) for turn in JAW.values() for angle in turn)
    return scale
