"""Signs of life: the same at the same time."""

from __future__ import annotations

import numpy as np
import pytest

from assets.arkit import INDEX
from render.motion.life import BREATH_S, breath, face


def test_a_face_at_rest_is_kind_and_silent() -> None:
    assert face()[INDEX["mouthSmileLeft"]] > 0.1
    assert face()[INDEX["jawOpen"]] == 0
    assert face().min() >= 0 and face().max() <= 1


def test_breathing_repeats_every_breath() -> None:
    air = [breath(t) for t in np.arange(0, BREATH_S, 0.05)]
    assert min(air) == pytest.approx(0, abs=0.01) and max(air) == pytest.approx(1, abs=0.01)
    assert breath(1.3) == pytest.approx(breath(1.3 + BREATH_S))
    assert np.argmax(air) * 0.05 < BREATH_S / 2 < np.argmin(air) * 0.05  # in is quicker than out
