"""Voice activity whose engine crashes, on a clock turned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from conversation.audio.kept_voice import KeptVoice
from conversation.engines.base import F32
from conversation.errors import EngineError
from conversation.processes.supervision import Supervision
from tests.conversation.engines_of_rules import LoudnessActivity

LOUD = np.full(512, 0.3, np.float32)


class Breaking(LoudnessActivity):
    def __init__(self) -> None:
        self.broken = False

    def __call__(self, samples: F32) -> float:
        if self.broken:
            raise RuntimeError("a tensor has no memory")
        return super().__call__(samples)


def test_it_is_deaf_for_a_moment_then_hears_again_and_in_the_end_no_more() -> None:
    now = [0.0]
    loaded: list[Breaking] = []
    told: list[EngineError] = []

    def load() -> Breaking:
        loaded.append(Breaking())
        return loaded[-1]

    voice = KeptVoice(load, Supervision(restarts=2, backoff_s=3.0), told.append, lambda: now[0])
    assert voice.window == 512 and voice(LOUD) == 1.0
    loaded[-1].broken = True
    assert voice(LOUD) == 0.0 and "it is being started again" in str(told[0])
    assert voice(LOUD) == 1.0, "the first time it is loaded again at once"
    loaded[-1].broken = True
    assert [voice(LOUD), voice(LOUD)] == [0.0, 0.0]
    voice.reset()
    now[0] = 3.0
    assert voice(LOUD) == 1.0
    loaded[-1].broken = True
    assert voice(LOUD) == 0.0 and "start the conversation again" in str(told[-1])
    now[0] = 60.0
    assert voice(LOUD) == 0.0
    assert (len(loaded), len(told)) == (3, 3), "each crash is told once"


def test_one_that_cannot_be_loaded_says_so() -> None:
    def load() -> Breaking:
        raise EngineError("The model is damaged; run `visavis models get`.")

    with pytest.raises(EngineError, match="damaged"):
        KeptVoice(load, Supervision(), lambda error: None)
