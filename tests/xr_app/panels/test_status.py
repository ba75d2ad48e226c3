"""The status line and its bar."""

from functools import partial

import numpy as np
import pytest

from xr_app.panels.panel import Panel
from xr_app.panels.status import SIZE, Status, paint_status
from xr_app.panels.style import LIVELY
from xr_app.panels.text import Writer


def picture(writer: Writer, content: Status) -> np.ndarray:
    panel = Panel("status", SIZE, partial(paint_status, writer), Status())
    panel.show(content, 5.0)
    return panel.image().astype(int)


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_the_bar_is_as_long_as_what_is_done(writer: Writer, share: float) -> None:
    shown = picture(writer, Status("Fetching Whisper", share))
    lively = (np.abs(shown[..., :3] - LIVELY[:3]).max(-1) < 3).any(0).sum()
    assert lively == pytest.approx(share * (SIZE[0] - 56), abs=8)


def test_shares_are_kept_in_bounds_and_drawn_only_where_they_differ() -> None:
    assert Status("a", 1.7).share == 1.0 and Status("a", -1.0).share == 0.0
    assert Status("a", 0.50001) == Status("a", 0.5) != Status("a", 0.6)


def test_a_long_sentence_is_cut_and_nothing_is_drawn_for_none(writer: Writer) -> None:
    long = picture(writer, Status("this does not work because of something and " * 20, trouble=True))
    assert long[0].max() == 0 and long[-1].max() > 0
    assert picture(writer, Status()).max() == 0
