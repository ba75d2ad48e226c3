"""What is said about a person, and what of it the forge takes up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assets.errors import ForgeError
from assets.forge.anatomy.person import Person
from assets.forge.clothes.outfit import outfit
from assets.forge.hair.beard import BEARD_STYLES
from assets.forge.hair.brows import BROW_STYLES
from assets.forge.hair.colour import HAIR_COLOURS
from assets.forge.hair.hair import HAIR_STYLES, style_named
from assets.forge.hair.lashes import LASH_STYLES
from assets.forge.look import PEOPLE, Look, recipe_named
from assets.forge.palette import EYE_COLOURS, palette


def test_everyone_of_the_project_can_be_asked_for() -> None:
    assert len({recipe.seed for recipe in PEOPLE.values()}) == len(PEOPLE) >= 2
    for name, recipe in PEOPLE.items():
        assert recipe_named(name) is recipe
        style_named(recipe.look.style)
        recipe.look.palette(recipe.seed)
    sexes = {recipe.look.person.sex for recipe in PEOPLE.values()}
    ages = [recipe.look.person.age for recipe in PEOPLE.values()]
    assert sexes == {0, 1} and max(ages) - min(ages) >= 20
    with pytest.raises(ForgeError, match="no recipe 'nobody'; there are mira"):
        recipe_named("nobody")


def test_skin_goes_from_fair_to_deep() -> None:
    light = [palette(3, skin=depth).skin.sum() for depth in (0, 0.25, 0.5, 0.75, 1)]
    assert all(np.diff(light) < 0) and light[0] > 8 * light[-1]
    assert 0.9 * light[0] > palette(3).skin.sum() > light[2]
    with pytest.raises(ForgeError, match=r"Skin cannot be 1\.5 deep"):
        Look(skin=1.5)


@pytest.mark.parametrize("eyes", EYE_COLOURS)
def test_eyes_are_as_asked_for(eyes: str) -> None:
    assert np.array_equal(palette(3, eyes=eyes).iris, EYE_COLOURS[eyes][0])


def test_unknown_colours_are_refused_with_the_known() -> None:
    with pytest.raises(ForgeError, match="no 'purple' eyes; choose one of brown"):
        Look(eyes="purple").palette(0)
    with pytest.raises(ForgeError, match="no hair colour 'mauve'"):
        Look(hair_colour="mauve").palette(0)


def test_what_is_open_follows_the_seed_and_the_sex() -> None:
    assert not np.array_equal(Look().palette(1).hair, Look().palette(2).hair)
    dark = Look(hair_colour="black").palette(1)
    assert 0 < dark.brow.sum() < dark.hair.sum()
    assert Look().brow_style != Look(Person(sex=1)).brow_style
    assert (Look(brows="thin", lashes="long").brow_style, Look(lashes="long").lash_style) == ("thin", "long")
    assert (Look().style, Look(Person(sex=1)).style, Look(hair="afro").style) == ("bob", "crop", "afro")


def test_unknown_styles_are_refused_with_the_known() -> None:
    for asked, said in (
        ({"hair": "mohawk"}, "no hairstyle 'mohawk'; choose one of bob"),
        ({"beard": "zz"}, "no beard 'zz'; choose one of stubble"),
        ({"brows": "zz"}, "no brows 'zz'; choose among plain"),
        ({"lashes": "zz"}, "no lashes 'zz'; choose among plain"),
    ):
        with pytest.raises(ForgeError, match=said):
            Look(**asked)


def test_the_documentation_names_every_style_and_colour() -> None:
    told = (Path(__file__).parents[3] / "docs" / "avatars.md").read_text(encoding="utf-8")
    for name in (*HAIR_STYLES, *HAIR_COLOURS, *BEARD_STYLES, *BROW_STYLES, *LASH_STYLES):
        assert f"`{name}`" in told, name


def test_a_look_can_be_written_down() -> None:
    written = json.loads(json.dumps(Look(Person(age=40), hair="bun").described()))
    assert written["hair"] == "bun" and written["person"]["age"] == 40


def test_clothes_are_asked_for_in_words() -> None:
    dress = [[item.name for item in outfit(recipe.seed, recipe.look.clothes)] for recipe in PEOPLE.values()]
    assert not set(dress[0]) & set(dress[1]), "people of the project are dressed differently"
    with pytest.raises(ForgeError, match="no 'toga' to wear; there are t-shirt, sweater"):
        Look(clothes="red toga")
    written = Look(clothes="jeans", wear=(Path("some/where/hat.mhclo"),)).described()
    assert written["clothes"] == "jeans" and list(written["wear"]) == ["hat.mhclo"]
