"""A blazer, worn open over a top: lapels, collar, pockets, buttons, and fronts that hang from the shoulders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.clothes.cloth import Shell, border_of, clipped, draped, hemmed, hung
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.fit import SNAP, Fitting, eased, laid, let_fall, region
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.part import Part
from assets.forge.clothes.tailor.patches import box, patch
from assets.forge.clothes.tailor.shirts import edged
from assets.forge.clothes.tailor.tops import pit
from assets.forge.clothes.tailor.trims import button, contact, lines_at, lip, seams
from assets.forge.source import F64

_STIFF: Final = 0.008
"""How much farther off than elsewhere canvas holds the skirts of a jacket, metres."""


@dataclass(frozen=True)
class JacketCut:
    """How a jacket is cut; lengths in metres for a person of 1.68 m."""

    sleeve: float = 1.90
    hem: float = 0.075
    roll: float = 0.10
    """How far above the waist joint the lapels end."""
    open: float = 0.045
    """Half of the gap between the fronts at the lapels' end."""
    lapel: float = 0.082
    clearance: float = 0.008
    bend: float = 0.05


BLAZER: Final = JacketCut()


def jacket_field(measures: Measures, cut: JacketCut, points: F64, arm: F64) -> F64:
    """(N,) roughly the distance to the jacket's nearest border, positive on the jacket."""
    hem = points[:, 1] - measures.joint("thigh")[1] + cut.hem * measures.size
    field = np.minimum(np.where(arm > 0.5, 1.0, hem), measures.cuff(points, arm, cut.sleeve))
    field = np.minimum(field, measures.collar(points, 0.004 * measures.size, 0.0))
    ahead = points[:, 2] > measures.neck[2] - 0.01
    return np.asarray(np.where(ahead & (arm < 0.5), np.minimum(field, _front(measures, cut, points)), field))


def _front(measures: Measures, cut: JacketCut, points: F64) -> F64:
    """(N,) metres from the front edge, positive outward from the middle."""
    size, roll = measures.size, _roll(measures, cut)
    above = np.clip((points[:, 1] - roll) / (pit(measures) - roll), 0, 1.3)
    below = np.maximum(roll - points[:, 1], 0.0)
    gap = cut.open * size * (1 - 0.25 * above) + 0.10 * below + 0.9 * np.maximum(below - 0.20 * size, 0.0) ** 1.5
    return np.asarray(np.abs(points[:, 0]) - gap)


def _roll(measures: Measures, cut: JacketCut) -> float:
    """Height where the lapels end and the first button is."""
    return float(measures.joint("spine_01")[1] + cut.roll * measures.size)


def jacket(where: Fitting, cut: JacketCut, fabric: Fabric) -> tuple[Shell, list[Part]]:
    """The fallen shell, and the parts to sew; `where` wears the top beneath."""
    measures = where.measures
    shell = _shell(where, cut)
    cloth = hemmed(shell, border_of(shell), thickness=fabric.yarn.thickness, turn=0.010)
    points, arm = cloth.shell.at, cloth.shell.of(measures.arm)
    armhole = lines_at(cloth, arm - 0.40, points[:, 1] - measures.joint("spine_03")[1])
    low = np.where((arm < 0.5) & (np.abs(points[:, 0]) > 0.06), measures.joint("upperarm")[1] - points[:, 1], -1.0)
    side = lines_at(cloth, points[:, 2] - float(measures.joint("spine_02")[2]) + 0.02, low)
    back = lines_at(cloth, points[:, 0] - 1e-5, np.where(points[:, 2] < 0, pit(measures) - points[:, 1], -1.0))
    trims = [seams(cloth, lines, fabric) for lines in (armhole, side, back)]
    parts = [Part(cloth, fabric, trims=tuple(trims))]
    parts += _lapels(measures, cut, shell, fabric)
    parts += _pockets(measures, cut, shell, fabric)
    roll = _roll(measures, cut)
    main = list(parts[0].trims)
    for k in range(2):
        spot = np.array([0.0, roll - 0.01 - 0.095 * k * measures.size, 0.0])
        edge = np.abs(_front(measures, cut, points) - 0.018) + np.abs(points[:, 1] - spot[1])
        mine = (points[:, 0] < 0) & (points[:, 2] > 0) & (arm < 0.3)
        nearest = int(np.argmin(np.where(mine, edge, 9.0)))
        main += button(cloth, cloth.shell.vertices[nearest], fabric, radius=0.0095)
    main.append(contact(cloth, [part.cloth for part in parts[1:]], fabric))
    parts[0] = Part(cloth, fabric, trims=tuple(main))
    return shell, parts


