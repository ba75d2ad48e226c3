"""All that can happen to a session between its begin and its end."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.wearer import UserPresence, Wearer
from xr_app.errors import SessionLostError
from xr_app.poses import Pose, looking, matrix
from xr_app.runtime.monado import MonadoService
from xr_app.session.attention import Attention
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.life import Life
from xr_app.session.session import XrSession
from xr_app.session.spaces import Floor

STATES = xr.SessionState
HERE, ELSEWHERE, AWAY = Attention.HERE, Attention.ELSEWHERE, Attention.AWAY
SIZE = (32, 32)

OTHER_APP = """
import os
from xr_app.session.session import XrSession
environment = {name[5:]: os.environ[name] for name in os.environ if name.startswith("TEST_")}
with XrSession(environment, eye_size=(32, 32)) as session:
    for frame in session.frames():
        with frame:
            pass
        if frame.index == 40:
            session.request_exit()
"""


def live(
    monado: MonadoService,
    wearer: Wearer | None,
    script: dict[int, Callable[[XrSession, Frame], Any]],
    *,
    frames: int,
    idle: Callable[[], None] = lambda: None,
    **settings: Any,
) -> list[tuple[xr.SessionState, Attention, Frame]]:
    """State, attention and frame of each; `script` is played by the frame's number."""
    seen = []
    with SimulatedLayer(*([wearer] if wearer else [])) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with XrSession(
            monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions, idle=idle, **settings
        ) as session:
            for frame in session.frames():
                with frame:
                    seen.append((session.state, session.attention, frame))
                script.get(frame.index, lambda session, frame: None)(session, frame)
                if frame.index == frames:
                    session.request_exit()
                assert frame.index < frames + 500
    return seen


@pytest.fixture(autouse=True)
def valid(capfd: pytest.CaptureFixture[str]) -> Any:
    """No call of the app broke the specification."""
    yield
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def attentions(seen: list[tuple[xr.SessionState, Attention, Frame]]) -> list[Attention]:
    """As they changed."""
    found: list[Attention] = []
    for _, attention, _ in seen:
        if not found or found[-1] != attention:
            found.append(attention)
    return found


def test_another_app_comes_in_front_and_goes(monado: MonadoService) -> None:
    """Really: two sessions on one runtime."""
    environment = {**os.environ, **{f"TEST_{name}": value for name, value in monado.environment.items()}}
    seen = []
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session:
        other = None
        for frame in session.frames():
            with frame:
                seen.append((session.state, session.attention, frame))
            if frame.index == 20:
                other = subprocess.Popen([sys.executable, "-c", OTHER_APP], env=environment)
            if other is not None and other.poll() is not None and session.attention == HERE:
                session.request_exit()
            assert frame.index < 3000
    assert other is not None and other.returncode == 0
    assert attentions(seen)[:3] == [HERE, AWAY, HERE]
    assert all(not frame.should_render for _, attention, frame in seen if attention == AWAY)


def test_the_headsets_own_menu(monado: MonadoService) -> None:
    wearer = Wearer()
    script = {10: lambda *_: wearer.menu(opened=True), 20: lambda *_: wearer.menu(opened=False)}
    seen = live(monado, wearer, script, frames=30)
    assert attentions(seen)[:3] == [HERE, ELSEWHERE, HERE]


def test_a_session_that_was_never_in_focus_is_looked_forward_to() -> None:
    life = Life(None, None, Floor(None, "", xr.ReferenceSpaceType.STAGE, 0.0))  # type: ignore[arg-type]
    for state in (STATES.IDLE, STATES.SYNCHRONIZED, STATES.VISIBLE):
        life._enter(state)
        assert life.attention == HERE
    life.worn = False
    assert life.attention == AWAY


def test_taken_off_and_put_on(monado: MonadoService) -> None:
    wearer = UserPresence()
    script: dict[int, Callable[..., Any]] = {
        5: lambda *_: wearer.put_on(on=True),
        10: lambda *_: wearer.put_on(on=False),
        15: lambda *_: wearer.enter(STATES.VISIBLE, STATES.SYNCHRONIZED),
        20: lambda *_: wearer.put_on(on=True),
        25: lambda *_: wearer.enter(STATES.VISIBLE, STATES.FOCUSED),
    }
    seen = live(monado, wearer, script, frames=32)
    assert attentions(seen)[:4] == [HERE, AWAY, ELSEWHERE, HERE]


def test_without_that_a_headset_that_shows_nothing_is_off(monado: MonadoService) -> None:
    wearer = Wearer()
    script: dict[int, Callable[..., Any]] = {
        10: lambda *_: wearer.enter(STATES.VISIBLE, STATES.SYNCHRONIZED),
        20: lambda *_: wearer.enter(STATES.VISIBLE, STATES.FOCUSED),
    }
    assert attentions(live(monado, wearer, script, frames=30))[:3] == [HERE, AWAY, HERE]


@pytest.mark.parametrize("told", [True, False])
def test_laid_aside_and_taken_up_the_session_runs_again(monado: MonadoService, told: bool) -> None:
    wearer, waited = Wearer(), []

    def idle() -> None:
        waited.append(1)
        if len(waited) == 8:
            wearer.take_up() if told else wearer.lose(STATES.READY)

    def lay_aside(session: XrSession, frame: Frame) -> None:
        wearer.lay_aside() if told else wearer.lose(STATES.STOPPING, count=3)

    seen = live(monado, wearer, {10: lay_aside}, frames=25, idle=idle)
    assert (wearer.ends, wearer.begins) == (1, 1)
    assert [frame.index for _, _, frame in seen] == list(range(len(seen)))
    assert seen[11][2].skipped == 0, "the time that it lay there is no row of frames that were missed"
    assert seen[20][2].should_render
    assert len(waited) >= 8


