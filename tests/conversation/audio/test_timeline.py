"""The playback timeline: every clause, and its face, at its sample."""

from collections.abc import Iterator

import numpy as np
import pytest

from conversation.audio.recording import FaceLog
from conversation.audio.timeline import Timeline
from conversation.link.audio_clock import AudioClock
from conversation.link.audio_events import PlaybackCut, PlaybackEnded, PlaybackStarted
from conversation.link.face_track import CHANNELS, FaceTrack

RATE = 24_000
BLOCK = 240
LEAD = 1440


class Room:
    """A loudspeaker that takes a block whenever it is told to, at a time of its own."""

    def __init__(self) -> None:
        self.face = FaceTrack.create(4096, rate=RATE)
        self.log = FaceLog()
        self.clock = AudioClock.create(RATE)
        self.told: list[object] = []
        self.timeline = Timeline(RATE, self.clock, [self.face, self.log], self.told.append)
        self.now_ns = 1_000_000_000
        self.sound: list[np.ndarray] = []

    def play(self, blocks: int) -> None:
        for _ in range(blocks):
            self.sound.append(self.timeline.fill(BLOCK, self.now_ns, 0.05))
            self.now_ns += 10_000_000

    def say(self, turn: int, clause: int, samples: np.ndarray) -> None:
        frames = np.ones((len(samples) // 480, CHANNELS), np.float32)
        self.timeline.schedule(turn, clause, samples, frames, 50.0, self.now_ns)

    def heard(self) -> np.ndarray:
        return np.concatenate(self.sound)

    def time_of(self, sample: int) -> int:
        return 1_000_000_000 + sample * 1_000_000_000 // RATE


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.face.close()
    room.clock.close()


def speech(seconds: float, value: float = 0.5) -> np.ndarray:
    return np.full(round(seconds * RATE), value, np.float32)


def test_where_a_clause_begins_is_told(room: Room) -> None:
    frames = np.ones((5, CHANNELS), np.float32)
    starts = [room.timeline.schedule(1, clause, speech(0.1), frames, 50.0, room.now_ns) for clause in (0, 1)]
    assert starts == [LEAD, LEAD + RATE // 10]
    assert room.timeline.schedule(1, 2, speech(0.0), frames[:0], 50.0, room.now_ns) is None
    room.timeline.cut(1, room.now_ns)
    assert room.timeline.schedule(1, 3, speech(0.1), frames, 50.0, room.now_ns) is None, "its turn was cut"


def test_a_clause_begins_a_lead_ahead_with_its_face(room: Room) -> None:
    room.play(5)
    room.say(1, 0, speech(0.5))
    room.timeline.complete(1, room.now_ns)
    room.play(60)
    start = 5 * BLOCK + LEAD
    heard = room.heard()
    assert (
        not heard[:start].any() and np.all(heard[start : start + 12_000] == 0.5) and not heard[start + 12_000 :].any()
    )
    assert room.face.at(start)[0] == pytest.approx(1) and not room.face.at(start - 2000).any()
    assert room.told == [
        PlaybackStarted(1, room.time_of(start), room.time_of(start)),
        PlaybackEnded(1, room.time_of(start + 12_000)),
    ]
    assert not room.timeline.busy


def test_clauses_follow_each_other_without_a_gap(room: Room) -> None:
    room.play(1)
    for clause in range(3):
        room.say(1, clause, speech(0.1, 0.1 * (clause + 1)))
    room.play(60)
    loud = np.flatnonzero(room.heard())
    assert len(loud) == 3 * 2400 and loud[-1] - loud[0] == 3 * 2400 - 1
    assert [type(event) for event in room.told] == [PlaybackStarted]
    assert room.timeline.busy, "the turn is not complete"
    room.timeline.complete(1, room.now_ns)
    assert [type(event) for event in room.told] == [PlaybackStarted, PlaybackEnded]


def test_the_first_audible_sample_is_told(room: Room) -> None:
    samples = speech(0.2)
    samples[:1000] = 0.0
    room.play(1)
    room.say(1, 0, samples)
    room.play(40)
    start = BLOCK + LEAD
    assert room.told == [PlaybackStarted(1, room.time_of(start), room.time_of(start + 1000))]


def test_a_late_device_thread_does_not_play_the_past(room: Room) -> None:
    room.play(5)
    room.now_ns += 500_000_000  # the thread did not run for half a second
    room.say(1, 0, speech(0.1))
    room.play(100)
    first = int(np.flatnonzero(room.heard())[0])
    assert first == 5 * BLOCK + RATE // 2 + LEAD


def test_a_turn_without_any_sound_ends_at_once(room: Room) -> None:
    room.play(1)
    room.timeline.complete(1, room.now_ns)
    assert room.told == [PlaybackEnded(1, room.now_ns)]


def test_a_cut_is_silent_within_a_block_and_says_what_was_played(room: Room) -> None:
    room.play(1)
    room.say(1, 0, speech(0.1))
    room.say(1, 1, speech(2.0))
    room.play(30)
    taken = 31 * BLOCK
    told = room.timeline.cut(1, room.now_ns)
    assert told == PlaybackCut(1, 1, taken - (BLOCK + LEAD) - 2400, room.now_ns)
    room.play(40)
    after = room.heard()[taken:]
    assert np.all(np.diff(after) <= 0) and not after[BLOCK:].any()
    assert np.abs(np.diff(room.heard()[taken - 10 :])).max() < 0.01, "no step, so no click"
    assert not room.face.at(taken + 0.3 * RATE).any(), "face at rest within 300 ms"
    assert not room.timeline.busy
    assert [type(event) for event in room.told] == [PlaybackStarted]


def test_what_comes_late_for_a_turn_that_was_cut_is_never_played(room: Room) -> None:
    room.play(1)
    room.say(3, 0, speech(0.5))
    room.timeline.cut(3, room.now_ns)
    room.say(3, 1, speech(0.5))
    room.say(2, 0, speech(0.5))
    room.timeline.complete(3, room.now_ns)
    room.play(100)
    assert not room.heard().any() and room.told == []
    room.say(4, 0, speech(0.1))
    room.play(30)
    assert room.heard().any()


def test_a_cut_before_anything_was_played(room: Room) -> None:
    room.play(1)
    assert room.timeline.cut(1, room.now_ns) == PlaybackCut(1, -1, 0, room.now_ns)


def test_ducked_speech_is_12_db_softer_without_a_step_and_comes_back(room: Room) -> None:
    room.play(1)
    room.say(1, 0, speech(2.0))
    room.play(30)
    room.timeline.duck(True)
    room.play(30)
    room.timeline.duck(False)
    room.play(30)
    heard = room.heard()
    ramp = round(0.03 * RATE)
    ducked = heard[31 * BLOCK + ramp : 61 * BLOCK]
    assert 20 * np.log10(ducked / 0.5) == pytest.approx(-12, abs=0.01)
    assert heard[61 * BLOCK + ramp :] == pytest.approx(0.5)
    assert np.abs(np.diff(heard[10 * BLOCK :])).max() < 0.001, "no step, so no click"


def test_a_cut_ends_a_duck(room: Room) -> None:
    room.play(1)
    room.timeline.duck(True)
    room.say(1, 0, speech(1.0))
    room.play(30)
    room.timeline.cut(1, room.now_ns)
    room.play(10)
    room.say(2, 0, speech(0.5))
    room.play(60)
    assert room.heard()[-20 * BLOCK :].max() == pytest.approx(0.5)


def test_the_clock_tells_what_is_heard(room: Room) -> None:
    room.play(10)
    assert room.clock.heard_at(room.now_ns) == pytest.approx(10 * BLOCK - 0.05 * RATE)


def test_the_log_holds_the_same_face_as_the_track(room: Room) -> None:
    rng = np.random.default_rng(3)
    room.play(1)
    room.timeline.schedule(1, 0, speech(1.0), rng.random((50, CHANNELS), np.float32), 50.0, room.now_ns)
    room.play(20)
    room.timeline.cut(1, room.now_ns)
    room.timeline.schedule(2, 0, speech(0.5), rng.random((26, CHANNELS), np.float32), 50.0, room.now_ns)
    room.timeline.schedule(2, 1, speech(0.5), rng.random((25, CHANNELS), np.float32), 50.0, room.now_ns)
    room.play(150)
    curve = room.log.curve()
    for sample in np.arange(0, len(room.heard()), 113.0):
        assert curve.at(float(sample)) == pytest.approx(room.face.at(float(sample)), abs=1e-6)


def test_frames_before_a_clause_replace_those_of_the_clause_that_it_follows(room: Room) -> None:
    room.play(1)
    room.timeline.schedule(1, 0, speech(0.5), np.ones((25, CHANNELS), np.float32), 50.0, room.now_ns)
    again = np.full((5 + 25, CHANNELS), 0.25, np.float32)
    room.timeline.schedule(1, 1, speech(0.5), again, 50.0, room.now_ns, -5 * 480)
    begins = BLOCK + LEAD + RATE // 2
    assert room.face.at(begins - 6 * 480)[0] == pytest.approx(1.0)
    for sample in (begins - 5 * 480, begins, begins + 20 * 480):
        assert room.face.at(sample)[0] == pytest.approx(0.25)
        assert room.log.curve().at(sample)[0] == pytest.approx(0.25)


def test_after_a_gap_frames_before_the_clause_are_late(room: Room) -> None:
    room.play(1)
    room.timeline.schedule(1, 0, speech(0.5), np.ones((25, CHANNELS), np.float32), 50.0, room.now_ns)
    room.play(150)
    now = room.now_ns
    again = np.concatenate([np.full((5, CHANNELS), 0.9), np.full((25, CHANNELS), 0.25)]).astype(np.float32)
    room.timeline.schedule(1, 1, speech(0.5), again, 50.0, now, -5 * 480)
    begins = 151 * BLOCK + LEAD
    assert not room.face.at(begins - 0.06 * RATE)[0]
    assert max(room.face.at(begins + k)[0] for k in range(-2000, 3000, 10)) == pytest.approx(0.25)


def test_a_cut_takes_the_mood_with_it(room: Room) -> None:
    room.play(1)
    room.say(1, 0, speech(2.0))
    room.play(50)
    room.timeline.cut(1, room.now_ns)
    cut = 51 * BLOCK
    assert room.face.at(cut).min() == pytest.approx(1.0)
    assert not room.face.at(cut + 0.2 * RATE).any()
    assert not room.log.curve().at(cut + 0.2 * RATE).any()
