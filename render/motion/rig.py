"""Which joint of a skeleton is which part of a person, whatever its maker called it.

Known are MakeHuman's `game_engine` (Unreal's names), VRM's humanoid bones and Mixamo's (which Ready Player Me shares,
without their prefix). What a skeleton does not have is left out, and stays as it was bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from assets.avatar import Skeleton

FINGERS: Final = ("thumb", "index", "middle", "ring", "pinky")
SPINE: Final = ("spine_1", "spine_2", "spine_3")

_MAKEHUMAN: Final = {
    "hips": "pelvis", "spine_1": "spine_01", "spine_2": "spine_02", "spine_3": "spine_03", "neck": "neck_01",
    "shoulder_X": "clavicle_X", "upper_arm_X": "upperarm_X", "lower_arm_X": "lowerarm_X",
    "upper_leg_X": "thigh_X", "lower_leg_X": "calf_X", "toes_X": "ball_X",
    **{f"{finger}_{k}_X": f"{finger}_0{k}_X" for finger in FINGERS for k in (1, 2, 3)},
}  # fmt: skip
"""Role → name, where they differ; X is l or r."""
_VRM: Final = {
    "spine_1": "spine", "spine_2": "chest", "spine_3": "upperChest", "eye_X": "XEye",
    "shoulder_X": "XShoulder", "upper_arm_X": "XUpperArm", "lower_arm_X": "XLowerArm", "hand_X": "XHand",
    "upper_leg_X": "XUpperLeg", "lower_leg_X": "XLowerLeg", "foot_X": "XFoot", "toes_X": "XToes",
    "thumb_1_X": "XThumbProximal", "thumb_2_X": "XThumbIntermediate", "thumb_3_X": "XThumbDistal",
    **{
        f"{finger}_{k}_X": f"X{bone}{part}"
        for finger, bone in zip(FINGERS[1:], ("Index", "Middle", "Ring", "Little"), strict=True)
        for k, part in enumerate(("Proximal", "Intermediate", "Distal"), start=1)
    },
}  # fmt: skip
_VRM_1: Final = {**_VRM, "thumb_1_X": "XThumbMetacarpal", "thumb_2_X": "XThumbProximal"}
_MIXAMO: Final = {
    "spine_1": "Spine", "spine_2": "Spine1", "spine_3": "Spine2", "eye_X": "XEye",
    "shoulder_X": "XShoulder", "upper_arm_X": "XArm", "lower_arm_X": "XForeArm", "hand_X": "XHand",
    "upper_leg_X": "XUpLeg", "lower_leg_X": "XLeg", "foot_X": "XFoot", "toes_X": "XToeBase",
    **{f"{finger}_{k}_X": f"XHand{finger.title()}{k}" for finger in FINGERS for k in (1, 2, 3)},
}  # fmt: skip

_ROLES: Final = (
    "hips", *SPINE, "neck", "head", "eye_X", "shoulder_X", "upper_arm_X", "lower_arm_X", "hand_X",
    *(f"{finger}_{k}_X" for finger in FINGERS for k in (1, 2, 3)),
    "upper_leg_X", "lower_leg_X", "foot_X", "toes_X",
)  # fmt: skip


def _spelled(table: Mapping[str, str], sides: tuple[str, str]) -> dict[str, str]:
    """Every role → what it is called, in small letters without prefix."""
    names = {}
    for role in _ROLES:
        for side, word in zip("lr", sides, strict=True) if role.endswith("_X") else [("", "")]:
            known = table.get(role, role)
            names[role.replace("_X", f"_{side}") if side else role] = re.sub("X", word, known).lower()
    return names


SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "makehuman": _spelled(_MAKEHUMAN, ("l", "r")),
    "vrm0": _spelled(_VRM, ("left", "right")),
    "vrm1": _spelled(_VRM_1, ("left", "right")),
    "mixamo": _spelled(_MIXAMO, ("Left", "Right")),
}
"""Name of a naming → role → joint name, in small letters."""


@dataclass(frozen=True)
class Rig:
    """Role → index of the joint that plays it; roles that nobody plays are not in it."""

    scheme: str
    joints: Mapping[str, int]

    def has(self, *roles: str) -> bool:
        """Whether all of these are there."""
        return all(role in self.joints for role in roles)


def find_rig(skeleton: Skeleton) -> Rig:
    """The roles of a skeleton's joints, by the naming that explains most of them. A limb whose bones do not hang below
    one another in order is left out, as it could not be bent."""
    index = {_bare(name): i for i, name in reversed(list(enumerate(skeleton.names)))}
    found = {
        scheme: {role: index[name] for role, name in named.items() if name in index}
        for scheme, named in SCHEMES.items()
    }
    scheme = max(found, key=lambda name: len(found[name]))
    joints = dict(found[scheme])
    for limb in (("upper_arm", "lower_arm", "hand"), ("upper_leg", "lower_leg", "foot")):
        for side in "lr":
            chain = [joints.get(f"{part}_{side}") for part in limb]
            if not _hang(skeleton, chain):
                for part in limb:
                    joints.pop(f"{part}_{side}", None)
    return Rig(scheme, joints)


def _bare(name: str) -> str:
    """Without the prefix of an exporter, such as `mixamorig:` or `Armature|`."""
    return re.sub(r"^(.*[:|])|^mixamorig\d*_?", "", name).lower()


def _hang(skeleton: Skeleton, chain: list[int | None]) -> bool:
    for upper, lower in pairwise(chain):
        if upper is None or lower is None:
            return False
        at = int(skeleton.parents[lower])
        while at >= 0 and at != upper:
            at = int(skeleton.parents[at])
        if at != upper:
            return False
    return True
