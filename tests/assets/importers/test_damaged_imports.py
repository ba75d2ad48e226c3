"""A few hundred damaged files of every kind: all refused with a sentence or read, none in much memory."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.importers.scene import read_scene
from assets.progress import SilentProgress
from render.measure.ordeal import Order
from tests.assets.importers.damage import KINDS, Imports, try_imports
from tests.assets.importers.damage_ways import damaged, lying_png, members, zipped
from tests.assets.importers.sound_files import Files, sound


@pytest.fixture(scope="module")
def whole() -> dict[tuple[str, str], Files]:
    return sound()


def test_a_few_hundred_damaged_files_do_no_harm(whole: dict[tuple[str, str], Files]) -> None:
    figures = try_imports(320, SilentProgress(), seed=2, whole=whole)
    assert figures["wrong"] == 0, figures["told"]
    assert figures["files"] == 320 and {row["file"].split()[0] for row in figures["sources"]} == KINDS.keys()
    assert 100 < figures["refused"] < 320 and 0 < figures["most_of_allowed"] <= 1


def test_damage_is_done_and_done_alike_again(whole: dict[tuple[str, str], Files]) -> None:
    for files in whole.values():
        made = [[damaged(files, np.random.default_rng(seed)) for seed in range(12)] for _ in range(2)]
        assert made[0] == made[1]
        assert sum(after == files for _, after in made[0]) <= 2, "hardly any damage leaves all as it was"


def test_a_number_that_is_none_is_told(whole: dict[tuple[str, str], Files], tmp_path: Path) -> None:
    (tmp_path / "row.splat").write_bytes(whole["scene", "row.splat"]["row.splat"])
    avatar = read_scene(tmp_path / "row.splat")
    series, order = Imports(whole), Order(0, "none", "scene row.splat", tmp_path, 1)
    assert series.complaint(order, avatar) == "" == series.complaint(order, None)
    avatar.gaussians.scale[3, 1] = np.nan
    assert "a number" in series.complaint(order, avatar)


def test_lies_about_pictures_pass_the_checksum() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (3, 2)).save(stream, "PNG")
    sizes = set()
    for seed in range(40):
        blob = lying_png(stream.getvalue(), np.random.default_rng(seed))
        try:
            sizes.add(Image.open(io.BytesIO(blob)).size)
        except (OSError, Image.DecompressionBombError):
            continue
    assert len(sizes) > 5 and (3, 2) not in sizes


def test_arrays_are_packed_again_as_they_were(whole: dict[tuple[str, str], Files]) -> None:
    blob = whole["head", "npz"]["flame.npz"]
    before, after = np.load(io.BytesIO(blob)), np.load(io.BytesIO(zipped(members(blob))))
    assert before.files == after.files and all(np.array_equal(before[name], after[name]) for name in before.files)