def test_left_while_it_is_laid_aside(monado: MonadoService) -> None:
    wearer, sessions = Wearer(), []

    def lay_aside(session: XrSession, frame: Frame) -> None:
        sessions.append(session)
        wearer.lay_aside()

    seen = live(monado, wearer, {10: lay_aside}, frames=1000, idle=lambda: sessions and sessions[0].request_exit())
    assert len(seen) <= 13


def test_lost_events_that_hid_nothing_change_nothing(monado: MonadoService) -> None:
    wearer = Wearer()
    seen = live(monado, wearer, {10: lambda *_: wearer.lose(STATES.FOCUSED)}, frames=20)
    assert wearer.ends == 0 and seen[15][0] == STATES.FOCUSED


@pytest.mark.parametrize("what", ["headset", "runtime"])
def test_loss_is_one_sentence(monado: MonadoService, what: str) -> None:
    wearer = Wearer()

    def lose(session: XrSession, frame: Frame) -> None:
        if what == "headset":
            wearer.enter(STATES.LOSS_PENDING)
        else:
            wearer.layer.send(xr.EventDataInstanceLossPending(loss_time=1))

    with pytest.raises(SessionLostError, match="disconnected" if what == "headset" else "about to stop"):
        live(monado, wearer, {10: lose}, frames=30)


TURN = Pose(looking((0, 0, 0), (-1.0, 0.0, -1.0)).orientation, (0.5, 0.0, -0.25))


def test_the_origin_moves_when_its_time_has_come(monado: MonadoService) -> None:
    wearer, due = Wearer(), []

    def recentre(session: XrSession, frame: Frame) -> None:
        due.append(frame.xr_time + 4 * frame.period_ns)
        wearer.recentre(due[0], TURN)
        wearer.recentre(due[0] + 1, TURN)
        wearer.recentre(due[0] + 1, TURN, xr.ReferenceSpaceType.LOCAL)  # not what poses are told in

    seen = live(monado, wearer, {10: recentre}, frames=30)
    moved = [frame for _, _, frame in seen if frame.recentred]
    assert 1 <= len(moved) <= 2
    assert moved[0].xr_time >= due[0] and seen[moved[0].index - 1][2].xr_time < due[0]
    total = np.eye(4)
    for frame in moved:
        assert frame.moved is not None
        total = total @ frame.moved
    assert np.allclose(total, matrix(TURN) @ matrix(TURN), atol=1e-6)
    assert all(frame.moved is None for _, _, frame in seen if not frame.recentred)


def test_an_origin_that_moves_the_runtime_knows_not_where(monado: MonadoService) -> None:
    wearer = Wearer()
    seen = live(monado, wearer, {10: lambda session, frame: wearer.recentre(frame.xr_time, None)}, frames=20)
    assert [frame.moved for _, _, frame in seen if frame.recentred] == [None]


def test_a_moved_origin_of_eyes_that_stands_for_a_floor() -> None:
    """A tilted origin 1.6 m above the floor: what stands on the floor still stands there."""
    tilted = Pose(looking((0, 0, 0), (0.3, -0.2, -1.0)).orientation, (0.5, 0.1, -0.25))
    life = Life(None, None, Floor(None, "", xr.ReferenceSpaceType.LOCAL, -1.6))  # type: ignore[arg-type]
    q, p = tilted
    life._recentre(
        xr.EventDataReferenceSpaceChangePending(
            reference_space_type=xr.ReferenceSpaceType.LOCAL,
            change_time=5,
            pose_valid=True,
            pose_in_previous_space=xr.Posef(xr.Quaternionf(*q), xr.Vector3f(*p)),
        )
    )
    assert life.recentred_before(4) is None
    recentring = life.recentred_before(5)
    assert recentring is not None and recentring.moved is not None
    feet = np.array([0.2, 0.0, -1.0, 1.0])
    from_eyes = feet - (0, 1.6, 0, 0)
    expected = np.linalg.inv(matrix(tilted)) @ from_eyes + (0, 1.6, 0, 0)
    assert np.allclose(np.linalg.inv(recentring.moved) @ feet, expected, atol=1e-6)


def test_all_who_heed_an_event_are_told(monado: MonadoService) -> None:
    told: list[str] = []
    kind, structure = xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED, xr.EventDataSessionStateChanged
    with XrSession(monado.environment, eye_size=SIZE) as session:
        for name in ("one", "two"):
            session.heed(kind, structure, lambda event, name=name: told.append(name))
        run(session, 2)
    assert told[:4] == ["one", "two", "one", "two"]


def test_attention_is_told_as_it_changes_and_not_when_the_app_leaves(monado: MonadoService) -> None:
    wearer, told = UserPresence(), []
    script: dict[int, Callable[..., Any]] = {
        8: lambda *_: wearer.put_on(on=False),
        14: lambda *_: wearer.put_on(on=True),
    }
    live(monado, wearer, script, frames=20, attend=told.append)
    assert told == [HERE, AWAY, HERE]
