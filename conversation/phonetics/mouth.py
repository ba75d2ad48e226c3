"""From phones in time to the mouth: a table of targets, blended by dominance functions.

Cohen & Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone pulls every articulator
towards its target with a strength that is flat while the phone is held and decays exponentially around it; the curve is
the weighted mean. Four articulators are pulled apart from each other: the jaw, the lips' spread and rounding, the lips'
edges (rolled, raised, lowered) and the tongue. Closure of the lips is a curve of its own; mouthClose makes it exact.

Sizes are those of the mesh behind `assets.lips`: jawOpen 1 parts the lips by 3.4 cm. Speech parts them by 3 to 15 mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from assets.lips import LIP_OPENING
from conversation.phonetics.phones import Segment

FRAME_RATE = 100.0
CHANNELS = (
    "jawOpen", "mouthFunnel", "mouthPucker", "mouthStretch", "mouthSmile", "mouthLowerDown", "mouthUpperUp",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthPress", "tongueOut", "mouthClose",
)  # fmt: skip
"""What the network predicts. Names without a side stand for Left and Right alike."""
_JAW, _SHAPE, _EDGE, _TONGUE = "jaw", "shape", "edge", "tongue"
_ARTICULATOR = {
    "jawOpen": _JAW, "mouthFunnel": _SHAPE, "mouthPucker": _SHAPE, "mouthStretch": _SHAPE, "mouthSmile": _SHAPE,
    "mouthLowerDown": _EDGE, "mouthUpperUp": _EDGE, "mouthRollLower": _EDGE, "mouthRollUpper": _EDGE,
    "mouthShrugLower": _EDGE, "mouthPress": _EDGE, "tongueOut": _TONGUE,
}  # fmt: skip
_BLENDED = tuple(_ARTICULATOR)

_CARRY_S = {_JAW: 0.045, _SHAPE: 0.060, _EDGE: 0.035, _TONGUE: 0.030}
"""Time constants after a phone, and before it: lips round ahead of a rounded vowel by about a tenth of a second."""
_ANTICIPATE_S = {_JAW: 0.050, _SHAPE: 0.090, _EDGE: 0.040, _TONGUE: 0.035}
_SMOOTH_S = 0.05
"""Width of the Hann window that stands for the mass of jaw and lips."""
_SHUT_BEFORE_S, _SHUT_AFTER_S = 0.050, 0.045
"""Lips travel this long before a closure and after its release."""


@dataclass(frozen=True)
class Pose:
    """Targets of one phone (zero where not named) and how strongly it pulls each articulator (1 where not named).

    held: part of the phone, from its start, during which the pose is held: a stop is released before it ends.
    shut: the lips touch while it is held.
    """

    targets: dict[str, float] = field(default_factory=dict)
    pulls: dict[str, float] = field(default_factory=dict)
    held: float = 1.0
    shut: bool = False


def _lips_meet(held: float) -> Pose:
    """Bilabials: the jaw stays where the neighbours want it, rounding goes on beneath."""
    targets = {"jawOpen": 0.07, "mouthPress": 0.30, "mouthRollLower": 0.22, "mouthRollUpper": 0.16}
    return Pose(targets, {_JAW: 1.2, _SHAPE: 0.15, _EDGE: 5.0}, held, shut=True)


_LABIODENTAL = Pose(  # the lower lip is tucked under the upper teeth, the upper lip shows them
    {"jawOpen": 0.06, "mouthRollLower": 0.62, "mouthUpperUp": 0.24, "mouthShrugLower": 0.15},
    {_JAW: 2.5, _SHAPE: 0.2, _EDGE: 5.0},
)
_ALVEOLAR = Pose({"jawOpen": 0.12, "mouthLowerDown": 0.20}, {_JAW: 0.8, _SHAPE: 0.1, _EDGE: 0.5})
_LATERAL = Pose(
    {"jawOpen": 0.17, "mouthLowerDown": 0.15, "tongueOut": 0.06}, {_JAW: 0.8, _SHAPE: 0.15, _EDGE: 0.4, _TONGUE: 2.0}
)
_DENTAL = Pose(  # the tip of the tongue shows between the teeth
    {"jawOpen": 0.14, "mouthLowerDown": 0.20, "mouthUpperUp": 0.10, "tongueOut": 0.22},
    {_JAW: 1.2, _SHAPE: 0.2, _EDGE: 1.0, _TONGUE: 4.0},
)
_SIBILANT = Pose(  # teeth nearly shut, lips drawn back from them
    {"jawOpen": 0.05, "mouthStretch": 0.18, "mouthLowerDown": 0.35, "mouthUpperUp": 0.15},
    {_JAW: 2.5, _SHAPE: 0.3, _EDGE: 1.5},
)
_POSTALVEOLAR = Pose(
    {"jawOpen": 0.04, "mouthFunnel": 0.36, "mouthPucker": 0.15, "mouthLowerDown": 0.25, "mouthUpperUp": 0.12},
    {_JAW: 2.5, _SHAPE: 2.0, _EDGE: 1.2},
)
_VELAR = Pose({"jawOpen": 0.17, "mouthLowerDown": 0.08}, {_JAW: 0.5, _SHAPE: 0.05, _EDGE: 0.3})
_SCHWA = Pose({"jawOpen": 0.20, "mouthLowerDown": 0.10}, {_JAW: 0.6, _SHAPE: 0.3, _EDGE: 0.5})

_OPEN = Pose({"jawOpen": 0.54, "mouthLowerDown": 0.22, "mouthUpperUp": 0.10})
_NEAR_OPEN = Pose(
    {"jawOpen": 0.48, "mouthStretch": 0.18, "mouthLowerDown": 0.30, "mouthUpperUp": 0.16, "mouthSmile": 0.06}
)
_MID = Pose({"jawOpen": 0.36, "mouthStretch": 0.14, "mouthLowerDown": 0.25, "mouthUpperUp": 0.12, "mouthSmile": 0.05})
_NEAR_CLOSE = Pose(
    {"jawOpen": 0.23, "mouthStretch": 0.16, "mouthLowerDown": 0.20, "mouthUpperUp": 0.08, "mouthSmile": 0.10}
)
_CLOSE = Pose({"jawOpen": 0.13, "mouthStretch": 0.28, "mouthLowerDown": 0.25, "mouthUpperUp": 0.10, "mouthSmile": 0.22})
_OPEN_ROUND = Pose({"jawOpen": 0.40, "mouthFunnel": 0.30, "mouthPucker": 0.10}, {_SHAPE: 1.3})
_MID_ROUND = Pose({"jawOpen": 0.26, "mouthFunnel": 0.32, "mouthPucker": 0.30}, {_SHAPE: 1.5})
_NEAR_CLOSE_ROUND = Pose({"jawOpen": 0.14, "mouthFunnel": 0.18, "mouthPucker": 0.42}, {_SHAPE: 1.5})
_CLOSE_ROUND = Pose({"jawOpen": 0.07, "mouthFunnel": 0.14, "mouthPucker": 0.66}, {_SHAPE: 2.0})
_RHOTIC = Pose({"jawOpen": 0.18, "mouthFunnel": 0.22, "mouthPucker": 0.24, "mouthLowerDown": 0.08}, {_SHAPE: 1.2})

POSES: dict[str, tuple[Pose, ...]] = {
    "pau": (Pose(),),
    "p": (_lips_meet(0.65),), "b": (_lips_meet(0.80),), "m": (_lips_meet(0.95),),
    "f": (_LABIODENTAL,), "v": (_LABIODENTAL,), "th": (_DENTAL,), "dh": (_DENTAL,),
    "t": (_ALVEOLAR,), "d": (_ALVEOLAR,), "n": (_ALVEOLAR,), "l": (_LATERAL,), "s": (_SIBILANT,), "z": (_SIBILANT,),
    "sh": (_POSTALVEOLAR,), "zh": (_POSTALVEOLAR,), "ch": (_POSTALVEOLAR,), "jh": (_POSTALVEOLAR,),
    "k": (_VELAR,), "g": (_VELAR,), "ng": (_VELAR,),
    "hh": (Pose({"jawOpen": 0.20}, {_JAW: 0.1, _SHAPE: 0.02, _EDGE: 0.1}),),
    "r": (Pose(_RHOTIC.targets, {_JAW: 0.6, _SHAPE: 1.5, _EDGE: 0.5}),),
    "w": (Pose(_CLOSE_ROUND.targets, {_JAW: 1.2, _SHAPE: 3.5, _EDGE: 1.0}),),
    "y": (Pose(_CLOSE.targets, {_JAW: 0.8, _SHAPE: 0.6, _EDGE: 0.5}),),
    "aa": (_OPEN,), "ae": (_NEAR_OPEN,), "ah": (Pose({**_OPEN.targets, "jawOpen": 0.38}),), "ax": (_SCHWA,),
    "eh": (_MID,), "ih": (_NEAR_CLOSE,), "iy": (_CLOSE,), "ao": (_OPEN_ROUND,), "uh": (_NEAR_CLOSE_ROUND,),
    "uw": (_CLOSE_ROUND,), "er": (_RHOTIC,),
    "ay": (_OPEN, _NEAR_CLOSE), "ey": (_MID, _CLOSE), "aw": (_OPEN, _NEAR_CLOSE_ROUND),
    "ow": (_MID_ROUND, _NEAR_CLOSE_ROUND), "oy": (_OPEN_ROUND, _NEAR_CLOSE),
}  # fmt: skip
"""Poses of every phone, one after the other for a diphthong."""
_FIRST_SHARE = 0.55
"""Part of a diphthong that its first pose takes."""
_UNHURRIED_S = 0.10
"""In a pause the lips settle this long after the sound, and leave rest as long before the next."""


@dataclass(frozen=True)
class _Hold:
    pose: Pose
    start: float
    end: float
    loudness: float


def targets(segments: Sequence[Segment], samples: np.ndarray, rate: int, frames: int) -> np.ndarray:
    """Mouth of an utterance: (frames, len(CHANNELS)) float32 at FRAME_RATE, the curve that the network learns."""
    holds = [hold for s in segments for hold in _holds(s, samples, rate)]
    times = np.arange(frames) / FRAME_RATE
    start = np.array([h.start for h in holds])
    end = np.array([h.end for h in holds])
    after = np.maximum(times[:, None] - end, 0.0)
    before = np.maximum(start - times[:, None], 0.0)

    out = np.zeros((frames, len(CHANNELS)))
    for articulator in (_JAW, _SHAPE, _EDGE, _TONGUE):
        pulls = np.array([h.pose.pulls.get(articulator, 1.0) for h in holds])
        dominance = pulls * np.exp(-after / _CARRY_S[articulator] - before / _ANTICIPATE_S[articulator])
        dominance /= dominance.sum(axis=1, keepdims=True)
        for channel in (c for c in _BLENDED if _ARTICULATOR[c] == articulator):
            wanted = np.array([h.pose.targets.get(channel, 0.0) for h in holds])
            if articulator in (_JAW, _EDGE):
                wanted = wanted * [h.loudness for h in holds]
            out[:, CHANNELS.index(channel)] = dominance @ wanted
    out = _smoothed(out)
    shut = np.zeros(frames)
    for hold in (h for h in holds if h.pose.shut):
        shut = np.maximum(shut, _closure(times, hold))
    close = CHANNELS.index("mouthClose")
    out[:, close] = shut * np.maximum(out @ OPENING, 0.0)
    return out.astype(np.float32)


def _opening_weights() -> np.ndarray:
    sided = [LIP_OPENING.get(c, LIP_OPENING.get(c + "Left", 0.0) + LIP_OPENING.get(c + "Right", 0.0)) for c in CHANNELS]
    return np.array(sided)


OPENING = _opening_weights()
"""`assets.lips.LIP_OPENING` over CHANNELS."""


def _holds(segment: Segment, samples: np.ndarray, rate: int) -> list[_Hold]:
    poses = POSES[segment.phone]
    start, end = segment.start, segment.end
    if segment.phone == "pau":
        if end - start <= 2 * _UNHURRIED_S:
            middle = 0.5 * (start + end)
            return [_Hold(poses[0], middle, middle, 1.0)]
        return [_Hold(poses[0], start + _UNHURRIED_S, end - _UNHURRIED_S, 1.0)]
    loudness = _loudness(samples, rate, start, end)
    if len(poses) == 1:
        return [_Hold(poses[0], start, start + poses[0].held * (end - start), loudness)]
    turn = start + _FIRST_SHARE * (end - start)
    return [_Hold(poses[0], start, turn, loudness), _Hold(poses[1], turn, end, loudness)]


def _loudness(samples: np.ndarray, rate: int, start: float, end: float) -> float:
    """Louder is wider, mildly: 10 dB above the utterance's own level open the mouth by a fifth more."""
    part = samples[int(start * rate) : max(int(end * rate), int(start * rate) + 1)]
    voiced = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    decibels = 10 * np.log10((np.mean(part**2) + 1e-9) / (np.mean(voiced**2) + 1e-9))
    return float(np.clip(10 ** (0.008 * decibels), 0.75, 1.2))


def _closure(times: np.ndarray, hold: _Hold) -> np.ndarray:
    """1 while the lips touch, raised-cosine flanks around."""
    rise = np.clip((times - (hold.start - _SHUT_BEFORE_S)) / _SHUT_BEFORE_S, 0.0, 1.0)
    fall = np.clip((hold.end + _SHUT_AFTER_S - times) / _SHUT_AFTER_S, 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(rise, fall))


def _smoothed(curves: np.ndarray) -> np.ndarray:
    width = int(_SMOOTH_S * FRAME_RATE) | 1
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(curves, ((width // 2, width // 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(c, window / window.sum(), "valid") for c in padded.T], axis=1)
