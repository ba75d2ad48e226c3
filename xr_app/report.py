"""The report of a talk: stable keys for programs, a short table for people.

runtime.name   gl.renderer
live, film     {gaussians, width, height, fps}       what was drawn live, and what the film draws again
frames         {count, cpu_ms {p50, p99}, late}      of the live session
quality        {gaussians, scale, least_gaussians, least_scale, changes}   as the live frames were drawn: medians, least
stages.NAME    {runs, skips}                         of the live session; film.stages of the film
turns[]        {heard, said, speech_end_to_audio_ms, stages_ms}
captions[]     {turn, mood, words[] {text, begin_s, end_s}}   as heard; seconds since the film's first picture
av_offset_ms   {mean, p99, envelope}                 see av_offset.py
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from render.load import Quality
from xr_app.captions import CaptionLine
from xr_app.frame_log import FrameLog
from xr_app.texts import tr

if TYPE_CHECKING:  # a session begins without them
    from rich.console import Console

    from xr_app.av_offset import Offset
    from xr_app.film import FilmFacts


class Percentiles(msgspec.Struct, frozen=True):
    p50: float
    p99: float


class Pictures(msgspec.Struct, frozen=True):
    """Size of one eye, and how often both are drawn in a second."""

    gaussians: int
    width: int
    height: int
    fps: float


class Film(Pictures, frozen=True):
    path: str
    frames: int
    sorted: int
    stages: dict[str, dict[str, int]]


class Frames(msgspec.Struct, frozen=True):
    count: int
    cpu_ms: Percentiles
    late: int
    sorted: int


class DrawnQuality(msgspec.Struct, frozen=True):
    """How much of the avatar the live frames had, and at what share of the picture's width and height."""

    gaussians: int
    """Median."""
    scale: float
    least_gaussians: int
    least_scale: float
    changes: int


class Turn(msgspec.Struct, frozen=True):
    heard: str
    said: str
    speech_end_to_audio_ms: float | None
    """From the last voiced sample of the question to the first audible sample of the answer; None where unknown."""
    stages_ms: dict[str, float]


class Name(msgspec.Struct, frozen=True):
    name: str


class Renderer(msgspec.Struct, frozen=True):
    renderer: str


class AvOffset(msgspec.Struct, frozen=True):
    mean: float | None
    p99: float | None
    envelope: float | None


