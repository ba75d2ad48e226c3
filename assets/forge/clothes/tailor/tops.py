"""Tops: T-shirt, sweater, blouse and shirt, each a shell of trunk and arms that falls over what is worn beneath."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from scipy.spatial import cKDTree

from assets.forge.clothes.cloth import Hemmed, Shell, border_of, clipped, draped, hemmed, hung
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.fit import SNAP, Fitting, eased, laid, let_fall, region
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part, Trims
from assets.forge.clothes.tailor.trims import inset, lines_at, ribs, rims, seams, stitches
from assets.forge.layer import vertex_normals
from assets.forge.source import F64

Edge = Literal["ribbed", "stitched"]
_CUFF: Final = 0.3
"""How much a cuff is held in place, as in Cloth."""
_INSIDE: Final = 0.004
_SLANT: Final = 0.5
"""How far a tucked top lies within the edge of what it is tucked into, and how much further for each metre below."""


@dataclass(frozen=True)
class TopCut:
    """How a top is cut; lengths in metres for a person of 1.68 m."""

    sleeve: float = 1.92
    """Where sleeves end: 1 at the elbow, 2 at the wrist."""
    hem: float = 0.012
    """How far below the thigh joints it ends."""
    wide: float = 0.0
    deep: float = 0.0
    high: float = 0.0
    """The neckline's width and depth beyond a round one's, and the height of a collar's stand."""
    edge: Edge = "stitched"
    band: float = 0.02
    """Width of ribs or hem."""
    along: float = 0.05
    around: float = 0.05
    sleeve_along: float = 0.09
    sleeve_around: float = 0.12
    """How much more cloth there is than lies on trunk and arms."""
    clearance: float = 0.006
    slope: float = 0.24
    """How steeply cloth draws in again below the bust: small hangs straight."""
    bend: float = 0.012
    open: float = 0.0
    """How far below the pit of the neck it is buttoned."""
    cuff: float = 0.0
    """Width of buttoned cuffs."""


@dataclass(frozen=True)
class Waist:
    """Where a top is tucked in."""

    height: float
    shell: Shell
    """What it is tucked into, fallen."""


TOPS: Final[dict[str, TopCut]] = {
    "t-shirt": TopCut(
        sleeve=0.62, wide=0.006, deep=0.008, band=0.018, sleeve_along=0.03, sleeve_around=0.16, bend=0.008
    ),
    "sweater": TopCut(edge="ribbed", band=0.045, along=0.07, around=0.07, clearance=0.009, bend=0.03),
    "shirt": TopCut(
        sleeve=1.95,
        hem=0.05,
        high=0.019,
        open=0.075,
        band=0.012,
        along=0.035,
        around=0.07,
        sleeve_along=0.08,
        sleeve_around=0.14,
        cuff=0.058,
        bend=0.010,
    ),
    "blouse": TopCut(
        sleeve=1.93,
        hem=0.03,
        high=0.015,
        open=0.105,
        band=0.010,
        along=0.05,
        around=0.10,
        sleeve_along=0.10,
        sleeve_around=0.26,
        cuff=0.040,
        bend=0.005,
        slope=0.16,
    ),
}


def top_field(measures: Measures, cut: TopCut, points: F64, arm: F64) -> F64:
    """(N,) roughly the distance to the top's nearest border, positive on the top."""
    return np.asarray(np.minimum(collar_field(measures, cut, points), _ends(measures, cut, points, arm)))


def collar_field(measures: Measures, cut: TopCut, points: F64) -> F64:
    """(N,) about the distance from the neckline, and from the slit below it where the top is open in front."""
    size = measures.size
    field = measures.collar(points, cut.wide * size, cut.deep * size, cut.high * size)
    if not cut.open:
        return field
    slit = np.abs(points[:, 0]) - 0.42 * np.maximum(points[:, 1] - pit(measures) + cut.open * size, 0.0)
    beside = 1 - np.clip((points[:, 2] - measures.neck[2]) / 0.05, 0, 1)
    return np.asarray(np.minimum(field, slit + 0.06 * beside))


def pit(measures: Measures) -> float:
    """Height of the pit of the neck."""
    return float(measures.neck[1] - 0.066 * measures.neck_size)


def _ends(measures: Measures, cut: TopCut, points: F64, arm: F64) -> F64:
    """(N,) metres from hem and cuffs."""
    hem = points[:, 1] - measures.joint("thigh")[1] + cut.hem * measures.size
    return np.asarray(np.minimum(np.where(arm > 0.5, 1.0, hem), measures.cuff(points, arm, cut.sleeve)))


def top(where: Fitting, cut: TopCut, fabric: Fabric, waist: Waist | None = None) -> tuple[Shell, list[Part]]:
    """The fallen shell, and the parts to sew."""
    shell = top_shell(where, cut, None if waist is None else waist.height)
    if waist is not None:
        shell = _tucked(where.measures, shell, waist)
    cloth = hemmed(shell, border_of(shell), thickness=fabric.yarn.thickness, turn=0.010)
    return shell, [_finished(where.measures, cut, cloth, fabric)]


