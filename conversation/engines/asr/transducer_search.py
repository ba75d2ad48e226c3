"""From the encoder's frames to tokens: greedy, or modified beam search (at most one token a frame).

The search of Kang et al., "Fast and parallel decoding for transducer" (ICASSP 2023), as in icefall and sherpa: after
each frame the best `paths` continuations of all hypotheses live on, those that say the same are one, and hotwords are
paid as they are said. With one path it is greedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conversation.engines.asr.hotwords import Hotwords, State
from conversation.engines.asr.transducer_model import TransducerModel
from conversation.engines.asr.transducer_tokens import BLANK
from conversation.engines.base import F32


@dataclass(frozen=True)
class Hypothesis:
    """What may have been said so far."""

    tokens: tuple[int, ...]
    """After those that the decoder begins with: `TransducerModel.nothing`, or the last of what was said before."""
    log_probability: float = 0.0
    silent: int = 0
    """Frames of the encoder since the last token."""
    expecting: State | None = None
    """How far a hotword has been said."""


Hypotheses = Sequence[Hypothesis]


class TransducerSearch:
    """`paths` = 1 is greedy, which hotwords do not touch."""

    def __init__(self, model: TransducerModel, *, paths: int = 1, hotwords: Hotwords | None = None) -> None:
        self._model, self._paths = model, paths
        self._hotwords = hotwords if paths > 1 else None

    def begin(self, before: Hypotheses = ()) -> Hypotheses:
        """Nothing said yet; `before`: a search that ends here, whose last tokens the decoder still sees."""
        context, root = self._model.context, self._hotwords.root if self._hotwords else None
        if not before:
            return [Hypothesis(self._model.nothing, expecting=root)]
        ended = [replace(one, tokens=one.tokens[-context:], silent=0, expecting=root) for one in before[: self._paths]]
        return _merged(ended)

    def advance(self, hypotheses: Hypotheses, encoded: F32) -> Hypotheses:
        """After more frames (n, width) of the encoder."""
        for frame in encoded:
            hypotheses = self._greedy(hypotheses[0], frame) if self._paths == 1 else self._beam(hypotheses, frame)
        return hypotheses

    def said(self, hypotheses: Hypotheses) -> tuple[int, ...]:
        """The tokens of the best hypothesis."""
        return best(hypotheses).tokens[self._model.context :]

    def _greedy(self, hypothesis: Hypothesis, frame: F32) -> Hypotheses:
        token = int(self._model.logits(frame, [self._seen(hypothesis)])[0].argmax())
        return [self._after(hypothesis, token, 0.0)]

    def _beam(self, hypotheses: Hypotheses, frame: F32) -> Hypotheses:
        # Always as many rows as there may be: the joiner is laid out again for every other number of them.
        rows = [self._seen(one) for one in hypotheses]
        logits = self._model.logits(frame, rows + rows[:1] * (self._paths - len(rows)))[: len(rows)]
        scores = _log_softmax(logits) + np.array([[one.log_probability] for one in hypotheses], np.float32)
        flat = scores.ravel()
        kept = min(self._paths, flat.size)
        likeliest = np.argpartition(-flat, kept - 1)[:kept]
        likeliest = likeliest[np.argsort(-flat[likeliest], kind="stable")]
        count = scores.shape[1]
        return _merged([self._after(hypotheses[i // count], int(i % count), float(flat[i])) for i in likeliest])

    def _after(self, hypothesis: Hypothesis, token: int, score: float) -> Hypothesis:
        if token in (BLANK, self._model.tokens.unknown):
            return replace(hypothesis, log_probability=score, silent=hypothesis.silent + 1)
        state = hypothesis.expecting
        if self._hotwords is not None and state is not None:
            worth, state = self._hotwords.follow(state, token)
            score += worth
        return Hypothesis((*hypothesis.tokens, token), score, 0, state)

    def _seen(self, hypothesis: Hypothesis) -> tuple[int, ...]:
        return hypothesis.tokens[-self._model.context :]


def best(hypotheses: Hypotheses) -> Hypothesis:
    """The likeliest by token: a longer one is not worse for being longer."""
    return max(hypotheses, key=lambda one: one.log_probability / len(one.tokens))


def _merged(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that say the same as one, their probabilities added."""
    merged: dict[tuple[int, ...], Hypothesis] = {}
    for one in hypotheses:
        same = merged.get(one.tokens)
        if same is not None:
            one = replace(same, log_probability=float(np.logaddexp(same.log_probability, one.log_probability)))
        merged[one.tokens] = one
    return list(merged.values())


def _log_softmax(logits: F32) -> F32:
    shifted = logits - logits.max(axis=1, keepdims=True)
    normalised: F32 = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised
