"""A stream where whole utterances are asked for: of one that grows, only what is new is heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from conversation.engines.base import F32, Cancelled, SpeechStream, Transcript


class Growing:
    """`begin` gives a new stream."""

    def __init__(self, begin: Callable[[], SpeechStream]) -> None:
        self._begin = begin
        self._heard: F32 = np.zeros(0, np.float32)
        self._stream = begin()

    def __call__(self, samples: F32, *, partial: bool, cancelled: Cancelled) -> Transcript:
        """The transcript of `samples`; where they do not begin with those of the last call, it is another utterance."""
        known = len(self._heard)
        if len(samples) < known or not np.array_equal(samples[:known], self._heard):
            self._stream, known = self._begin(), 0
        self._heard = samples.copy()
        self._stream.feed(samples[known:], cancelled=cancelled)
        return self._stream.so_far() if partial else self._stream.finish(cancelled=cancelled)
