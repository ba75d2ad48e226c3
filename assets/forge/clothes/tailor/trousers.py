"""Trousers: jeans and chinos. They hang from the hips, fall from the calves, and break on the shoes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from assets.forge.clothes.cloth import Hemmed, Shell, border_of, clipped, continued, draped, hemmed, hung
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.fit import SNAP, Fitting, eased, laid, let_fall, region
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.clothes.tailor.patches import box, patch
from assets.forge.clothes.tailor.trims import button, contact, inset, lines_at, places_on, rims, seams, stitches
from assets.forge.source import F64

_ANKLE: Final = 0.115
"""Height above the floor where the leg is left and cloth hangs free."""
_BAND: Final = 0.038
_DOUBLE: Final = np.array([0.0, 0.0, 0.006])
"""From a seam to the stitches beside it."""


@dataclass(frozen=True)
class TrouserCut:
    """How trousers are cut; lengths in metres for a person of 1.68 m."""

    waist: float = 0.100
    """How far above the thigh joints they end."""
    hem: float = 0.030
    ahead: float = 0.088
    """Height of their ends above the floor, at the heel and over the instep."""
    slope: float = 0.11
    """How steeply a leg draws in below the thigh and calf: small hangs wide."""
    along: float = 0.02
    low: float = 0.05
    """How much more cloth there is down the leg, above and below the knee."""
    around: float = 0.03
    bend: float = 0.02
    rivets: bool = False
    """Patch pockets, double stitches and worn thighs, as jeans have; else slanted pockets and a pressed crease."""


TROUSERS: Final[dict[str, TrouserCut]] = {
    "jeans": TrouserCut(rivets=True),
    "chinos": TrouserCut(slope=0.15, bend=0.012, low=0.035, hem=0.038, ahead=0.096),
    "trousers": TrouserCut(slope=0.085, bend=0.010, low=0.03, around=0.04),
}


def trousers(where: Fitting, cut: TrouserCut, fabric: Fabric) -> tuple[Shell, list[Part]]:
    """The fallen shell, and the parts to sew; `where` should wear its shoes already."""
    measures = where.measures
    shell = _shell(where, cut)
    cloth = hemmed(shell, border_of(shell), thickness=fabric.yarn.thickness, turn=0.010)
    return shell, _finished(measures, cut, shell, cloth, fabric)


def waist_of(measures: Measures, cut: TrouserCut) -> float:
    """Height of the waistband's upper edge."""
    return float(measures.joint("thigh")[1] + cut.waist * measures.size)


def trouser_field(measures: Measures, cut: TrouserCut, points: F64, arm: F64) -> F64:
    """(N,) metres below the waist, within which the legs are covered."""
    waist = waist_of(measures, cut) - _tilt(points)
    foot = measures.joint("foot")
    ahead = eased((points[:, 2] - foot[2]) / 0.06)
    end = (cut.hem + (cut.ahead - cut.hem) * ahead) * measures.size
    return np.asarray(np.where(arm > 0.3, -1.0, np.minimum(waist - points[:, 1], points[:, 1] - end)))


def _tilt(points: F64) -> F64:
    """(N,) how much lower the waist is in front than at the sides."""
    return np.asarray(0.012 * np.clip(points[:, 2] / 0.1, -1, 1))


