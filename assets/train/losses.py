"""How far two pictures are apart."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import Tensor

_REACH: Final = 5
_SPREAD: Final = 1.5
_SHARES: Final = [math.exp(-(k**2) / (2 * _SPREAD**2)) for k in range(-_REACH, _REACH + 1)]
_WINDOW: Final = [share / sum(_SHARES) for share in _SHARES]


def encode(light: Tensor) -> Tensor:
    """sRGB values of linear light (IEC 61966-2-1), unclipped above."""
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)


def reconstruction(drawn: Tensor, wanted: Tensor, counts: Tensor) -> Tensor:
    """L1 + 0.2 D-SSIM of (H, W, 3) sRGB values, where `counts` (H, W) is 1 (TaoAvatar, equation 6)."""
    weight = counts[..., None]
    off = ((drawn - wanted).abs() * weight).sum() / (3 * counts.sum()).clamp(min=1)
    return off + 0.2 * (1 - ssim(drawn * weight, wanted * weight)) / 2


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Mean structural similarity of (H, W, 3) values in 0 to 1 (Wang et al. 2004), windows of 11 pixels."""
    x = torch.stack([a, b]).permute(3, 0, 1, 2)
    a, b = x[:, 0], x[:, 1]
    mean_a, mean_b, aa, bb, ab = _Blur.apply(torch.stack([a, b, a * a, b * b, a * b], 1)).unbind(1)
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * (ab - mean_a * mean_b) + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (aa - mean_a**2 + bb - mean_b**2 + c2)
    return (top / bottom).mean()


class _Blur(torch.autograd.Function):  # type: ignore[misc]
    """By a Gaussian window along the last two axes, nothing beyond the edges; it is its own adjoint."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        # A sum of shifted pictures is faster than a convolution here.
        for axis, margin in ((-2, (0, 0, _REACH, _REACH)), (-1, (_REACH, _REACH))):
            size, wide = x.shape[axis], torch.nn.functional.pad(x, margin)
            x = _WINDOW[0] * wide.narrow(axis, 0, size)
            for k in range(1, len(_WINDOW)):
                x.add_(wide.narrow(axis, k, size), alpha=_WINDOW[k])
        return x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _Blur.forward(ctx, gradient)
