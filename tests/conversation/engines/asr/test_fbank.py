"""Features of a stream in pieces are those of the whole, as kaldi-native-fbank gives them."""

import copy

import kaldi_native_fbank as knf
import numpy as np
import pytest

from conversation.engines.asr.fbank import Fbank
from tests.recordings import SORROW


def whole(samples: np.ndarray) -> np.ndarray:
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins, options.mel_opts.high_freq = 80, -400
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(16_000, samples)
    return np.array([bank.get_frame(i) for i in range(bank.num_frames_ready)])


@pytest.mark.parametrize("piece", [1, 159, 160, 161, 4000])
def test_pieces_make_the_whole(piece: int) -> None:
    samples = SORROW.samples()[: min(piece * 400, 60_000)]
    fbank = Fbank()
    frames = [fbank(samples[start : start + piece]) for start in range(0, len(samples), piece)]
    expected = whole(samples)
    assert np.concatenate(frames).shape == expected.shape
    np.testing.assert_array_equal(np.concatenate(frames), expected)


def test_a_copy_goes_on_by_itself() -> None:
    samples = SORROW.samples()[:20_000]
    fbank = Fbank()
    first = fbank(samples[:9000])
    other = copy.copy(fbank)
    other(np.zeros(9000, np.float32))
    np.testing.assert_array_equal(np.concatenate([first, fbank(samples[9000:])]), whole(samples))


def test_too_little_sound_makes_no_frame() -> None:
    assert Fbank()(np.zeros(100, np.float32)).shape == (0, 80)
