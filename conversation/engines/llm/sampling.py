"""Choosing the next token from its logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sampling:
    """Temperature 0 takes the strongest token; otherwise one is drawn from the strongest.

    Drawn among the `top_k` strongest, of these among the fewest whose probabilities sum to `top_p`. The penalty divides
    the logits of tokens that the answer has already (or multiplies them, where they are negative; Keskar et al. 2019,
    "CTRL", section 4.1).
    """

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.9
    repetition_penalty: float = 1.1
    seed: int | None = 0
    """None: other random numbers each time."""


class Sampler:
    """Draws with one stream of random numbers, which `restart` begins again."""

    def __init__(self, settings: Sampling) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Back to the seed."""
        self._random = np.random.default_rng(self._settings.seed)

    def pick(self, logits: NDArray[np.float32], written: Sequence[int]) -> int:
        """The next token for (vocabulary,) logits; `written` are the tokens to avoid repeating."""
        how = self._settings
        scores = logits.astype(np.float64)
        seen = np.unique(np.asarray(written, np.intp))
        scores[seen] = np.where(
            scores[seen] > 0, scores[seen] / how.repetition_penalty, scores[seen] * how.repetition_penalty
        )
        if how.temperature <= 0:
            return int(scores.argmax())
        best = np.argpartition(scores, -min(how.top_k, scores.size))[-how.top_k :]
        best = best[np.argsort(-scores[best])]
        weights = np.exp((scores[best] - scores[best[0]]) / how.temperature)
        weights /= weights.sum()
        kept = np.cumsum(weights) - weights < how.top_p
        kept[0] = True
        return int(self._random.choice(best[kept], p=weights[kept] / weights[kept].sum()))
