"""Signs of life: the same at the same time, with blinks at human intervals."""

from __future__ import annotations

import numpy as np
import pytest

from assets.arkit import INDEX
from render.motion.life import BREATH_S, breath, face, glance


def _blinks(seed: int, seconds: float) -> np.ndarray:
    """Times at which the lids begin to shut, watched at 100 Hz."""
    times = np.arange(0, seconds, 0.01)
    shut = np.array([face(t, seed)[INDEX["eyeBlinkLeft"]] for t in times]) > 0.05
    return times[1:][shut[1:] & ~shut[:-1]]


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_blinks_are_two_to_six_seconds_apart(seed: int) -> None:
    gaps = np.diff(_blinks(seed, 120))
    assert len(gaps) >= 20
    assert gaps.min() >= 1.95 and gaps.max() <= 6.05
    assert gaps.std() > 0.3


def test_every_blink_shuts_both_eyes_at_a_twentieth_of_a_second() -> None:
    """However the 20 Hz grid falls, one of its keys meets the lids shut."""
    for blink in _blinks(5, 60):
        for offset in (0.0, 0.013, 0.029, 0.041):
            keys = [face(blink - 0.1 + offset + 0.05 * k, 5) for k in range(10)]
            for eye in ("eyeBlinkLeft", "eyeBlinkRight"):
                assert max(float(key[INDEX[eye]]) for key in keys) == 1.0


def test_only_the_lids_move_in_the_face_and_weights_stay_in_range() -> None:
    faces = np.array([face(t, 0) for t in np.arange(0, 30, 0.05)])
    others = np.delete(faces, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]], axis=1)
    assert (others == others[0]).all()
    assert faces[0, INDEX["mouthSmileLeft"]] > 0.1  # a kind face
    assert faces[0, INDEX["jawOpen"]] == 0  # that is silent
    assert faces.min() >= 0 and faces.max() <= 1


def test_breathing_repeats_every_breath() -> None:
    air = [breath(t) for t in np.arange(0, BREATH_S, 0.05)]
    assert min(air) == pytest.approx(0, abs=0.01) and max(air) == pytest.approx(1, abs=0.01)
    assert breath(1.3) == pytest.approx(breath(1.3 + BREATH_S))
    assert np.argmax(air) * 0.05 < BREATH_S / 2 < np.argmin(air) * 0.05  # in is quicker than out


def test_the_eyes_rest_and_jump() -> None:
    spots = np.array([glance(t, 4) for t in np.arange(0, 60, 0.01)])
    still = (np.diff(spots, axis=0) == 0).all(axis=1)
    assert still.mean() > 0.9
    assert 1 < np.abs(spots).max() <= 2.5
