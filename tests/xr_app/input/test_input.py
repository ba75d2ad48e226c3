"""Controllers and bare hands of the simulated headset, as they arrive: real OpenXR, every call checked."""

import dataclasses
import math

import numpy as np
import pytest

from tests.xr_app.input.conftest import Perform
from xr_app.input.bindings import PROFILES
from xr_app.input.input import XrInput
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.poses import Pose, looking, matrix
from xr_app.preferences import Preferences
from xr_app.runtime.remote import Controller, Head, Remote, State
from xr_app.session.session import XrSession

AWAY = Controller(Pose(position=(0.2, 1.1, -0.3)), active=False, hand_tracking=False)
HELD = Controller(looking((0.25, 1.2, -0.35), (0.0, 1.0, -2.0)))
BARE = dataclasses.replace(HELD, active=False)
PINCHED = dataclasses.replace(BARE, curl=(0.0, 0.0, 0.0, 0.7, 0.6))
FIST = dataclasses.replace(BARE, curl=(1.0,) * 5)


def right(inputs: list[Inputs]) -> Hand:
    return inputs[-1].right


def test_a_trigger_selects_and_lets_go(perform: Perform) -> None:
    pulled = dataclasses.replace(HELD, trigger=0.8)
    open_, down, up = perform(State(right=HELD), State(right=pulled), State(right=HELD))
    assert right(open_).source is Source.CONTROLLER and not right(open_).select
    assert right(down).select and right(down).select_value == pytest.approx(0.8)
    assert right(down).held_s > 0.0 and not down[-1].left.select
    assert sum(each.right.pressed for each in down) == 1
    assert sum(each.right.released for each in up) == 1 and not right(up).select


def test_half_a_pull_neither_selects_nor_lets_go(perform: Perform) -> None:
    half, pulled = dataclasses.replace(HELD, trigger=0.5), dataclasses.replace(HELD, trigger=0.9)
    _, before, _, after = perform(*(State(right=each) for each in (HELD, half, pulled, half)))
    assert not right(before).select and right(after).select


def test_a_firm_grip_grabs_and_a_loose_one_does_not(perform: Perform) -> None:
    loose = dataclasses.replace(HELD, squeeze=1.0)
    firm = dataclasses.replace(loose, squeeze_force=0.9)
    touched, pressed = perform(State(left=loose), State(left=firm))
    assert not touched[-1].left.grab
    assert pressed[-1].left.grab and not pressed[-1].right.grab


def test_buttons_say_so_once(perform: Perform) -> None:
    pressed = dataclasses.replace(HELD, a_click=True), dataclasses.replace(HELD, b_click=True)
    _, a_right, b_right, nothing, a_left = perform(
        State(), State(right=pressed[0]), State(right=pressed[1]), State(), State(left=pressed[0])
    )
    assert [sum(each.call for each in act) for act in (a_right, b_right, nothing, a_left)] == [1, 0, 0, 0]
    assert [sum(each.menu for each in act) for act in (a_right, b_right, nothing, a_left)] == [0, 1, 0, 0]
    assert [sum(each.mute for each in act) for act in (a_right, b_right, nothing, a_left)] == [0, 0, 0, 1]


def test_the_thumbstick_leans_and_its_click_talks(perform: Perform) -> None:
    leaned = dataclasses.replace(HELD, thumbstick=(0.5, -1.0), thumbstick_click=True)
    held, released = perform(State(right=leaned), State(right=HELD))
    assert right(held).stick == pytest.approx((0.5, -1.0), abs=1e-3) and held[-1].left.stick == (0.0, 0.0)
    assert held[-1].talk and held[-1].wants_to_talk(busy="both") and not released[-1].talk


def test_poses_are_in_the_sessions_space(perform: Perform) -> None:
    head = looking((0.4, 1.7, 0.3), (0.0, 1.2, -2.0))
    left = looking((-0.3, 1.0, -0.2), (-1.0, 0.5, -2.0))
    (act,) = perform(State(Head(head), Controller(left), HELD))
    inputs = act[-1]
    for hand, pose in ((inputs.left, left), (inputs.right, HELD.pose)):
        assert hand.aim is not None and hand.grip is not None
        assert np.allclose(hand.aim, matrix(pose), atol=1e-5) and np.allclose(hand.grip, matrix(pose), atol=1e-5)


def test_controllers_laid_aside_are_absent_and_let_go(perform: Perform) -> None:
    pulled = dataclasses.replace(HELD, trigger=1.0)
    held, away = perform(State(right=pulled), State(right=AWAY))
    assert right(held).select
    assert right(away) == Hand() and sum(each.right.released for each in away) == 1
    assert away[-1].left.source is Source.CONTROLLER


def test_fingers_are_tracked_in_the_sessions_space(perform: Perform) -> None:
    (flat,) = perform(State(left=AWAY, right=BARE))
    hand = right(flat)
    assert hand.source is Source.HAND and hand.joints is not None
    assert flat[-1].left.joints is None
    wrist, tip = hand.joints.matrices[1], hand.joints.matrices[15]
    assert np.allclose(wrist, matrix(BARE.pose), atol=1e-5)
    # The middle finger points where the wrist does, 18 cm on, as the driver's hand is made.
    along = np.linalg.inv(wrist) @ tip[:, 3]
    assert along[2] == pytest.approx(-0.177, abs=0.005) and abs(along[0]) < 0.01
    turns = hand.joints.matrices[:, :3, :3]
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-5)


