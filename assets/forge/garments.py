"""What the person wears: a pullover, trousers and shoes, grown from her own skin (see `cloth`).

Each piece is one layer. Under cloth the skin is left out, but for a margin at collar and cuffs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.forge.body import Body
from assets.forge.cloth import (
    Hemmed,
    Shell,
    border_of,
    clipped,
    continued,
    draped,
    hemmed,
    hung,
    shell_of,
    subdivided,
)
from assets.forge.layer import Layer, bind, falling_importance, vertex_normals
from assets.forge.noise import noise
from assets.forge.outfit import Outfit, outfit
from assets.forge.sampling import Samples, scatter
from assets.forge.shoes import shoes
from assets.forge.source import F64

Mask = NDArray[np.bool_]

_HIP_HEM: Final = 0.012
"""How far below the thigh joints the pullover ends."""
_WAIST: Final = 0.075
"""How far above the thigh joints the trousers end, under the pullover."""
_ANKLE: Final = 0.115
"""Height above the floor where the leg is left and the trousers hang free."""
_HEM_BEHIND, _HEM_AHEAD = 0.030, 0.066
"""Height of the trousers' hem at the heel and over the instep."""
_BAND: Final = 0.024
"""Width of the ribbed bands at collar, cuffs and hem."""
_OVERLAP: Final = 0.72
_SHADE: Final = 40.0
"""How much lighter cloth is for a metre of fold: soft studio light alone hardly shows them."""
_MARGIN: Final = 0.011
"""How far skin goes on under a border, metres."""

_SHARES: Final = {"pullover": 0.46, "trousers": 0.34, "shoes": 0.20}


def garments(body: Body, *, seed: int, count: int = 38_000, colours: Outfit | None = None) -> tuple[list[Layer], Mask]:
    """Pullover, trousers and shoes of about `count` Gaussians in all, and which triangles (F,) of the part `body` are
    wholly under them."""
    colours = colours or outfit(seed)
    share = {piece: round(part * count) for piece, part in _SHARES.items()}
    layers = [
        _pullover(body, colours.pullover, share["pullover"], seed),
        _trousers(body, colours.trousers, share["trousers"], seed),
        shoes(body, colours.shoes, colours.soles, seed=seed, count=share["shoes"]),
    ]
    points = body.vertices
    above = np.minimum(_pullover_field(body, points, _arm_share(body)) - _MARGIN, 1.0)
    below = body.joint("thigh_l")[1] - points[:, 1]
    hidden = (above > 0) | (below > 0)
    hidden &= ~((_arm_share(body) > 0.5) & (above <= 0))
    return layers, np.asarray(hidden[body.triangles["body"]].all(axis=1))


def _arm_share(body: Body) -> F64:
    """(V,) how much arm and hand move each body vertex."""
    return _share(body, ("upperarm", "lowerarm", "hand", "thumb", "index", "middle", "ring", "pinky"))


def _share(body: Body, joints: tuple[str, ...]) -> F64:
    """(V,) how much the joints whose names begin so move each body vertex."""
    chosen = np.array([name.startswith(joints) for name in body.skeleton.names])
    return np.asarray((body.skin_weights * chosen[body.skin_joints.astype(np.intp)]).sum(axis=1), np.float64)


def _collar_field(body: Body, points: F64) -> F64:
    """(N,) about the distance in metres from a round neckline, positive away from the neck."""
    neck = body.joint("neck_01")
    away = points - neck - [0.0, -0.001, 0.021]
    widths = np.stack(
        [np.full(len(points), 0.080), np.full(len(points), 0.075), np.where(away[:, 2] > 0, 0.068, 0.047)]
    )
    away[:, 1] = np.minimum(away[:, 1], 0.0)
    field = (np.linalg.norm(away / widths.T, axis=1) - 1) * 0.07
    return np.asarray(np.where(points[:, 1] > neck[1] + 0.035, -1.0, field))


