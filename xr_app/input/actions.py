"""OpenXR's actions: one set for everything, read once a frame on structures that are made once.

pyopenxr looks functions up and builds structures in every call; here a read is one native call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.errors import RuntimeFailedError
from xr_app.input.bindings import BUTTONS, POSES, PROFILES, VALUES, Action, Profile
from xr_app.input.gaze import GAZE_BINDING, GAZE_PROFILE, GAZE_USER, has_gaze
from xr_app.input.inputs import Source
from xr_app.input.locating import Located
from xr_app.session.calls import check, explained, native
from xr_app.session.session import XrSession
from xr_app.texts import tr

F64 = NDArray[np.float64]

_SUCCESS: Final = xr.Result.SUCCESS.value
_NO_PATH: Final = 0


class Actions:
    """The actions of one session; each session takes one of these, for their sets can be attached once."""

    def __init__(self, session: XrSession, profiles: Sequence[Profile] = PROFILES) -> None:
        """profiles: to suggest, where their extensions are enabled. Raises RuntimeFailedError, SessionLostError."""
        self._session, self._instance = session, session.instance.handle
        self._users = [self._path(f"/user/hand/{side}") for side in ("left", "right")]
        with explained("xrCreateActionSet"):
            self._set = xr.create_action_set(
                self._instance,
                xr.ActionSetCreateInfo(action_set_name="visavis", localized_action_set_name="Visavis", priority=0),
            )
        self._actions = {action: self._create(action.value, kind) for action, kind in _kinds().items()}
        self._gaze_action = None
        if has_gaze(session.instance):
            self._gaze_action = self._create("gaze", xr.ActionType.POSE_INPUT, [self._path(GAZE_USER)])

        self.refused: list[str] = []
        """Profiles that the runtime has but whose bindings it does not take; it should be an empty list."""
        self._profiles = {
            self._path(f"/interaction_profiles/{profile.path}"): profile
            for profile in profiles
            if (profile.extension is None or profile.extension in session.instance.extensions)
        }
        for path, profile in self._profiles.items():
            suggested = [(self._actions[action], component) for action, component in profile.suggested()]
            if not self._suggest(path, suggested):
                self.refused.append(profile.path)
        if self._gaze_action is not None:
            self._suggest(self._path(GAZE_PROFILE), [(self._gaze_action, GAZE_BINDING)])
        with explained("xrAttachSessionActionSets"):
            xr.attach_session_action_sets(session.handle, xr.SessionActionSetsAttachInfo(action_sets=[self._set]))

        self._sync_info = xr.ActionsSyncInfo(active_action_sets=[xr.ActiveActionSet(self._set, _NO_PATH)])
        self._values = {
            (action, side): self._state(xr.ActionStateFloat(), action, self._users[side])
            for action in VALUES
            for side in (0, 1)
        }
        self._sticks = [self._state(xr.ActionStateVector2f(), Action.STICK, user) for user in self._users]
        self._buttons = {action: self._state(xr.ActionStateBoolean(), action, _NO_PATH) for action in BUTTONS}
        spaces = [self._space(self._actions[action], user) for action in POSES for user in self._users]
        if self._gaze_action is not None:
            spaces.append(self._space(self._gaze_action, self._path(GAZE_USER)))
        self._located = Located(session, spaces)
        self._vibration = xr.HapticVibration(frequency=xr.FREQUENCY_UNSPECIFIED)
        self._haptics = [xr.HapticActionInfo(self._actions[Action.BUZZ], user) for user in self._users]

        self.sources = [Source.ABSENT, Source.ABSENT]
        """What the runtime takes each hand's actions from."""
        self._profile_state = xr.InteractionProfileState()
        self._changed = True
        session.heed(
            xr.StructureType.EVENT_DATA_INTERACTION_PROFILE_CHANGED,
            xr.EventDataInteractionProfileChanged,
            lambda event: self._change(),
        )

    def sync(self) -> bool:
        """Take the state of everything as it is now; False where another app has the input."""
        result = native.xrSyncActions(self._session.handle, byref(self._sync_info))
        check(result, "xrSyncActions")
        if result != _SUCCESS:
            return False
        if self._changed:
            self._changed = False
            self.sources = [self._source(user) for user in self._users]
        return True

    def value(self, action: Action, side: int) -> float:
        """Of the last sync, 0 to 1; 0 where there is no such button. side: 0 left, 1 right."""
        info, state, ref = self._values[action, side]
        check(native.xrGetActionStateFloat(self._session.handle, info, ref), "xrGetActionStateFloat")
        return float(state.current_state)

    def stick(self, side: int) -> tuple[float, float]:
        """Of the last sync: right and away from the user positive."""
        info, state, ref = self._sticks[side]
        check(native.xrGetActionStateVector2f(self._session.handle, info, ref), "xrGetActionStateVector2f")
        return float(state.current_state.x), float(state.current_state.y)

    def button(self, action: Action) -> tuple[bool, bool]:
        """Of the last sync: (down, went down since the sync before)."""
        info, state, ref = self._buttons[action]
        check(native.xrGetActionStateBoolean(self._session.handle, info, ref), "xrGetActionStateBoolean")
        down = bool(state.current_state)
        return down, down and bool(state.changed_since_last_sync)

    def locate(self, xr_time: int) -> None:
        """Find hands and gaze at a time."""
        self._located.locate(xr_time)

    def pose(self, action: Action, side: int) -> F64 | None:
        """(4, 4) to the session's space at the time located last, None where it is not known."""
        return self._located.pose(2 * POSES.index(action) + side)

    def gaze(self) -> F64 | None:
        """(4, 4) to the session's space at the time located last: the eyes look along -z; None where eyes are not
        tracked."""
        return None if self._gaze_action is None else self._located.pose(2 * len(POSES))

    def buzz(self, side: int, seconds: float, strength: float) -> None:
        """Have a controller vibrate, 0 to 1 strongly; nothing where none is held."""
        self._vibration.duration = round(max(0.0, seconds) * 1e9) or xr.MIN_HAPTIC_DURATION
        self._vibration.amplitude = min(max(strength, 0.0), 1.0)
        vibration = ctypes.cast(byref(self._vibration), ctypes.POINTER(xr.HapticBaseHeader))
        check(
            native.xrApplyHapticFeedback(self._session.handle, byref(self._haptics[side]), vibration),
            "xrApplyHapticFeedback",
        )

    def _change(self) -> None:
        self._changed = True

    def _source(self, user: int) -> Source:
        state = self._profile_state
        check(
            native.xrGetCurrentInteractionProfile(self._session.handle, user, byref(state)),
            "xrGetCurrentInteractionProfile",
        )
        path = int(state.interaction_profile)
        if path == _NO_PATH:
            return Source.ABSENT
        profile = self._profiles.get(path)
        return Source.HAND if profile is not None and profile.bare_hands else Source.CONTROLLER

    def _path(self, text: str) -> int:
        return int(xr.string_to_path(self._instance, text).value)

    def _create(self, name: str, kind: xr.ActionType, users: list[int] | None = None) -> Any:
        with explained("xrCreateAction"):
            return xr.create_action(
                self._set,
                xr.ActionCreateInfo(
                    action_name=name,
                    action_type=kind,
                    subaction_paths=users or self._users,
                    localized_action_name=_described(name),
                ),
            )

    def _suggest(self, profile: int, bindings: list[tuple[Any, str]]) -> bool:
        suggested = [xr.ActionSuggestedBinding(action, self._path(component)) for action, component in bindings]
        try:
            with explained("xrSuggestInteractionProfileBindings"):
                xr.suggest_interaction_profile_bindings(
                    self._instance,
                    xr.InteractionProfileSuggestedBinding(interaction_profile=profile, suggested_bindings=suggested),
                )
        except RuntimeFailedError:
            return False  # a runtime of another mind about this controller; it still has the others
        return True

    def _state(self, state: Any, action: Action, user: int) -> tuple[Any, Any, Any]:
        return byref(xr.ActionStateGetInfo(self._actions[action], user)), state, byref(state)

    def _space(self, action: Any, user: int) -> Any:
        with explained("xrCreateActionSpace"):
            return xr.create_action_space(
                self._session.handle, xr.ActionSpaceCreateInfo(action=action, subaction_path=user)
            )


def _kinds() -> dict[Action, xr.ActionType]:
    kinds = {
        Action.STICK: xr.ActionType.VECTOR2F_INPUT,
        Action.BUZZ: xr.ActionType.VIBRATION_OUTPUT,
    }
    kinds |= dict.fromkeys(POSES, xr.ActionType.POSE_INPUT)
    kinds |= dict.fromkeys(VALUES, xr.ActionType.FLOAT_INPUT)
    return kinds | dict.fromkeys(BUTTONS, xr.ActionType.BOOLEAN_INPUT)


def _described(name: str) -> str:
    """As a runtime's own menu of bindings shows it; no two may be the same."""
    return {
        "aim": tr("Point", "指向"),
        "grip": tr("Hand", "手"),
        "select": tr("Select, hold to talk", "选择，按住说话"),
        "grab": tr("Grab", "抓取"),
        "stick": tr("Turn and scale", "旋转和缩放"),
        "menu": tr("Menu", "菜单"),
        "call": tr("Call the avatar to you", "叫到身边"),
        "mute": tr("Microphone on or off", "麦克风开关"),
        "talk": tr("Talk while held", "按住说话键"),
        "buzz": tr("Vibrate", "震动"),
        "gaze": tr("Look", "注视"),
    }[name]