def top_shell(where: Fitting, cut: TopCut, tuck: float | None) -> Shell:
    """Cut, draped and fallen."""
    measures = where.measures
    shell = region(measures, top_field(measures, cut, measures.body.vertices, measures.arm) + 0.05)
    arm, points = shell.of(measures.arm), shell.vertices
    pressed = np.zeros(len(points)) if tuck is None else eased((tuck + 0.012 - points[:, 1]) / 0.02) * (arm < 0.4)
    shell = draped(shell, cut.clearance + 0.004 - pressed * (cut.clearance + 0.0005), 60)
    armpit = measures.joint("upperarm")[1] - 0.055 * measures.size
    trunk = eased((armpit - points[:, 1]) / 0.05) * eased((0.4 - arm) / 0.3)
    if tuck is not None:
        trunk *= eased((points[:, 1] - tuck - 0.02) / 0.06)
    axis = points * [0.0, 1.0, 0.0] + [0.0, 0.0, float(measures.joint("spine_02")[2])]
    shell = hung(shell, axis, trunk, cut.slope)
    shell = laid(measures, clipped(shell, top_field(measures, cut, shell.vertices, shell.of(measures.arm)), snap=SNAP))
    arm, points = shell.of(measures.arm), shell.at
    sleeve = eased((arm - 0.3) / 0.4)
    along = cut.along + (cut.sleeve_along - cut.along) * sleeve
    around = cut.around + (cut.sleeve_around - cut.around) * sleeve
    collar, ends = collar_field(measures, cut, points), _ends(measures, cut, points, arm)
    if cut.edge == "ribbed":  # elastic: the band draws in, the cloth above it blouses
        band = eased((1.25 * cut.band - ends) / 0.012)
        around = around - band * (around + 0.07)
        along = along * (1 - band)
    if cut.cuff:
        band = eased((1.1 * cut.cuff * measures.size - measures.cuff(points, arm, cut.sleeve)) / 0.01)
        around, along = around * (1 - band) - 0.02 * band, along * (1 - band)
    clearance = np.full(len(points), cut.clearance)
    held = 0.3 * eased((0.014 - collar) / 0.01)
    if cut.sleeve > 1:  # cuffs and ribs sit on the wrist, the sleeve above blouses
        wrist = measures.cuff(points, arm, cut.sleeve)
        held = np.maximum(held, _CUFF * eased((0.02 - wrist) / 0.015) * (arm > 0.5))
    if tuck is not None:  # the waistband presses it flat and holds it, what is above blouses over it
        pressed = eased((tuck + 0.012 - points[:, 1]) / 0.02) * (arm < 0.4)
        around, along = around * (1 - pressed), along * (1 - pressed)
        clearance -= pressed * (cut.clearance - 0.003)
        held = np.maximum(held, eased((tuck + 0.004 - points[:, 1]) / 0.008) * (arm < 0.4))
    neck = eased((0.03 - collar) / 0.015)
    around, along = around * (1 - neck) - 0.02 * neck, along * (1 - neck)
    return let_fall(where, shell, along=along, around=around, clearance=clearance, held=held, bend=cut.bend)


def _tucked(measures: Measures, shell: Shell, waist: Waist) -> Shell:
    """Pressed to the inside of what it is tucked into."""
    outer = waist.shell
    below = eased((waist.height + 0.004 - shell.vertices[:, 1]) / 0.008) * (shell.of(measures.arm) < 0.4)
    near = cKDTree(outer.vertices, balanced_tree=False).query(shell.vertices)[1]
    normal = vertex_normals(outer.vertices, outer.triangles)[near]
    above = ((shell.vertices - outer.vertices[near]) * normal).sum(axis=1)
    within = _INSIDE + _SLANT * np.clip(waist.height - shell.vertices[:, 1], 0.0, 0.03)
    return replace(shell, vertices=shell.vertices - (below * np.maximum(above + within, 0.0))[:, None] * normal)


def _finished(measures: Measures, cut: TopCut, cloth: Hemmed, fabric: Fabric) -> Part:
    """Side, shoulder and armhole seams, and the edges: ribs, or a double row of stitches."""
    points, arm = cloth.shell.at, cloth.shell.of(measures.arm)
    side = points[:, 2] - float(measures.joint("spine_02")[2]) - 0.01
    low = np.where((arm < 0.5) & (np.abs(points[:, 0]) > 0.06), measures.joint("upperarm")[1] - points[:, 1], -1.0)
    high = np.where(arm < 0.55, points[:, 1] - measures.joint("upperarm")[1] + 0.02, -1.0)
    shoulder = points[:, 2] - float(measures.joint("upperarm")[2]) + 0.004
    armhole = lines_at(cloth, arm - 0.42, points[:, 1] - measures.joint("spine_03")[1])
    lines = [lines_at(cloth, side, low), lines_at(cloth, shoulder, high), armhole]
    trims: list[Trims] = [seams(cloth, each, fabric) for each in lines]
    tone = np.ones(len(points))
    for line in rims(cloth):
        collar = line[:, 1].mean() > measures.joint("clavicle")[1]
        band = cut.band * (0.5 if collar else 1.0)
        if cut.edge == "ribbed":
            trims += [ribs(cloth, line, band, fabric), seams(cloth, [inset(cloth, line, band + 0.003)], fabric)]
        elif not collar or not cut.high:
            rows = [inset(cloth, line, band * share) for share in (0.86, 1.08)]
            trims.append(stitches(cloth, rows, fabric.stitch))
    if cut.edge == "ribbed":
        tone = 1 - 0.22 * eased((cut.band - top_field(measures, cut, points, arm)) / 0.003)
    return Part(cloth, fabric, tone=tone, trims=tuple(trims))
