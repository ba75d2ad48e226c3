"""Where hair grows and what it lies on: the hairline, and a smooth solid that stands for skull, ears and air beneath.

The solid is a dome above the ears' tops, given by its radius in every direction from a centre in the skull, and a
curtain below, given by its distance from the vertical axis through that centre; hair hangs on it, not on the neck.
Directions are azimuth (0 in front, pi / 2 at the person's left) and elevation, radians.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator, RegularGridInterpolator
from scipy.spatial import cKDTree

from assets.forge.body import Body
from assets.forge.face import Face
from assets.forge.source import F64

_KERNEL: Final = 0.05
"""Radians over which the skull's radius is averaged: bones stay, the mesh's facets go."""
_GRID: Final = (180, 60)

_HAIRLINE: Final = np.array(
    [
        # azimuth in degrees, height in parts of the way from the eyes (0) to the crown (1)
        (0, 0.600),
        (16, 0.590),
        (32, 0.560),
        (46, 0.440),
        (56, 0.270),
        (66, 0.090),
        (75, -0.06),
        (82, 0.060),
        (90, 0.200),
        (104, 0.190),
        (116, -0.10),
        (128, -0.46),
        (145, -0.58),
        (165, -0.64),
        (180, -0.62),
    ]
)


@dataclass(frozen=True)
class Scalp:
    """The head of one body as a hairdresser sees it; lengths in metres."""

    centre: F64
    """(3,) in the skull, at the height of the ears' tops."""
    eye_height: float
    crown_height: float
    chin_height: float
    ear_azimuth: float
    ear_bulge: float
    """How far the ears stand out of the solid."""
    _dome: RegularGridInterpolator

    def polar(self, points: F64) -> tuple[F64, F64, F64]:
        """Azimuth, elevation (0 on the curtain) and distance from the centre or axis, each (N,)."""
        away = points - self.centre
        level = np.hypot(away[:, 0], away[:, 2])
        up = np.maximum(away[:, 1], 0.0)
        return np.arctan2(away[:, 0], away[:, 2]), np.arctan2(up, level), np.hypot(level, up)

    def radius(self, azimuth: F64, elevation: F64, below: F64) -> F64:
        """(N,) the solid's radius; `below` is how far beneath the centre's height a point of the curtain hangs."""
        dome = self._dome(np.stack([np.abs(azimuth), elevation], axis=1))
        ear = np.exp(-(((np.abs(azimuth) - self.ear_azimuth) / 0.36) ** 2))
        behind = 0.5 - 0.5 * np.cos(azimuth)
        taper = (0.012 + 0.020 * behind**3) * _step((below - 0.035) / 0.085)
        return np.asarray(
            dome + self.ear_bulge * ear * _step((below - 0.09 * np.sin(elevation) + 0.035) / 0.065) - taper
        )

    def distance(self, points: F64) -> F64:
        """(N,) how far outside the solid points stand, along its radii."""
        azimuth, elevation, length = self.polar(points)
        return length - self.radius(azimuth, elevation, np.maximum(self.centre[1] - points[:, 1], 0.0))

    def normal(self, points: F64) -> F64:
        """(N, 3) unit gradient of `distance`."""
        step = 0.004
        gradient = [self.distance(points + d) - self.distance(points - d) for d in step * np.eye(3)]
        normal = np.stack(gradient, axis=1)
        return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))

    def at(self, azimuth: F64, elevation: F64, below: F64, height: F64 | float) -> F64:
        """(N, 3) points `height` above the solid."""
        length = self.radius(azimuth, elevation, below) + height
        level = length * np.cos(elevation)
        offset = np.stack([level * np.sin(azimuth), length * np.sin(elevation) - below, level * np.cos(azimuth)], 1)
        return np.asarray(self.centre + offset)

    def inside_hairline(self, points: F64) -> F64:
        """(N,) metres above the hairline at the points' azimuths; hair grows where it is positive."""
        away = points - self.centre
        azimuth = np.degrees(np.abs(np.arctan2(away[:, 0], away[:, 2])))
        line = PchipInterpolator(*_HAIRLINE.T)(azimuth)
        return np.asarray(points[:, 1] - self.eye_height - line * (self.crown_height - self.eye_height))


def scalp_of(body: Body) -> Scalp:
    """Measures a body's head."""
    face = Face(body)
    triangles = body.triangles["body"]
    ears = triangles[body.mask("ears", body.uv["body"]).mean(axis=1) > 0.5]
    ear = body.vertices[np.unique(ears)]
    ear = ear[ear[:, 0] > 0]
    skin = body.vertices[np.setdiff1d(np.unique(triangles), np.unique(ears))]
    top = float(ear[:, 1].max()) + 0.004
    level = skin[(np.abs(skin[:, 1] - top) < 0.012) & (skin[:, 1] > body.joint("head")[1])]
    centre = np.array([0.0, top, (level[:, 2].max() + level[:, 2].min()) / 2])
    skull = skin[skin[:, 1] > top - 0.03] - centre
    length = np.linalg.norm(skull, axis=1)
    azimuth = np.linspace(0, np.pi, _GRID[0])
    elevation = np.linspace(0, np.pi / 2, _GRID[1])
    a, e = np.meshgrid(azimuth, elevation, indexing="ij")
    rays = np.stack([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)], axis=-1).reshape(-1, 3)
    away, near = cKDTree(skull / length[:, None]).query(rays, k=40)
    weight = np.exp(-((away / _KERNEL) ** 2)) + 1e-12
    radius = (weight * length[near]).sum(axis=1) / weight.sum(axis=1)
    dome = RegularGridInterpolator((azimuth, elevation), radius.reshape(_GRID), bounds_error=False, fill_value=None)
    middle = ear.mean(axis=0) - centre
    ear_azimuth = float(np.arctan2(middle[0], middle[2]))
    reach = float(np.quantile(np.hypot(ear[:, 0], ear[:, 2] - centre[2]), 0.9))
    chin = body.vertices[triangles[body.mask("face", body.uv["body"]).mean(axis=1) > 0.5]]
    return Scalp(
        centre=centre,
        eye_height=float(face.eyes[0, 1]),
        crown_height=float(face.crown[1]),
        chin_height=float(chin[..., 1].min()),
        ear_azimuth=ear_azimuth,
        ear_bulge=max(reach - float(dome([[ear_azimuth, 0.0]])[0]), 0.0),
        _dome=dome,
    )


def scalp_triangles(body: Body) -> NDArray[np.bool_]:
    """(F,) which triangles of the part `body` lie under hair."""
    scalp = scalp_of(body)
    centres = body.vertices[body.triangles["body"]].mean(axis=1)
    ears = body.mask("ears", body.uv["body"]).mean(axis=1) > 0.2
    low = scalp.eye_height - (scalp.crown_height - scalp.eye_height)
    return np.asarray((scalp.inside_hairline(centres) > 0.002) & (centres[:, 1] > low) & ~ears)


def _step(x: F64) -> F64:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))
