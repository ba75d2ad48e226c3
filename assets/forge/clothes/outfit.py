"""What there is to wear: names of pieces, colours and patterns, and outfits that the seed draws from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from assets.errors import ForgeError
from assets.forge.clothes.tailor.fabric import Fabric, Pattern, Weave
from assets.forge.palette import linear
from assets.forge.source import F64

Slot = Literal["top", "legs", "over", "feet"]

COLOURS: Final[dict[str, F64]] = {
    "white": linear(214, 213, 209),
    "cream": linear(218, 206, 184),
    "grey": linear(128, 130, 134),
    "charcoal": linear(62, 64, 70),
    "black": linear(34, 34, 38),
    "navy": linear(40, 46, 66),
    "blue": linear(66, 90, 132),
    "sky": linear(158, 182, 208),
    "indigo": linear(58, 72, 98),
    "teal": linear(52, 98, 104),
    "green": linear(72, 104, 80),
    "olive": linear(96, 98, 66),
    "red": linear(158, 52, 50),
    "burgundy": linear(104, 44, 56),
    "rust": linear(158, 88, 58),
    "brown": linear(92, 66, 50),
    "tan": linear(168, 134, 96),
    "beige": linear(186, 170, 144),
    "pink": linear(206, 152, 154),
    "lilac": linear(150, 136, 172),
    "mustard": linear(188, 144, 62),
}
"""Linear albedos by name."""

PATTERNS: Final[dict[str, Pattern]] = {
    "plain": "plain",
    "striped": "stripes",
    "pinstriped": "pinstripes",
    "checked": "checks",
}


@dataclass(frozen=True)
class Kind:
    """A sort of piece: where it is worn, what it is made of, and the colours that suit it."""

    slot: Slot
    weave: Weave
    colours: tuple[str, ...]
    pattern: Pattern = "plain"
    period: float = 0.03


KINDS: Final[dict[str, Kind]] = {
    "t-shirt": Kind("top", "jersey", ("white", "grey", "navy", "olive", "burgundy"), period=0.034),
    "sweater": Kind("top", "knit", ("teal", "rust", "cream", "navy", "burgundy", "mustard"), period=0.055),
    "shirt": Kind("top", "plain", ("white", "sky", "sky", "pink"), period=0.012),
    "blouse": Kind("top", "satin", ("cream", "white", "pink", "teal", "burgundy"), period=0.02),
    "jeans": Kind("legs", "denim", ("indigo", "indigo", "navy", "charcoal")),
    "chinos": Kind("legs", "plain", ("beige", "tan", "olive", "navy")),
    "trousers": Kind("legs", "wool", ("charcoal", "navy", "grey", "black"), period=0.018),
    "skirt": Kind("legs", "plain", ("navy", "burgundy", "olive", "charcoal"), period=0.04),
    "pencil-skirt": Kind("legs", "wool", ("charcoal", "black", "navy"), period=0.03),
    "blazer": Kind("over", "wool", ("navy", "charcoal", "brown", "grey"), period=0.03),
    "sneakers": Kind("feet", "leather", ("white", "white", "grey", "navy")),
    "leather-shoes": Kind("feet", "leather", ("brown", "black", "tan")),
    "pumps": Kind("feet", "leather", ("black", "burgundy", "tan", "navy")),
}

OUTFITS: Final = (
    "sweater, jeans, sneakers",
    "t-shirt, jeans, sneakers",
    "shirt, chinos, leather-shoes",
    "striped t-shirt, chinos, sneakers",
    "blazer, t-shirt, jeans, sneakers",
    "blazer, shirt, trousers, leather-shoes",
)
"""What the seed chooses from where nothing is asked for."""


@dataclass(frozen=True)
class Item:
    """One piece to make."""

    name: str
    fabric: Fabric

    @property
    def slot(self) -> Slot:
        return KINDS[self.name].slot


def outfit(seed: int, wanted: str = "") -> tuple[Item, ...]:
    """The pieces of `wanted`, such as "cream blouse, skirt, pumps", one for each slot but `over`.

    A piece is its name (two words or one with a hyphen), after a colour and a pattern if these are asked for. The seed
    draws what is left open, missing tops, legs and shoes too. Raises ForgeError where a word is unknown or two pieces
    take the same place.
    """
    random = np.random.default_rng([seed, 51])
    chosen: dict[Slot, Item] = {}
    drawn = OUTFITS[int(random.integers(len(OUTFITS)))]
    asked = [_item(text, random) for text in wanted.split(",") if text.strip()]
    for item in asked:
        if item.slot in chosen:
            raise ForgeError(
                f"The {item.name} and the {chosen[item.slot].name} take the same place; ask for one of them."
            )
        chosen[item.slot] = item
    for text in drawn.split(","):
        item = _item(text, random)
        if item.slot not in chosen and not (asked and item.slot == "over"):
            chosen[item.slot] = item
    order: tuple[Slot, ...] = ("feet", "legs", "top", "over")
    return tuple(chosen[slot] for slot in order if slot in chosen)


def sole_of(item: Item) -> Fabric:
    """What a shoe's sole is made of."""
    return Fabric("rubber", COLOURS["white"] if item.name == "sneakers" else COLOURS["black"])


def _item(text: str, random: np.random.Generator) -> Item:
    *words, name = text.lower().split()
    if words and f"{words[-1]}-{name}" in KINDS:
        name = f"{words.pop()}-{name}"
    if name not in KINDS:
        raise ForgeError(f"There is no {name!r} to wear; there are {', '.join(KINDS)}.")
    kind = KINDS[name]
    colour = kind.colours[int(random.integers(len(kind.colours)))]
    pattern = kind.pattern
    for word in words:
        if word in COLOURS:
            colour = word
        elif word in PATTERNS:
            pattern = PATTERNS[word]
        else:
            known = ", ".join([*COLOURS, *PATTERNS])
            raise ForgeError(f"Nothing to wear is {word!r}; a piece may be {known}.")
    base = COLOURS[colour]
    light = base.mean() > 0.25
    thread = linear(176, 126, 70) if kind.weave == "denim" else None
    second = COLOURS["navy"] if light else COLOURS["cream"]
    return Item(name, Fabric(kind.weave, base, pattern, second, kind.period, thread))
