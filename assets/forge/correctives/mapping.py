"""How much of each shape on the Gaussians shows in a pose and an expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.forge.source import F64


@dataclass(frozen=True)
class Mapping:
    """weights = [tanh(face e), shade x, tanh(bends x)] of the expression e and the features x of a pose."""

    face: F64
    """(H, E)."""
    shade: F64
    """(S, 9 D)."""
    bends: F64
    """(B, 9 D)."""

    def weights(self, expression: F64, x: F64) -> F64:
        """(P, H + S + B) of expressions (P, E) and features (P, 9 D)."""
        parts = np.tanh(expression @ self.face.T), x @ self.shade.T, np.tanh(x @ self.bends.T)
        return np.concatenate(parts, axis=1)