def _cuff_field(body: Body, points: F64, arm: F64) -> F64:
    """(N,) metres up the arm from the cuffs, much where there is no arm."""
    field = np.full(len(points), 1.0)
    for side, sign in (("l", 1), ("r", -1)):
        elbow, wrist = body.joint(f"lowerarm_{side}"), body.joint(f"hand_{side}")
        along = (wrist - elbow) / np.linalg.norm(wrist - elbow)
        mine = (arm > 0.5) & (sign * points[:, 0] > 0)
        field[mine] = ((wrist - 0.012 * along - points) @ along)[mine]
    return np.asarray(field)


def _hem_field(body: Body, points: F64) -> F64:
    return np.asarray(points[:, 1] - body.joint("thigh_l")[1] + _HIP_HEM)


def _pullover_field(body: Body, points: F64, arm: F64) -> F64:
    """(N,) roughly the distance to the pullover's nearest border, positive on the pullover."""
    torso = np.minimum(_collar_field(body, points), np.where(arm > 0.5, 1.0, _hem_field(body, points)))
    return np.asarray(np.minimum(torso, _cuff_field(body, points, arm)))


def _region(body: Body, wanted: F64) -> Shell:
    """The fine shell over all body triangles that reach where `wanted` (V,) is positive."""
    triangles = body.triangles["body"]
    below_chin = _share(body, ("head",))[triangles].max(axis=1) < 0.5
    return subdivided(shell_of(body, triangles[(wanted[triangles] > 0).any(axis=1) & below_chin]))


def _pullover(body: Body, colour: F64, count: int, seed: int) -> Layer:
    arm = _arm_share(body)
    shell = _region(body, _pullover_field(body, body.vertices, arm) + 0.05)
    arms = shell.of(arm)
    points = shell.vertices
    collar, hem, cuff = _collar_field(body, points), _hem_field(body, points), _cuff_field(body, points, arms)
    torso = 0.010 + 0.006 * _eased((0.30 - hem) / 0.22) - 0.006 * _eased((_BAND + 0.02 - hem) / 0.03)
    sleeve = 0.009 + 0.006 * _eased((0.22 - cuff) / 0.12) - 0.010 * _eased((_BAND + 0.02 - cuff) / 0.03)
    thickness = torso + (sleeve - torso) * _eased(arms)
    thickness *= 0.65 + 0.35 * _eased((collar - _BAND) / 0.06)
    shoulder = np.stack([np.abs(points[:, 0]), points[:, 1], points[:, 2]], axis=1) - body.joint("upperarm_l")
    thickness *= 1 - 0.5 * np.exp(-((np.linalg.norm(shoulder, axis=1) / 0.11) ** 2))
    shell = draped(shell, thickness, 80)
    armpit = body.joint("upperarm_l")[1] - 0.055
    trunk = _eased((armpit - points[:, 1]) / 0.05) * _eased((0.4 - arms) / 0.3) * _eased((hem - _BAND + 0.005) / 0.03)
    shell = hung(shell, points * [0.0, 1.0, 0.0] + [0.0, 0.0, body.joint("spine_02")[2]], trunk, 0.24)
    shell = _creased(shell, _pullover_folds(body, shell.vertices, arms, seed))
    shell = clipped(shell, _pullover_field(body, shell.vertices, arms))
    cloth = hemmed(shell, border_of(shell), thickness=0.0035, turn=0.02)
    fold = _pullover_folds(body, cloth.shell.vertices, cloth.shell.of(arm), seed)
    return _layer(body, cloth, fold, colour, count, seed, band=_BAND)


