"""What the app asks of a user's hands, and which button of each kind of controller it suggests for that.

One row for each interaction profile of OpenXR. A row counts where its extension is enabled; the runtime then takes
the profile of what the user really holds, and may let them bind otherwise. Component paths are those of the OpenXR
registry (xr.xml, "interaction_profiles"); docs/headsets.md shows the table to users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """One action of the app's only action set."""

    AIM = "aim"
    GRIP = "grip"
    SELECT = "select"
    GRAB = "grab"
    STICK = "stick"
    MENU = "menu"
    CALL = "call"
    MUTE = "mute"
    TALK = "talk"
    BUZZ = "buzz"


POSES: Final = (Action.AIM, Action.GRIP)
VALUES: Final = (Action.SELECT, Action.GRAB)
"""0 to 1; a button that is bound to one gives its ends."""
BUTTONS: Final = (Action.MENU, Action.CALL, Action.MUTE, Action.TALK)
"""Of either hand; the app asks whether any is pressed."""

Binds = Mapping[Action, tuple[str, ...]]


@dataclass(frozen=True)
class Profile:
    """One interaction profile; component paths below /user/hand/left and /user/hand/right."""

    name: str
    """As people call it."""
    path: str
    """Below /interaction_profiles."""
    both: Binds
    left: Binds = field(default_factory=dict)
    right: Binds = field(default_factory=dict)
    extension: str | None = None
    """That has the profile; None for those of OpenXR 1.0."""
    bare_hands: bool = False
    """Whether the user holds nothing."""

    def suggested(self) -> list[tuple[Action, str]]:
        """(action, full component path), in no particular order."""
        return [
            (action, f"/user/hand/{side}/{component}")
            for side, own in (("left", self.left), ("right", self.right))
            for binds in (self.both, own)
            for action, components in binds.items()
            for component in components
        ]


_HELD: Final[Binds] = {
    Action.AIM: ("input/aim/pose",),
    Action.GRIP: ("input/grip/pose",),
    Action.BUZZ: ("output/haptic",),
}
_TRIGGERS: Final[Binds] = {
    **_HELD,
    Action.SELECT: ("input/trigger/value",),
    Action.GRAB: ("input/squeeze/value",),
    Action.STICK: ("input/thumbstick",),
    Action.TALK: ("input/thumbstick/click",),
}
_MENU: Final[Binds] = {Action.MENU: ("input/menu/click",)}
_X_Y: Final[Binds] = {Action.CALL: ("input/x/click",), Action.MUTE: ("input/y/click",)}
_A_B: Final[Binds] = {Action.CALL: ("input/a/click",), Action.MUTE: ("input/b/click",)}
_TRACKPAD: Final[Binds] = {Action.MUTE: ("input/trackpad/click",)}
_OTHER_TRACKPAD: Final[Binds] = {Action.CALL: ("input/trackpad/click",)}
_TOUCH: Final = (_TRIGGERS, {**_X_Y, **_MENU}, _A_B)
"""Both, left, right: the right menu button belongs to the system."""

PROFILES: Final = (
    Profile(
        "Bare hands",
        "ext/hand_interaction_ext",
        {
            Action.AIM: ("input/aim/pose",),
            Action.GRIP: ("input/grip/pose",),
            # Far and near: runtimes differ in which of the two follows a pinch while the hand points at nothing.
            Action.SELECT: ("input/aim_activate_ext/value", "input/pinch_ext/value"),
            Action.GRAB: ("input/grasp_ext/value",),
        },
        extension="XR_EXT_hand_interaction",
        bare_hands=True,
    ),
    Profile(
        "Bare hands (HoloLens)",
        "microsoft/hand_interaction",
        {
            Action.AIM: ("input/aim/pose",),
            Action.GRIP: ("input/grip/pose",),
            Action.SELECT: ("input/select/value",),
            Action.GRAB: ("input/squeeze/value",),
        },
        extension="XR_MSFT_hand_interaction",
        bare_hands=True,
    ),
    Profile("Quest Touch", "oculus/touch_controller", *_TOUCH),
    Profile("Quest Touch Plus", "meta/touch_controller_plus", *_TOUCH, extension="XR_META_touch_controller_plus"),
    Profile("Quest Touch Pro", "facebook/touch_controller_pro", *_TOUCH, extension="XR_FB_touch_controller_pro"),
    Profile(
        "Valve Index",
        "valve/index_controller",
        # The grip's value says how many fingers lie on it, which is all of them in a relaxed hand; its force is meant.
        {**_TRIGGERS, Action.GRAB: ("input/squeeze/force",), Action.MENU: ("input/b/click",)},
        {Action.MUTE: ("input/a/click",)},
        {Action.CALL: ("input/a/click",)},
    ),
    Profile("Pico Neo 3", "bytedance/pico_neo3_controller", *_TOUCH, extension="XR_BD_controller_interaction"),
    Profile("Pico 4", "bytedance/pico4_controller", *_TOUCH, extension="XR_BD_controller_interaction"),
    Profile(
        "Windows Mixed Reality",
        "microsoft/motion_controller",
        {**_TRIGGERS, **_MENU, Action.GRAB: ("input/squeeze/click",)},
        _TRACKPAD,
        _OTHER_TRACKPAD,
    ),
    Profile(
        "HP Reverb G2",
        "hp/mixed_reality_controller",
        {**_TRIGGERS, **_MENU},
        _X_Y,
        _A_B,
        extension="XR_EXT_hp_mixed_reality_controller",
    ),
    Profile(
        "Vive wand",
        "htc/vive_controller",
        {
            **_HELD,
            **_MENU,
            Action.SELECT: ("input/trigger/value",),
            Action.GRAB: ("input/squeeze/click",),
            Action.STICK: ("input/trackpad",),
        },
        _TRACKPAD,
        _OTHER_TRACKPAD,
    ),
    Profile(
        "Vive Cosmos",
        "htc/vive_cosmos_controller",
        {**_TRIGGERS, Action.GRAB: ("input/squeeze/click",)},
        {**_X_Y, **_MENU},
        _A_B,
        extension="XR_HTC_vive_cosmos_controller_interaction",
    ),
    Profile(
        "Vive Focus 3",
        "htc/vive_focus3_controller",
        *_TOUCH,
        extension="XR_HTC_vive_focus3_controller_interaction",
    ),
    Profile("Any other", "khr/simple_controller", {**_HELD, **_MENU, Action.SELECT: ("input/select/click",)}),
)

EXTENSIONS: Final = frozenset(profile.extension for profile in PROFILES if profile.extension is not None)
"""That have profiles."""
