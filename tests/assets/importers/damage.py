"""Files that people bring, damaged: each has to be refused with one sentence, or to be read, in bounded memory.

    python -m tests.assets.importers.damage --files 5000 --json

A series of render/measure/ordeal.py over scenes, rigs, heads bound to FLAME, MakeHuman's pieces and captures.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.avatar import Avatar
from assets.forge.clothes.makehuman import wear
from assets.importers.flame import read_flame_avatar
from assets.importers.flame_fit import Donor, donor_of
from assets.importers.rigged import Options, read_rigged
from assets.importers.scene import read_scene
from assets.progress import Progress, SilentProgress, shown_on
from assets.train.layouts import open_capture
from assets.train.template import template_of
from render.measure.ordeal import Order, endure, figures_of
from tests.assets.forge.forged import body
from tests.assets.importers.damage_ways import damaged
from tests.assets.importers.sound_files import Files, sound
from tests.assets.train.captures import person
from tests.assets.train.test_smplx import template as template_with_a_body

MIB: Final = 1 << 20


@dataclass(frozen=True)
class Kind:
    """A kind of file or folder: how it is read, and how many bytes that may allocate for each of its own and beside."""

    read: Callable[[Path], object]
    times: int
    beside: int


def _scene(folder: Path) -> Avatar:
    return read_scene(next(folder.iterdir()))


def _rig(folder: Path) -> Avatar:
    return read_rigged(next(folder.iterdir()), Options(gaussians=200, relight=False)).avatar


def _head(folder: Path) -> Avatar:
    model = folder / ("flame.safetensors" if (folder / "flame.safetensors").is_file() else "flame.npz")
    return read_flame_avatar(folder / "point_cloud.ply", model, donor=_donor())


@cache
def _donor() -> Donor:
    return donor_of(body())


def _piece(folder: Path) -> object:
    return wear(folder / "square.mhclo", body(), count=60)


def _capture(folder: Path) -> object:
    """Those without a template of their own need another's, and SMPL-X's poses a body's joints."""
    template = None
    if not (folder / "capture.json").is_file():
        template = template_with_a_body() if (folder / "22").is_dir() else template_of(person())
    capture = open_capture(folder, template)
    for pair in capture.pairs():
        capture.photo(pair)
    return capture


KINDS: Final[Mapping[str, Kind]] = {
    "scene": Kind(_scene, 48, MIB),
    "rig": Kind(_rig, 100, 20 * MIB),
    "head": Kind(_head, 64, 4 * MIB),
    "piece": Kind(_piece, 64, 72 * MIB),
    "capture": Kind(_capture, 24, 4 * MIB),
}
GROWTH: Final = 384 * MIB
"""By which the reading process may grow: the largest picture that a header may promise takes most of it."""


@dataclass
class Imports:
    """The series; `sound` are whole files by kind and name, one file each or those of a folder."""

    sound: Mapping[tuple[str, str], Files]
    seed: int = 0
    growth: int = GROWTH

    def damaged(self, number: int, folder: Path) -> Order:
        rng = np.random.default_rng((self.seed, number))
        kind, name = list(self.sound)[rng.integers(len(self.sound))]
        how, files = damaged(self.sound[kind, name], rng)
        write(files, folder)
        return Order(number, how, f"{kind} {name}", folder, sum(map(len, files.values())))

    def prepare(self, folder: Path) -> None:
        for (kind, name), files in self.sound.items():
            place = folder / f"{kind} {name}"
            write(files, place)
            KINDS[kind].read(place)  # a sound file that is refused ends the series
            shutil.rmtree(place)

    def read(self, order: Order) -> object:
        return KINDS[order.source.split()[0]].read(order.path)

    def allowed(self, order: Order, *, refused: bool) -> int:
        kind = KINDS[order.source.split()[0]]
        return kind.times * order.size + kind.beside

    def complaint(self, order: Order, found: object | None) -> str:
        if not isinstance(found, Avatar):
            return ""
        arrays = (*vars(found.gaussians).values(), *vars(found.mesh).values())
        return "" if all(np.isfinite(array).all() for array in arrays) else "a number in it is none"


def write(files: Files, folder: Path) -> None:
    for name, blob in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(blob)


def try_imports(
    count: int, progress: Progress, seed: int = 0, whole: Mapping[tuple[str, str], Files] | None = None
) -> dict[str, Any]:
    """Read `count` damaged files, made of the `whole` ones: `figures_of` them, and what each kind may allocate."""
    with progress.step("Reading damaged files", count) as step:
        outcomes = endure(Imports(whole or sound(), seed), count, step.advance)
    allowed = [{"kind": name, "times_the_file": kind.times, "and_bytes": kind.beside} for name, kind in KINDS.items()]
    return {"process_growth": GROWTH, "allowed": allowed, **figures_of(outcomes)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--json", action="store_true")
    wishes = options.parse_args()
    with shown_on() as progress:
        figures = try_imports(wishes.files, progress if not wishes.json else SilentProgress(), wishes.seed)
    print(json.dumps(figures, indent=2))
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
