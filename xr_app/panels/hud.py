"""Figures for the curious: what a frame costs, how much of the avatar is drawn, how long the last answer took."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image

from conversation.timings import TurnTimings
from xr_app.panels.style import BRIGHT, GROUND, QUIET, SMALL, box
from xr_app.panels.text import LINE_HEIGHT, Painting, Writer
from xr_app.texts import tr

SIZE: Final = (544, 576)
FIGURES_NS: Final = 500_000_000
"""Figures that change faster cannot be read."""
_MARGIN: Final = 20
_MOST_ROWS: Final = 17


@dataclass(frozen=True)
class Figures:
    """What the panel tells; what is not known is left out."""

    frame_ms: tuple[float, float] | None = None
    """Median and 99th percentile from frame to frame."""
    cpu_ms: tuple[float, float] | None = None
    """The same of what the app's own thread computes in a frame."""
    gpu_ms: tuple[tuple[str, float], ...] = ()
    """Stages of the GPU, in their order."""
    gaussians: tuple[int, int] | None = None
    """Drawn, and of how many."""
    scale: float | None = None
    """Share of the eye's width and height at which the avatar is drawn."""
    answer_ms: float | None = None
    """From the end of the last question to the first sound of its answer."""
    turn_ms: tuple[tuple[str, float], ...] = ()
    """Stages of that answer, in their order."""


def names_of_stages() -> Mapping[str, str]:
    """How stages of a turn (TurnTimings.stages_ms) are called."""
    return {
        "endpoint": tr("end of question", "判停"),
        "asr": tr("speech to text", "语音识别"),
        "llm_first_token": tr("first token", "首个词元"),
        "llm_first_clause": tr("first clause", "首个分句"),
        "tts": tr("voice", "语音合成"),
        "a2bs": tr("face", "面部"),
        "playback": tr("playback", "播放"),
    }


def names_of_engines() -> Mapping[str, str]:
    """How engines (Loading.stage) are called."""
    return {
        "asr": tr("what hears", "语音识别"),
        "llm": tr("what thinks", "语言模型"),
        "tts": tr("what speaks", "语音合成"),
        "a2bs": tr("what moves the face", "面部驱动"),
    }


def turn_of(timings: TurnTimings) -> Figures:
    """What is told of a turn."""
    return Figures(answer_ms=timings.speech_end_to_audio_ms, turn_ms=tuple(timings.stages_ms.items()))


class FrameTimes:
    """Medians and 99th percentiles over the last frames."""

    def __init__(self, most: int = 512) -> None:
        self._frames: deque[float] = deque(maxlen=most)
        self._cpu: deque[float] = deque(maxlen=most)

    def note(self, frame_ms: float, cpu_ms: float) -> None:
        """From the frame before to this one, and what the app's own thread computed in it."""
        self._frames.append(frame_ms)
        self._cpu.append(cpu_ms)

    def figures(self) -> Figures:
        """As they stand; sorts, so it is not for every frame."""
        if not self._frames:
            return Figures()
        return Figures(frame_ms=_percentiles(self._frames), cpu_ms=_percentiles(self._cpu))


def rows_of(figures: Figures, turn: Figures | None = None) -> tuple[tuple[str, str], ...]:
    """Name and value of each line, with the answer of another turn if that is given; names of parts are indented."""
    if turn is not None:
        figures = replace(figures, answer_ms=turn.answer_ms, turn_ms=turn.turn_ms)
    rows: list[tuple[str, str]] = []
    for name, pair in (
        (tr("frame, p50 / p99", "帧 p50 / p99"), figures.frame_ms),
        (tr("own CPU, p50 / p99", "CPU p50 / p99"), figures.cpu_ms),
    ):
        if pair is not None:
            rows.append((name, f"{pair[0]:.1f} / {pair[1]:.1f} ms"))
    rows += [(f"GPU {name}", f"{ms:.2f} ms") for name, ms in figures.gpu_ms]
    if figures.gaussians is not None:
        drawn, whole = figures.gaussians
        rows.append((tr("Gaussians", "高斯数"), f"{drawn:,} / {whole:,}"))
    if figures.scale is not None:
        rows.append((tr("picture size", "渲染比例"), f"{figures.scale:.0%}"))
    if figures.answer_ms is not None:
        rows.append((tr("question to answer", "问答延迟"), f"{figures.answer_ms:.0f} ms"))
    names = names_of_stages()
    rows += [("  " + names.get(name, name), f"{ms:.0f} ms") for name, ms in figures.turn_ms]
    return tuple(rows[:_MOST_ROWS])


def paint_rows(writer: Writer, rows: tuple[tuple[str, str], ...], picture: Image.Image) -> Painting:
    """Put them on a picture of SIZE, values at the right."""
    if not rows:
        return
    height = round(LINE_HEIGHT * SMALL)
    box(picture, (0, 0, SIZE[0], 2 * _MARGIN + len(rows) * height), 18, GROUND)
    yield
    for number, (name, value) in enumerate(rows):
        y, wide = _MARGIN + number * height, writer.width(value, SMALL)
        indent = 16 * (len(name) - len(name.lstrip()))
        room = SIZE[0] - 2 * _MARGIN - wide - 16 - indent
        yield from writer.write(picture, (_MARGIN + indent, y), writer.fit(name.strip(), SMALL, room), SMALL, QUIET)
        yield from writer.write(picture, (SIZE[0] - _MARGIN - wide, y), value, SMALL, BRIGHT)


def _percentiles(values: deque[float]) -> tuple[float, float]:
    median, high = np.percentile(values, (50, 99)).tolist()
    return median, high
