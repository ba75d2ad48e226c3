"""The reference of the echo canceller: playback's samples where the microphone's are."""

import numpy as np
import pytest
import soxr

from conversation.audio.reference import FRAME, Downsampler, Reference

MS = 1_000_000
START = 5_000 * MS


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    """Below 6 kHz, so that nothing of it is lost at 16 kHz."""
    loud = np.random.default_rng(seed).normal(size=round(seconds * 12_000)).astype(np.float32)
    return np.asarray(0.1 * soxr.resample(loud, 12_000, 24_000), np.float32)


def test_downsampling_is_soxrs_half_a_millisecond_late() -> None:
    sound = noise(1.0)
    down = Downsampler()
    rng = np.random.default_rng(1)
    parts, at = [], 0
    while at < len(sound):  # blocks of any length
        count = int(rng.integers(1, 500))
        parts.append(down(sound[at : at + count]))
        at += count
    got = np.concatenate(parts)
    expected = soxr.resample(sound, 24_000, 48_000, quality="VHQ")[: 3 * len(got)]
    late = round(Downsampler.delay_s * 48_000)
    expected = np.concatenate([np.zeros(late), expected])[::3][: len(got)]
    error = np.sqrt(np.mean((got - expected)[200:-200] ** 2) / np.mean(expected**2))
    assert len(got) == 16_000 and error < 0.03


def run(stamp, *, seconds: float = 4.0, latency_s: float = 0.03, ppm: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Played samples as the microphone's frames see them, and as they really sounded then."""
    sound = noise(seconds + 1)
    reference = Reference()
    taken = []
    for k in range(round(seconds * 100)):
        now = START + 10 * k * MS
        reference.played(sound[k * 240 : (k + 1) * 240], stamp(now), latency_s)
        heard = START + round(10 * k * MS * (1 + ppm * 1e-6))
        reference.heard(k * FRAME, stamp(heard))
        taken.append(reference.take() if reference.ready() else np.zeros(FRAME, np.float32))
    truth = soxr.resample(sound, 24_000, 16_000)
    shift = round((latency_s) * 16_000)
    return np.concatenate(taken), np.concatenate([np.zeros(shift, np.float32), truth])[: len(taken) * FRAME]


def lag(got: np.ndarray, expected: np.ndarray) -> int:
    """Samples by which `got` comes later."""
    return int(np.argmax(np.correlate(got, expected, "full"))) - len(expected) + 1


def test_it_lies_where_it_sounded() -> None:
    got, expected = run(lambda ns: ns)
    assert abs(lag(got[16_000:32_000], expected[16_000:32_000])) <= 1


def test_stamps_that_jitter_do_not_move_it() -> None:
    rng = np.random.default_rng(4)
    got, expected = run(lambda ns: ns + round(abs(rng.normal()) * 2 * MS))
    late = [lag(got[a : a + 8000], expected[a : a + 8000]) for a in range(24_000, 56_000, 8000)]
    assert max(late) - min(late) <= 1 and max(map(abs, late)) <= 32


def test_clocks_that_drift_are_followed() -> None:
    got, expected = run(lambda ns: ns, seconds=12.0, ppm=500.0)
    # After 11 s the microphone's clock is 5.5 ms behind; two of them are let be.
    drifted = round(11.0 * 500e-6 * 16_000)
    late = lag(got[-16_000:], expected[-16_000:])
    assert late == pytest.approx(-drifted, abs=36) and late < -40


def test_what_nobody_takes_for_seconds_is_there_when_somebody_does() -> None:
    sound = noise(3.0)

    def taken(*, late: bool) -> np.ndarray:
        reference = Reference()
        got = []
        for k in range(250):
            now = START + 10 * k * MS
            reference.played(sound[k * 240 : (k + 1) * 240], now, 0.03)
            reference.heard(k * FRAME, now)
            if not late:
                got.append(reference.take())
        return np.concatenate(got or [reference.take() for _ in range(250)])

    assert taken(late=True).any() and np.array_equal(taken(late=True), taken(late=False))


def test_silence_after_sound_is_silence() -> None:
    reference = Reference()
    for k in range(50):
        now = START + 10 * k * MS
        reference.played(np.full(240, float(k < 10), np.float32), now, 0.0)
        reference.heard(k * FRAME, now)
    taken = np.concatenate([reference.take() for _ in range(50)])
    assert taken[40 : 10 * FRAME - 40].min() > 0.9 and not taken[10 * FRAME + 40 :].any()


def test_before_anything_was_played_there_is_silence() -> None:
    reference = Reference()
    reference.heard(0, START)
    assert reference.ready() and not reference.take().any()


def test_a_reference_that_is_late_is_waited_for() -> None:
    reference = Reference()
    reference.played(np.ones(240, np.float32), START, 0.0)
    reference.heard(0, START)
    reference.heard(FRAME, START + 10 * MS)
    while reference.ready():
        reference.take()
    reference.played(np.ones(480, np.float32), START + 10 * MS, 0.0)
    assert reference.ready() and reference.take()[FRAME // 2 :].any()


def test_of_two_channels_it_is_the_mean() -> None:
    left, right = noise(0.5, 1), noise(0.5, 2)

    def taken(*blocks: np.ndarray) -> np.ndarray:
        reference = Reference()
        for k, block in enumerate(blocks):
            reference.played(block, START + 10 * k * MS, 0.0)
        reference.heard(0, START)
        return np.concatenate([reference.take() for _ in range(40)])

    cuts = range(0, len(left), 240)
    both = [np.stack([left[k : k + 240], right[k : k + 240]], axis=1) for k in cuts]
    mean = [(left[k : k + 240] + right[k : k + 240]) / 2 for k in cuts]
    assert taken(*both).any() and taken(*both) == pytest.approx(taken(*mean), abs=1e-6)
