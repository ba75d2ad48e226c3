"""Echo cancellation: the avatar's voice goes, the user's stays, wherever the devices' stamps put them."""

import sys

import numpy as np
import pytest
import soxr
from scipy.signal import fftconvolve

from conversation.audio.echo import EchoCanceller, Frame, correlate
from conversation.audio.linear_echo import LinearEcho
from conversation.audio.reference import FRAME, Downsampler
from conversation.errors import NoEchoCancellerError
from tests.recordings import READER, SORROW

MS = 1_000_000


def response(delay: int = 30, seed: int = 2) -> np.ndarray:
    """A small room of decaying noise after a direct sound, at 16 kHz."""
    tail = np.random.default_rng(seed).normal(size=2400) * np.exp(-np.arange(2400) / 500)
    return np.concatenate([np.zeros(delay), [1.0], 0.1 * tail])


def at_speaker(samples: np.ndarray) -> np.ndarray:
    return np.asarray(soxr.resample(samples, 16_000, 24_000), np.float32)


def talk(canceller: EchoCanceller, far: np.ndarray, near: np.ndarray, *, hidden_s: float = 0.0) -> list[Frame]:
    """Playback of `far` (24 kHz) with an unknown latency beside `near` (16 kHz)."""
    echo = 0.3 * fftconvolve(Downsampler()(far), response(30 + round(max(hidden_s, 0.0) * 16_000)))[: len(near)]
    frames: list[Frame] = []
    rng = np.random.default_rng(0)
    for k in range(len(near) // FRAME):
        now = 1_000 * MS + 10 * k * MS
        said_s = max(-hidden_s, 0.0)  # a device that says too much
        canceller.reference.played(far[k * 240 : (k + 1) * 240], now, said_s)
        mine = slice(k * FRAME, (k + 1) * FRAME)
        block = echo[mine] + near[mine] + 1e-4 * rng.normal(size=FRAME)
        frames += canceller.process(block.astype(np.float32), now)
    return frames


def power_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-12))


FAR = at_speaker(np.tile(SORROW.samples(), 2))
SILENCE = np.zeros(10 * 16_000, np.float32)


def test_the_echo_goes_and_little_is_left() -> None:
    canceller = EchoCanceller()
    frames = talk(canceller, FAR, SILENCE)
    echo_db = power_db(0.3 * fftconvolve(Downsampler()(FAR), response())[64_000:160_000])
    assert echo_db - power_db(np.concatenate([f.clean for f in frames])[64_000:160_000]) > 25
    assert echo_db - power_db(np.concatenate([f.left for f in frames])[64_000:160_000]) > 18
    assert canceller.judge(1.0) == 0.0, "what is left of the avatar is nobody's voice"


def test_the_user_stays_whole_in_what_voice_is_looked_for_in() -> None:
    near = np.concatenate([np.zeros(64_000, np.float32), READER.samples()])[: 10 * 16_000]
    frames = talk(EchoCanceller(), FAR, near)
    left = np.concatenate([f.left for f in frames])[80_000:]
    user = near[80_000 : 80_000 + len(left)]
    gain = np.dot(left, user) / np.dot(user, user)
    assert gain == pytest.approx(1.0, abs=0.05)
    assert power_db(left - user) < power_db(user) - 12


@pytest.mark.parametrize("hidden_s", [0.3, -0.1])
def test_a_latency_that_the_device_does_not_tell_is_found(hidden_s: float) -> None:
    canceller = EchoCanceller()
    frames = talk(canceller, FAR, SILENCE, hidden_s=hidden_s)
    assert canceller.reference.lead / 16_000 == pytest.approx(0.01 - hidden_s, abs=0.004)
    echo_db = power_db(0.3 * fftconvolve(Downsampler()(FAR), response())[96_000:160_000])
    assert echo_db - power_db(np.concatenate([f.left for f in frames])[96_000:160_000]) > 15


def test_the_delay_is_measured_by_correlation() -> None:
    far = SORROW.samples()[16_000:32_000]
    near = np.concatenate([np.zeros(3200), 0.2 * far])[:16_000]
    assert correlate(near.astype(np.float32), far) == pytest.approx(0.2, abs=1e-3)
    stranger = READER.samples()[16_000:32_000]
    assert correlate(stranger, far) is None


def test_nothing_played_leaves_the_microphone_as_it_is() -> None:
    canceller = EchoCanceller()
    near = READER.samples()[:32_000]
    frames = [f for k in range(200) for f in canceller.process(near[k * FRAME : (k + 1) * FRAME], k * 10 * MS)]
    assert np.array_equal(np.concatenate([f.left for f in frames]), near)
    assert np.array_equal(np.concatenate([f.clean for f in frames]), near), "AEC3 rests"
    assert canceller.judge(0.7) == 0.7


def test_after_a_long_silence_the_echo_goes_at_once_as_if_aec3_had_never_rested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pause_s, second = 14, slice(19 * 16_000, 20 * 16_000)
    far = np.concatenate([FAR[: 5 * 24_000], np.zeros(pause_s * 24_000, np.float32), FAR[5 * 24_000 : 6 * 24_000]])
    near = np.zeros(20 * 16_000, np.float32)
    near[8 * 16_000 : 12 * 16_000] = READER.samples()[: 4 * 16_000]
    rested = talk(EchoCanceller(), far, near)
    monkeypatch.setattr("conversation.audio.echo._RESTS", 10**6)
    awake = talk(EchoCanceller(), far, near)
    resting = slice(16 * 16_000, 18 * 16_000)
    clean, wanted = (np.concatenate([f.clean for f in frames]) for frames in (rested, awake))
    assert not np.array_equal(clean[resting], wanted[resting])
    assert power_db(clean[second]) < power_db(wanted[second]) + 1
    left, expected = (np.concatenate([f.left for f in frames]) for frames in (rested, awake))
    assert power_db((left - expected)[second]) < power_db(expected[second]) - 20


def test_blocks_of_any_length_lose_nothing() -> None:
    canceller = EchoCanceller()
    near = READER.samples()[:16_000]
    frames = [
        f for first in range(0, 16_000, 441) for f in canceller.process(near[first : first + 441], first * 62_500)
    ]
    assert np.array_equal(np.concatenate([f.left for f in frames]), near[: len(frames) * FRAME])
    assert len(frames) >= 98 and frames[49].end_ns == pytest.approx(500 * MS, abs=100)


def test_without_the_package_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    with pytest.raises(NoEchoCancellerError, match="pip install pywebrtc-audio"):
        EchoCanceller()


def test_the_filter_finds_a_known_room_and_follows_when_it_changes() -> None:
    far = np.random.default_rng(0).normal(size=16_000 * 8).astype(np.float32) * 0.1
    one, two = (fftconvolve(far, response(seed=seed))[: len(far)].astype(np.float32) for seed in (2, 3))
    linear = LinearEcho()

    def left_db(echo: np.ndarray, first: int, last: int, moved: bool) -> float:
        left = [
            linear(echo[k * FRAME : (k + 1) * FRAME], far[k * FRAME : (k + 1) * FRAME], moved=moved)
            for k in range(first, last)
        ]
        return power_db(np.concatenate(left[-50:])) - power_db(echo[(last - 50) * FRAME : last * FRAME])

    assert left_db(one, 0, 300, False) < -25
    doubt = linear.doubt
    assert left_db(two, 300, 310, False) > -10, "another room"
    assert left_db(two, 310, 500, True) < -15
    assert doubt < 1e-3
