"""Where hair grows: the hairline, and the places on a head that a hairdresser goes by.

Directions are azimuth (0 in front, pi / 2 at the person's left) about the vertical axis through the skull's middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.source import F64

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
_RECEDED: Final = np.array([(0, 0.14), (18, 0.26), (34, 0.40), (48, 0.34), (60, 0.16), (72, 0.0), (180, 0.0)])
"""How much higher the hairline is when it has gone half back."""
_RING: Final = 0.60
"""Height up to which a bald head keeps a ring of hair."""


@dataclass(frozen=True)
class Scalp:
    """The head of one body as a hairdresser sees it; lengths in metres."""

    centre: F64
    """(3,) in the skull, at the height of the ears' tops."""
    eye_height: float
    crown_height: float
    chin_height: float
    whorl: F64
    """(3,) on the skin, behind the crown, where hair that is not parted grows away to all sides."""

    def azimuth(self, points: F64) -> F64:
        """(N,) radians."""
        away = points - self.centre
        return np.asarray(np.arctan2(away[..., 0], away[..., 2]))

    def level(self, points: F64) -> F64:
        """(N,) height in parts of the way from the eyes (0) to the crown (1)."""
        return np.asarray((points[..., 1] - self.eye_height) / (self.crown_height - self.eye_height))

    def inside_hairline(self, points: F64, recede: float = 0.0) -> F64:
        """(N,) metres above the hairline at the points' azimuths; hair grows where it is positive.

        recede: 0 a full head of hair, 0.5 deep corners at the temples, 1 only a ring around the back.
        """
        azimuth = np.degrees(np.abs(self.azimuth(points)))
        line = PchipInterpolator(*_HAIRLINE.T)(azimuth)
        line = line + 2 * recede * PchipInterpolator(*_RECEDED.T)(azimuth)
        inside = self.level(points) - line
        if recede > 0.5:
            inside = np.minimum(inside, _RING + 2.4 * (1 - recede) - self.level(points))
        return np.asarray(inside * (self.crown_height - self.eye_height))


def scalp_of(body: Body) -> Scalp:
    """Measures a body's head."""
    face = Face(body)
    triangles = body.triangles["body"]
    ears = triangles[body.mask("ears", body.uv["body"]).mean(axis=1) > 0.5]
    ear = body.vertices[np.unique(ears)]
    skin = body.vertices[np.setdiff1d(np.unique(triangles), np.unique(ears))]
    top = float(ear[:, 1].max()) + 0.004
    level = skin[(np.abs(skin[:, 1] - top) < 0.012) & (skin[:, 1] > body.joint("head")[1])]
    centre = np.array([0.0, top, (level[:, 2].max() + level[:, 2].min()) / 2])
    chin = body.vertices[triangles[body.mask("face", body.uv["body"]).mean(axis=1) > 0.5]]
    skull = skin[skin[:, 1] > top]
    behind = np.array([0.05, 0.78, -0.62])
    whorl = skull[np.argmax((skull - centre) @ behind / np.linalg.norm(skull - centre, axis=1))]
    return Scalp(centre, float(face.eyes[0, 1]), float(face.crown[1]), float(chin[..., 1].min()), whorl)


def scalp_triangles(body: Body, recede: float = 0.0) -> NDArray[np.bool_]:
    """(F,) which triangles of the part `body` lie under hair."""
    scalp = scalp_of(body)
    centres = body.vertices[body.triangles["body"]].mean(axis=1)
    ears = body.mask("ears", body.uv["body"]).mean(axis=1) > 0.2
    lining = body.mask("inside-mouth", body.uv["body"]).mean(axis=1) > 0.1
    hairy = scalp.inside_hairline(centres, recede) > 0.002
    return np.asarray(hairy & (scalp.level(centres) > -1) & ~ears & ~lining)
