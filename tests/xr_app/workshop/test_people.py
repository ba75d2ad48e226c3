"""The people who come with visavis: finished, of the recipes that are told, and the same when made again."""

import json
from pathlib import Path

import pytest

from assets import paths
from assets.container import problems, read_manifest
from assets.errors import ForgeError
from assets.forge.forge import VERSION
from assets.forge.look import PEOPLE
from assets.progress import SilentProgress
from xr_app.workshop.people import compared, remake


@pytest.mark.parametrize("name", PEOPLE)
def test_each_is_packed_as_its_recipe_says(name: str) -> None:
    path, recipe = paths.shipped_avatars_dir() / f"{name}.avatar", PEOPLE[name]
    manifest = read_manifest(path)
    assert path.stat().st_size <= 25e6
    assert manifest.gaussians == pytest.approx(250_000, rel=0.1)
    assert manifest.licence == "CC0-1.0"
    made = manifest.provenance
    assert made["tool"] == f"visavis forge {VERSION}"
    assert (made["seed"], made["look"]) == (recipe.seed, json.loads(json.dumps(recipe.look.described())))


def test_they_are_sound_and_unlike_each_other() -> None:
    assert not [problem for name in PEOPLE for problem in problems(paths.shipped_avatars_dir() / f"{name}.avatar")]
    one, other = (recipe.look for recipe in PEOPLE.values())
    assert round(one.person.sex) != round(other.person.sex)
    assert abs(one.person.age - other.person.age) > 20
    assert one.clothes != other.clothes


def test_the_same_file_is_told_from_another(tmp_path: Path) -> None:
    mira, anton = (paths.shipped_avatars_dir() / f"{name}.avatar" for name in ("mira", "anton"))
    again = tmp_path / "again.avatar"
    again.write_bytes(mira.read_bytes())
    assert compared(again, mira)["same"]
    assert not compared(anton, mira)["same"]
    assert not compared(mira, tmp_path / "missing.avatar")["same"]
    assert compared(mira, anton)["bytes"] == mira.stat().st_size


def test_a_person_without_recipe_is_named() -> None:
    with pytest.raises(ForgeError, match="'nobody'"):
        remake(["nobody"], None, SilentProgress())
