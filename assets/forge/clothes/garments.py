"""What a person wears: pieces cut from the body's own surface, let fall one over the other, and sewn into layers.

The order is that of dressing. Where one piece covers another, or cloth the skin, nothing is drawn beneath but a margin:
so nothing can show through, however the person moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.anatomy.body import Body
from assets.forge.clothes.cloth import Shell
from assets.forge.clothes.makehuman import hidden, read_mhclo, wear
from assets.forge.clothes.outfit import Item, Slot, outfit, sole_of
from assets.forge.clothes.shoes import SHOES, shoe_field, shoes
from assets.forge.clothes.tailor.fit import Fitting, fitting
from assets.forge.clothes.tailor.jackets import BLAZER, jacket, jacket_field
from assets.forge.clothes.tailor.measures import Measures, measured
from assets.forge.clothes.tailor.part import Part
from assets.forge.clothes.tailor.sewing import demand, sewn
from assets.forge.clothes.tailor.shirts import shirt
from assets.forge.clothes.tailor.skirts import SKIRTS, skirt, skirt_field
from assets.forge.clothes.tailor.skirts import waist_of as skirt_waist
from assets.forge.clothes.tailor.tops import TOPS, Waist, top, top_field
from assets.forge.clothes.tailor.trousers import TROUSERS, trouser_field, trousers
from assets.forge.clothes.tailor.trousers import waist_of as trouser_waist
from assets.forge.layer import Layer
from assets.forge.source import F64

Mask = NDArray[np.bool_]
Field = Callable[[F64, F64], F64]
"""Places (N, 3) and shares of arm (N,) to metres inside what a piece covers."""

_MARGIN: Final = 0.024
"""How far skin goes on under a border, metres."""
_WRIST: Final = 0.13
_NARROW: Final = 0.010
"""The same so near to a wrist, which is thin and turns."""
_CLOSE: Final = -0.004
"""The same in shoes: they are solid, and the foot comes out of them."""
_UNDER: Final = 0.035
"""How far cloth goes on under other cloth."""
_LOOSE: Final = 0.018
"""The same under what hangs open."""
_ON_TOP: Final = 0.006
"""The same for patches on it."""
_SHOE: Final = 0.008
"""The same for shoes under trousers."""
_TUCK: Final = 0.022
"""The same for what is tucked in."""
_TUCKED: Final = ("shirt", "blouse")
_OVER_TUCK: Final = ("skirt", "pencil-skirt", "trousers", "chinos")


@dataclass(frozen=True)
class _Worn:
    item: Item
    parts: list[Part]
    covers: Field


def garments(
    body: Body, *, seed: int, count: int = 38_000, pieces: str = "", packs: Sequence[Path] = ()
) -> tuple[list[Layer], Mask]:
    """The clothes as layers of about `count` Gaussians in all, and which triangles (F,) of the part `body` are wholly
    under them.

    pieces: what to wear, as `assets.forge.clothes.outfit.outfit` takes it; the seed draws what is left open. packs:
    .mhclo files of MakeHuman's asset packs, worn besides; where there are any and `pieces` is empty, they are all there
    is. Raises ForgeError.
    """
    measures = measured(body)
    worn = _dressed(measures, outfit(seed, pieces)) if pieces or not packs else []
    shares = [demand(measures, each.parts) for each in worn]
    pack = 0.5 * (sum(shares) or 1.0)
    total = sum(shares) + pack * len(packs)
    layers = [
        sewn(measures, each.parts, round(count * share / total), seed + 97 * k)
        for k, (each, share) in enumerate(zip(worn, shares, strict=True))
    ]
    points, arm = body.vertices, measures.arm
    wrist = np.linalg.norm(np.abs(points) - np.abs(measures.joint("hand")), axis=1)
    margin = np.where(wrist < _WRIST * measures.size, _NARROW, _MARGIN)
    under = np.zeros(len(points), bool)
    for each in worn:
        under |= each.covers(points, arm) > (_CLOSE if each.item.slot == "feet" else margin)
    covered = under[body.triangles["body"]].all(axis=1)
    for k, path in enumerate(packs):
        layers.append(wear(path, body, seed=seed + k, count=round(count * pack / total)))
        covered |= hidden(read_mhclo(path), body)
    return layers, np.asarray(covered)


def _dressed(measures: Measures, items: Sequence[Item]) -> list[_Worn]:
    """Every piece fallen over those before it, and bare where another covers it."""
    named = {item.slot: item for item in items}
    where = fitting(measures)
    worn: dict[Slot, _Worn] = {}
    if "feet" in named:
        cut = SHOES[named["feet"].name]
        parts = shoes(measures, cut, named["feet"].fabric, sole_of(named["feet"]))
        for part in parts:
            where = where.wearing(part.cloth.shell, 0.0)
        worn["feet"] = _Worn(named["feet"], parts, lambda p, arm: shoe_field(measures, cut, p))
    tucked = named["top"].name in _TUCKED and named["legs"].name in _OVER_TUCK
    waist: Waist | None = None
    order: tuple[Slot, ...] = ("legs", "top", "over")
    for slot in order:
        if slot in named:
            shell, worn[slot] = _made(where, named[slot], waist)
            if slot == "legs" and tucked:
                waist = Waist(_waist(measures, named["legs"]), shell)
            above = None if waist is None else waist.height - (0.008 if slot == "legs" else 0.0)
            where = where.wearing(shell, 0.002, above=above)
    if tucked:
        worn["top"] = _bare(measures, worn["top"], worn["legs"], _TUCK)
    else:
        worn["legs"] = _bare(measures, worn["legs"], worn["top"])
    if "feet" in worn:
        worn["feet"] = _bare(measures, worn["feet"], worn["legs"], _SHOE)
    if "over" in worn:
        worn["top"] = _bare(measures, worn["top"], worn["over"], _LOOSE)
        worn["legs"] = _bare(measures, worn["legs"], worn["over"], _LOOSE)
    return [worn[slot] for slot in ("top", "legs", "feet", "over") if slot in worn]


def _waist(measures: Measures, legs: Item) -> float:
    if legs.name in TROUSERS:
        return trouser_waist(measures, TROUSERS[legs.name])
    return skirt_waist(measures, SKIRTS[legs.name])


def _made(where: Fitting, item: Item, waist: Waist | None) -> tuple[Shell, _Worn]:
    measures, name, fabric = where.measures, item.name, item.fabric
    if name in TROUSERS:
        legs = TROUSERS[name]
        shell, parts = trousers(where, legs, fabric)
        return shell, _Worn(item, parts, lambda p, arm: trouser_field(measures, legs, p, arm))
    if name in SKIRTS:
        cone = SKIRTS[name]
        shell, parts = skirt(where, cone, fabric)
        return shell, _Worn(item, parts, lambda p, arm: skirt_field(measures, cone, p, arm))
    if item.slot == "over":
        shell, parts = jacket(where, BLAZER, fabric)
        return shell, _Worn(item, parts, lambda p, arm: jacket_field(measures, BLAZER, p, arm))
    cut = TOPS[name]
    if cut.cuff:
        leaf = 0.062 if name == "shirt" else 0.045
        shell, parts = shirt(where, cut, fabric, waist, pocket=name == "shirt", leaf=leaf)
    else:
        shell, parts = top(where, cut, fabric, waist)
    return shell, _Worn(item, parts, lambda p, arm: top_field(measures, cut, p, arm))


def _bare(measures: Measures, inner: _Worn, outer: _Worn, margin: float = _UNDER) -> _Worn:
    """The inner piece without what the outer one covers."""
    parts = []
    for number, part in enumerate(inner.parts):
        shell = part.cloth.shell
        # what lies on the inner cloth, such as a collar's leaf, would come through first
        under = outer.covers(shell.at, shell.of(measures.arm)) > (min(margin, _ON_TOP) if number else margin)
        parts.append(replace(part, bare=under if part.bare is None else part.bare | under))
    return replace(inner, parts=parts)
