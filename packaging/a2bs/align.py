"""Forced alignment: where the phones of an utterance lie in its sound, by a small frame classifier and Viterbi."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conversation.phonetics.phones import NUMBER, Segment

_SLACK = 12
"""Frames of 10 ms that a boundary may move from where it was thought to be."""
_SLACK_OF_SILENCE = 40
"""The same for the start of a pause: hibari's durations count much of it to the phone before."""
_SHORTEST = 2
"""Frames that every phone lasts at least."""


def frame_labels(segments: Sequence[Segment], frames: int) -> np.ndarray:
    """Phone number of every frame of 10 ms, (frames,) int64; frame i is centred on second i / 100."""
    ends = np.array([s.end for s in segments])
    which = np.searchsorted(ends, np.arange(frames) / 100.0, side="right")
    numbers = np.array([NUMBER[s.phone] for s in segments])
    return numbers[np.minimum(which, len(segments) - 1)]


def align(segments: Sequence[Segment], scores: np.ndarray) -> tuple[Segment, ...]:
    """The same phones at the times that fit best: scores (frames, phones) are log p(phone | sound) - log p(phone).

    Rabiner 1989, eq. 32-35, with left-to-right states; a phone is _SHORTEST states of one score, so it cannot vanish,
    and a state is open only within _SLACK of its phone's present place.
    """
    frames = len(scores)
    numbers = np.repeat([NUMBER[s.phone] for s in segments], _SHORTEST)
    if len(numbers) > frames:
        raise ValueError(f"{len(segments)} phones do not fit into {frames} frames")
    slack = [_SLACK_OF_SILENCE if s.phone == "pau" else _SLACK for s in segments]
    first = np.repeat([round(s.start * 100) - k for s, k in zip(segments, slack, strict=True)], _SHORTEST)
    last = np.repeat([round(s.end * 100) for s in segments], _SHORTEST) + _SLACK
    first[:_SHORTEST], last[-_SHORTEST:] = 0, frames
    time = np.arange(frames)[:, None]
    emission = np.where((time >= first) & (time <= last), scores[:, numbers], -1e3)

    best = np.full(len(numbers), -np.inf)
    best[0] = emission[0, 0]
    came = np.zeros((frames, len(numbers)), bool)
    for t in range(1, frames):
        moved = np.concatenate([[-np.inf], best[:-1]])
        came[t] = moved > best
        best = np.maximum(moved, best) + emission[t]
    state, path = len(numbers) - 1, np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])

    starts = np.searchsorted(path // _SHORTEST, np.arange(len(segments))) / 100.0
    # A boundary lies half-way between the last frame of one phone and the first of the next.
    edges = [0.0, *(starts[1:] - 0.005), max(segments[-1].end, frames / 100.0)]
    return tuple(Segment(s.phone, float(a), float(b)) for s, a, b in zip(segments, edges, edges[1:], strict=False))