def _trousers(body: Body, colour: F64, count: int, seed: int) -> Layer:
    arm = _arm_share(body)
    thigh, knee, ankle = (body.joint(f"{name}_l") for name in ("thigh", "calf", "foot"))
    waist = thigh[1] + _WAIST

    def field(p: F64) -> F64:
        return np.asarray(np.minimum(waist - p[:, 1], p[:, 1] - _ANKLE))

    shell = _region(body, np.where(arm > 0.3, -1.0, field(body.vertices) + 0.05))
    points = shell.vertices
    y = points[:, 1]
    loose = 0.013 * _eased((knee[1] + 0.05 - y) / (knee[1] - 0.08))
    thickness = 0.005 + 0.003 * _eased((waist - 0.10 - y) / 0.2) + loose
    shell = draped(shell, thickness, 80)
    for sign in (1.0, -1.0):
        heights, line = np.array([ankle[1], knee[1], thigh[1]]), np.stack([ankle, knee, thigh])
        axis = np.stack([sign * np.interp(y, heights, line[:, 0]), y, np.interp(y, heights, line[:, 2])], axis=1)
        leg = _eased((thigh[1] - 0.085 - y) / 0.06) * (sign * points[:, 0] > 0)
        shell = hung(shell, axis, leg, 0.11)
    shell = _creased(shell, _trouser_folds(body, shell.vertices, seed))
    shell = clipped(shell, field(shell.vertices))
    ankles = border_of(shell, lambda p: p[:, 1] < _ANKLE + 0.01)
    ring = shell.vertices[ankles.vertices]
    rows = [_leg(ring, share, seed) for share in np.linspace(0, 1, 10)[1:]]
    shell = continued(shell, ankles, rows)
    cloth = hemmed(shell, border_of(shell), thickness=0.003, turn=0.02)
    fold = _trouser_folds(body, cloth.shell.vertices, seed)
    return _layer(body, cloth, fold, colour, count, seed + 1, band=0.0)


def _leg(ring: F64, share: float, seed: int) -> F64:
    """The trouser legs' lowest rings, `share` of the way down: rounder, and shorter in front, to fall on the shoe."""
    moved = ring.copy()
    for sign in (1, -1):
        mine = sign * ring[:, 0] > 0
        middle = ring[mine].mean(axis=0)
        away = ring[mine] - middle
        reach, turn = np.hypot(away[:, 0], away[:, 2]), np.arctan2(away[:, 0], away[:, 2])
        ahead = 0.5 + 0.5 * np.cos(turn)
        drop = share * (_ANKLE - _HEM_BEHIND + (_HEM_BEHIND - _HEM_AHEAD) * ahead)
        wave = 0.0025 * np.sin(2 * turn + sign * seed + 90 * drop) * min(share * 3, 1.0)
        wanted = reach + 0.5 * share * (reach.mean() - reach) + share * 0.008 * ahead + wave
        moved[mine] = middle + away * (wanted / reach)[:, None]
        moved[mine, 1] = ring[mine, 1] - drop
    return moved


def _creased(shell: Shell, height: F64) -> Shell:
    """Folds of this height (V,) in metres along the normals."""
    return replace(shell, vertices=shell.vertices + height[:, None] * vertex_normals(shell.vertices, shell.triangles))


def _pullover_folds(body: Body, points: F64, arms: F64, seed: int) -> F64:
    """(V,) metres: rings at the elbows and above the cuffs, slanting pulls on the trunk, slack above the hem."""
    hem = _hem_field(body, points)
    across = np.abs(noise(points * [0.45, 1.0, 0.45], 0.042, seed + 5))
    upright = noise(points * [1.0, 0.28, 1.0], 0.050, seed + 6)
    elbow, wrist = body.joint("lowerarm_l"), body.joint("hand_l")
    mirrored = np.abs(points) * [1, 0, 0] + points * [0, 1, 1]
    bend = np.exp(-((np.linalg.norm(mirrored - elbow, axis=1) / 0.07) ** 2))
    slack = np.exp(-((np.linalg.norm(mirrored - wrist, axis=1) / 0.09) ** 2))
    sleeve = (0.003 + 0.009 * bend + 0.009 * slack) * (across - 0.3)
    low = _eased((0.22 - hem) / 0.15)
    trunk = 0.008 * upright * (0.4 + 0.6 * low) + 0.009 * low * (across - 0.35)
    quiet = _eased((_pullover_field(body, points, arms) - _BAND) / 0.03)
    return np.asarray(quiet * (trunk + (sleeve - trunk) * _eased(arms)))


