"""What is known of an avatar before anything of it is on a GPU: which Gaussians are drawn, in what order, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, Gaussians, coverage
from assets.stages import correction_reach
from render.errors import ViewError
from render.stages.extent import Extent
from render.stages.facing import FACING_LIMITS, facing_words
from render.stages.sort import MAX_ITEMS
from render.stages.spatial import by_place


@dataclass(frozen=True)
class Outline:
    """Of one avatar, as `outline_of` makes it."""

    avatar: Avatar
    levels: tuple[int, ...]
    """How many can be drawn; the last is all that are."""
    widenings: dict[int, float]
    """By which deviations are multiplied at each level, so that its Gaussians close the same surface."""
    order: NDArray[np.int64]
    """(N,) which Gaussian of the avatar each of `drawn` is."""
    drawn: Gaussians
    """As every buffer holds them."""
    extent: Extent
    facing: NDArray[np.uint32] | None
    """Words of facing.py, for avatars that tell."""

    def tensor(self, name: str) -> NDArray[np.floating[Any]]:
        """The avatar's tensor, with an axis that is as long as the avatar has Gaussians in the order of `drawn`."""
        return _ordered(self.avatar, name, self.order)


def levels_of(avatar: Avatar, gaussians: int | None) -> tuple[int, ...]:
    """How many Gaussians can be drawn, `gaussians` at most. Raises ViewError."""
    whole = len(avatar.gaussians)
    count = whole if gaussians is None else min(gaussians, whole)
    if not 1 <= count <= MAX_ITEMS:
        raise ViewError(f"Cannot draw {count} Gaussians; draw between 1 and {MAX_ITEMS}.")
    return (*(level for level in sorted(set(avatar.levels)) if level < count), count)


def outline_of(avatar: Avatar, levels: tuple[int, ...], deviations: float) -> Outline:
    """On any thread. deviations: at which a Gaussian ends. Raises StageError."""
    covered = np.cumsum(coverage(avatar.mesh, avatar.gaussians))
    covered += 1e-30  # where nothing is to be seen
    order = by_place(avatar.mesh, avatar.gaussians, levels)
    drawn = avatar.gaussians.at(order)
    facing = None
    if FACING_LIMITS in avatar.tensors:
        facing = facing_words(avatar.mesh, drawn, _ordered(avatar, FACING_LIMITS, order))
    return Outline(
        avatar,
        levels,
        {level: float(np.sqrt(covered[-1] / covered[level - 1])) for level in levels},
        order,
        drawn,
        Extent(avatar.mesh, drawn, len(avatar.skeleton.names), deviations, correction_reach(avatar.stages)),
        facing,
    )


def _ordered(avatar: Avatar, name: str, order: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    array = np.asarray(avatar.tensors[name])
    for axis in range(min(array.ndim, 2)):
        if array.shape[axis] == len(avatar.gaussians):
            return np.take(array, order, axis=axis)
    return array
