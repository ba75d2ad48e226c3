"""The figures of a session reach the panel that is asked for, and only then is anything measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from render.measure.cloud import make_cloud
from tests.xr_app.unseen_live import live_on, standing
from xr_app.desktop.unseen import PERIOD_NS, UnseenDisplay
from xr_app.panels.hud import FIGURES_NS
from xr_app.panels.menu import Choices


def test_figures_of_a_session_for_those_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_LANG", "en")
    avatar = make_cloud(100)
    encounter = standing()
    told = []
    monkeypatch.setattr(encounter, "measure", lambda figures: (told.append(figures), encounter.panels.measure(figures)))
    shown, before = 0, []

    def on_frame() -> bool:
        nonlocal shown
        shown += 1
        if shown == 5:
            before.extend(told)
            encounter.panels.choices = replace(encounter.panels.choices, figures=True)
        if shown == 40:
            encounter.panels.choices = Choices()
        return shown < 60

    with UnseenDisplay((64, 36)) as display:
        live_on(display, avatar, encounter, on_frame).run()
    assert before == []
    assert 2 <= len(told) <= 35 * PERIOD_NS / FIGURES_NS + 4, "newer ones now and then, none once nobody looks"
    figures = told[-1]
    assert figures.gaussians == (100, 100) and figures.scale is not None and 0 < figures.scale <= 1
    median, high = figures.frame_ms
    assert PERIOD_NS / 1e6 * 0.8 <= median <= high, "no frame comes before its time"
    assert 0 < figures.cpu_ms[0] <= figures.cpu_ms[1]
    panel = next(panel for panel in encounter.panels.every if panel.name == "figures")
    assert {"Gaussians", "frame, p50 / p99", "own CPU, p50 / p99"} <= {name for name, _ in panel.shown}
