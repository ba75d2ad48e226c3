"""The 52 ARKit shapes out of what a file has: its own ARKit shapes, VRM's expressions, Oculus' visemes.

Every ARKit shape is a sum of the file's own, at weights; the table that was used is kept in the avatar's provenance,
and a file in the same form replaces entries of it:

    {"jawOpen": {"aa": 0.9}, "mouthSmileLeft": {"happy@mouth@left": 0.8}}

A source is a morph target or an expression by its name; `@mouth`, `@eyes`, `@brows` keep only what it does there, where
the mouth is what visemes move, the eyes what blinks do, and brows all else; `@left`, `@right` only that side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.arkit import ARKIT_SHAPES
from assets.importers.cloud import RefusedError
from assets.importers.model import F32, F64, Model, Target

Table = Mapping[str, Mapping[str, float]]

_VRM: Final[dict[str, dict[str, float]]] = {
    "jawOpen": {"aa": 1.0}, "mouthClose": {"aa": -1.0}, "mouthFunnel": {"oh": 0.8}, "mouthPucker": {"ou": 0.9},
    "mouthStretchX": {"ih@X": 0.5}, "mouthUpperUpX": {"ee@X": 0.25}, "mouthLowerDownX": {"ee@X": 0.25},
    "mouthSmileX": {"happy@mouth@X": 0.7}, "mouthFrownX": {"sad@mouth@X": 0.7},
    "eyeBlinkX": {"blink@X": 1.0}, "eyeSquintX": {"blink@X": 0.25}, "eyeWideX": {"surprised@eyes@X": 1.0},
    "eyeLookUpX": {"lookUp@X": 1.0}, "eyeLookDownX": {"lookDown@X": 1.0},
    "eyeLookOutLeft": {"lookLeft@left": 1.0}, "eyeLookInLeft": {"lookRight@left": 1.0},
    "eyeLookOutRight": {"lookRight@right": 1.0}, "eyeLookInRight": {"lookLeft@right": 1.0},
    "browInnerUp": {"surprised@brows": 0.6}, "browOuterUpX": {"surprised@brows@X": 0.4},
    "browDownX": {"angry@brows@X": 0.8},
}  # fmt: skip
_VRM_SIDED: Final = {"eyeBlinkX": {"blinkX": 1.0}, "eyeSquintX": {"blinkX": 0.25}}
_VISEMES: Final[dict[str, dict[str, float]]] = {
    "jawOpen": {"viseme_aa": 1.0}, "mouthClose": {"viseme_aa": -1.0}, "mouthFunnel": {"viseme_O": 0.8},
    "mouthPucker": {"viseme_U": 0.9}, "mouthStretchX": {"viseme_I@X": 0.5}, "mouthUpperUpX": {"viseme_E@X": 0.25},
    "mouthLowerDownX": {"viseme_E@X": 0.25}, "mouthRollLower": {"viseme_FF": 0.6}, "mouthPressX": {"viseme_PP@X": 0.7},
}  # fmt: skip
_READY_PLAYER_ME: Final[dict[str, dict[str, float]]] = {
    "jawOpen": {"mouthOpen": 1.0}, "mouthClose": {"mouthOpen": -1.0}, "mouthSmileX": {"mouthSmile@X": 1.0},
    "eyeBlinkX": {"eyesClosed@X": 1.0},
}  # fmt: skip
_SIDED: Final = {"mouthSmileX": {"mouthSmileX": 1.0}}


def _both(table: Mapping[str, Mapping[str, float]]) -> Table:
    """A table with X in its names, for both sides."""
    sided: dict[str, Mapping[str, float]] = {}
    for shape, sources in table.items():
        for side in ("Left", "Right") if "X" in shape else ("",):
            written = {s.replace("@X", f"@{side.lower()}").replace("X", side): weight for s, weight in sources.items()}
            sided[shape.replace("X", side)] = written
    return sided


TABLES: Final = tuple(_both(table) for table in (_SIDED, _VRM_SIDED, _VRM, _VISEMES, _READY_PLAYER_ME))
"""What an ARKit shape is made of where a file has none of its own: the first whose sources are all there."""

_MOVES: Final = 0.02
"""A vertex belongs to what moves it by this share of the most that it moves any."""
_SEAM: Final = 0.06
"""Width of the blend between the two sides, in widths of what moves."""
MOUTH: Final = ("jawOpen", "mouthFunnel", "mouthPucker")
_MOUTH_SOURCES: Final = ("aa", "ih", "ou", "ee", "oh", "viseme_aa", "viseme_O", "mouthOpen")
_EYE_SOURCES: Final = ("blink", "blinkLeft", "blinkRight", "eyesClosed", "eyeBlinkLeft", "eyeBlinkRight")


@dataclass(frozen=True)
class Faces:
    """The shapes of an avatar and how they came about."""

    shapes: F32
    """(52, V, 3)."""
    table: dict[str, dict[str, float]]
    """ARKit shape → source → weight, of those that move anything."""
    sources: tuple[str, ...]
    """What the file has."""


def arkit_name(name: str) -> str | None:
    """The ARKit shape that a morph target is, by its name: `browDown_L`, `Face.M_F00_browDownLeft` ..."""
    bare = re.sub(r"[^a-z]", "", re.split(r"[.:/]", name)[-1].lower())
    return _ARKIT.get(bare)


_ARKIT: Final = {
    **{re.sub("(left|right)$", lambda side: side[0][0], name.lower()): name for name in ARKIT_SHAPES},
    **{name.lower(): name for name in ARKIT_SHAPES},
}


def faces_of(model: Model, expressions: Mapping[str, Mapping[Target, float]], own: Table | None = None) -> Faces:
    """The ARKit shapes of a model; `expressions`: a .vrm's. `own` replaces entries. Raises RefusedError."""
    sources: dict[str, Mapping[Target, float]] = {
        name: dict.fromkeys(targets, 1.0) for name, targets in model.target_names.items()
    }
    sources.update(expressions)
    sources = {name: weights for name, weights in sources.items() if any(t in model.targets for t in weights)}
    mixer = _Mixer(model, sources)
    table: dict[str, dict[str, float]] = {}
    for name in sorted(sources, key=lambda n: n in expressions):  # expressions last: they are meant for it
        shape = arkit_name(name)
        if shape is not None:
            table[shape] = {name: 1.0}
    for shape in ARKIT_SHAPES:
        for proposal in TABLES:
            wanted = proposal.get(shape)
            if shape not in table and wanted and all(mixer.knows(source) for source in wanted):
                table[shape] = dict(wanted)
    for shape, wanted in (own or {}).items():
        unknown = [source for source in wanted if not mixer.knows(source)]
        if shape not in ARKIT_SHAPES or unknown:
            what = f"{shape!r} is no ARKit shape" if shape not in ARKIT_SHAPES else f"{unknown[0]!r} is not in the file"
            raise RefusedError(
                f"the map does not fit: {what}, which has {', '.join(sorted(sources)[:60]) or 'no shapes'}"
            )
        table[shape] = dict(wanted)
    shapes = np.zeros((len(ARKIT_SHAPES), len(model.vertices), 3), np.float32)
    for index, shape in enumerate(ARKIT_SHAPES):
        for source, weight in table.get(shape, {}).items():
            shapes[index] += np.float32(weight) * mixer.mixed(source)
    np.clip(shapes, -6e4, 6e4, out=shapes)
    kept = {shape: table[shape] for k, shape in enumerate(ARKIT_SHAPES) if shape in table and shapes[k].any()}
    return Faces(shapes, kept, tuple(sorted(sources)))


