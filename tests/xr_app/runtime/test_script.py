"""Scripts by themselves, and as the app reads them while they are performed."""

import itertools
import math
import time

import numpy as np
import pytest

from tests.xr_app.input.conftest import SIZE
from xr_app.input.input import EXTENSIONS, XrInput
from xr_app.input.inputs import Inputs, Source
from xr_app.poses import Pose, looking, matrix
from xr_app.runtime.hand_poses import FIST, OPEN, PINCH, READY, pointing_hand, shown_palm
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.performer import Performer
from xr_app.runtime.remote import Controller, Head, Remote, State
from xr_app.runtime.script import Script, between
from xr_app.session.session import XrSession

HEAD = looking((0.1, 1.6, 0.2), (0.0, 1.3, -2.0))


def test_between_two_poses_is_the_straight_line_and_the_shorter_turn() -> None:
    a = Pose((0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    half = math.radians(60) / 2
    for sign in (1.0, -1.0):
        b = Pose((0.0, sign * math.sin(half), 0.0, sign * math.cos(half)), (1.0, 2.0, -1.0))
        quarter = between(a, b, 0.25)
        assert quarter.position == pytest.approx((0.25, 1.25, -0.25))
        angle = math.radians(15)
        wanted = [[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]]
        assert np.allclose(matrix(quarter)[:3, :3], wanted, atol=1e-9)
        assert np.allclose(matrix(between(a, b, 1.0)), matrix(b)) and np.allclose(matrix(between(a, b, 0.0)), matrix(a))
    assert between(a, a, 0.3) == a


def test_a_script_goes_smoothly_from_moment_to_moment() -> None:
    script = Script()
    script.then(2.0, head=HEAD, right={"trigger": 1.0, "thumbstick": (1.0, 0.0)}).mark("there").wait(1.0)
    assert script.now_s == 3.0 and script.marks == {"there": 2.0}
    assert script.at(-1.0) == script.at(0.0) == State()
    assert script.at(2.0) == script.at(9.0) == script.last
    values = [script.at(2.0 * i / 100).right.trigger for i in range(101)]
    assert values[50] == pytest.approx(0.5) and all(a <= b for a, b in itertools.pairwise(values))
    assert values[1] < 0.001 and values[99] > 0.999  # at rest at both ends
    assert script.at(1.0).right.thumbstick == pytest.approx((0.5, 0.0))


def test_buttons_change_when_the_moment_is_reached() -> None:
    script = Script().then(1.0, left={"b_click": True, "active": False}).wait(1.0)
    assert not script.at(0.99).left.b_click and script.at(0.99).left.active
    assert script.at(1.0).left.b_click and not script.at(1.5).left.active


def test_two_moments_at_one_time_are_a_jump() -> None:
    script = Script().then(1.0, right={"trigger": 0.2}).then(0.0, right={"trigger": 1.0}).wait(1.0)
    assert script.at(0.999).right.trigger == pytest.approx(0.2, abs=1e-3) and script.at(1.0).right.trigger == 1.0


def test_what_a_script_cannot_be() -> None:
    with pytest.raises(ValueError, match="before"):
        Script().then(-0.1)
    with pytest.raises(TypeError):
        Script().then(0.1, right={"wheel": 1.0})
    with pytest.raises(ValueError, match="already"):
        Script().mark("here").mark("here")


def held_still(monado: MonadoService, state: State, frames: int = 30) -> Inputs:
    """What is read once a state has stood for a while."""
    with XrSession(monado.environment, eye_size=SIZE, extensions=EXTENSIONS) as session, Remote(monado.port) as remote:
        remote.send(state)
        user, seen = XrInput(session), 0
        for frame in session.frames():
            with frame:
                pass
            inputs = user.read(frame)
            seen += session.state.name == "FOCUSED"
            if seen == frames:
                remote.send(State())
                return inputs
            assert frame.index < 500
    raise AssertionError("the session ended")


@pytest.mark.parametrize("target", [(0.0, 0.0, -1.8), (0.9, 1.4, -1.0)])
def test_a_bare_hand_points_where_it_is_told(monado: MonadoService, target: tuple[float, float, float]) -> None:
    left, right = (
        Controller(pointing_hand(HEAD, side, target), curl=READY, active=False) for side in ("left", "right")
    )
    inputs = held_still(monado, State(Head(HEAD), left, right))
    for hand in inputs.hands:
        assert hand.source is Source.HAND and hand.aim is not None and not hand.select
        away = np.array(target) - hand.aim[:3, 3]
        missed = np.linalg.norm(np.cross(away, -hand.aim[:3, 2]))
        assert missed < 0.01 and away @ -hand.aim[:3, 2] > 0


def test_a_performance_is_read_in_its_order(monado: MonadoService) -> None:
    """A bare hand pinches and makes a fist, the other one shows its palm; then a controller is taken up and its trigger
    pulled."""
    bare = Controller(pointing_hand(HEAD, "right", (0.0, 1.0, -2.0)), curl=OPEN, active=False)
    aside = Pose(position=(-0.2, 0.9, 0.1))
    script = Script(State(Head(HEAD), Controller(aside, active=False), bare))
    script.wait(0.4)
    script.then(0.15, right={"curl": PINCH}).wait(0.35).then(0.1, right={"curl": OPEN}).wait(0.1)
    script.then(0.15, right={"curl": FIST}).wait(0.35).then(0.15, right={"curl": OPEN})
    script.then(0.3, left={"pose": shown_palm(HEAD), "curl": OPEN}).wait(0.8).then(0.2, left={"pose": aside})
    script.then(0.1, right={"active": True}).wait(0.2).then(0.1, right={"trigger": 1.0}).wait(0.2).mark("end")
    story: list[str] = []
    with (
        XrSession(monado.environment, eye_size=SIZE, extensions=EXTENSIONS) as session,
        Performer(monado.port, script) as performer,
    ):
        performer.wait_until_ready()
        user, ends_ns = XrInput(session), None
        for frame in session.frames():
            with frame:
                pass
            inputs = user.read(frame)
            if session.state.name == "FOCUSED":
                if ends_ns is None:
                    now_ns = time.monotonic_ns()
                    performer.begin(now_ns)
                    ends_ns = now_ns + round(1e9 * (script.marks["end"] + 0.2))
                for what, happened in (
                    (f"{inputs.right.source} selects", inputs.right.select),
                    (f"{inputs.right.source} grabs", inputs.right.grab),
                    ("menu", inputs.menu),
                ):
                    if happened and what not in story:
                        story.append(what)
                if time.monotonic_ns() > ends_ns:
                    break
    with Remote(monado.port) as remote:
        remote.send(State())
    assert story == ["hand selects", "hand grabs", "menu", "controller selects"]
