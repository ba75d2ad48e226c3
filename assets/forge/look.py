"""Everything that can be said about a person to be forged, and the people that come with the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from assets.errors import ForgeError
from assets.forge.anatomy.person import Person
from assets.forge.clothes.outfit import outfit
from assets.forge.hair.beard import beard_named
from assets.forge.hair.brows import brows_named
from assets.forge.hair.colour import hair_colour
from assets.forge.hair.hair import style_named
from assets.forge.hair.lashes import lashes_named
from assets.forge.palette import Palette, palette

_BROW: Final = 0.8
"""Brows are a little darker than hair."""


@dataclass(frozen=True)
class Look:
    """What is None or empty is drawn by the seed, or follows from the rest. Raises ForgeError for unknown clothes and
    styles; for unknown colours where they are used."""

    person: Person = field(default_factory=Person)
    skin: float | None = None
    """0 fair to 1 deep."""
    eyes: str | None = None
    """One of EYE_COLOURS."""
    hair: str | None = None
    """One of HAIR_STYLES."""
    hair_colour: str | None = None
    """One of HAIR_COLOURS; age mixes grey into it."""
    beard: str | None = None
    """One of BEARD_STYLES; None is shaven."""
    brows: str | None = None
    """One of BROW_STYLES."""
    lashes: str | None = None
    """One of LASH_STYLES."""
    clothes: str = ""
    """Pieces as `assets.forge.clothes.outfit.outfit` takes them: "navy blazer, white shirt, jeans"."""
    wear: tuple[Path, ...] = ()
    """Pieces of MakeHuman's asset packs (.mhclo), worn besides; without `clothes` they are all that is worn."""

    def __post_init__(self) -> None:
        style_named(self.style)
        brows_named(self.brow_style)
        lashes_named(self.lash_style)
        if self.beard is not None:
            beard_named(self.beard)
        outfit(0, self.clothes)
        if self.skin is not None and not 0 <= self.skin <= 1:
            raise ForgeError(f"Skin cannot be {self.skin:g} deep; choose between 0 (fair) and 1 (deep).")

    def palette(self, seed: int) -> Palette:
        """The person's colours; hair as it is before age greys it. Raises ForgeError."""
        colours = palette(seed, skin=self.skin, eyes=self.eyes)
        hair = colours.hair if self.hair_colour is None else hair_colour(self.hair_colour)
        return replace(colours, hair=hair, brow=_BROW * hair)

    def described(self) -> dict[str, Any]:
        """What was asked for, for an avatar's provenance."""
        asked: dict[str, Any] = msgspec.to_builtins(self, enc_hook=lambda path: path.name)
        return asked

    @property
    def style(self) -> str:
        """The hair's style."""
        return self.hair or ("crop" if self.person.sex >= 0.5 else "bob")

    @property
    def brow_style(self) -> str:
        """The brows' style."""
        return self.brows or ("full" if self.person.sex >= 0.5 else "plain")

    @property
    def lash_style(self) -> str:
        """The lashes' style."""
        return self.lashes or ("short" if self.person.sex >= 0.5 else "plain")


@dataclass(frozen=True)
class Recipe:
    """A person who can be made again, bit for bit."""

    seed: int
    look: Look
    gaussians: int = 250_000


PEOPLE: Final[Mapping[str, Recipe]] = MappingProxyType(
    {
        "mira": Recipe(
            1,
            Look(Person(height=1.68, weight=0.4, muscle=0.55), clothes="teal sweater, jeans, white sneakers"),
        ),
        "anton": Recipe(
            5,
            Look(
                Person(sex=1, age=58, height=1.80, weight=0.58),
                hair="receding",
                hair_colour="dark-brown",
                eyes="blue",
                beard="short",
                clothes="navy blazer, white shirt, beige chinos, brown leather-shoes",
            ),
        ),
    }
)
"""By name; each lies in the repository, made by `visavis avatar remake`."""


def recipe_named(name: str) -> Recipe:
    """One of PEOPLE; raises ForgeError with their names."""
    if name not in PEOPLE:
        raise ForgeError(f"There is no recipe {name!r}; there are {', '.join(PEOPLE)}.")
    return PEOPLE[name]
