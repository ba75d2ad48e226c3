"""Skirts: a tube from MakeHuman's own skirt helper, which follows every body, let fall from the waist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from assets.forge.clothes.cloth import Shell, border_of, clipped, hemmed, shell_of, subdivided
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.fit import SNAP, Fitting, eased, laid, let_fall
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part
from assets.forge.clothes.tailor.patches import patch
from assets.forge.clothes.tailor.trims import inset, lines_at, rims, seams, stitches
from assets.forge.source import F64

_EVEN: Final = 16
"""Rounds that smooth its skin weights: between the legs cloth follows both."""
_REACH: Final = 0.030
"""It follows the skin beneath, as far around as this beyond the nearest: so a leg in front pushes it forward."""
_NEAREST: Final = 96


@dataclass(frozen=True)
class SkirtCut:
    """How a skirt is cut; lengths in metres for a person of 1.68 m."""

    waist: float = 0.125
    """How far above the thigh joints it begins."""
    length: float = 0.06
    """How far below the knee it ends."""
    flare: float = 0.22
    """How much wider than the helper's tube its hem is cut."""
    folds: int = 9
    """How many folds it falls in."""
    slim: float = 0.0
    """How far the helper's cone is drawn in to the legs, 0 to 1."""
    bend: float = 0.012
    band: float = 0.035


SKIRTS: Final[dict[str, SkirtCut]] = {
    "skirt": SkirtCut(),
    "pencil-skirt": SkirtCut(flare=0.0, folds=0, slim=0.7, length=0.02, bend=0.05),
}


def skirt(where: Fitting, cut: SkirtCut, fabric: Fabric) -> tuple[Shell, list[Part]]:
    """The fallen shell, and the parts to sew."""
    measures = where.measures
    shell = _shell(where, cut)
    cloth = hemmed(shell, border_of(shell), thickness=fabric.yarn.thickness, turn=0.010)
    points = cloth.shell.at
    side = lines_at(cloth, points[:, 2] - 0.01, np.abs(points[:, 0]) - 0.05)
    trims = [seams(cloth, side, fabric)]
    for line in rims(cloth):
        if line[:, 1].mean() < measures.joint("thigh")[1]:
            trims.append(stitches(cloth, [inset(cloth, line, 0.028)], fabric.stitch))
    parts = [Part(cloth, fabric, trims=tuple(trims))]
    top = waist_of(measures, cut)
    band = patch(shell, lambda p: p[:, 1] - top + cut.band * measures.size, 0.002)
    if band is not None:
        rows = [inset(band, line, 0.004) for line in rims(band)]
        parts.append(Part(band, fabric, trims=(stitches(band, rows, fabric.stitch),)))
    return shell, parts


def skirt_field(measures: Measures, cut: SkirtCut, points: F64, arm: F64) -> F64:
    """(N,) metres below the waist, within which legs cannot be seen: from below one looks a little way in."""
    end = measures.joint("calf")[1] - (cut.length - 0.13) * measures.size
    waist = waist_of(measures, cut)
    return np.asarray(np.where(arm > 0.3, -1.0, np.minimum(waist - points[:, 1], points[:, 1] - end)))


def waist_of(measures: Measures, cut: SkirtCut) -> float:
    """Height of its upper edge."""
    return float(measures.joint("thigh")[1] + cut.waist * measures.size)


def _shell(where: Fitting, cut: SkirtCut) -> Shell:
    measures = where.measures
    body = measures.body
    top, end = waist_of(measures, cut), measures.joint("calf")[1] - cut.length * measures.size
    shell = subdivided(subdivided(shell_of(body, body.triangles["skirt"])))
    shell = clipped(shell, np.minimum(top - shell.vertices[:, 1], shell.vertices[:, 1] - end), snap=SNAP)
    place = _slimmed(measures, shell.vertices, cut.slim) if cut.slim else shell.vertices
    down = (top - place[:, 1]) / (top - end)
    shell = _hanging(measures, replace(shell, vertices=_flared(measures, place, down, cut)))
    shell = laid(measures, shell, _EVEN)
    y = shell.at[:, 1]
    firm = eased((y - top + cut.band * measures.size) / 0.01)
    held = eased((y - top + 0.02) / 0.012)
    return let_fall(
        where,
        shell,
        along=np.zeros(len(y)),
        around=0.02 - 0.03 * firm,
        clearance=0.008,
        held=held,
        bend=cut.bend,
    )


def _hanging(measures: Measures, shell: Shell) -> Shell:
    """The same, made of the skin of hips and legs that is nearest in place of the helper's."""
    body = measures.body
    skin = np.unique(body.triangles["body"])
    skin = skin[measures.arm[skin] < 0.1]
    away, near = cKDTree(body.vertices[skin], balanced_tree=False).query(shell.vertices, k=_NEAREST)
    share = np.exp(-(((away - away[:, :1]) / _REACH) ** 2))
    share /= share.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(len(near)), _NEAREST)
    mix = csr_matrix((share.ravel(), (rows, skin[near].ravel())), (len(near), len(body.vertices)))
    return replace(shell, mix=mix)


def _flared(measures: Measures, points: F64, down: F64, cut: SkirtCut) -> F64:
    """A cone with the beginnings of folds: wide pleats that gravity deepens, instead of many small ones."""
    axis = 0.5 * (measures.leg_axis(points[:, 1], 1.0) + measures.leg_axis(points[:, 1], -1.0))
    away = (points - axis) * [1.0, 0.0, 1.0]
    turn = np.arctan2(away[:, 0], away[:, 2])
    open_ = eased((down - 0.08) / 1.1)
    fold = 0.055 * open_ * np.sin(cut.folds * turn + 0.7 * np.sin(2 * turn) + 0.5) * (cut.folds > 0)
    return np.asarray(axis + away * (1 + cut.flare * open_ + fold)[:, None])


def _slimmed(measures: Measures, points: F64, share: float) -> F64:
    """Drawn in below the hips to a tube about both legs."""
    hip = measures.joint("thigh")[1]
    low = eased((hip - points[:, 1]) / 0.15) * share
    axis = 0.5 * (measures.leg_axis(points[:, 1], 1.0) + measures.leg_axis(points[:, 1], -1.0))
    away = (points - axis) * [1.0, 0.0, 1.0]
    reach = np.linalg.norm(away, axis=1)
    turn = np.arctan2(away[:, 0], away[:, 2])
    wide = np.hypot(0.165 * np.sin(turn), 0.10 * np.cos(turn)) * measures.size
    factor = 1 + low * (np.minimum(wide / np.maximum(reach, 1e-6), 1.0) - 1)
    return np.asarray(axis + away * factor[:, None])