def _shell(where: Fitting, cut: TrouserCut) -> Shell:
    measures = where.measures
    waist, thigh, knee = waist_of(measures, cut), measures.joint("thigh"), measures.joint("calf")
    ankle = _ANKLE * measures.size

    def field(p: F64) -> F64:
        return np.asarray(np.minimum(waist - _tilt(p) - p[:, 1], p[:, 1] - ankle))

    shell = region(measures, np.where(measures.arm > 0.3, -1.0, field(measures.body.vertices) + 0.05))
    y = shell.vertices[:, 1]
    loose = 0.010 * eased((knee[1] + 0.05 - y) / (knee[1] - 0.08))
    shell = draped(shell, 0.007 + 0.002 * eased((waist - 0.10 - y) / 0.2) + loose, 70)
    for sign in (1.0, -1.0):
        axis = measures.leg_axis(y, sign)
        leg = eased((thigh[1] - 0.085 - y) / 0.06) * (sign * shell.vertices[:, 0] > 0)
        shell = hung(shell, axis, leg, cut.slope)
    shell = clipped(shell, field(shell.vertices), snap=SNAP)
    ankles = border_of(shell, lambda p: p[:, 1] < ankle + 0.01)
    ring = shell.vertices[ankles.vertices]
    ends = cut.hem * measures.size, cut.ahead * measures.size
    rows = [_leg(ring, share, *ends) for share in np.linspace(0, 1, 9)[1:]]
    shell = laid(measures, continued(shell, ankles, rows))
    y = shell.at[:, 1]
    below = eased((knee[1] + 0.04 - y) / 0.1)
    firm = eased((y - waist + 0.05) / 0.02)
    along = (cut.along + (cut.low - cut.along) * below) * (1 - firm)
    around = cut.around * (1 - firm) - 0.01 * firm
    held = eased((y - waist + 0.03) / 0.02)
    clearance = 0.006 + 0.002 * eased((waist - 0.1 - y) / 0.2)
    return let_fall(where, shell, along=along, around=around, clearance=clearance, held=held, bend=cut.bend)


def _leg(ring: F64, share: float, behind: float, before: float) -> F64:
    """The legs' lowest rings, `share` of the way down to heights at the heel and in front: rounder, a little wider."""
    moved = ring.copy()
    for sign in (1, -1):
        mine = sign * ring[:, 0] > 0
        away = ring[mine] - ring[mine].mean(axis=0)
        reach, ahead = np.hypot(away[:, 0], away[:, 2]), 0.5 + 0.5 * np.cos(np.arctan2(away[:, 0], away[:, 2]))
        wanted = reach + 0.5 * share * (reach.mean() - reach) + share * 0.010 * ahead
        moved[mine] = ring[mine].mean(axis=0) + away * (wanted / np.maximum(reach, 1e-6))[:, None]
        moved[mine, 1] = ring[mine, 1] + share * (behind + (before - behind) * ahead**1.5 - ring[mine, 1])
    return moved


def _finished(measures: Measures, cut: TrouserCut, shell: Shell, cloth: Hemmed, fabric: Fabric) -> list[Part]:
    points = cloth.shell.at
    waist, hip = waist_of(measures, cut), measures.joint("thigh")[1]
    size = measures.size
    sign = np.where(points[:, 0] > 0, 1.0, -1.0)
    axis = np.where(sign[:, None] > 0, measures.leg_axis(points[:, 1], 1.0), measures.leg_axis(points[:, 1], -1.0))
    outer = sign * (points[:, 0] - axis[:, 0])
    below_band = waist - _BAND * size - points[:, 1]
    outseam = lines_at(cloth, points[:, 2] - axis[:, 2] + 0.006, np.minimum(below_band, outer))
    inseam = lines_at(cloth, points[:, 2] - axis[:, 2] + 0.006, np.minimum(hip - 0.09 * size - points[:, 1], -outer))
    middle = lines_at(cloth, points[:, 0] - 1e-5, np.minimum(below_band, points[:, 1] - hip + 0.12 * size))
    trims: list[Trims] = [seams(cloth, lines, fabric) for lines in (outseam, inseam, middle)]
    pocket = _slant(measures, waist, points)
    mouth = lines_at(cloth, pocket, np.minimum(below_band, np.minimum(points[:, 2] - axis[:, 2] + 0.004, outer)))
    trims += [seams(cloth, mouth, fabric), stitches(cloth, mouth, fabric.stitch)]
    fly = box(points[:, 0], points[:, 1], (0.0, waist - 0.09 * size), (0.036 * size, 0.085 * size), 0.03 * size)
    front = np.minimum(below_band, np.minimum(points[:, 0] - 0.004, points[:, 2] - axis[:, 2]))
    trims.append(stitches(cloth, lines_at(cloth, fly, front), fabric.stitch))
    for line in rims(cloth):
        if line[:, 1].mean() < hip:
            depth = 0.012 if cut.rivets else 0.03
            trims.append(stitches(cloth, [inset(cloth, line, depth)], fabric.stitch))
    tone: F64 | float = 1.0
    parts: list[Part] = []
    if cut.rivets:
        shifted = [line + _DOUBLE for line in outseam + inseam]
        trims.append(stitches(cloth, shifted, fabric.stitch))
        behind = [line + _DOUBLE[::-1] for line in middle if line[:, 2].mean() < 0.03]
        trims.append(stitches(cloth, behind, fabric.stitch))
        tone = _worn(measures, points)
        parts += _back_pockets(measures, cut, shell, fabric, tone)
    parts.append(_waistband(measures, cut, shell, fabric))
    trims.append(contact(cloth, [part.cloth for part in parts], fabric))
    return [Part(cloth, fabric, tone=tone, trims=tuple(trims)), *parts]