class _Mixer:
    """Offsets of sources by name, cut to a part of the face."""

    def __init__(self, model: Model, sources: Mapping[str, Mapping[Target, float]]) -> None:
        self._model, self._sources = model, sources
        self._names = {name.lower(): name for name in sorted(sources, reverse=True)}
        self._names.update({name: name for name in sources})

    def knows(self, source: str) -> bool:
        name, *parts = source.split("@")
        return self._found(name) is not None and set(parts) <= {"mouth", "eyes", "brows", "left", "right"}

    def mixed(self, source: str) -> F32:
        """(V, 3)."""
        name, *parts = source.split("@")
        found = self._found(name)
        offsets = self._model.offsets(self._sources[found]) if found is not None else self._model.offsets({})
        for part in parts:
            offsets = offsets * self._part(part, offsets)[:, None]
        return np.asarray(offsets, np.float32)

    def _found(self, name: str) -> str | None:
        return name if name in self._sources else self._names.get(name.lower())

    def _part(self, part: str, offsets: F32) -> F32:
        if part in ("left", "right"):
            across = self._model.vertices[:, 0]
            moves = np.abs(offsets).max(axis=1) > 0
            if not moves.any():
                return np.ones(len(across), np.float32)
            low, high = across[moves].min(), across[moves].max()
            seam = max(_SEAM * (high - low), 1e-9)
            share = np.clip((across - (low + high) / 2) / seam + 0.5, 0, 1)
            return np.asarray(share if part == "left" else 1 - share, np.float32)
        mouth, eyes = self._moved(_MOUTH_SOURCES), self._moved(_EYE_SOURCES)
        chosen = {"mouth": mouth & ~eyes, "eyes": eyes, "brows": ~(mouth | eyes)}[part]
        return chosen.astype(np.float32)

    def _moved(self, names: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        moved = np.zeros(len(self._model.vertices), bool)
        for name in names:
            found = self._found(name)
            if found is not None:
                far: F64 = np.linalg.norm(self._model.offsets(self._sources[found]), axis=1)
                moved |= far > _MOVES * max(float(far.max()), 1e-9)
        return moved
