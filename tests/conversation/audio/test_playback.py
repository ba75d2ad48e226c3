"""From the timeline to the loudspeaker: every sample when the clock says, at both ears."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from conversation.audio.playback import Playback
from conversation.audio.recording import Recorder, Recording
from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.audio.timeline import Timeline
from conversation.link.audio_clock import AudioClock
from conversation.link.face_track import CHANNELS
from conversation.link.mouth_place import Mouth, MouthPlace

RATE = 24_000
BLOCK = 240
LATENCY_S = 0.02
START_NS = 1_000_000_000
LEFT = Mouth((-1.0, 0.0, 0.0), (1.0, 0.0, 0.0))


class Desk:
    """A device that takes blocks on a clock of its own."""

    def __init__(self, folder: Path, *, spatial: bool = True) -> None:
        self.clock, self.mouth = AudioClock.create(RATE), MouthPlace.create()
        self.timeline = Timeline(RATE, self.clock, [], lambda event: None)
        self.recorder = Recorder(folder)
        self.played: list[tuple[np.ndarray, int, float]] = []
        place = Spatialiser(RATE, self.mouth.read()) if spatial else None
        self.playback = Playback(
            self.timeline, self.mouth, place, lambda *block: self.played.append(block), self.recorder
        )
        self.now_ns = START_NS

    def say(self, samples: np.ndarray, turn: int = 1) -> int:
        frames = np.zeros((1, CHANNELS), np.float32)
        start = self.timeline.schedule(turn, 0, samples, frames, 50.0, self.now_ns)
        assert start is not None
        return start

    def play(self, blocks: int, channels: int = 2) -> np.ndarray:
        out = []
        for _ in range(blocks):
            out.append(self.playback.fill(BLOCK, self.now_ns, LATENCY_S, channels))
            self.now_ns += 10_000_000
        return np.concatenate(out)

    def close(self) -> None:
        self.clock.close()
        self.mouth.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def click() -> np.ndarray:
    samples = np.zeros(4800, np.float32)
    samples[100] = 0.5
    return samples


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sample_is_heard_when_the_clock_says(desk: Desk, channels: int) -> None:
    start = desk.say(click())
    out = desk.play(50, channels)
    peak = int(np.argmax(np.abs(out if out.ndim == 1 else out[:, 0])))
    sounds_ns = START_NS + peak * 1_000_000_000 // RATE + round(LATENCY_S * 1e9)
    assert desk.clock.heard_at(sounds_ns) == pytest.approx(start + 100, abs=0.01)


def test_one_channel_gets_the_voice_as_it_was_made(desk: Desk) -> None:
    desk.mouth.write(LEFT)
    start = desk.say(click())
    out = desk.play(40, channels=1)
    assert out.shape == (40 * BLOCK,) and np.flatnonzero(out).tolist() == [start + 100]


def test_without_a_place_two_channels_get_it_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, spatial=False)
    start = desk.say(click())
    assert np.flatnonzero(desk.play(40)).tolist() == [start + 100]
    desk.close()


def test_the_mouth_goes_where_it_is_told_and_stays_where_it_was(desk: Desk) -> None:
    desk.say(np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32))
    ahead = desk.play(30)[3000:]
    assert np.array_equal(ahead[:, 0], ahead[:, 1])
    desk.mouth.write(LEFT)
    desk.play(20)
    level = np.sqrt(np.mean(desk.play(40) ** 2, axis=0))
    assert level[0] > 1.5 * level[1]


def test_the_canceller_hears_what_went_out_when_it_went_out(desk: Desk) -> None:
    desk.mouth.write(LEFT)
    desk.say(click())
    out = desk.play(40)
    assert np.array_equal(np.concatenate([block for block, _, _ in desk.played]), out)
    assert [stamp for _, stamp, _ in desk.played] == [START_NS + k * 10_000_000 for k in range(40)]
    assert {latency for _, _, latency in desk.played} == {LATENCY_S}


def test_the_recording_is_dry_and_on_the_clock(desk: Desk, tmp_path: Path) -> None:
    import soundfile

    desk.mouth.write(LEFT)
    start = desk.say(click())
    desk.play(120)
    recording = Recording.load(desk.recorder.save())
    samples, _ = soundfile.read(recording.speaker_wav, dtype="float32")
    assert samples.ndim == 1 and np.flatnonzero(samples).tolist() == [start + 100]
    for late_ns in (0, 300_000_000, 1_100_000_000):
        time_ns = desk.now_ns - 1_150_000_000 + late_ns
        assert recording.heard_at(time_ns) == pytest.approx(
            (time_ns - START_NS) * 1e-9 * RATE - (LATENCY_S + desk.playback._spatialiser.delay_s) * RATE, abs=0.01
        )


def test_a_cut_is_silent_a_block_and_the_delay_later(desk: Desk) -> None:
    desk.say(np.full(RATE, 0.5, np.float32))
    desk.play(40)
    desk.timeline.cut(1, desk.now_ns)
    after = desk.play(20)
    assert not after[BLOCK + 60 + 120 :].any()
    assert np.abs(np.diff(after, axis=0)).max() < 0.02, "no step, so no click"