class Report(msgspec.Struct, frozen=True):
    """Everything measured in one talk."""

    runtime: Name
    gl: Renderer
    live: Pictures
    film: Film | None
    frames: Frames
    quality: DrawnQuality | None
    """None where no frame was drawn."""
    stages: dict[str, dict[str, int]]
    turns: list[Turn]
    captions: list[CaptionLine]
    av_offset_ms: AvOffset
    failures: list[str]
    start_ms: dict[str, float] = {}
    """From the command to each step of the start (start.py)."""
    start_cpu_ms: dict[str, float] = {}
    """What this process computed until then."""

    def write(self, path: Path) -> None:
        """Write JSON with these keys."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.json() + "\n", encoding="utf-8")

    def json(self) -> str:
        return json.dumps(msgspec.to_builtins(self), indent=2, ensure_ascii=False)

    def show(self, console: Console) -> None:
        """Print the short table."""
        from rich.table import Table

        table = Table(title=tr("The talk", "这次谈话"), show_header=False, title_justify="left")
        table.add_row(tr("Runtime", "运行时"), f"{self.runtime.name} · {self.gl.renderer}")
        table.add_row(tr("Live", "实时"), _pictures(self.live))
        if self.film:
            share = self.film.sorted / max(self.film.frames, 1)
            table.add_row(tr("Film", "影片"), f"{_pictures(self.film)} · {tr('sorted', '重排')} {share:.0%}")
        cpu = self.frames.cpu_ms
        late = tr(f"{self.frames.late} late", f"{self.frames.late} 帧迟到")
        table.add_row(
            tr("Frames", "帧"), f"{self.frames.count} · {late} · CPU p50 {cpu.p50:.1f} ms, p99 {cpu.p99:.1f} ms"
        )
        if self.quality:
            table.add_row(tr("Quality", "画质"), _quality(self.quality))
        for turn in self.turns:
            table.add_row(tr("Heard", "听到"), turn.heard)
            table.add_row(tr("Said", "说出"), turn.said)
            wait = turn.speech_end_to_audio_ms
            table.add_row(tr("Answer after", "应答用时"), "–" if wait is None else f"{wait:.0f} ms")
        offset = self.av_offset_ms
        if offset.mean is not None and offset.p99 is not None:
            table.add_row(tr("Face against voice", "口型偏差"), f"{offset.mean:+.0f} ms, p99 {offset.p99:.0f} ms")
        for failure in self.failures:
            table.add_row(tr("Failure", "故障"), failure)
        console.print(table)


@dataclass
class Measured:
    """What a talk gathers for its report while it runs."""

    runtime: str = ""
    renderer: str = ""
    gaussians: int = 0
    eye: tuple[int, int] = (0, 0)
    stages: dict[str, dict[str, int]] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    captions: list[CaptionLine] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    start_ms: dict[str, float] = field(default_factory=dict)
    start_cpu_ms: dict[str, float] = field(default_factory=dict)

    def report(self, log: FrameLog, offset: Offset, film: tuple[Path, FilmFacts] | None) -> Report:
        """All figures, from what was recorded."""
        frames = log.frames
        cpu = np.array([frame.cpu_ms for frame in frames] or [0.0])
        span = (frames[-1].seen_ns - frames[0].seen_ns) / 1e9 if len(frames) > 1 else 0.0
        fps = (len(frames) - 1) / span if span else 0.0
        return Report(
            runtime=Name(self.runtime),
            gl=Renderer(self.renderer),
            live=Pictures(self.gaussians, *self.eye, round(fps, 2)),
            film=_film(*film) if film else None,
            frames=Frames(
                count=len(frames),
                cpu_ms=Percentiles(round(float(np.percentile(cpu, 50)), 2), round(float(np.percentile(cpu, 99)), 2)),
                late=sum(frame.late for frame in frames),
                sorted=sum(frame.sorted for frame in frames),
            ),
            quality=_drawn([frame.quality for frame in frames]),
            stages=self.stages,
            turns=self.turns,
            captions=self.captions,
            av_offset_ms=AvOffset(_number(offset.mean), _number(offset.p99), _number(offset.envelope)),
            failures=self.failures,
            start_ms=self.start_ms,
            start_cpu_ms=self.start_cpu_ms,
        )


def _film(path: Path, facts: FilmFacts) -> Film:
    return Film(
        gaussians=facts.gaussians,
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        path=str(path),
        frames=facts.frames,
        sorted=facts.sorted,
        stages={name: {"runs": count.runs, "skips": count.skips} for name, count in facts.stages.items()},
    )


def _drawn(qualities: list[Quality]) -> DrawnQuality | None:
    if not qualities:
        return None
    gaussians, scales = zip(*qualities, strict=True)
    return DrawnQuality(
        gaussians=int(np.median(gaussians)),
        scale=float(np.median(scales)),
        least_gaussians=min(gaussians),
        least_scale=min(scales),
        changes=sum(a != b for a, b in pairwise(qualities)),
    )


def _quality(quality: DrawnQuality) -> str:
    usual = f"{quality.gaussians:,} × {quality.scale:.0%}"
    least = f"{quality.least_gaussians:,} × {quality.least_scale:.0%}"
    changes = tr(f"{quality.changes} changes", f"变化 {quality.changes} 次")
    return f"{usual} · {tr('least', '最低')} {least} · {changes}"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 1)


def _pictures(pictures: Pictures) -> str:
    each = tr("each eye", "每眼")
    return f"{pictures.gaussians:,} · {pictures.width}×{pictures.height} {each} · {pictures.fps:g} fps"
