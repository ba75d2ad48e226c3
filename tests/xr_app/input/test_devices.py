"""Headsets with less, and with more, than the simulated one's own controllers and hands."""

from collections.abc import Iterator
from ctypes import POINTER, cast
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xr

from xr_app.emulated import Emulation, SimulatedLayer, wraps
from xr_app.emulated.eye_gaze import EyeGaze
from xr_app.emulated.hand_sources import SOURCES, HandSources
from xr_app.input.actions import Actions
from xr_app.input.bindings import PROFILES, Action, Profile
from xr_app.input.input import EXTENSIONS, XrInput
from xr_app.input.inputs import Inputs, Source
from xr_app.input.locating import EXTENSION as LOCATE_TOGETHER
from xr_app.poses import looking, matrix
from xr_app.preferences import Preferences
from xr_app.runtime.hand_poses import shown_palm
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.remote import Controller, Head, Remote, State
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (32, 32)


def read(session: XrSession, count: int = 8) -> list[Inputs]:
    """What is read in so many frames with focus."""
    user = XrInput(session)
    assert user.refused == ()
    return focused(session, user, count)


def focused(session: XrSession, user: XrInput, count: int) -> list[Inputs]:
    seen = list[Inputs]()
    for frame in session.frames():
        with frame:
            pass
        inputs = user.read(frame)
        if session.state is xr.SessionState.FOCUSED:
            seen.append(inputs)
        if len(seen) == count:
            break
        assert frame.index < 500
    return seen


@pytest.fixture(scope="module")
def wands() -> Iterator[MonadoService]:
    """A headset with two controllers of the simple profile, no hands."""
    devices = {"SIMULATED_ENABLE": "1", "SIMULATED_LEFT": "simple", "SIMULATED_RIGHT": "simple"}
    with MonadoService(devices=devices) as service:
        yield service


def test_simple_controllers_point(wands: MonadoService, silent: None) -> None:
    with XrSession(wands.environment, eye_size=SIZE, layers=[CORE_VALIDATION], extensions=EXTENSIONS) as session:
        last = read(session)[-1]
    for hand in last.hands:
        assert hand.source is Source.CONTROLLER and hand.aim is not None and hand.joints is None
        assert not hand.select and not hand.grab and not hand.palm_up
    assert last.left.aim is not None and last.right.aim is not None and last.left.aim[0, 3] < last.right.aim[0, 3]
    assert last.gaze is None


def test_without_any_extension(monado: MonadoService, silent: None) -> None:
    with (
        XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session,
        Remote(monado.port) as remote,
    ):
        remote.send(State(right=Controller(looking((0, 1, 0), (0, 1, -1)), trigger=1.0)))
        last = read(session)[-1]
    assert last.right.select and last.right.joints is None


def test_every_profile_that_the_runtime_knows_takes_its_bindings(monado: MonadoService, silent: None) -> None:
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION], extensions=EXTENSIONS) as session:
        assert Actions(session).refused == []
        unknown = {
            profile.name for profile in PROFILES if profile.extension not in (None, *session.instance.extensions)
        }
    assert unknown <= {"Bare hands (HoloLens)"}


@pytest.mark.parametrize("component", ["input/trackpad/click", "input/x/click", "input/trigger/vale"])
def test_a_profile_with_a_button_that_its_controller_lacks_is_passed_over(
    monado: MonadoService, component: str
) -> None:
    touch = next(profile for profile in PROFILES if profile.path == "oculus/touch_controller")
    wrong = Profile("Wrong", touch.path, touch.both, touch.left, {Action.CALL: (component,)})
    with XrSession(monado.environment, eye_size=SIZE) as session:
        assert Actions(session, [wrong]).refused == [touch.path]


@pytest.mark.parametrize("together", [True, False])
def test_eyes_look_where_they_look(monado: MonadoService, silent: None, together: bool) -> None:
    pose = looking((0.0, 1.6, 0.1), (0.5, 1.2, -2.0))
    with SimulatedLayer(eyes := EyeGaze(pose)) as layer:
        layers, wanted = [CORE_VALIDATION, layer.name], EXTENSIONS - (set() if together else {LOCATE_TOGETHER})
        with XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=wanted) as session:
            assert (LOCATE_TOGETHER in session.instance.extensions) is together
            user, seen = XrInput(session), list[Any]()
            for frame in session.frames():
                with frame:
                    pass
                inputs = user.read(frame)
                if session.state is xr.SessionState.FOCUSED:
                    seen.append(inputs.gaze)
                    eyes.pose = pose if len(seen) < 5 else None
                if len(seen) == 8:
                    break
    assert np.allclose(seen[0], matrix(pose), atol=1e-6)
    assert seen[-1] is None


