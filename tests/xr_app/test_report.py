"""The report's keys are a promise to other programs."""

import io
import json
from pathlib import Path

import numpy as np
from rich.console import Console

from render.graph import StageCount
from render.load import Quality
from render.view import View
from xr_app.av_offset import SILENT, Offset
from xr_app.film import FilmFacts
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.report import Measured, Turn


def measured() -> Measured:
    return Measured(
        runtime="Monado",
        renderer="llvmpipe",
        gaussians=5000,
        eye=(256, 200),
        stages={"sort": {"runs": 3, "skips": 7}},
        turns=[Turn("What is it?", "It is good.", 912.5, {"asr": 100.0})],
    )


QUALITIES = [Quality(5000, 1.0)] * 6 + [Quality(2000, 0.68)] * 3 + [Quality(5000, 0.68)] * 2


def log() -> FrameLog:
    view = View(np.eye(4), (-0.4, 0.4, 0.4, -0.4), 256, 200)
    frames = [
        ShownFrame(
            k * 100_000_000,
            np.eye(4),
            (view, view),
            np.zeros(52, np.float32),
            k == 0,
            k == 2,
            float(k),
            QUALITIES[k],
            np.eye(4),
        )
        for k in range(11)
    ]
    return FrameLog(0, 1, frames)


def test_keys_and_values() -> None:
    film = FilmFacts(90_000, 640, 640, 15.0, 300, 30, {"sort": StageCount(30, 270)})
    report = json.loads(measured().report(log(), Offset(3.21, 17.0, 9, 5.0), (Path("talk.mp4"), film)).json())
    assert report["runtime"]["name"] == "Monado"
    assert report["gl"]["renderer"] == "llvmpipe"
    assert report["live"] == {"gaussians": 5000, "width": 256, "height": 200, "fps": 10.0}
    assert {"gaussians": 90_000, "width": 640, "height": 640, "fps": 15.0}.items() <= report["film"].items()
    assert report["film"]["stages"]["sort"] == {"runs": 30, "skips": 270}
    assert report["frames"] == {"count": 11, "cpu_ms": {"p50": 5.0, "p99": 9.9}, "late": 1, "sorted": 1}
    assert report["quality"] == {
        "gaussians": 5000, "scale": 1.0, "least_gaussians": 2000, "least_scale": 0.68, "changes": 2,
    }  # fmt: skip
    assert report["stages"]["sort"] == {"runs": 3, "skips": 7}
    assert report["turns"] == [
        {"heard": "What is it?", "said": "It is good.", "speech_end_to_audio_ms": 912.5, "stages_ms": {"asr": 100.0}}
    ]
    assert report["av_offset_ms"] == {"mean": 3.2, "p99": 17.0, "envelope": 5.0}


def test_without_film_or_speech(tmp_path: Path) -> None:
    report = measured().report(FrameLog(0, 1), SILENT, None)
    report.write(tmp_path / "deep" / "report.json")
    written = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert written["film"] is None
    assert written["frames"]["count"] == 0 and written["quality"] is None
    assert written["av_offset_ms"] == {"mean": None, "p99": None, "envelope": None}


def test_table_says_which_is_live_and_which_is_film() -> None:
    film = FilmFacts(90_000, 640, 640, 15.0, 300, 30, {})
    out = io.StringIO()
    measured().report(log(), Offset(3.2, 17.0, 9, 5.0), (Path("talk.mp4"), film)).show(Console(file=out, width=120))
    text = out.getvalue()
    for words in (
        "Live",
        "5,000",
        "256×200",
        "Film",
        "90,000",
        "640×640",
        "It is good.",
        "912 ms",
        "+3 ms",
        "2,000 × 68%",
    ):
        assert words in text
    assert "2,000 × 68%" in text
