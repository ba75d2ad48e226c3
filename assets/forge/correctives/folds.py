"""Folds that cloth throws where a joint bends: at elbows, knees and the waist, more the more it is bent."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.correctives.marks import Marks, lessened, raised
from assets.forge.layer import Layer, positions
from assets.forge.noise import noise
from assets.forge.source import F64

# Joint, the next one along the limb, metres in which folds are seen, metres from fold to fold.
_CREASES: Final = (
    ("lowerarm_l", "hand_l", 0.085, 0.026),
    ("lowerarm_r", "hand_r", 0.085, 0.026),
    ("calf_l", "foot_l", 0.11, 0.034),
    ("calf_r", "foot_r", 0.11, 0.034),
    ("spine_01", "spine_02", 0.14, 0.042),
)
SHAPES: Final = tuple(crease[0] for crease in _CREASES)
"""The joints whose bending brings them out, one shape each."""
EAGERNESS: Final = 0.8
"""weight = tanh(EAGERNESS (1 - cos of the joint's angle))."""
_DEPTH_M: Final = 0.0012
_DARK: Final = 0.42
"""Share of light that a valley lacks."""
_LIGHT: Final = 0.10


def folds(layer: Layer, body: Body, seed: int) -> Marks:
    """SHAPES on a layer of cloth."""
    place = positions(layer.surface, layer.gaussians)
    height = np.stack([_height(place, body, *crease, seed=seed + k) for k, crease in enumerate(_CREASES)])
    height[np.abs(height) < 0.02] = 0
    share = _LIGHT * np.maximum(height, 0) - _DARK * np.maximum(-height, 0)
    return Marks(lessened(layer, np.repeat(share[..., None], 3, axis=2)), raised(layer, _DEPTH_M * height))


def _height(place: F64, body: Body, joint: str, on: str, reach: float, wave: float, *, seed: int) -> F64:
    """(N,) from -1 in a valley to 1 on a ridge, at rest; folds lie across the limb, and part and meet."""
    centre = body.joint(joint)
    along = body.joint(on) - centre
    along /= np.linalg.norm(along)
    away = place - centre
    near = np.exp(-((np.linalg.norm(away, axis=1) / reach) ** 4))
    bent = 0.7 * noise(place, 2.2 * wave, seed + 91, 2)
    crest = np.sin(2 * np.pi * (away @ along / wave + bent))
    parted = np.clip(0.55 + 0.9 * noise(place, 1.4 * wave, seed + 97), 0, 1)
    return np.asarray(near * parted * crest)