def test_curled_fingers_arrive_curled(perform: Perform) -> None:
    reach = []
    for act in perform(State(right=BARE), State(right=FIST)):
        joints = right(act).joints
        assert joints is not None
        reach.append(math.dist(joints.points[20], joints.points[0]))
    assert reach[1] < 0.6 * reach[0]


def test_a_pinch_selects_and_a_fist_grabs(perform: Perform) -> None:
    flat, pinched, open_, fist = perform(*(State(right=each) for each in (BARE, PINCHED, BARE, FIST)))
    assert not right(flat).select and right(flat).select_value < 0.5
    assert right(pinched).select and not right(pinched).grab
    assert right(pinched).aim is not None and right(pinched).grip is not None
    assert not right(open_).select
    assert right(fist).grab and not right(fist).select


def test_a_hand_that_is_no_longer_seen_lets_go(perform: Perform) -> None:
    pinched, gone = perform(State(right=PINCHED), State(right=AWAY))
    assert right(pinched).select
    assert sum(each.right.released for each in gone) == 1 and right(gone).source is Source.ABSENT


def test_the_palm_held_up_to_the_eyes_asks_for_the_menu_once(perform: Perform) -> None:
    head = Head(looking((0.0, 1.6, 0.0), (0.0, 1.3, -0.4)))
    # Fingers up, at right angles to the way to the eyes (0, 0.6, 0.8): y, the back of the hand, is that way or against.
    turned = dataclasses.replace(BARE, pose=Pose((0.4472, 0.0, 0.0, 0.8944), (0.0, 1.3, -0.4)))
    shown = dataclasses.replace(BARE, pose=Pose((0.0, 0.4472, -0.8944, 0.0), (0.0, 1.3, -0.4)))
    away, up, still = perform(State(head, AWAY, turned), State(head, AWAY, shown), State(head, AWAY, shown), frames=40)
    assert not any(each.menu or each.right.palm_up for each in away)
    assert right(up).palm_up and sum(each.menu for each in up) == 1
    assert not any(each.menu for each in still)


def test_the_palm_of_the_hand_that_does_not_point_opens_the_menu(perform: Perform) -> None:
    head = Head(looking((0.0, 1.6, 0.0), (0.0, 1.3, -0.4)))
    shown = dataclasses.replace(BARE, pose=Pose((0.0, 0.4472, -0.8944, 0.0), (0.0, 1.3, -0.4)))
    acts = State(head, left=shown, right=BARE), State(head, left=BARE, right=shown)
    left, other = perform(*acts, frames=35, preferred=lambda: Preferences(hand="left"))
    assert left[-1].left.palm_up and other[-1].right.palm_up
    assert [sum(each.menu for each in act) for act in (left, other)] == [0, 1]


def test_a_held_controller_is_no_pinching_hand(perform: Perform) -> None:
    (held,) = perform(State(right=dataclasses.replace(PINCHED, active=True)))
    assert right(held).source is Source.CONTROLLER and not right(held).select and right(held).joints is None


def test_a_controller_is_laid_down_and_taken_up(perform: Perform) -> None:
    first, bare, again = perform(State(right=HELD), State(right=BARE), State(right=HELD))
    assert [right(act).source for act in (first, bare, again)] == [Source.CONTROLLER, Source.HAND, Source.CONTROLLER]


@pytest.mark.parametrize("path", ["oculus/touch_controller", "khr/simple_controller"])
def test_other_controllers_do_what_their_buttons_can(perform: Perform, path: str) -> None:
    """The driver's controllers also pass for these, where no better profile is suggested."""
    profiles = [profile for profile in PROFILES if profile.path == path]
    pulled, b = dataclasses.replace(HELD, trigger=1.0), dataclasses.replace(HELD, b_click=True)
    select, button = perform(State(right=pulled), State(right=b), profiles=profiles)
    assert right(select).select and right(select).source is Source.CONTROLLER and right(select).aim is not None
    simple = path.startswith("khr")
    assert any(each.menu for each in button) is simple
    assert any(each.mute for each in button) is not simple


def test_a_pinch_with_the_palm_to_the_eyes_selects_nothing(perform: Perform) -> None:
    head = Head(looking((0.0, 1.6, 0.0), (0.0, 1.3, -0.4)))
    shown = dataclasses.replace(PINCHED, pose=Pose((0.0, 0.4472, -0.8944, 0.0), (0.0, 1.3, -0.4)))
    turned = dataclasses.replace(PINCHED, pose=Pose((0.4472, 0.0, 0.0, 0.8944), (0.0, 1.3, -0.4)))
    own, other = perform(State(head, AWAY, shown), State(head, AWAY, turned))
    assert not any(each.right.select for each in own) and right(other).select


def test_a_button_that_was_down_before_is_not_pressed(perform: Perform) -> None:
    (held,) = perform(State(right=dataclasses.replace(HELD, b_click=True)))
    assert not any(each.menu for each in held)


def test_nothing_is_read_without_focus(session: XrSession, remote: Remote) -> None:
    remote.send(State(right=dataclasses.replace(HELD, trigger=1.0)))
    user, seen = XrInput(session), []
    for frame in session.frames():
        with frame:
            pass
        seen.append((session.state.name, user.read(frame)))
        user.buzz("right", 0.1, 0.5)
        if len(seen) > 20:
            session.request_exit()
    assert any(inputs.right.select for state, inputs in seen if state == "FOCUSED")
    unfocused = [inputs for state, inputs in seen if state != "FOCUSED"]
    assert unfocused and all(inputs.right.source is Source.ABSENT for inputs in unfocused)
