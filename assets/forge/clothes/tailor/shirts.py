"""Shirts and blouses: a top with a collar, a row of buttons, cuffs, and for a shirt a pocket."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from assets.forge.clothes.cloth import Hemmed, Shell
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.fit import Fitting
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.clothes.tailor.patches import box, patch
from assets.forge.clothes.tailor.tops import TopCut, Waist, pit, top
from assets.forge.clothes.tailor.trims import button, contact, inset, rims, stitches
from assets.forge.source import F64

_LEAF: Final = 0.036
"""Length of a collar's leaf behind the neck."""
_APART: Final = 0.082
"""From button to button."""


def shirt(
    where: Fitting, cut: TopCut, fabric: Fabric, waist: Waist | None, *, pocket: bool, leaf: float
) -> tuple[Shell, list[Part]]:
    """The fallen shell, and the parts to sew; `leaf` is the length of the collar's points, metres."""
    measures = where.measures
    shell, parts = top(where, cut, fabric, waist)
    placket = _placket(measures, cut, shell, fabric)
    parts += [part for part in (placket, _collar(measures, cut, shell, fabric, leaf)) if part is not None]
    parts += _cuffs(measures, cut, shell, fabric)
    if pocket:
        parts += _pocket(measures, shell, fabric)
    under = contact(parts[0].cloth, [part.cloth for part in parts[1:]], fabric)
    parts[0] = replace(parts[0], trims=(*parts[0].trims, under))
    return shell, parts


def edged(made: Hemmed, fabric: Fabric, depth: float) -> Trims:
    """Stitches all around a patch."""
    return stitches(made, [inset(made, line, depth) for line in rims(made)], fabric.stitch)


def _placket(measures: Measures, cut: TopCut, shell: Shell, fabric: Fabric) -> Part | None:
    size = measures.size
    start = pit(measures) - cut.open * size
    middle = float(measures.joint("spine_02")[2])

    def field(p: F64) -> F64:
        strip = np.minimum(0.0165 * size - np.abs(p[:, 0]), start + 0.012 - p[:, 1])
        return np.asarray(np.where(p[:, 2] > middle, strip, -1.0))

    made = patch(shell, field, 0.0014)
    if made is None:
        return None
    trims = [edged(made, fabric, 0.0045)]
    points = made.shell.at
    low = float(points[:, 1].min())
    for height in np.arange(start - 0.004, low + 0.03, -_APART * size):
        nearest = int(np.argmin(np.abs(points[:, 0]) + np.abs(points[:, 1] - height) + 10 * (points[:, 2] < middle)))
        trims += button(made, made.shell.vertices[nearest], fabric)
    return Part(made, fabric, detail=1.4, trims=tuple(trims))


def _collar(measures: Measures, cut: TopCut, shell: Shell, fabric: Fabric, leaf: float) -> Part | None:
    """The collar's leaf: from the top of its stand down over the shoulders, to points beside the opening."""
    size = measures.size

    def field(p: F64) -> F64:
        away = p - measures.neck
        turn = np.abs(np.arctan2(away[:, 0], away[:, 2]))
        point = np.exp(-((turn / 0.75) ** 2))
        length = _LEAF + (leaf - _LEAF) * point
        outline = length * size - measures.collar(p)
        # the front edges run outward to the points
        front = np.abs(p[:, 0]) - 0.36 * np.maximum(pit(measures) + 0.02 - p[:, 1], 0.0) - 0.003
        return np.asarray(np.where(away[:, 2] > 0, np.minimum(outline, front), outline))

    def height(p: F64) -> F64:
        near = np.clip(measures.collar(p) / (0.04 * size), 0, 1)
        return np.asarray(0.004 + 0.014 * near * (1 - near))

    made = patch(shell, field, height, thickness=0.0024)
    if made is None:
        return None
    return Part(made, fabric, detail=1.5, trims=(edged(made, fabric, 0.005),))


def _cuffs(measures: Measures, cut: TopCut, shell: Shell, fabric: Fabric) -> list[Part]:
    if not cut.cuff:
        return []
    wide = cut.cuff * measures.size
    parts = []
    for sign in (1.0, -1.0):
        elbow, wrist = measures.joint("lowerarm", sign), measures.joint("hand", sign)
        end = elbow + (cut.sleeve - 1) * (wrist - elbow)
        along = (wrist - elbow) / np.linalg.norm(wrist - elbow)

        def field(p: F64, end: F64 = end, along: F64 = along, sign: float = sign) -> F64:
            mine = (sign * p[:, 0] > 0) & (np.linalg.norm(p - end, axis=1) < 0.2)
            return np.asarray(np.where(mine, wide - (end - p) @ along, -1.0))

        made = patch(shell, field, 0.0016)
        if made is None:
            continue
        behind = end - 0.5 * wide * along + np.array([sign * 0.03, 0.02, -0.03])
        nearest = int(np.argmin(np.linalg.norm(made.shell.at - behind, axis=1)))
        trims = [edged(made, fabric, 0.005), *button(made, made.shell.vertices[nearest], fabric)]
        parts.append(Part(made, fabric, detail=1.3, trims=tuple(trims)))
    return parts


def _pocket(measures: Measures, shell: Shell, fabric: Fabric) -> list[Part]:
    size = measures.size
    middle = (0.075 * size, float(measures.joint("spine_03")[1]) + 0.095 * size)
    depth = float(measures.joint("spine_02")[2])

    def field(p: F64) -> F64:
        outline = box(p[:, 0], p[:, 1], middle, (0.044 * size, 0.052 * size), 0.010)
        return np.asarray(np.where(p[:, 2] > depth, outline, -1.0))

    made = patch(shell, field, 0.0014)
    return [] if made is None else [Part(made, fabric, detail=1.3, trims=(edged(made, fabric, 0.004),))]
