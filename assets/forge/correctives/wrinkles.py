"""Lines, folds and flushes of a face that moves: where they lie, and which expressions bring them out.

Which muscles crease what follows the action units of Ekman, Friesen and Hager ("Facial Action Coding System", 2002):
the frontal muscle raises brows and lays lines across the forehead, the corrugator frowns, the zygomatic deepens the
fold beside nose and mouth and makes crow's feet. Lines are drawn on the face unrolled as a cylinder, at rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.forge.anatomy.face import Face
from assets.forge.correctives.marks import Marks, lessened, raised
from assets.forge.layer import Layer, positions
from assets.forge.noise import noise
from assets.forge.source import F64

_DRIVERS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "forehead": {"browInnerUp": 0.8, "browOuterUpLeft": 0.45, "browOuterUpRight": 0.45},
        "frown": {"browDownLeft": 0.75, "browDownRight": 0.75},
        "fold_l": {"mouthSmileLeft": 1.1, "cheekSquintLeft": 0.4, "mouthUpperUpLeft": 0.6, "noseSneerLeft": 0.6},
        "fold_r": {"mouthSmileRight": 1.1, "cheekSquintRight": 0.4, "mouthUpperUpRight": 0.6, "noseSneerRight": 0.6},
        "squint": {
            **{f"eyeSquint{side}": 0.4 for side in ("Left", "Right")},
            **{f"cheekSquint{side}": 0.4 for side in ("Left", "Right")},
            **{f"mouthSmile{side}": 0.35 for side in ("Left", "Right")},
        },
        "nose": {"noseSneerLeft": 0.8, "noseSneerRight": 0.8},
        "chin": {"mouthShrugLower": 1.0, "mouthPressLeft": 0.25, "mouthPressRight": 0.25, "mouthFrownLeft": 0.3,
                 "mouthFrownRight": 0.3},
        "flush": {"mouthSmileLeft": 0.45, "mouthSmileRight": 0.45, "cheekPuff": 0.6},
        "lips": {"mouthPressLeft": 0.45, "mouthPressRight": 0.45, "mouthRollLower": 0.5, "mouthRollUpper": 0.5,
                 "mouthStretchLeft": 0.35, "mouthStretchRight": 0.35},
    }
)  # fmt: skip
SHAPES: Final = tuple(_DRIVERS)
_CREASE: Final = np.array([0.85, 1.0, 1.0])
"""A crease takes less of the red, which comes through skin."""
_FLUSH: Final = np.array([0.03, -0.13, -0.11])
_BLANCH: Final = np.array([0.06, 0.26, 0.20])
_AXIS_M: Final = 0.085
"""How far behind the eyes the cylinder's axis lies."""
_YOUNG, _OLD = 20.0, 75.0

Line = tuple[Sequence[tuple[float, float]], float, float, float]
"""Points (s, y) in metres from the unrolled face's middle and the eyes' height; half width and depth in metres; share
of light that its bottom lacks."""


def expression_weights() -> F64:
    """(shapes, 52): weight = tanh of their sums over the expression."""
    table = np.zeros((len(SHAPES), len(ARKIT_SHAPES)))
    for row, drivers in enumerate(_DRIVERS.values()):
        for name, share in drivers.items():
            table[row, INDEX[name]] = share
    return table


def wrinkles(layer: Layer, face: Face, age: float, seed: int) -> Marks:
    """SHAPES on a layer of skin; old skin creases deeper."""
    flat = _Unrolled(face)
    place = positions(layer.surface, layer.gaussians)
    s, y = flat.at(place)
    front = np.clip(4 * (place[:, 2] - face.eyes[:, 2].mean() + _AXIS_M) / _AXIS_M, 0, 1)
    strength = 0.75 + 0.65 * float(np.clip((age - _YOUNG) / (_OLD - _YOUNG), 0, 1))
    height, share = np.zeros((len(SHAPES), len(place))), np.zeros((len(SHAPES), len(place), 3))
    for number, name in enumerate(SHAPES):
        for points, width, depth, dark in flat.lines(name):
            profile = _profile(s, y, np.array(points), width, place, seed + number) * front
            height[number] += strength * depth * profile
            share[number] += strength * dark * profile[:, None] * _CREASE
    cheek = sum(_patch(s, y, side * flat.eye * 1.08, 0.50 * flat.mouth_y, 0.020, 0.015) for side in (1, -1))
    share[SHAPES.index("flush")] += (cheek * front)[:, None] * _FLUSH
    lips = np.clip(2.5 - 2.5 * np.hypot(s / (1.02 * flat.mouth), (y - flat.mouth_y) / 0.0095), 0, 1)
    share[SHAPES.index("lips")] += (lips * front)[:, None] * _BLANCH
    share *= layer.lit[None, :, None]
    share[np.abs(share).max(axis=2) < 0.004] = 0
    height[np.abs(height) < 1e-5] = 0
    return Marks(lessened(layer, share), raised(layer, height))


