"""A live session on the real Monado, from its first frame on, and across a runtime that dies."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Timer

import numpy as np
import pytest

from assets.avatar import Avatar
from render.gl.context import is_es
from render.measure.cloud import make_cloud
from tests.xr_app.unseen_live import likeness_on
from xr_app.encounter import Encounter
from xr_app.input.input import XrInput
from xr_app.live import Kept, Live
from xr_app.panels.panel import Shown
from xr_app.panels.panels import Panels
from xr_app.panels.quad_layer import QuadLayers
from xr_app.placement.placing import Placement
from xr_app.reconnect import keep_open
from xr_app.runtime.headset_runtime import HeadsetRuntime
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.gl_binding import GL_EXTENSION
from xr_app.session.session import XrSession
from xr_app.surroundings.surroundings import Surroundings
from xr_app.watch import Patience, Watch
from xr_app.wishes import Wishes

SIZE = (48, 48)


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return make_cloud(100)


def standing() -> Encounter:
    placement = Placement()
    placement.stand()
    wishes = Wishes(lambda command: None, lambda sentence: None, voice=False, push_to_talk=False)
    return Encounter(placement, Panels(), wishes, heard_at=lambda time_ns: -1.0, keep=lambda name, value: None)


def live_on(
    session: XrSession,
    avatar: Avatar | None,
    encounter: Encounter,
    on_frame: Callable[[], bool],
    walk: Callable[[int], None],
    kept: Kept | None,
) -> Live:
    live = Live(
        session,
        lambda time_ns, ahead_s=0.0: np.zeros(52, np.float32),
        encounter=encounter,
        hands=XrInput(session),
        board=QuadLayers(session),
        survey=lambda frame: None,
        surroundings=Surroundings(session),
        on_placed=lambda: walk(time.monotonic_ns()),
        on_mouth=lambda mouth: None,
        on_frame=on_frame,
        kept=kept,
    )
    if avatar is not None:
        live.meet(likeness_on(session, avatar))
    return live


def test_the_runtime_hangs_and_goes_on_and_is_killed_as_it_hangs_for_good_and_the_avatar_stays(
    avatar: Avatar, capfd: pytest.CaptureFixture[str]
) -> None:
    lives: list[Live] = []
    said: list[str] = []
    lost: list[bool] = []
    frames = [0]
    encounter = standing()
    watch = Watch(
        said.append,
        lost.append,
        meanwhile=lambda: True,
        abandon=lambda: None,
        patience=Patience(hangs=0.3, rescue=0.7),
    )
    with HeadsetRuntime(simulated=True) as headset:
        watch.rescue = headset.end

        def on_frame() -> bool:
            watch.beat()
            frames[0] += 1
            service = headset.service
            assert service is not None
            if frames[0] in (15, 30) and service.pid is not None:
                os.kill(service.pid, signal.SIGSTOP)
                if frames[0] == 15:
                    Timer(0.6, os.kill, (service.pid, signal.SIGCONT)).start()
            return len(lives) < 2 or len(lives[1].log.frames) < seen[0] + 30

        @contextmanager
        def opened() -> Iterator[XrSession]:
            headset.revive()
            with XrSession(headset.environment, eye_size=SIZE) as session:
                yield session

        def run(session: XrSession) -> None:
            lives.append(live_on(session, avatar, encounter, on_frame, headset.walk, lives[-1].kept if lives else None))
            seen[0] = len(lives[-1].log.frames)
            with watch.frames():
                lives[-1].run()

        seen = [0]
        with watch:
            assert keep_open(opened, run, goes_on=lambda: True, say=said.append, away=lost.append) is None
    assert len(lives) == 2
    words = ("does not answer", "answers again", "does not answer", "went away", "is back")
    assert len(said) == len(words) and all(word in each for word, each in zip(words, said, strict=True))
    assert lost == [True, False, True, True, False]
    assert "ERROR [" not in capfd.readouterr().err, "what the runtime's library complains of is in the log"
    one, two = lives
    assert two.log is one.log and two.kept is one.kept
    assert len(two.log.frames) >= seen[0] + 30
    before, after = two.log.frames[seen[0] - 1], two.log.frames[-1]
    assert after.seen_ns > before.seen_ns
    # The scripted head goes on along its path, and the avatar stands where it stood.
    assert np.linalg.norm(after.head[:3, 3] - before.head[:3, 3]) < 1.0
    assert not np.allclose(after.head, two.log.frames[seen[0] + 5].head)


@pytest.mark.parametrize("without", [[], [GL_EXTENSION]])
def test_avatar_and_stage_by_gl_and_gles(monado: MonadoService, avatar: Avatar, without: list[str]) -> None:
    with XrSession(monado.environment, eye_size=SIZE, without=without) as session:
        shown = [0]

        def on_frame() -> bool:
            shown[0] += 1
            assert session.ctx.error == "GL_NO_ERROR"
            return shown[0] < 12

        live = live_on(session, avatar, standing(), on_frame, lambda time_ns: None, None)
        live.surroundings.switch(False)
        live.run()
        assert is_es(session.ctx) == bool(without)
        assert len(live.log.frames) >= 8


def test_another_avatar_in_the_same_session(monado: MonadoService, avatar: Avatar) -> None:
    other = make_cloud(150)
    with XrSession(monado.environment, eye_size=SIZE) as session:
        shown = [0]

        def on_frame() -> bool:
            shown[0] += 1
            assert session.ctx.error == "GL_NO_ERROR"
            if shown[0] == 6:
                live.meet(likeness_on(session, other))
            return shown[0] < 6 or len(live.log.frames) < 6

        live = live_on(session, avatar, standing(), on_frame, lambda time_ns: None, None)
        live.run()
        assert live.renderer.gaussians == 150
        assert [frame.quality.gaussians for frame in live.log.frames] == [150] * 6


def test_a_figure_stands_there_until_somebody_comes(monado: MonadoService, avatar: Avatar) -> None:
    seen: list[int] = []
    with XrSession(monado.environment, eye_size=(96, 96)) as session:

        def on_frame() -> bool:
            if live.pictures == 4 and live.likeness is None:
                live.meet(likeness_on(session, avatar))
            return len(live.log.frames) < 3

        live = live_on(session, None, standing(), on_frame, lambda time_ns: None, None)
        show = live._board.show

        def watched(frame: Frame, shown: Sequence[Shown]) -> None:
            alpha = [np.frombuffer(target.read(components=4), np.uint8)[3::4] for target in frame.targets]
            seen.append(min(int((each > 20).sum()) for each in alpha))
            show(frame, shown)

        live._board.show = watched  # type: ignore[method-assign]
        live.run()
        assert session.ctx.error == "GL_NO_ERROR"
    assert live.pictures == len(seen) >= 7 and len(live.log.frames) >= 3
    assert min(seen[:4]) > 100, "in both eyes of what was submitted first, and of all that followed"