def _shell(where: Fitting, cut: JacketCut) -> Shell:
    measures = where.measures
    shell = region(measures, jacket_field(measures, cut, measures.body.vertices, measures.arm) + 0.06)
    arm, points = shell.of(measures.arm), shell.vertices
    shoulder = np.linalg.norm(np.abs(points) * [1, 0, 0] + points * [0, 1, 1] - measures.joint("upperarm"), axis=1)
    pad = 0.004 * np.exp(-((shoulder / 0.08) ** 2))
    shell = draped(shell, cut.clearance + 0.012 + pad, 90)
    armpit = measures.joint("upperarm")[1] - 0.06 * measures.size
    trunk = eased((armpit - points[:, 1]) / 0.05) * eased((0.4 - arm) / 0.3)
    axis = points * [0.0, 1.0, 0.0] + [0.0, 0.0, float(measures.joint("spine_02")[2])]
    shell = hung(shell, axis, trunk, 0.20)
    shell = laid(
        measures, clipped(shell, jacket_field(measures, cut, shell.vertices, shell.of(measures.arm)), snap=SNAP)
    )
    arm, points = shell.of(measures.arm), shell.at
    sleeve = eased((arm - 0.3) / 0.4)
    collar = measures.collar(points, 0.004 * measures.size, 0.0)
    held = 0.3 * eased((0.02 - collar) / 0.015)
    return let_fall(
        where,
        shell,
        along=0.012 + 0.035 * sleeve,
        around=0.02 + 0.07 * sleeve,
        clearance=cut.clearance + _STIFF * eased((measures.joint("spine_01")[1] - points[:, 1]) / 0.12) * (arm < 0.4),
        held=held,
        bend=cut.bend,
    )


def _lapels(measures: Measures, cut: JacketCut, shell: Shell, fabric: Fabric) -> list[Part]:
    size, roll = measures.size, _roll(measures, cut)
    notch = pit(measures) - 0.012 * size

    def lapel(p: F64) -> F64:
        share = np.clip((p[:, 1] - roll) / (notch - roll), -0.2, 1.2)
        wide = cut.lapel * size * np.where(share < 1, np.maximum(share, 0) ** 0.8, 1.0)
        outline = np.minimum(wide - _front(measures, cut, p), p[:, 1] - roll)
        slant = notch + 0.25 * (np.abs(p[:, 0]) - 0.06) - p[:, 1]
        return np.asarray(np.where(p[:, 2] > measures.neck[2] - 0.02, np.minimum(outline, slant), -1.0))

    def collar(p: F64) -> F64:
        away = p - measures.neck
        turn = np.abs(np.arctan2(away[:, 0], away[:, 2]))
        length = 0.038 + 0.012 * np.exp(-((turn / 0.9) ** 2))
        outline = length * size - measures.collar(p, 0.004 * size, 0.0)
        slant = p[:, 1] - notch - 0.25 * (np.abs(p[:, 0]) - 0.06) - 0.012
        return np.asarray(np.where(away[:, 2] > -0.02, np.minimum(outline, slant), outline))

    parts = []
    for field, height in ((lapel, 0.0055), (collar, 0.007)):
        made = patch(shell, field, height, thickness=0.003)
        if made is not None:
            parts.append(
                Part(made, fabric, detail=1.4, tone=1.12, trims=(edged(made, fabric, 0.004), lip(made, fabric)))
            )
    return parts


def _pockets(measures: Measures, cut: JacketCut, shell: Shell, fabric: Fabric) -> list[Part]:
    size = measures.size
    low = float(measures.joint("spine_01")[1]) - 0.035 * size
    high = float(measures.joint("spine_03")[1]) + 0.09 * size
    spots = [((s * 0.125 * size, low), (0.062 * size, 0.024 * size)) for s in (1.0, -1.0)]
    spots.append(((0.105 * size, high), (0.040 * size, 0.011 * size)))
    parts = []
    for middle, half in spots:

        def field(p: F64, middle: tuple[float, float] = middle, half: tuple[float, float] = half) -> F64:
            outline = box(p[:, 0], p[:, 1] - 0.12 * np.abs(p[:, 0] - middle[0]), middle, half, 0.006)
            return np.asarray(np.where(p[:, 2] > 0.0, outline, -1.0))

        made = patch(shell, field, 0.002)
        if made is not None:
            parts.append(Part(made, fabric, detail=1.3, trims=(edged(made, fabric, 0.004),)))
    return parts