@dataclass(frozen=True)
class _Unrolled:
    """A face on a cylinder, lengths in metres; y is 0 at the eyes."""

    face: Face

    def at(self, places: F64) -> tuple[F64, F64]:
        """s (N,), to the person's left, and y (N,)."""
        eyes = self.face.eyes.mean(axis=0)
        turn = np.arctan2(places[:, 0], places[:, 2] - eyes[2] + _AXIS_M)
        return _AXIS_M * turn, places[:, 1] - eyes[1]

    @property
    def eye(self) -> float:
        """s of the left eye."""
        return float(self.at(self.face.eyes[:1] + np.array([0.0, 0.0, self.face.eye_radius]))[0][0])

    @property
    def mouth(self) -> float:
        """Half its width."""
        corner = self.face.mouth + np.array([self.face.mouth_half_width, 0.0, -0.008])
        return float(self.at(corner[None])[0][0])

    @property
    def mouth_y(self) -> float:
        return float(self.face.mouth[1] - self.face.eyes[0, 1])

    def lines(self, name: str) -> list[Line]:
        """What creases in one shape."""
        eye, radius, low = self.eye, self.face.eye_radius, self.mouth_y
        high = float(self.face.crown[1] - self.face.eyes[0, 1])
        wing, tip = float(self.at(self.face.nostrils[:1])[0][0]), float(self.face.nose[1] - self.face.eyes[0, 1])
        match name:
            case "forehead":
                rows = ((0.36, 1.15, 0.9), (0.46, 1.25, 1.0), (0.56, 1.0, 0.8))
                return [
                    ([(t * wide * eye, high * row - 0.004 * t * t) for t in np.linspace(-1, 1, 9)], 0.0013,
                     0.0007 * deep, 0.30 * deep)
                    for row, wide, deep in rows
                ]  # fmt: skip
            case "frown":
                return [
                    ([(side * 0.0065, 0.008), (side * 0.008, 0.018), (side * 0.0105, 0.030)], 0.0014, 0.0009, 0.36)
                    for side in (1, -1)
                ]
            case "fold_l" | "fold_r":
                side = 1 if name.endswith("l") else -1
                points = [(wing + 0.007, tip + 0.008), (wing + 0.013, tip - 0.006), (self.mouth + 0.007, low + 0.008),
                          (self.mouth + 0.009, low - 0.007)]  # fmt: skip
                return [([(side * s, y) for s, y in points], 0.0026, 0.0012, 0.30)]
            case "squint":
                start = eye + 1.30 * radius
                fans = ((0.006, 30.0), (0.001, 4.0), (-0.004, -24.0))
                feet: list[Line] = [
                    ([(side * (start + t * np.cos(np.radians(a))), up + t * np.sin(np.radians(a))) for t in (0, 0.016)],
                     0.0011, 0.0006, 0.30)
                    for side in (1, -1) for up, a in fans
                ]  # fmt: skip
                arc = np.radians(np.linspace(215, 330, 7))
                feet += [
                    ([(side * (eye + 1.25 * radius * np.cos(a)), 1.15 * radius * np.sin(a)) for a in arc], 0.0014,
                     0.0007, 0.16)
                    for side in (1, -1)
                ]  # fmt: skip
                return feet
            case "nose":
                across: list[Line] = [([(-0.007, 0.001), (0.0, 0.0025), (0.007, 0.001)], 0.0011, 0.0006, 0.30)]
                return across + [
                    ([(side * 0.006, -0.006 - k), (side * 0.0125, -0.011 - k)], 0.0011, 0.0006, 0.30)
                    for side in (1, -1) for k in (0.0, 0.005)
                ]  # fmt: skip
            case "chin":
                return [
                    ([(t * 0.016, low - 0.0195 - 0.005 * t * t) for t in np.linspace(-1, 1, 7)], 0.0024, 0.0012, 0.28)
                ]
        return []


def _profile(s: F64, y: F64, points: F64, width: float, place: F64, seed: int) -> F64:
    """(N,) -1 in the line, above 0 on the bulges beside it, fading to its ends; it wavers a little, as skin does."""
    wave = 0.0009 * noise(place, 0.008, seed)
    here = np.stack([s, y + wave], axis=1)
    away, along = np.full(len(s), np.inf), np.zeros(len(s))
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    for k in range(len(points) - 1):
        step = points[k + 1] - points[k]
        t = np.clip((here - points[k]) @ step / (step @ step), 0, 1)
        distance = np.linalg.norm(here - points[k] - t[:, None] * step, axis=1)
        nearer = distance < away
        away = np.where(nearer, distance, away)
        along = np.where(nearer, length[k] + t * np.linalg.norm(step), along)
    ends = np.clip(np.minimum(along, length[-1] - along) / (0.3 * length[-1]) + 0.1, 0, 1)
    x = (away / width) ** 2
    return np.asarray(ends * (0.35 * np.exp(-x / 6) - 1.35 * np.exp(-x)))


def _patch(s: F64, y: F64, at_s: float, at_y: float, wide: float, high: float) -> F64:
    return np.asarray(np.exp(-(((s - at_s) / wide) ** 2) - ((y - at_y) / high) ** 2))
