"""The skin's tone: where blood shines through, where pigment lies, and what lips and lids are made of.

Blood takes green and blue, pigment takes blue most, as the absorption of haemoglobin and melanin does (Jacques 2013,
"Optical properties of biological tissues"); on deep skin blood hardly shows, and palms, soles and nail beds stay pale.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.anatomy.hand import hands
from assets.forge.noise import noise
from assets.forge.palette import Palette
from assets.forge.sampling import Samples
from assets.forge.source import F64

_BLOOD: Final = np.array([0.05, 0.21, 0.18])
_PIGMENT: Final = 0.055 * np.array([0.8, 1.0, 1.25])


def tone(body: Body, face: Face, palette: Palette, samples: Samples, texture: F64, *, age: float, seed: int) -> F64:
    """(N, 3) albedo of skin and lips at samples with texture coordinates (N, 2); nails are painted by another."""
    points = samples.position
    worn = float(np.clip((age - 30) / 45, 0, 1))
    redness = _blood(body, face, points, texture, worn=worn, seed=seed)
    brown = _pigment(face, points, worn=worn, seed=seed)
    colour = palette.skin * np.exp(-redness[:, None] * _BLOOD * (1 - 0.55 * palette.depth))
    colour *= np.exp(-brown[:, None] * _PIGMENT * (1 + 0.6 * palette.depth))
    colour += pale_sides(body, samples)[:, None] * (palette.palm - colour)
    for nostril in face.nostrils:
        colour *= 1 - 0.85 * _near(points, nostril, (0.0034, 0.0026, 0.0046))[:, None] * [0.85, 1.0, 1.0]
    colour += 0.42 * body.mask("eyelids", texture)[:, None] * (palette.skin * [0.88, 0.74, 0.71] - colour)
    return np.asarray(np.clip(_lips(body, face, palette, points, texture, colour, worn=worn, seed=seed), 0.0, 0.95))


def lip_share(body: Body, texture: F64) -> F64:
    """(N,) 1 on the red of the lips, with a border of about a millimetre."""
    mask = body.mask("lips", texture).astype(np.float64)
    t = np.clip((mask - 0.28) / 0.42, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def pale_sides(body: Body, samples: Samples) -> F64:
    """(N,) 1 on palms and the fingers' inner sides, where there is neither hair nor tan."""
    share = np.zeros(len(samples))
    for hand in hands(body):
        arm = hand.knuckle - hand.wrist
        reach = ((samples.position - hand.wrist) @ arm) / (arm @ arm)
        own = samples.position[:, 0] * hand.wrist[0] > 0
        share += own * np.clip(reach / 0.3 + 0.6, 0, 1) * np.clip((samples.normal @ hand.palm - 0.05) / 0.45, 0, 1)
    return np.asarray(np.clip(share, 0, 1))


def _blood(body: Body, face: Face, points: F64, texture: F64, *, worn: float, seed: int) -> F64:
    below_lip, above = np.array([0.0, -0.04, 0.0]), np.array([0.0, 0.012, 0.01])
    blood = 0.25 * noise(points, 0.03, seed) + (0.20 + 0.15 * worn) * noise(points, 0.007, seed + 1, 3)
    for sign, eye in zip((1, -1), face.eyes, strict=True):
        cheek = np.array([sign * 0.043, (eye[1] + face.mouth[1]) / 2 + 0.004, face.mouth[2] - 0.03])
        patches = 1 + 0.35 * noise(points, 0.011, seed + 5, 2)
        blood += (0.80 + 0.25 * worn) * patches * _near(points, cheek, (0.024, 0.020, 0.04))
        blood += 0.35 * _near(points, eye + above, (0.018, 0.008, 0.02))
        wing = np.array([sign * 0.016, face.nose[1] - 0.002, face.nose[2] - 0.018])
        blood += (0.55 + 0.3 * worn) * _near(points, wing, (0.008, 0.009, 0.014))
    blood += 0.7 * _near(points, face.nose, (0.014, 0.012, 0.02))
    blood += 0.40 * _near(points, face.mouth + below_lip, (0.018, 0.012, 0.03))
    blood += 0.9 * body.mask("ears", texture)
    blood += 0.3 * _near(points, face.mouth, (0.030, 0.016, 0.03))
    for side in "lr":
        for finger in ("index", "middle", "ring", "pinky", "thumb"):
            for joint, strength in (("01", 0.7), ("02", 0.85), ("03", 0.6)):
                blood += strength * _near(points, body.joint(f"{finger}_{joint}_{side}"), (0.012, 0.012, 0.012))
            tip = 1.9 * body.joint(f"{finger}_03_{side}") - 0.9 * body.joint(f"{finger}_02_{side}")
            blood += 0.6 * _near(points, tip, (0.012, 0.012, 0.012))
    return np.asarray(blood)


def _pigment(face: Face, points: F64, *, worn: float, seed: int) -> F64:
    """Uneven with the years, dark below the eyes, a little yellow at the temples and on the forehead."""
    pigment = 0.5 * noise(points, 0.05, seed + 2, 2) + 0.45 * noise(points, 0.0022, seed + 3, 2)
    pigment += (0.4 + 0.6 * worn) * noise(points, 0.012, seed + 6, 3)
    pigment += 0.5 * _near(points, face.eyes.mean(0) + np.array([0, 0.045, 0]), (0.06, 0.03, 0.06))
    for eye in face.eyes:
        pigment += (1.0 + 0.8 * worn) * _near(points, eye + np.array([0.0, -0.017, 0.01]), (0.016, 0.006, 0.02))
        inner = eye + np.array([-np.sign(eye[0]) * 0.016, -0.006, 0.01])
        pigment += (0.9 + 0.5 * worn) * _near(points, inner, (0.006, 0.008, 0.02))
    return np.asarray(pigment)


def _lips(
    body: Body, face: Face, palette: Palette, points: F64, texture: F64, skin: F64, *, worn: float, seed: int
) -> F64:
    lips = lip_share(body, texture)[:, None]
    mask = body.mask("lips", texture).astype(np.float64)[:, None]
    # the white roll: the skin's edge right above the border is paler
    roll = np.clip(1 - np.abs(mask - 0.14) / 0.12, 0, 1) * (points[:, 1:2] > face.mouth[1])
    skin = skin * (1 + 0.07 * roll)
    from_line = np.abs(points[:, 1:2] - face.mouth[1])
    wet = np.exp(-((from_line / 0.0042) ** 2))
    blotches = noise(points, 0.004, seed + 4, 2)[:, None]
    own = palette.lips * (1 - 0.35 * worn) + 0.35 * worn * palette.skin * [0.82, 0.66, 0.62]  # lips pale with the years
    own = own * (1 + 0.10 * blotches) * (1 - wet * [0.10, 0.26, 0.20])
    corner = np.clip((np.abs(points[:, :1]) - 0.7 * face.mouth_half_width) / (0.3 * face.mouth_half_width), 0, 1)
    own = own * (1 - 0.22 * corner)
    crease = np.exp(-((from_line / 0.0013) ** 2)) * (points[:, 2:] > face.mouth[2] - 0.02)
    return np.asarray(skin + lips * (own * (1 - 0.30 * crease) - skin))


def _near(points: F64, centre: F64, width: tuple[float, float, float]) -> F64:
    return np.asarray(np.exp(-(((points - centre) / width) ** 2).sum(axis=1)))
