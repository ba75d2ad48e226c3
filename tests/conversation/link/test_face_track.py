"""FaceTrack: a ring of face frames that another process reads while it is written."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest

from conversation.errors import LinkClosedError
from conversation.link.face_curve import ATTACK_S, EXPRESSION, LINGER_S, RELEASE_S
from conversation.link.face_track import CHANNELS, FaceTrack

RATE = 24_000
STEP = 240.0  # 100 frames a second
MOUTH = [channel for channel in range(CHANNELS) if channel not in EXPRESSION]


@pytest.fixture
def track() -> Iterator[FaceTrack]:
    track = FaceTrack.create(64, rate=RATE)
    yield track
    track.close()


def ramp(count: int, first: float = 0.0) -> np.ndarray:
    """Frame i has i + first in every channel."""
    return np.repeat(np.arange(count, dtype=np.float32)[:, None] + np.float32(first), CHANNELS, axis=1)


def test_rest_where_nothing_was_written(track: FaceTrack) -> None:
    assert not track.at(0).any()
    assert not track.at(-1e9).any()
    assert not track.at(1e12).any()


def test_frames_are_joined_by_straight_lines(track: FaceTrack) -> None:
    track.write(1000, STEP, ramp(10, 1.0))
    for sample in (1000, 1060, 1120, 1240, 2000.5, 1000 + 9 * STEP):
        assert track.at(sample) == pytest.approx(np.full(CHANNELS, 1 + (sample - 1000) / STEP), abs=1e-5)


def test_face_eases_out_of_rest_and_back(track: FaceTrack) -> None:
    track.write(10_000, STEP, np.ones((5, CHANNELS), np.float32))
    last = 10_000 + 4 * STEP
    before = [track.at(s)[0] for s in np.linspace(10_000 - ATTACK_S * RATE, 10_000, 50)]
    after = [track.at(s)[0] for s in np.linspace(last, last + RELEASE_S * RATE, 50)]
    assert before[0] == 0 and before[-1] == 1 and np.all(np.diff(before) >= 0)
    assert after[0] == 1 and after[-1] == 0 and np.all(np.diff(after) <= 0)
    assert max(np.abs(np.diff(before)).max(), np.abs(np.diff(after)).max()) < 0.05


def test_a_mood_fades_more_slowly_than_the_mouth_shuts(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((5, CHANNELS), np.float32))
    last = 4 * STEP
    mood = np.array([track.at(last + s * RATE)[list(EXPRESSION)] for s in np.linspace(0, LINGER_S, 100)])
    assert np.ptp(mood, axis=1).max() == 0
    assert mood[0, 0] == 1 and mood[-1, 0] == 0 and np.all(np.diff(mood[:, 0]) <= 0)
    assert track.at(last + 0.5 * RATE)[list(EXPRESSION)].min() > 0.5
    assert not track.at(last + 0.5 * RATE)[MOUTH].any()


def test_clauses_that_follow_each_other_do_not_close_the_mouth(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((10, CHANNELS), np.float32))
    track.write(2500, STEP, np.ones((10, CHANNELS), np.float32))
    assert min(track.at(s)[0] for s in np.arange(0, 4500, 10)) == pytest.approx(1.0)


def test_what_is_written_again_is_replaced(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((10, CHANNELS), np.float32))
    track.write(1200, STEP, np.full((10, CHANNELS), 2.0, np.float32))
    assert track.at(960)[0] == pytest.approx(1)
    assert track.at(1200)[0] == pytest.approx(2)
    assert track.at(1200 + 9 * STEP)[0] == pytest.approx(2)


def test_old_frames_give_way_and_new_ones_are_right(track: FaceTrack) -> None:
    for chunk in range(10):
        track.write(round(chunk * 30 * STEP), STEP, ramp(30, chunk * 30.0))
    newest = 299 * STEP
    for sample in np.arange(newest - 60 * STEP, newest, 77.0):
        assert track.at(float(sample))[3] == pytest.approx(sample / STEP, abs=1e-3)
    assert not track.at(10 * STEP).any()


def test_a_cut_ends_the_face_where_speech_ended(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((60, CHANNELS), np.float32))
    track.cut(5000)
    assert track.at(4999)[0] == pytest.approx(1)
    assert 0 < track.at(5000 + 0.5 * RELEASE_S * RATE)[0] < 1
    assert not track.at(5000 + 0.3 * RATE).any()
    track.write(20_000, STEP, np.ones((5, CHANNELS), np.float32))
    assert track.at(20_100)[0] == pytest.approx(1)


def test_a_cut_after_the_last_frame_changes_nothing(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((5, CHANNELS), np.float32))
    track.cut(50_000)
    assert track.at(4 * STEP)[0] == pytest.approx(1)
    assert not track.at(50_000).any()


def _write_and_check(name: str, rounds: int) -> None:
    track = FaceTrack.attach(name)
    for i in range(rounds):
        track.write(i * 480, STEP, np.full((2, CHANNELS), float(i), np.float32))
    track.close()


def test_another_process_writes_and_no_frame_is_ever_torn(track: FaceTrack) -> None:
    rounds = 4000
    writer = multiprocessing.get_context("spawn").Process(target=_write_and_check, args=(track.name, rounds))
    writer.start()
    while writer.is_alive():
        for sample in range(0, rounds * 480, 480 * 97):
            face = track.at(sample)
            assert np.ptp(face[MOUTH]) == 0
            assert np.ptp(face[list(EXPRESSION)]) == 0
    writer.join()
    assert writer.exitcode == 0
    assert track.at((rounds - 1) * 480)[0] == rounds - 1


def test_a_writer_killed_in_mid_write_stops_no_reader(track: FaceTrack) -> None:
    track.write(0, STEP, np.ones((5, CHANNELS), np.float32))
    assert track.at(100)[0] == pytest.approx(1)
    memory = SharedMemory(track.name)
    memory.buf[0] |= 1  # the sequence number is odd: somebody is writing, for ever
    assert track.at(200)[0] == pytest.approx(1)
    memory.close()
    track.write(0, STEP, np.full((5, CHANNELS), 3.0, np.float32))
    assert track.at(200)[0] == pytest.approx(3)


def test_closing_removes_the_memory() -> None:
    track = FaceTrack.create(8)
    name = track.name
    track.close()
    track.close()
    with pytest.raises(LinkClosedError):
        FaceTrack.attach(name)
