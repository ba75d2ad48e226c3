"""The paper that benches draw on."""

import sys

import pytest

from assets.errors import PlotError
from assets.measure.plots import blank_figure, check_plots


def test_without_matplotlib_a_sentence_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PlotError, match=r"pip install 'visavis\[bench\]'"):
        check_plots()
    with pytest.raises(PlotError, match=r"pip install 'visavis\[bench\]'"):
        blank_figure(4, 3)
