"""Adam (Kingma & Ba 2015), whose whole state is tensors by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

_FIRST: Final = 0.9
_SECOND: Final = 0.99
_LEAST: Final = 1e-12


class Adam:
    """Moments of the parameters that have been stepped since the last `forget`."""

    def __init__(self) -> None:
        self.steps = 0
        self.means: dict[str, Tensor] = {}
        self.squares: dict[str, Tensor] = {}

    def forget(self) -> None:
        """Begin anew."""
        self.steps = 0
        self.means.clear()
        self.squares.clear()

    def step(
        self, params: Mapping[str, Tensor], gradients: Mapping[str, Tensor | None], rates: Mapping[str, float]
    ) -> None:
        """Move `params` in place, each by its rate; those without a gradient stay."""
        self.steps += 1
        for name, value in params.items():
            gradient = gradients[name]
            if gradient is None:
                gradient = torch.zeros_like(value)
            mean = self.means.setdefault(name, torch.zeros_like(value))
            square = self.squares.setdefault(name, torch.zeros_like(value))
            mean.lerp_(gradient, 1 - _FIRST)
            square.lerp_(gradient * gradient, 1 - _SECOND)
            size = square.div(1 - _SECOND**self.steps).sqrt_().add_(_LEAST)
            value.addcdiv_(mean, size, value=-rates[name] / (1 - _FIRST**self.steps))
