"""A head of hair in one of HAIR_STYLES: strands over a dark backing that move with head and shoulders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.form import Form, form_of
from assets.forge.hair.colour import strand_colours
from assets.forge.hair.combing import Comb
from assets.forge.hair.fibres import backing, chains, layered, strips
from assets.forge.hair.locks import grow
from assets.forge.hair.pieces import piece_count
from assets.forge.hair.scalp import Scalp, scalp_of
from assets.forge.hair.styles import HAIR_STYLES, Style
from assets.forge.layer import Layer, Surface
from assets.forge.palette import Palette
from assets.forge.source import F64

__all__ = ["HAIR_STYLES", "Style", "hair", "style_named"]

_BACKING: Final = 0.16
"""The backing's share of the Gaussians."""
_MOST_STRANDS: Final = 26_000
_SAMPLE: Final = 300
"""Strands grown to learn how many pieces a strand of a style has."""


def style_named(name: str) -> Style:
    """One of HAIR_STYLES; raises ForgeError with their names where there is no such one."""
    if name not in HAIR_STYLES:
        raise ForgeError(f"There is no hairstyle {name!r}; choose one of {', '.join(HAIR_STYLES)}.")
    return HAIR_STYLES[name]


def hair(
    body: Body,
    palette: Palette,
    *,
    seed: int,
    count: int = 60_000,
    style: str | Style = "bob",
    colour: F64 | None = None,
    grey: float = 0.0,
    clothes: Sequence[Surface] = (),
) -> Layer:
    """About `count` Gaussians of hair; short hair may need fewer.

    colour: (3,) linear albedo, the palette's where it is None. grey: share of white strands. clothes: what hair must
    stay outside of, besides the body. Raises ForgeError where there is no such style.
    """
    cut = style_named(style) if isinstance(style, str) else style
    scalp, form = scalp_of(body), form_of(body, clothes)
    strands = grow(body, scalp, form, cut, count=_strands(body, scalp, form, cut, count, seed), seed=seed)
    surface, ribbons = strips(body, scalp, form, cut, strands)
    base = palette.hair if colour is None else colour
    tones = strand_colours(base, grey, scalp, strands, seed)
    # White strands do not light up the depth of dark hair.
    deep = np.sqrt(base * tones.mean(axis=0))
    tones = deep + strands.fine[:, None] * (tones - deep)
    parted = Comb(scalp, cut).beside_parting
    closing = backing(surface, ribbons, strands, cut, deep, round(_BACKING * count), seed, parted)
    return layered(closing, chains(form, surface, strands, cut, tones, seed))


def _strands(body: Body, scalp: Scalp, form: Form, style: Style, count: int, seed: int) -> int:
    few = grow(body, scalp, form, style, count=_SAMPLE, seed=seed)
    return int(np.clip((1 - _BACKING) * count * _SAMPLE / piece_count(few), 50, _MOST_STRANDS))