class HandInteraction(Emulation):
    """A runtime that takes all actions from bare hands; below it they come from controllers, and buzz as those do."""

    def __init__(self) -> None:
        self.bare, self._session = True, None
        self.paths: dict[bytes, int] = {}
        self.buzzed: list[tuple[int, float, float]] = []

    @wraps("xrStringToPath")
    def name(self, runtime: Any, instance: Any, text: Any, path: Any) -> Any:
        result = runtime(instance, text, path)
        self.paths[text] = path[0]
        return result

    @wraps("xrGetCurrentInteractionProfile")
    def profile(self, runtime: Any, session: Any, user: Any, state: Any) -> Any:
        result = runtime(session, user, state)
        self._session = session
        if self.bare:
            state.contents.interaction_profile = self.paths[b"/interaction_profiles/ext/hand_interaction_ext"]
        return result

    def take_up_controllers(self) -> None:
        """They are what the user holds from now on."""
        self.bare = False
        self.layer.send(xr.EventDataInteractionProfileChanged(session=self._session))

    @wraps("xrApplyHapticFeedback")
    def buzz(self, runtime: Any, session: Any, info: Any, vibration: Any) -> Any:
        given = cast(vibration, POINTER(xr.HapticVibration)).contents
        self.buzzed.append((info.contents.subaction_path, given.duration / 1e9, given.amplitude))
        return runtime(session, info, vibration)


def performed(session: XrSession, user: XrInput, remote: Remote, state: State, frames: int = 12) -> list[Inputs]:
    """What is read in the frames after a state was sent."""
    remote.send(state)
    return focused(session, user, frames)


def test_a_runtimes_own_hand_interaction_is_a_hand_whose_palm_is_still_seen(
    monado: MonadoService, silent: None
) -> None:
    head = Head(looking((0.0, 1.6, 0.0), (0.0, 1.3, -0.4)))
    hand = Controller(looking((0.25, 1.2, -0.35), (0.0, 1.0, -2.0)))
    with SimulatedLayer(hands := HandInteraction()) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with (
            XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=EXTENSIONS) as session,
            Remote(monado.port) as remote,
        ):
            user = XrInput(session, preferred=lambda: Preferences(hand="left"))
            pinched = performed(session, user, remote, State(head, right=replace(hand, trigger=1.0)))[-1].right
            shown = performed(
                session, user, remote, State(head, right=replace(hand, trigger=1.0, pose=shown_palm(head.pose))), 40
            )
            hands.take_up_controllers()
            held = performed(session, user, remote, State())[-1].right
    assert held.source is Source.CONTROLLER and held.joints is None
    assert pinched.source is Source.HAND and pinched.joints is not None and pinched.select
    assert pinched.aim is not None and np.allclose(pinched.aim, matrix(hand.pose), atol=1e-5)  # the runtime's ray
    assert sum(each.menu for each in shown) == 1 and shown[-1].right.palm_up and not shown[-1].right.select


def test_the_hand_that_is_meant_buzzes(monado: MonadoService, silent: None) -> None:
    with SimulatedLayer(hands := HandInteraction()) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with (
            XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=EXTENSIONS) as session,
            Remote(monado.port) as remote,
        ):
            user = XrInput(session)
            performed(session, user, remote, State(), 2)
            user.buzz("left", 0.25, 0.5)
            user.buzz("right", 0.0, 7.0)
    assert [path for path, _, _ in hands.buzzed] == [hands.paths[b"/user/hand/left"], hands.paths[b"/user/hand/right"]]
    assert hands.buzzed[0][1:] == (0.25, 0.5)
    assert hands.buzzed[1][1] < 0.0 and hands.buzzed[1][2] == 1.0  # XR_MIN_HAPTIC_DURATION, and no stronger than can be


@pytest.mark.parametrize("source", [SOURCES.UNOBSTRUCTED, SOURCES.CONTROLLER])
def test_guessed_fingers_make_no_gestures(
    monado: MonadoService, silent: None, source: xr.HandTrackingDataSourceEXT
) -> None:
    fist = Controller(looking((0.25, 1.2, -0.35), (0.0, 1.0, -2.0)), curl=(1.0,) * 5, active=False)
    with SimulatedLayer(HandSources(source)) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with (
            XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=EXTENSIONS) as session,
            Remote(monado.port) as remote,
        ):
            remote.send(State(right=fist))
            hand = read(session, 12)[-1].right
            remote.send(State())
    seen = source is SOURCES.UNOBSTRUCTED
    assert hand.source is (Source.HAND if seen else Source.ABSENT)
    assert hand.grab is seen


def test_a_hand_is_tracked_whole_or_not_at_all(monado: MonadoService, silent: None) -> None:
    bare = Controller(looking((0.25, 1.2, -0.35), (0.0, 1.0, -2.0)), active=False)
    with SimulatedLayer(hands := HandSources(SOURCES.UNOBSTRUCTED)) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with (
            XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=EXTENSIONS) as session,
            Remote(monado.port) as remote,
        ):
            user = XrInput(session)
            whole = performed(session, user, remote, State(right=bare))[-1].right
            hands.hidden = 20
            part = performed(session, user, remote, State(right=bare), 3)[-1].right
            remote.send(State())
    assert whole.source is Source.HAND and part.source is Source.ABSENT
