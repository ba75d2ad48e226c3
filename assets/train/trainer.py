"""Training in stages (TaoAvatar, section 3): one picture a step, everything random drawn from the seed and the step.

A training that was broken off goes on from its checkpoint to the same numbers, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from assets.errors import TrainError
from assets.progress import Progress
from assets.train.adam import Adam
from assets.train.capture import Capture, Pair
from assets.train.checkpoint import read_checkpoint, write_checkpoint
from assets.train.losses import encode, reconstruction
from assets.train.model import BASE, Learnt, Model, Posed
from assets.train.options import STAGES, StageName, TrainOptions, picked_stages
from assets.train.photos import Photos, Picture
from assets.train.surface import Eye, eye_of

_GAUSSIANS: Final = {
    "gaussians.offset": 0.004, "gaussians.rotation": 0.004, "gaussians.scale": 0.008, "gaussians.opacity": 0.03,
    "gaussians.sh": 0.02,
}  # fmt: skip
_SLOWER: Final = {name: 0.4 * rate for name, rate in _GAUSSIANS.items()}
_NETWORK: Final = 0.002
_TEACHER: Final = 0.001
RATES: Final[dict[StageName, dict[str, float]]] = {
    "template": {"template.offset": 0.0015, "gaussians.sh": 0.03},
    "static": _GAUSSIANS,
    "teacher": {"teacher": _TEACHER, **{f"taught.{name}": _SLOWER[f"gaussians.{name}"] for name in BASE}},
    "mesh": {**_SLOWER, "mesh": _NETWORK},
    "blend": {**_SLOWER, "body": _NETWORK, "head": _NETWORK, "shapes.shift": 0.002, "shapes.tint": 0.004},
}
"""Step of Adam at a stage's begin, by a parameter's name or the part before its dot; it falls to a tenth."""
_COVER: Final = 0.2
"""Weight of the masks' loss."""
_KEEP: Final = {"moved": 0.5, "shift": 0.02, "tint": 0.02, "offset": 0.02}
"""Weights of what holds back offsets of the mesh (square metres), of blend shapes and of Gaussians."""
_ALIKE: Final = 3.0
"""Weight of the metres between the student's offsets of the mesh and the teacher's."""
CHECKPOINT_EVERY: Final = 200


@dataclass(frozen=True)
class Moment:
    """Where a training stands."""

    stage: StageName
    step: int
    """Within the stage."""
    loss: float


Watch = Callable[[Model, Moment], None]
"""Told now and then, for previews."""


