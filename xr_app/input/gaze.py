"""Where the eyes look, from headsets that follow them (XR_EXT_eye_gaze_interaction).

The runtime asks the user for leave; until it is given, and while the eyes are closed, there is no gaze.
"""

from __future__ import annotations

from typing import Final

import xr

from xr_app.input.system import ask_system
from xr_app.session.instance import Instance

EXTENSION: Final = "XR_EXT_eye_gaze_interaction"
GAZE_PROFILE: Final = "/interaction_profiles/ext/eye_gaze_interaction"
GAZE_USER: Final = "/user/eyes_ext"
GAZE_BINDING: Final = "/user/eyes_ext/input/gaze_ext/pose"


def has_gaze(instance: Instance) -> bool:
    """Whether the headset follows its wearer's eyes and tells apps."""
    if EXTENSION not in instance.extensions:
        return False
    properties = xr.SystemEyeGazeInteractionPropertiesEXT()
    ask_system(instance, properties)
    return bool(properties.supports_eye_gaze_interaction)
