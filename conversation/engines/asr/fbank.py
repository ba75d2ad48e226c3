"""Kaldi's log-mel frames of a stream, as the Zipformers of icefall were trained on: 80 bands, 25 ms every 10 ms.

kaldi-native-fbank computes them. Its own stream cannot be copied; this one can, because a recogniser has to hear how an
utterance would end and then go on where it was. It keeps the little sound that the next frame needs.
"""

from __future__ import annotations

from typing import Any, Final

import kaldi_native_fbank as knf
import numpy as np

from conversation.engines.base import F32

RATE: Final = 16_000
HOP: Final = 160
BANDS: Final = 80


class Fbank:
    """One stream; `copy.copy` of it goes on by itself."""

    def __init__(self) -> None:
        self._options = _options()
        self._sound: F32 = np.zeros(0, np.float32)
        self._done = 0
        """Frames at the beginning of `_sound` that were given before; one, if any: the next one mirrors no sound."""

    def __call__(self, samples: F32) -> F32:
        """(frames, 80) that became complete with `samples` (n,), 16 kHz mono in [-1, 1]."""
        sound = np.concatenate([self._sound, samples])
        bank = knf.OnlineFbank(self._options)
        bank.accept_waveform(RATE, sound)
        count = int(bank.num_frames_ready)
        frames = [bank.get_frame(index) for index in range(self._done, count)]
        self._sound = sound[max(count - 1, 0) * HOP :]
        self._done = min(count, 1)
        return np.array(frames, np.float32).reshape(-1, BANDS)


def _options() -> Any:
    """As sherpa-onnx's: the edges are mirrored, no dither, bands from 20 Hz to 400 Hz below half the rate."""
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins = BANDS
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = -400
    return options
