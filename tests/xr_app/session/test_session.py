"""A session on the real Monado, with the core validation layer watching every call."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.errors import RuntimeFailedError, SessionLostError
from xr_app.poses import Pose, looking, matrix
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.remote import Eye, Head, Remote, State
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (48, 32)
LINEAR = (0.5, 0.2, 0.05, 0.5)


@pytest.fixture
def session(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> Iterator[XrSession]:
    """A session in which no call broke the specification; that is checked when it is over."""
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session:
        yield session
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def test_whole_life(session: XrSession) -> None:
    assert session.runtime_name.startswith("Monado") and session.system_name == "Monado: Remote HMD"
    assert session.view_count == 2 and session.eye_sizes == [SIZE, SIZE]
    assert session.floor == "stage" and session.transparent
    states = []
    frames = run(session, 40, lambda frame: states.append(session.state))
    assert xr.SessionState.FOCUSED in states
    assert session.state == xr.SessionState.EXITING
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(frame.ended and not frame.targets for frame in frames)
    assert frames[20].should_render


def test_pictures_are_srgb_of_the_linear_colour(session: XrSession) -> None:
    pixels = []

    def draw(frame: Frame) -> None:
        for target in frame.targets:
            assert target.size == SIZE
            target.clear(*LINEAR)
            picture = np.frombuffer(target.read(components=4), np.uint8).reshape(SIZE[1], SIZE[0], 4)
            assert (picture == picture[0, 0]).all()
            pixels.append(picture[0, 0])

    run(session, 12, draw)
    linear = np.array(LINEAR[:3])
    expected = np.append(255 * (1.055 * linear ** (1 / 2.4) - 0.055), 255 * LINEAR[3])  # IEC 61966-2-1; alpha is linear
    assert len(pixels) >= 10
    assert np.abs(np.array(pixels) - expected).max() <= 1


def test_times_are_the_monotonic_clocks(session: XrSession) -> None:
    frames = run(session, 30)
    displayed = np.array([frame.display_time_ns for frame in frames])
    assert frames[0].period_ns == pytest.approx(1e9 / 72, rel=1e-3)
    assert (np.diff(displayed) > 0).all()
    ahead = displayed - [frame.begun_ns for frame in frames]
    assert np.abs(ahead).max() < 1e9  # another clock would be off by the time since boot, or by decades
    for before, frame in pairwise(frames):
        steps = (frame.display_time_ns - before.display_time_ns) / frame.period_ns
        assert frame.skipped == round(steps) - 1
        assert frame.late == (frame.skipped > 0 or frame.ended_ns > frame.display_time_ns)
        assert frame.cpu_ns > 0
    assert frames[0].skipped == 0


def test_head_and_eyes_are_where_the_remote_puts_them(session: XrSession, monado: MonadoService) -> None:
    eyes = (
        Eye(Pose(position=(-0.03, 0.001, 0.0)), (-0.7, 0.5, 0.4, -0.6)),
        Eye(looking((0.03, 0.0, 0.0), (0.0, 0.0, -1.0)), (-0.5, 0.7, 0.45, -0.55)),
    )
    head = Head(looking((0.4, 1.7, 0.3), (0.0, 1.5, -1.6), 0.05), eyes)
    with Remote(monado.port) as remote:
        remote.send(State(head))
        last = run(session, 30)[25]
    assert np.allclose(last.head, matrix(head.pose), atol=1e-5)
    for view, eye in zip(last.views, eyes, strict=True):
        assert np.allclose(view.pose, matrix(head.pose) @ matrix(eye.pose), atol=1e-5)
        assert view.pose.dtype == np.float64
        assert view.fov == pytest.approx(eye.fov, abs=1e-6)
        assert (view.width, view.height) == SIZE


def test_frames_that_are_not_drawn_are_ended_all_the_same(session: XrSession) -> None:
    for frame in session.frames():
        assert not frame.ended
        if frame.index == 20:
            session.request_exit()
    assert session.state == xr.SessionState.EXITING


def test_error_while_drawing_leaves_cleanly(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session,
    ):
        run(session, 20, lambda frame: print(1 / (frame.index - 5)))
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def test_leaving_in_the_middle_exits_the_session(session: XrSession) -> None:
    for frame in session.frames():
        if frame.index == 5:
            break


@pytest.mark.parametrize("after_s", [0.300, 0.304, 0.308, 0.312])
def test_ctrl_c_leaves_cleanly_wherever_it_comes(session: XrSession, after_s: float) -> None:
    # Most of the time a frame waits, and the interrupt then comes between a wait and its begin.
    interrupt = threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        run(session, 10_000)
    interrupt.join()


def test_interrupted_between_wait_and_begin(session: XrSession) -> None:
    for frame in session.frames():
        if frame.index == 5:
            frame.finish(with_picture=False)
            session._calls.wait()
            break


def test_recommended_size_and_without_extensions(monado: MonadoService) -> None:
    without = ["XR_KHR_convert_timespec_time", "XR_EXT_local_floor"]
    with XrSession(monado.environment, without=without) as session:
        assert session.eye_sizes == [(320, 240)] * 2
        frames = run(session, 10)
        assert abs(frames[5].display_time_ns - frames[5].begun_ns) < 1e9
    with XrSession(monado.environment, eye_size=(10_000, 100)) as session:
        assert session.eye_sizes == [(1920, 100)] * 2


def test_killed_runtime_is_one_sentence_and_the_next_session_works(monado: MonadoService) -> None:
    with MonadoService() as service:
        environment, pid = service.environment, service.pid
        assert pid is not None
        began = time.monotonic()

        def draw(frame: Frame) -> None:
            if frame.index == 10:
                os.kill(pid, signal.SIGKILL)

        with (
            pytest.raises(SessionLostError, match="went away during the session"),
            XrSession(environment, eye_size=SIZE) as session,
        ):
            run(session, 1000, draw)
        assert time.monotonic() - began < 30
        with pytest.raises(RuntimeFailedError, match="see that its service is running"), XrSession(environment):
            pass
    with XrSession(monado.environment, eye_size=SIZE) as session:
        assert run(session, 5)[2].should_render


def test_killed_runtime_while_no_frame_runs() -> None:
    with MonadoService() as service, XrSession(service.environment, eye_size=SIZE) as session:
        pid = service.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SessionLostError):
            run(session, 10)