def _trouser_folds(body: Body, points: F64, seed: int) -> F64:
    """(V,) metres: creases that fan out from the crotch, rings behind the knees, slack over the shoes, long falls."""
    y, hip, knee = points[:, 1], body.joint("thigh_l")[1], body.joint("calf_l")[1]
    fan = np.abs(points[:, 0]) * 0.9 + y
    slanted = np.abs(noise(np.stack([points[:, 0] * 0.5, fan, points[:, 2] * 0.5], axis=1), 0.040, seed + 7))
    across = np.abs(noise(points * [0.4, 1.0, 0.4], 0.038, seed + 8))
    upright = noise(points * [1.0, 0.16, 1.0], 0.045, seed + 9)
    seat = np.exp(-(((y - hip + 0.06) / 0.07) ** 2))
    bend = np.exp(-(((y - knee) / 0.07) ** 2))
    slack = _eased((0.24 - y) / 0.12)
    folds = 0.012 * seat * (slanted - 0.3) + 0.012 * bend * (across - 0.3) + 0.011 * slack * (across - 0.35)
    return np.asarray((folds + 0.007 * upright) * _eased((hip - y) / 0.06))


def _layer(body: Body, cloth: Hemmed, fold: F64, colour: F64, count: int, seed: int, *, band: float) -> Layer:
    """Surfels on a finished piece, close together along its edges and never wider than the cloth left of them.

    fold (V,): height of the folds, metres.
    """
    surface = cloth.shell.surface(body)
    edge = cKDTree(cloth.edge)
    near = edge.query(surface.vertices[surface.triangles].mean(axis=1))[0]
    samples = scatter(
        surface.vertices, surface.triangles, count, seed, detail=1 + 1.0 * np.exp(-((near / (0.008 + 0.5 * band)) ** 2))
    )
    away, nearest = edge.query(samples.position)
    facing = _unit(samples.corner_values(cloth.facing[surface.triangles]))
    on = cloth.edge[nearest] - samples.position + 0.004 * samples.corner_values(cloth.onward[surface.triangles])
    on = _unit(on - (on * facing).sum(axis=1, keepdims=True) * facing)
    raised = samples.corner_values(fold[surface.triangles])
    radius = _OVERLAP * samples.spacing
    across = np.clip(0.6 * away + 0.0008, 0.0, radius)
    return Layer(
        surface=surface,
        gaussians=bind(
            surface,
            samples.triangle,
            samples.barycentric,
            np.stack([facing, on, np.cross(facing, on)], axis=2),
            np.stack([0.12 * radius, across, radius], axis=1),
            _woven(samples, colour, away, band, seed) * (1 + np.clip(_SHADE * raised, -0.3, 0.16))[:, None],
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=np.ones(len(samples), np.float32),
        gloss=np.full(len(samples), 0.006, np.float32),
        scatter=(0.12, 0.12, 0.12),
    )


def _woven(samples: Samples, colour: F64, edge: F64, band: float, seed: int) -> F64:
    """(N, 3) albedo: the yarn's irregular dye, and a seam along the edges or above a `band`."""
    tone = 1 + 0.05 * noise(samples.position, 0.05, seed, 2) + 0.06 * noise(samples.position, 0.006, seed + 1)
    seam = np.exp(-(((edge - (band or 0.016)) / 0.0024) ** 2))
    tone *= 1 - 0.08 * (edge < band) - 0.28 * seam
    return np.asarray(np.clip(colour * tone[:, None], 0.0, 0.9))


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20))


def _eased(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))