class Trainer:
    """One training of one capture; `checkpoint` is read where it is there, and written while it trains."""

    def __init__(self, capture: Capture, options: TrainOptions, checkpoint: Path | None = None) -> None:
        torch.set_num_threads(options.threads)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.manual_seed(options.seed)
        self.capture, self.options = capture, options
        self.device = device_of(options.device)
        self.model = Model(capture, options, self.device)
        self.optimiser = Adam()
        self._checkpoint = checkpoint
        self.photos = Photos(capture, self.device)
        self._pairs = capture.pairs()
        self._still = [pair for pair in self._pairs if pair.frame == capture.reference]
        self._stages = [
            stage for stage in picked_stages(options) if stage != "teacher" or "teacher.in" in self.model.params
        ]
        self._at = 0
        """Steps done, of all stages."""
        if checkpoint is not None and checkpoint.exists():
            self._at = read_checkpoint(checkpoint, self.model, self.optimiser, options)

    @property
    def total(self) -> int:
        """Steps of all stages."""
        return sum(self.options.steps[stage] for stage in self._stages)

    @property
    def done(self) -> int:
        """Steps behind us."""
        return self._at

    def run(self, progress: Progress, watch: Watch | None = None, every: int = 100, until: int | None = None) -> None:
        """Train to the end, or to step `until` of all."""
        last = self.total if until is None else min(until, self.total)
        with progress.step("Training", total=self.total) as bar:
            bar.advance(self._at)
            while self._at < last:
                stage, step = self._place()
                loss = self._step(stage, step)
                self._at += 1
                bar.advance()
                if step % 10 == 0:
                    bar.say(f"{stage} {step}/{self.options.steps[stage]}, loss {loss:.4f}")
                if watch is not None and (self._at % every == 0 or self._at == last):
                    watch(self.model, Moment(stage, step, loss))
                if self._checkpoint is not None and (self._at % CHECKPOINT_EVERY == 0 or self._at == last):
                    write_checkpoint(self._checkpoint, self.model, self.optimiser, self.options, self._at)

    def _place(self) -> tuple[StageName, int]:
        step = self._at
        for stage in self._stages:
            if step < self.options.steps[stage]:
                return stage, step
            step -= self.options.steps[stage]
        raise AssertionError("trained to the end")

    def _step(self, stage: StageName, step: int) -> float:
        model, options = self.model, self.options
        if step == 0:
            self.optimiser.forget()
            model.settle()
            if stage == "teacher":
                model.begin_teaching()
        pair = self._pick(stage, step)
        random = np.random.default_rng([options.seed, 3, STAGES.index(stage), step])
        behind = torch.as_tensor(random.random(3) ** 2, dtype=torch.float32, device=self.device)
        rates = {name: _rate(stage, name) for name in model.params}
        trained = {name: model.params[name].requires_grad_() for name, rate in rates.items() if rate > 0}
        loss, restraint = self._losses(stage, pair, behind)
        gradients = torch.autograd.grad(loss + restraint, list(trained.values()), allow_unused=True)
        slower = 0.1 ** (step / max(options.steps[stage] - 1, 1))
        with torch.no_grad():
            self.optimiser.step(
                trained,
                dict(zip(trained, gradients, strict=True)),
                {name: rates[name] * slower for name in trained},
            )
        for value in trained.values():
            value.requires_grad_(False)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainError("The training has lost itself in numbers that are none; try another seed.")
        return value

    def _losses(self, stage: StageName, pair: Pair, behind: Tensor) -> tuple[Tensor, Tensor]:
        """How far a stage's picture is from what it should be, over the background `behind`; and what holds back its
        parameters."""
        model = self.model
        eye = eye_of(self.capture.cameras[pair.camera], self.device)
        posed = model.on_device(self.capture.frames[pair.frame])
        with torch.set_grad_enabled(stage == "teacher"):
            taught = model.teacher(posed) if stage in ("teacher", "mesh") else None
        shown = self.photos.get(pair)
        if stage == "teacher" and taught is not None:
            learnt = taught
        else:
            learnt = model.student(posed, mesh=stage in ("mesh", "blend"), blend=stage == "blend")
            shown = self._drawn_by(taught, posed, eye) if taught is not None else shown
        light, cover = model.draw(posed, eye, model.rest(), learnt)
        drawn = encode(light + (1 - cover)[..., None] * behind)
        wanted = encode(shown.light + (1 - shown.cover)[..., None] * behind)
        loss = reconstruction(drawn, wanted, shown.counts)
        loss = loss + _COVER * ((cover - shown.cover).abs() * shown.counts).mean()
        return loss, self._restraint(stage, learnt, taught)

    def _drawn_by(self, taught: Learnt, posed: Posed, eye: Eye) -> Picture:
        with torch.no_grad():
            light, cover = self.model.draw(posed, eye, self.model.rest(), taught)
        return Picture(light, cover, torch.ones_like(cover))

    def _restraint(self, stage: StageName, learnt: Learnt, taught: Learnt | None) -> Tensor:
        params, loss = self.model.params, torch.zeros((), device=self.device)
        held: dict[str, Tensor | None] = {}
        if stage != "template":
            held["offset"] = params[f"{learnt.base}.offset"]
        if stage == "teacher":
            held |= {"moved": learnt.moved, "shift": learnt.shift, "tint": learnt.tint}
        elif stage == "mesh" and taught is not None and learnt.moved is not None and taught.moved is not None:
            loss = loss + _ALIKE * (learnt.moved - taught.moved).norm(dim=1).mean()
        elif stage == "mesh":
            held["moved"] = learnt.moved
        elif stage == "blend":
            held |= {name: params.get(f"shapes.{name}") for name in ("shift", "tint")}
        for name, value in held.items():
            if value is not None:
                loss = loss + _KEEP[name] * (value * value).mean()
        return loss

    def _pick(self, stage: StageName, step: int) -> Pair:
        """Each picture once before any comes again."""
        pairs = self._still if stage == "static" else self._pairs
        turn, place = divmod(step, len(pairs))
        order = np.random.default_rng([self.options.seed, 5, STAGES.index(stage), turn]).permutation(len(pairs))
        return pairs[int(order[place])]


def _rate(stage: StageName, name: str) -> float:
    rates = RATES[stage]
    return rates.get(name, rates.get(name.split(".")[0], 0.0))


def device_of(name: str) -> torch.device:
    """The device of that name, "auto" for a GPU where there is one. Raises TrainError."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainError("There is no CUDA device for torch here; leave --device away.")
    try:
        return torch.device(name)
    except RuntimeError:
        raise TrainError(f"--device {name!r} is unknown; say cpu or cuda.") from None
