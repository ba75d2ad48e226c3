"""What `.vrm` adds to glTF: which bone is which, expressions, title and licence, in versions 0.x and 1.0.

(VRM specification, `VRM` of 0.0 and `VRMC_vrm` of 1.0.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from assets.importers.gltf import Gltf
from assets.importers.model import Target

_PRESETS_0: Final = {
    "a": "aa", "i": "ih", "u": "ou", "e": "ee", "o": "oh", "blink_l": "blinkLeft", "blink_r": "blinkRight",
    "joy": "happy", "sorrow": "sad", "fun": "relaxed", "lookup": "lookUp", "lookdown": "lookDown",
    "lookleft": "lookLeft", "lookright": "lookRight",
}  # fmt: skip
"""Names of 0.x → those of 1.0."""
_THUMBS_1: Final = {"Metacarpal": "Proximal", "Proximal": "Intermediate"}
"""Version 1.0 calls the thumb's joints otherwise; ours are called as in 0.x."""


@dataclass(frozen=True)
class Vrm:
    """A file's character."""

    version: int
    """0 or 1."""
    roles: Mapping[str, int]
    """Humanoid bone → node."""
    expressions: Mapping[str, Mapping[Target, float]] = field(default_factory=dict)
    """Presets under their names of 1.0, and the file's own."""
    title: str = ""
    licence: str = "unknown"


def read_vrm(file: Gltf) -> Vrm | None:
    """What a file says of its character; None where it is a plain glTF."""
    extensions = file.document.extensions
    if isinstance(extensions.get("VRMC_vrm"), dict):
        return _version_1(file, extensions["VRMC_vrm"])
    if isinstance(extensions.get("VRM"), dict):
        return _version_0(extensions["VRM"])
    return None


def _version_0(vrm: dict[str, Any]) -> Vrm:
    roles = {}
    for bone in _dicts(_dict(vrm.get("humanoid")).get("humanBones")):
        if isinstance(bone.get("bone"), str) and _index(bone.get("node")):
            roles[bone["bone"]] = bone["node"]
    expressions: dict[str, dict[Target, float]] = {}
    for group in _dicts(_dict(vrm.get("blendShapeMaster")).get("blendShapeGroups")):
        preset = str(group.get("presetName", "unknown")).lower()
        name = str(group.get("name", "")) if preset in ("unknown", "") else _PRESETS_0.get(preset, preset)
        binds: dict[Target, float] = {}
        for bind in _dicts(group.get("binds")):
            if _index(bind.get("mesh")) and _index(bind.get("index")) and _number(bind.get("weight")):
                binds[bind["mesh"], bind["index"]] = min(max(bind["weight"] / 100, 0.0), 1.0)
        if binds and name:
            expressions.setdefault(name, binds)
    meta = _dict(vrm.get("meta"))
    licence = meta.get("otherLicenseUrl") or meta.get("licenseName")
    return Vrm(0, roles, expressions, _text(meta.get("title")), _text(licence) or "unknown")


def _version_1(file: Gltf, vrm: dict[str, Any]) -> Vrm:
    roles = {}
    for bone, what in _dict(_dict(vrm.get("humanoid")).get("humanBones")).items():
        if _index(_dict(what).get("node")):
            for new, old in _THUMBS_1.items():
                if bone.endswith("Thumb" + new):
                    bone = bone.removesuffix(new) + old
                    break
            roles[bone] = what["node"]
    expressions: dict[str, dict[Target, float]] = {}
    groups = _dict(vrm.get("expressions"))
    for name, expression in {**_dict(groups.get("custom")), **_dict(groups.get("preset"))}.items():
        binds: dict[Target, float] = {}
        for bind in _dicts(_dict(expression).get("morphTargetBinds")):
            node = bind.get("node")
            if not (_index(node) and _index(bind.get("index")) and _number(bind.get("weight"))):
                continue
            mesh = file.document.nodes[node].mesh if node < len(file.document.nodes) else None
            if mesh is not None:
                binds[mesh, bind["index"]] = min(max(float(bind["weight"]), 0.0), 1.0)
        if binds:
            expressions[name] = binds
    meta = _dict(vrm.get("meta"))
    licence = meta.get("otherLicenseUrl") or meta.get("licenseUrl")
    return Vrm(1, roles, expressions, _text(meta.get("name")), _text(licence) or "unknown")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _index(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
