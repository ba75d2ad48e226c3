"""Damaged avatar files: each has to be refused with one sentence, or to load.

Its reader may allocate twice the file's size and ALLOWED_BYTES on the way to a refusal (ordeal.py has the rest).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.avatar import Avatar
from assets.container import load, problems, save
from assets.progress import Progress
from render.measure.damage import ACCIDENTS, ATTACKS, Whole
from render.measure.ordeal import Order, endure, figures_of
from render.measure.subject import make_subject

ALLOWED_BYTES: Final = 1 << 20
"""Beside twice the file: buffers, the manifest's objects, what one file leaves of the one before."""
GROWTH_BYTES: Final = 96 << 20
_GAUSSIANS: Final = 8_000
_SHAPES: Final = 6
_ASKED: Final = 8
"""Of so many files, one is also asked for all that is wrong with it."""
_DAMAGES: Final = ACCIDENTS | ATTACKS
_WHOLE: Final = ("compact", "full")


@dataclass
class Avatars:
    """The series of damaged avatars; `wholes` are sound ones by name."""

    wholes: dict[str, Whole]
    seed: int = 0

    def __post_init__(self) -> None:
        self._sound: dict[str, Avatar] = {}

    @property
    def growth(self) -> int:
        return 4 * max(len(whole.blob) for whole in self.wholes.values()) + GROWTH_BYTES

    def damaged(self, number: int, folder: Path) -> Order:
        rng = np.random.default_rng((self.seed, number))
        kind, which = list(_DAMAGES)[rng.integers(len(_DAMAGES))], list(self.wholes)[rng.integers(len(self.wholes))]
        path = folder / "damaged.avatar"
        path.write_bytes(_DAMAGES[kind](self.wholes[which], rng))
        return Order(number, kind, which, path, path.stat().st_size)

    def prepare(self, folder: Path) -> None:
        path = folder / "sound.avatar"
        for name, whole in self.wholes.items():
            path.write_bytes(whole.blob)
            self._sound[name] = load(path)

    def read(self, order: Order) -> Avatar:
        return load(order.path)

    def allowed(self, order: Order, *, refused: bool) -> int:
        return 2 * order.size + ALLOWED_BYTES if refused else self.growth

    def complaint(self, order: Order, found: object | None) -> str:
        if found is None:
            asked = order.number % _ASKED == 0
            return "it is refused, and nothing is wrong with it" if asked and not problems(order.path) else ""
        was = self._sound[order.source]
        changed = order.kind in ACCIDENTS and not (isinstance(found, Avatar) and same(found, was))
        return "it is another avatar, and nobody noticed" if changed else ""


def try_damaged(count: int, progress: Progress, *, seed: int = 0, gaussians: int = _GAUSSIANS) -> dict[str, Any]:
    """Load `count` damaged files of made-up persons, compact and full: `figures_of` them, the bytes of the sound files
    and of what is allowed beside twice a file. Needs the extra `convert`."""
    with tempfile.TemporaryDirectory() as name, progress.step("Loading damaged files", count) as step:
        path = Path(name) / "a.avatar"
        subject = make_subject(gaussians, shapes=_SHAPES, network=True)
        save(subject, path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
        wholes = {_WHOLE[0]: Whole.of(path.read_bytes())}
        save(subject, path, precision="full")
        wholes[_WHOLE[1]] = Whole.of(path.read_bytes())
        outcomes = endure(Avatars(wholes, seed), count, step.advance)
    sizes = {f"{name}_bytes": len(whole.blob) for name, whole in wholes.items()}
    return {**sizes, "allowed_beside_twice_the_file": ALLOWED_BYTES, **figures_of(outcomes)}


def same(a: Avatar, b: Avatar) -> bool:
    """Whether two avatars have the same numbers, stages and networks."""
    pairs = [(vars(a.gaussians), vars(b.gaussians)), (vars(a.mesh), vars(b.mesh)), (a.tensors, b.tensors)]
    arrays = all(x.keys() == y.keys() and all(np.array_equal(x[name], y[name]) for name in x) for x, y in pairs)
    return arrays and (a.name, a.stages, a.levels, dict(a.models)) == (b.name, b.stages, b.levels, dict(b.models))
