"""A stream where whole utterances are asked for: of one that grows, only what is new is heard.

A long one may lose its beginning from call to call (whoever asks keeps the newest half minute): the stream goes on all
the same, and still knows the words of the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from conversation.engines.base import F32, Cancelled, SpeechStream, Transcript

_ANCHOR: Final = 256
"""Samples by which the end of what was heard is found again."""
_TRIES: Final = 8
"""In digital silence every place looks like it."""


class Growing:
    """`begin` gives a new stream."""

    def __init__(self, begin: Callable[[], SpeechStream]) -> None:
        self._begin = begin
        self._heard: F32 = np.zeros(0, np.float32)
        self._stream = begin()

    def __call__(self, samples: F32, *, partial: bool, cancelled: Cancelled) -> Transcript:
        """The transcript of `samples`; where they do not go on from those of the last call, it is another utterance."""
        samples = np.ascontiguousarray(samples, np.float32).copy()
        known = next((end for end in self._ends(samples) if np.array_equal(samples[:end], self._heard[-end:])), 0)
        if not known:
            self._stream = self._begin()
        self._heard = samples
        self._stream.feed(samples[known:], cancelled=cancelled)
        over = self._stream.endpoint
        transcript = self._stream.so_far() if partial else self._stream.finish(cancelled=cancelled)
        return replace(transcript, over=over)

    def _ends(self, samples: F32) -> Iterator[int]:
        """Where in `samples` what was heard may end."""
        known = len(self._heard)
        if 0 < known <= len(samples):
            yield known
        if known < _ANCHOR:
            return
        sound, anchor = samples.tobytes(), self._heard[-_ANCHOR:].tobytes()
        at = -1
        for _ in range(_TRIES):
            at = sound.find(anchor, at + 1)
            if at < 0:
                return
            end, odd = divmod(at, samples.itemsize)
            if not odd and end + _ANCHOR <= known:
                yield end + _ANCHOR
