"""The avatar's voice in a film, as whoever wore the headset heard it: made anew from where head and mouth were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conversation.audio.base import BLOCK_S
from conversation.audio.spatial.spatialiser import Spatialiser
from xr_app.film import Track
from xr_app.frame_log import FrameLog


def placed(track: Track, log: FrameLog, *, room: bool = False) -> Track:
    """A mono track in stereo, from the mouth as the frames of `log` know it; the spatialiser's delay is taken back."""
    spatialiser = Spatialiser(track.sample_rate, log.mouth_at(track.start_ns), room=room)
    size = round(track.sample_rate * BLOCK_S)
    samples = np.concatenate([track.samples, np.zeros(spatialiser.delay, np.float32)])
    heard = [
        spatialiser(
            samples[first : first + size], log.mouth_at(track.start_ns + first * 1_000_000_000 // track.sample_rate)
        )
        for first in range(0, len(samples), size)
    ]
    return replace(track, samples=np.concatenate(heard)[spatialiser.delay :])
