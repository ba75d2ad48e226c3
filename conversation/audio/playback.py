"""From the timeline to the loudspeaker: the voice is put where its mouth is, and all are told what went out when.

The clock, and so the face, knows the spatialiser's delay as a part of the latency. The canceller's reference is what
really went out, at the device's own latency. The recording keeps the voice as it was made, at the time at which it is
heard: what is measured on it does not depend on where somebody's head was, and a film places it anew.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from conversation.audio.recording import Recorder
from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.audio.timeline import Timeline
from conversation.link.mouth_place import MouthPlace

F32 = npt.NDArray[np.float32]

Played = Callable[[F32, int, float], None]
"""As Ear.played."""


class Playback:
    """`fill` is a Fill, for one device at a time. spatialiser: None where the voice stays in the middle of the head."""

    def __init__(
        self,
        timeline: Timeline,
        mouth: MouthPlace,
        spatialiser: Spatialiser | None,
        played: Played,
        recorder: Recorder | None,
    ) -> None:
        self._timeline, self._mouth = timeline, mouth
        self._spatialiser = spatialiser
        self._played, self._recorder = played, recorder

    def fill(self, count: int, time_ns: int, latency_s: float, channels: int) -> F32:
        """(count, 2) of a voice with a place where there are two channels, else (count,) as it was made."""
        placed = self._spatialiser if channels == 2 else None
        heard_s = latency_s + (placed.delay_s if placed else 0.0)
        block = self._timeline.fill(count, time_ns, heard_s)
        if self._recorder:
            self._recorder.take_speaker(block, time_ns, heard_s)
        put_out = placed(block, self._mouth.read()) if placed else block
        self._played(put_out, time_ns, latency_s)
        return put_out
