"""The avatar's body in a conversation: stands, breathes, listens, thinks and speaks with its hands.

A pure function of time, seed and score (`score.py`): however it is asked, the same moment is the same pose. It goes on
without end and never repeats, so it has no seam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.arkit import INDEX
from assets.avatar import Avatar
from render.motion.chance import wander
from render.motion.controls import Controls
from render.motion.director import FACE, KEPT_S, Director
from render.motion.figure import Figure
from render.motion.life import breath, face
from render.motion.pose import PoseKey
from render.motion.score import Entry, Score
from render.motion.skeleton import skinning_matrices

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_FACE = [INDEX[name] for name in FACE]
_SMILE = [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]
_FROWN = [INDEX["mouthFrownLeft"], INDEX["mouthFrownRight"]]
_NO_SMILE = 0.25
"""Frown that leaves nothing of the smile of rest."""
_LIDS = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
_LOWERED, _RAISED = 0.018, 0.055
"""Of a blink and of wide eyes, for a degree that the eyes are turned down or up: upper lids go with them, nearly as far
(Becker & Fuchs 1988)."""
_WIDEST: Final = 0.6


@dataclass(frozen=True)
class BodyState:
    """A pose for `skinning_matrices`, and a face to add to the speaking one."""

    rotations: F32
    """(J, 4) unit quaternions w, x, y, z about the avatar's axes in the rest pose."""
    root: F32
    """(3,) metres."""
    expression: F32
    """(52,) ARKit weights."""


class Performer:
    """The body of one avatar; not shared between threads."""

    def __init__(self, avatar: Avatar, seed: int = 0, score: Score | None = None, figure: Figure | None = None) -> None:
        """figure: of this avatar, made before; nobody else poses it."""
        self._avatar, self._seed = avatar, seed
        self.score = Score() if score is None else score
        self._figure = figure or Figure(avatar)
        self._director = self._begin()
        self._seen = float("-inf")

    def _begin(self) -> Director:
        return Director(self._seed, self.score, self._figure.middle, self._figure.sees)

    def note(self, entry: Entry) -> None:
        """Add to the score; what was already looked at stays as it was."""
        self.score.note(entry, not_before=self._seen)

    def at(self, time_s: float) -> BodyState:
        """The body at `time_s`, seconds of the score's time."""
        if time_s < self._seen - KEPT_S:
            self._director = self._begin()
            self._seen = float("-inf")
        if time_s > self._seen:
            self._director.advance(time_s)
            self._seen = time_s
        posed = self._figure.pose(self._controls(time_s))
        expression = face()
        shut = self._director.blinks.at(time_s)
        expression[_LIDS] = shut + (1 - shut) * max(-_LOWERED * posed.raised, 0.0)
        expression[_WIDE] = (1 - shut) * min(max(_RAISED * posed.raised, 0.0), _WIDEST)
        expression[_FACE] += self._director.face.at(time_s).astype(np.float32)
        return BodyState(posed.rotations, posed.root, expression)

    def key(self, number: int, time_s: float, expression: F32 | None = None) -> PoseKey:
        """The key `number` at `time_s`, with this face (E,) added to the body's own."""
        body = self.at(time_s)
        weights = np.zeros(len(self._avatar.expressions), np.float32)
        count = min(len(weights), len(body.expression))
        weights[:count] = body.expression[:count]
        if expression is not None:
            if count == len(body.expression):
                # Corners of the mouth that are drawn down take the kind smile of rest with them.
                weights[_SMILE] *= np.clip(1.0 - expression[_FROWN] / _NO_SMILE, 0.0, 1.0)
            weights += expression
        joints = skinning_matrices(self._avatar.skeleton, body.rotations, body.root)
        return PoseKey(number, np.clip(weights, 0.0, 1.0), joints)

    def _controls(self, time: float) -> Controls:
        """What the director wants, and the small motion that never stops."""
        seed, lead = self._seed, self._director
        air = breath(time)
        side, ahead = wander(time, seed, 1, 9.0), wander(time, seed, 2, 7.0)
        stance = lead.stance.at(time) + np.array((0.06 * side, 0.25 * ahead, 0.0))
        turning, regard = lead.turning, lead.regard
        taken, weight = turning.lean.at(time).tolist()
        weight = stance[0] = float(stance[0]) * (1 - taken) + weight
        heading = float(turning.heading.at(time)[0])
        chest = lead.chest.at(time) + np.array(
            (
                0.3 * ahead - 0.9 * air,
                0.9 * wander(time, seed, 3, 11.0) + 1.5 * weight + heading + regard.trunk.at(time)[0],
                0.4 * side - 1.4 * weight,
            )
        )
        head = lead.head.at(time) + lead.nod.at(time)
        head += (
            0.7 * wander(time, seed, 5, 5.0),
            1.2 * wander(time, seed, 4, 6.0),
            0.7 * wander(time, seed, 6, 8.0) + 0.5 * weight,
        )
        head[:2] += regard.head.at(time)
        shoulders = lead.shoulders.at(time) + 0.9 * air
        left, right = (track.at(time).copy() for track in lead.arms)
        for channel, arm in ((20, left), (24, right)):
            arm[0] += 0.004 * wander(time, seed, channel, 5.0) + 0.003 * air
            arm[1] += 0.003 * wander(time, seed, channel + 1, 4.0)
            arm[2] += 0.006 * wander(time, seed, channel + 2, 6.0)
            arm[4] += 2.0 * wander(time, seed, channel + 3, 7.0)
        feet = np.array([(t.at(time)[0], u.at(time)[0]) for t, u in zip(turning.feet, turning.lifts, strict=True)])
        return Controls(stance, chest, head, shoulders, (left, right), regard.point(time), heading, feet)
