"""Everything that can be said about a person to be forged, and the people that come with the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from assets.errors import ForgeError
from assets.forge.haircolour import grey_share, hair_colour
from assets.forge.outfit import outfit
from assets.forge.palette import Palette, linear, palette
from assets.forge.person import Person

GREY_BROW: Final = linear(168, 166, 164)


@dataclass(frozen=True)
class Look:
    """What is None or empty is drawn by the seed, or follows from the rest. Raises ForgeError for unknown names: of
    clothes at once, of the others where they are used."""

    person: Person = field(default_factory=Person)
    skin: float | None = None
    """0 fair to 1 deep."""
    eyes: str | None = None
    """One of EYE_COLOURS."""
    hair: str | None = None
    """One of HAIR_STYLES."""
    hair_colour: str | None = None
    """One of HAIR_COLOURS; age mixes grey into it."""
    clothes: str = ""
    """Pieces as `assets.forge.outfit.outfit` takes them: "navy blazer, white shirt, jeans"."""
    wear: tuple[Path, ...] = ()
    """Pieces of MakeHuman's asset packs (.mhclo), worn besides; without `clothes` they are all that is worn."""

    def __post_init__(self) -> None:
        outfit(0, self.clothes)
        if self.skin is not None and not 0 <= self.skin <= 1:
            raise ForgeError(f"Skin cannot be {self.skin:g} deep; choose between 0 (fair) and 1 (deep).")

    def palette(self, seed: int) -> Palette:
        """The person's colours, greyed with age. Raises ForgeError."""
        colours = palette(seed, skin=self.skin, eyes=self.eyes)
        hair = colours.hair if self.hair_colour is None else hair_colour(self.hair_colour)
        grey = grey_share(self.person.age, seed)
        return replace(colours, hair=hair, brow=hair * (1 - grey / 2) + GREY_BROW * grey / 2)

    def described(self) -> dict[str, Any]:
        """What was asked for, for an avatar's provenance."""
        asked: dict[str, Any] = msgspec.to_builtins(self, enc_hook=lambda path: path.name)
        return asked

    @property
    def style(self) -> str:
        """The hair's style."""
        return self.hair or ("crop" if self.person.sex >= 0.5 else "bob")


@dataclass(frozen=True)
class Recipe:
    """A person who can be made again, bit for bit."""

    seed: int
    look: Look
    gaussians: int = 250_000


PEOPLE: Final[Mapping[str, Recipe]] = MappingProxyType(
    {
        "mira": Recipe(1, Look(clothes="cream blouse, navy skirt, white sneakers")),
        "anton": Recipe(
            5,
            Look(
                Person(sex=1, age=58, height=1.80, weight=0.58),
                hair="receding",
                hair_colour="dark-brown",
                eyes="blue",
                clothes="navy blazer, white shirt, beige chinos, brown leather-shoes",
            ),
        ),
    }
)
"""By name; each lies in the repository, made by `visavis avatar forge --recipe NAME`."""


def recipe_named(name: str) -> Recipe:
    """One of PEOPLE; raises ForgeError with their names."""
    if name not in PEOPLE:
        raise ForgeError(f"There is no recipe {name!r}; there are {', '.join(PEOPLE)}.")
    return PEOPLE[name]
