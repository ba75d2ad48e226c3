"""The network: a temporal convolution over log-mel frames with 100 ms of look-ahead, small enough for any device."""

from __future__ import annotations

import torch
from torch import nn

_WIDTH = 128
_ENTER = (2, 2)
_BLOCKS = ((1, 1), (2, 2), (6, 2), (16, 0))
_SMOOTH = (3, 3)
"""Reach of every convolution into the past and the future, in frames of 10 ms; the last is a fixed Hann window."""
_MEAN, _SPREAD = 0.35, 0.2
"""Of log-mel features in speech, roughly."""
LOOK_AHEAD = _ENTER[1] + sum(ahead for _, ahead in _BLOCKS) + _SMOOTH[1]
"""Future frames that an output sees."""
LOOK_BACK = _ENTER[0] + sum(back for back, _ in _BLOCKS) + _SMOOTH[0]


class Tcn(nn.Module):
    """(1, bands, LOOK_BACK + t + LOOK_AHEAD) log-mel -> (1, outputs, t). Unpadded: the caller says what lies beyond."""

    def __init__(self, bands: int, outputs: int) -> None:
        super().__init__()
        self.enter = nn.Conv1d(bands, _WIDTH, 1 + sum(_ENTER))
        self.blocks = nn.ModuleList(nn.Conv1d(_WIDTH, _WIDTH, 3, dilation=(b + a) // 2) for b, a in _BLOCKS)
        self.head = nn.Conv1d(_WIDTH, outputs, 1)
        window = torch.hann_window(sum(_SMOOTH) + 3, periodic=False)[1:-1]
        self.register_buffer("window", (window / window.sum()).expand(outputs, 1, -1).clone())
        self.register_buffer("mean", torch.zeros(outputs, 1))
        self.register_buffer("spread", torch.ones(outputs, 1))

    def listen_as(self, other: Tcn) -> None:
        """Start from what another network, of any outputs, has learnt to hear."""
        self.enter.load_state_dict(other.enter.state_dict())
        self.blocks.load_state_dict(other.blocks.state_dict())

    def expect(self, mean: torch.Tensor, spread: torch.Tensor) -> None:
        """Let every output start from its own mean and count in its own spread, (outputs,): none starves."""
        self.mean.copy_(mean[:, None])
        self.spread.copy_(spread[:, None])

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        x = nn.functional.leaky_relu(self.enter((mel - _MEAN) / _SPREAD))
        for block, (back, ahead) in zip(self.blocks, _BLOCKS, strict=True):
            x = nn.functional.leaky_relu(block(x)) + x[:, :, back : x.shape[2] - ahead]
        x = nn.functional.conv1d(self.head(x), self.window, groups=self.window.shape[0])
        return x * self.spread + self.mean


class Mouth(nn.Module):
    """A trained Tcn with its outputs held to [0, 1], as exported: the limits would starve training of gradients."""

    def __init__(self, net: Tcn) -> None:
        super().__init__()
        self.net = net

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        return torch.clamp(self.net(mel), 0.0, 1.0)
