"""What a rigged file holds, whatever its format: a mesh at rest, joints that move it, shapes it can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assets.importers.materials import Material

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

Target = tuple[int, int]
"""Number of a mesh in the file, and of one of its morph targets."""


@dataclass(frozen=True)
class Piece:
    """What a morph target does to a run of vertices."""

    first: int
    offsets: F32
    """(n, 3)."""


@dataclass(frozen=True)
class Model:
    """A character at rest, in the file's axes and units until humanoid.py sets it up."""

    vertices: F64
    """(V, 3)."""
    normals: F64
    """(V, 3) unit, for shading."""
    uv: F64
    """(V, 2, 2) two sets of texture coordinates, v downwards."""
    colours: F32
    """(V, 4) that the material's is multiplied with, linear."""
    triangles: I64
    """(F, 3)."""
    material: I64
    """(F,) index into materials."""
    materials: tuple[Material, ...]
    skin_joints: I64
    """(V, 4)."""
    skin_weights: F64
    """(V, 4), rows sum to 1."""
    names: tuple[str, ...]
    """Of the joints; parents stand first, and joint 0 is a root of our own."""
    parents: I64
    rest: F64
    """(J, 4, 4) rigid joint-to-world."""
    roles: Mapping[str, int] = field(default_factory=dict)
    """Humanoid role, as VRM spells it → joint."""
    targets: Mapping[Target, Sequence[Piece]] = field(default_factory=dict)
    target_names: Mapping[str, Sequence[Target]] = field(default_factory=dict)
    skinned: bool = False
    """Whether the file had a skeleton."""

    def offsets(self, targets: Mapping[Target, float]) -> F32:
        """(V, 3) sum of morph targets at these weights."""
        total = np.zeros((len(self.vertices), 3), np.float32)
        for target, weight in targets.items():
            for piece in self.targets.get(target, ()):
                total[piece.first : piece.first + len(piece.offsets)] += np.float32(weight) * piece.offsets
        return total
