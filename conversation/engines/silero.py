"""Silero VAD: the probability that a window of 32 ms holds speech."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.engines.net import Net

WINDOW: Final = 512
CONTEXT: Final = 64


class SileroVad:
    """One per stream of 16 kHz samples; keeps the LSTM's state and the last 64 samples between windows."""

    window: int = WINDOW

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        self._net = Net(model_dir / "vad.mnn", threads=threads)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._input = np.zeros((1, CONTEXT + WINDOW), np.float32)

    def __call__(self, samples: NDArray[np.float32]) -> float:
        """Speech probability of the next 512 samples in [-1, 1]."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        self._input[0, CONTEXT:] = samples
        result = self._net(input=self._input, state=self._state)
        self._state = result["stateN"]
        return float(result["output"][0, 0])

    def reset(self) -> None:
        """Forget the stream so far."""
        self._state[:] = 0
        self._input[:] = 0
