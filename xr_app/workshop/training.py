"""`visavis avatar train`: from a capture to an avatar file, with previews, a checkpoint and a report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from assets.container import load, save
from assets.progress import Progress
from assets.train.extra import require
from assets.train.layouts import open_capture
from assets.train.options import TrainOptions
from assets.train.template import template_of
from xr_app.portrait import preview_of

REPORT = "report.json"
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class TrainingJob:
    """What is trained into what."""

    capture: Path
    out: Path
    """The avatar file."""
    work: Path
    """Where checkpoint, previews and report lie."""
    template: Path | None = None
    """An avatar whose mesh takes the place of the capture's template."""
    shrink: int = 1
    preview_every: int = 200


def train_avatar(job: TrainingJob, options: TrainOptions, progress: Progress) -> dict[str, Any]:
    """Train, or go on where the checkpoint is; returns the report, which is also written.

    Raises CaptureError, TrainError, AvatarError, ConversionError.
    """
    require()
    # torch is loaded by those who train, nobody else.
    from assets.train.export import to_avatar
    from assets.train.measure import measure, splits
    from assets.train.model import Model
    from assets.train.preview import write_preview
    from assets.train.trainer import Moment, Trainer
    from assets.train.unseen import drop_unseen

    template = template_of(load(job.template)) if job.template is not None else None
    capture = open_capture(job.capture, template, job.shrink)
    trainer = Trainer(capture, options, job.work / CHECKPOINT)
    before, began = trainer.done, time.monotonic()

    def watch(model: Model, moment: Moment) -> None:
        write_preview(job.work / f"{moment.stage}-{moment.step + 1:06}.png", model, capture, trainer.photos)

    trainer.run(progress, watch, job.preview_every)
    seconds = time.monotonic() - began
    with progress.step("Measuring and packing", total=2) as step:
        model = trainer.model
        drop_unseen(model, capture)
        kinds = splits(capture)
        figures = {kind: measure(model, capture, trainer.photos, pairs) for kind, pairs in kinds.items()}
        step.advance()
        provenance = {
            "tool": "visavis train 1",
            "options": msgspec.to_builtins(options),
            "measured": figures,
        }
        avatar = to_avatar(model, capture, provenance)
        save(avatar, job.out, preview_of(avatar))
    report = {
        "avatar": str(job.out),
        "gaussians": len(avatar.gaussians),
        "vertices": len(avatar.mesh.vertices),
        "bytes": job.out.stat().st_size,
        "steps": trainer.total,
        "steps_now": trainer.total - before,
        "seconds": round(seconds, 1),
        "measured": figures,
    }
    (job.work / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    return report