def _slant(measures: Measures, waist: float, points: F64) -> F64:
    """(N,) 0 along the mouths of the front pockets."""
    hips = 0.165 * measures.size
    away = np.stack([(hips - np.abs(points[:, 0])) / 0.075, (waist - points[:, 1]) / 0.16], axis=1) / measures.size
    return np.asarray((np.linalg.norm(away, axis=1) - 1) * 0.08)


def _worn(measures: Measures, points: F64) -> F64:
    """(V,) lighter on thighs and knees, darker at the seams."""
    hip, knee = measures.joint("thigh")[1], measures.joint("calf")[1]
    ahead = np.clip((points[:, 2] + 0.01) / 0.08, 0, 1)
    thigh = np.exp(-(((points[:, 1] - 0.6 * hip - 0.4 * knee) / (0.14 * measures.size)) ** 2))
    knees = np.exp(-(((points[:, 1] - knee - 0.03) / (0.07 * measures.size)) ** 2))
    return np.asarray(1 + ahead * (0.32 * thigh + 0.2 * knees))


def _back_pockets(measures: Measures, cut: TrouserCut, shell: Shell, fabric: Fabric, tone: F64) -> list[Part]:
    waist, size = waist_of(measures, cut), measures.size
    parts = []
    for sign in (1.0, -1.0):
        middle = (sign * 0.083 * size, waist - 0.135 * size)

        def field(p: F64, middle: tuple[float, float] = middle) -> F64:
            narrow = 0.062 * size - 0.10 * (middle[1] - p[:, 1])
            outline = box(
                p[:, 0] / narrow * 0.062 * size, p[:, 1], (middle[0], middle[1]), (0.060 * size, 0.068 * size), 0.012
            )
            point = p[:, 1] - middle[1] + 0.068 * size - 0.25 * np.abs(p[:, 0] - middle[0])
            return np.asarray(np.where(p[:, 2] < 0.0, np.minimum(outline, point + 0.012), -1.0))

        made = patch(shell, field, 0.0016)
        if made is not None:
            lines = [inset(made, line, 0.005) for line in rims(made)]
            parts.append(Part(made, fabric, tone=1.05, detail=1.3, trims=(stitches(made, lines, fabric.stitch),)))
    return parts


def _waistband(measures: Measures, cut: TrouserCut, shell: Shell, fabric: Fabric) -> Part:
    waist, size = waist_of(measures, cut), measures.size

    def field(p: F64) -> F64:
        return np.asarray(p[:, 1] - (waist - _tilt(p)) + _BAND * size)

    made = patch(shell, field, 0.0022)
    assert made is not None, "trousers have a waist"
    points = made.shell.at
    trims = [stitches(made, [inset(made, line, 0.004)], fabric.stitch) for line in rims(made)]
    front = np.array([0.0, waist - 0.5 * _BAND * size, float(points[:, 2].max())])
    centre = places_on(made, made.shell.vertices[[int(np.argmin(np.linalg.norm(points - front, axis=1)))]]).position[0]
    metal = replace(fabric, colour=np.array([0.25, 0.20, 0.14])) if cut.rivets else fabric
    trims += button(made, centre, metal, radius=0.008)
    return Part(made, fabric, detail=1.2, trims=tuple(trims))
