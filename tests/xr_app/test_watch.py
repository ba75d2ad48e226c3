"""A display that does not come back from a call: seen, said, waited for, and left."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading

import pytest

from xr_app.watch import Patience, Watch


class Talk:
    """A watch, whose looks a test takes one by one, and what came of them."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self.lost: list[bool] = []
        self.stays = True
        self.meanwhile = self.abandoned = self.rescued = 0
        self.watch = Watch(
            self.said.append,
            self.lost.append,
            meanwhile=self._meanwhile,
            abandon=self._abandon,
            patience=patience or Patience(hangs=5.0, rescue=15.0, leave=10.0),
            now_s=lambda: self.now,
        )
        self.watch.rescue = self._rescue

    def _meanwhile(self) -> bool:
        self.meanwhile += 1
        return self.stays

    def _abandon(self) -> None:
        self.abandoned += 1

    def _rescue(self) -> None:
        self.rescued += 1

    def wait(self, seconds: float, *, interrupted: bool = False) -> None:
        for _ in range(round(4 * seconds)):
            self.now += 0.25
            self.watch.look(interrupted=interrupted)


def test_frames_that_come_are_nothing_to_speak_of() -> None:
    talk = Talk()
    with talk.watch.frames():
        for _ in range(40):
            talk.watch.beat()
            talk.wait(4.0)
    talk.wait(60.0)  # nor that there are none where none are expected
    assert not talk.said and not talk.lost and not talk.meanwhile and not talk.rescued


def test_one_that_hangs_is_said_once_and_goes_on() -> None:
    talk = Talk()
    with talk.watch.frames():
        talk.wait(12.0)
        assert talk.watch.hangs and len(talk.said) == 1 and talk.lost == [True]
        assert talk.meanwhile > 20 and not talk.rescued
        talk.watch.beat()
        assert not talk.watch.hangs and len(talk.said) == 2 and talk.lost == [True, False]
        talk.wait(4.0)
        assert len(talk.said) == 2


def test_one_of_our_own_that_hangs_for_long_is_ended_and_what_is_lost_then_is_not_said_to_be_back() -> None:
    talk = Talk()
    with pytest.raises(RuntimeError), talk.watch.frames():
        talk.wait(30.0)
        assert talk.rescued == 1
        raise RuntimeError("lost")
    talk.watch.beat()
    assert talk.lost == [True] and not talk.watch.hangs and not talk.abandoned


def test_leaving_interrupts_the_call_and_in_the_end_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupts: list[object] = []
    monkeypatch.setattr(signal, "pthread_kill", lambda *which: interrupts.append(which), raising=False)
    talk = Talk()
    with talk.watch.frames():
        talk.wait(6.0)
        talk.stays = False
        talk.wait(8.0)
        assert interrupts == [(threading.main_thread().ident, signal.SIGINT)]
        assert talk.rescued == 1 and not talk.abandoned
        talk.wait(3.0)
        assert talk.abandoned


def test_closing_that_hangs_is_left_too() -> None:
    talk = Talk()
    with talk.watch.frames():
        talk.watch.beat()
    talk.wait(0.25, interrupted=True)
    talk.wait(4.0)
    assert not talk.rescued
    talk.wait(2.0)
    assert talk.rescued == 1 and not talk.abandoned
    talk.wait(5.0)
    assert talk.abandoned


@pytest.mark.skipif(sys.platform != "linux", reason="takes a lock of glibc's twice")
def test_ctrl_c_is_heard_while_the_main_thread_is_in_a_call_that_no_signal_ends() -> None:
    c, lock = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    abandoned: list[bool] = []

    def abandon() -> None:
        abandoned.append(watch.hangs)
        c.pthread_mutex_unlock(lock)

    watch = Watch(
        lambda sentence: None,
        lambda gone: None,
        meanwhile=lambda: True,
        abandon=abandon,
        patience=Patience(hangs=0.05, leave=0.1),
    )
    main = threading.main_thread().ident
    assert main is not None
    with pytest.raises(KeyboardInterrupt), watch, watch.frames():
        c.pthread_mutex_lock(lock)
        threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT)).start()
        c.pthread_mutex_lock(lock)
        pytest.fail("an interrupt that came in the call is raised when it returns")
    assert abandoned and abandoned[0] is True
