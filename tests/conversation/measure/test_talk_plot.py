"""The picture of a turn has its bars where its stages are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib")

from conversation.errors import ConversationError
from conversation.measure.talk_plot import LABELS, median_turn, plot_turn
from conversation.timings import TurnTimings
from tests.conversation.measure.test_trace import ANSWERED, CUT_OFF, MS


def test_every_stage_has_a_label() -> None:
    assert list(LABELS) == list(ANSWERED.spans)


def test_bars_are_as_long_as_their_stages(tmp_path: Path) -> None:
    plot_turn(ANSWERED, tmp_path / "turn.png")
    picture = np.asarray(Image.open(tmp_path / "turn.png").convert("RGB")).astype(int)
    lengths = {}
    for name, colour in (("endpoint", (0x8A, 0x8A, 0x8A)), ("llm_first_clause", (0xE0, 0xA0, 0x68))):
        columns = np.flatnonzero((np.abs(picture - colour).max(axis=2) < 3).sum(axis=0) > 20)
        lengths[name] = int(columns.max() - columns.min())
    assert lengths["endpoint"] / lengths["llm_first_clause"] == pytest.approx(500 / 100, rel=0.1)


def test_a_turn_that_was_cut_off_can_be_drawn(tmp_path: Path) -> None:
    plot_turn(CUT_OFF, tmp_path / "cut.svg")
    assert (tmp_path / "cut.svg").stat().st_size > 1000


def test_the_median_turn_is_shown() -> None:
    turns = [
        TurnTimings(number, question_end=0 if number < 3 else None, speech_end=0, first_audible_out=ms * MS)
        for number, ms in enumerate((900, 700, 50, 5, 4, 3))
    ]
    assert median_turn([TurnTimings(9), *turns]).turn == 1
    with pytest.raises(ConversationError, match="answered aloud"):
        median_turn([TurnTimings(9)])
