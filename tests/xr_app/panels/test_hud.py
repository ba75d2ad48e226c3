"""Figures as lines of text."""

from functools import partial

import numpy as np
import pytest

from conversation.timings import TurnTimings
from xr_app.panels.hud import SIZE, Figures, FrameTimes, paint_rows, rows_of, turn_of
from xr_app.panels.panel import Panel
from xr_app.panels.text import Writer

MS = 1_000_000


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANG", "en")


def test_what_is_known_is_told() -> None:
    figures = Figures(frame_ms=(11.1, 14.0), gpu_ms=(("sort", 0.5),), gaussians=(50_000, 200_000), scale=0.9)
    assert rows_of(figures) == (
        ("frame, p50 / p99", "11.1 / 14.0 ms"),
        ("GPU sort", "0.50 ms"),
        ("Gaussians", "50,000 / 200,000"),
        ("picture size", "90%"),
    )
    assert rows_of(Figures()) == ()


def test_the_last_turn_is_told_by_its_stages() -> None:
    turn = TurnTimings(1, speech_end=0, endpoint=300 * MS, asr_final=400 * MS, first_audible_out=900 * MS)
    assert rows_of(Figures(), turn_of(turn)) == (
        ("question to answer", "900 ms"),
        ("  end of question", "300 ms"),
        ("  speech to text", "100 ms"),
    )


def test_percentiles_are_of_the_last_frames() -> None:
    times = FrameTimes(most=200)
    assert times.figures() == Figures()
    for ms in [1000.0] * 50 + list(range(200)):
        times.note(float(ms), ms / 10)
    figures = times.figures()
    assert figures.frame_ms == pytest.approx((99.5, np.percentile(range(200), 99)))
    assert figures.cpu_ms == pytest.approx((9.95, np.percentile(range(200), 99) / 10))


def test_no_line_leaves_the_panel(writer: Writer) -> None:
    panel = Panel("figures", SIZE, partial(paint_rows, writer), ())
    rows = rows_of(Figures(gpu_ms=tuple((f"a stage with quite a long name {n}", 1.0) for n in range(40))))
    panel.show(rows, 5.0)
    shown = panel.image().astype(int)
    assert shown[-1].max() == 0 and shown[..., :3].max() == 255
    # Between the names and their values there is ground everywhere.
    assert shown[:, SIZE[0] - 130 : SIZE[0] - 120, :3].max() < 60
