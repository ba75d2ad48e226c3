"""The bench of an exchange, in short: that both ways are taken, to and fro, and their frames are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assets import paths
from assets.container import save
from assets.progress import SilentProgress
from render.measure.cloud import make_cloud
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.panels.boards import PaintedBoard
from xr_app.surroundings.asked import USUAL
from xr_app.workshop import exchange_bench
from xr_app.workshop.exchange_bench import Place, bench_exchange


@contextmanager
def unseen() -> Iterator[Place]:
    with UnseenDisplay((64, 36)) as display:
        yield Place(display, display, PaintedBoard(display.ctx, None), Stage(display, USUAL))


def test_both_ways_to_and_fro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setattr(exchange_bench, "QUIET", 4)
    monkeypatch.setattr(exchange_bench, "AFTER", 3)
    paths.avatars_dir().mkdir(parents=True)
    for name, count in (("one", 300), ("two", 200)):
        save(replace(make_cloud(count), levels=(100,)), paths.avatars_dir() / f"{name}.avatar", None)
    found = bench_exchange(1, SilentProgress(), names=("one", "two"), place=unseen)
    assert found["gaussians"] == [300, 200] and found["eye"] == [64, 36]
    for case in ("in steps", "at once"):
        assert 0 < found[case]["cpu_ms"]["p50"] <= found[case]["cpu_ms"]["longest"]
        assert found[case]["cpu_ms"]["longest"] < found[case]["interval_ms"]["longest_of_all"]
        assert found[case]["seconds"] > 0
    assert found["quiet"]["interval_ms"]["p50"] > 0 and found["quiet"]["seconds"] == 0
