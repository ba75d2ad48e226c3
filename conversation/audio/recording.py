"""Everything that was said and heard, kept with its times: what a film and a latency figure are made from."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from conversation.audio.base import MICROPHONE_RATE, SPEAKER_RATE
from conversation.errors import AudioFileError
from conversation.link.audio_events import QuestionLabelled
from conversation.link.face_curve import RELEASE_S, FaceCurve
from conversation.link.face_track import CHANNELS

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

_STAMP_EVERY: Final = 100  # blocks: one clock stamp a second is enough to interpolate between


@dataclass(frozen=True)
class Recording:
    """A recorded conversation; sample 0 of each sound file belongs to its `…_start_ns` (monotonic)."""

    folder: Path
    microphone_wav: Path
    microphone_start_ns: int
    speaker_wav: Path
    speaker_start_ns: int
    face: FaceCurve
    clock: npt.NDArray[np.float64]
    """(n, 2): monotonic ns, speaker sample that the listener hears then."""
    questions: tuple[QuestionLabelled, ...]

    @classmethod
    def load(cls, folder: Path) -> Recording:
        """The recording in this folder; raises AudioFileError if there is none."""
        try:
            about = json.loads((folder / "recording.json").read_text())
            with np.load(folder / "face.npz") as arrays:
                face = FaceCurve(arrays["stamps"], arrays["frames"], SPEAKER_RATE)
                clock = arrays["clock"]
            return cls(
                folder,
                folder / "microphone.wav",
                int(about["microphone_start_ns"]),
                folder / "speaker.wav",
                int(about["speaker_start_ns"]),
                face,
                clock,
                tuple(QuestionLabelled(**question) for question in about["questions"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AudioFileError(f"{folder} holds no recording that can be read ({error}); record again.") from None

    def heard_at(self, monotonic_ns: int) -> float:
        """The speaker sample that the listener heard then, as AudioClock.heard_at told it live."""
        times, samples = self.clock[:, 0], self.clock[:, 1]
        if len(times) > 1 and times[0] <= monotonic_ns <= times[-1]:
            return float(np.interp(monotonic_ns, times, samples))
        if not len(times):
            return -1.0
        nearest = 0 if monotonic_ns < times[0] else -1
        return float(samples[nearest] + (monotonic_ns - times[nearest]) * 1e-9 * SPEAKER_RATE)

    def time_of(self, sample: float) -> float:
        """When the listener heard this speaker sample (monotonic ns); the inverse of `heard_at`."""
        times, samples = self.clock[:, 0], self.clock[:, 1]
        if not len(times):
            return float(self.speaker_start_ns) + sample * 1e9 / SPEAKER_RATE
        if len(times) > 1 and samples[0] <= sample <= samples[-1]:
            return float(np.interp(sample, samples, times))
        nearest = 0 if sample < samples[0] else -1
        return float(times[nearest] + (sample - samples[nearest]) * 1e9 / SPEAKER_RATE)


class Recorder:
    """Collects while the audio process runs; `save` writes the folder. `first`: playback's first sample."""

    def __init__(self, folder: Path, first: int = 0) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._microphone: list[I16] = []
        self._microphone_start = 0
        self._speaker: list[I16] = []
        self._speaker_start = 0
        self._clock: list[tuple[float, float]] = []
        self._first = first
        self._taken = 0
        self._questions: list[QuestionLabelled] = []
        self.face = FaceLog()

    def take_microphone(self, block: F32, start_ns: int) -> None:
        """A block that the microphone gave."""
        with self._lock:
            self._microphone_start = self._microphone_start or start_ns
            self._microphone.append(_to_int16(block))

    def take_speaker(self, block: F32, time_ns: int, latency_s: float) -> None:
        """A block that the loudspeaker took."""
        with self._lock:
            self._speaker_start = self._speaker_start or time_ns
            if len(self._speaker) % _STAMP_EVERY == 0:
                self._clock.append((float(time_ns), self._taken - latency_s * SPEAKER_RATE))
            self._speaker.append(_to_int16(block))
            self._taken += len(block)

    def label(self, question: QuestionLabelled) -> None:
        """A question file that was played to the microphone."""
        self._questions.append(question)

    def save(self) -> Path:
        """Write everything; the folder. Raises AudioFileError where it cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                _write(self._folder / "microphone.wav", self._microphone, MICROPHONE_RATE)
                _write(self._folder / "speaker.wav", self._speaker, SPEAKER_RATE)
                clock = np.array(self._clock, np.float64).reshape(-1, 2)
            curve = self.face.curve()
            np.savez(self._folder / "face.npz", stamps=curve.stamps - self._first, frames=curve.frames, clock=clock)
            about = {
                "microphone_start_ns": self._microphone_start,
                "speaker_start_ns": self._speaker_start,
                "questions": [
                    {"path": q.path, "first_voiced": q.first_voiced, "last_voiced": q.last_voiced}
                    for q in self._questions
                ],
            }
            (self._folder / "recording.json").write_text(json.dumps(about, indent=1))
        except (OSError, soundfile.LibsndfileError) as error:
            raise AudioFileError(f"The recording cannot be written to {self._folder} ({error}).") from None
        return self._folder


class FaceLog:
    """All that FaceTrack showed, without its limit of length."""

    def __init__(self) -> None:
        self._stamps: list[npt.NDArray[np.float64]] = []
        self._frames: list[F32] = []

    def write(self, first_sample: int, samples_per_frame: float, frames: F32) -> None:
        """As FaceTrack.write."""
        if not len(frames):
            return
        self._drop_from(first_sample)
        self._stamps.append(first_sample + np.arange(len(frames), dtype=np.float64) * samples_per_frame)
        self._frames.append(np.asarray(frames, np.float32))

    def cut(self, at_sample: int) -> None:
        """As FaceTrack.cut."""
        if not self._stamps or self._stamps[-1][-1] < at_sample - 0.5:
            return
        shown = self.curve().at(at_sample)
        self._drop_from(at_sample)
        self._stamps.append(np.array([at_sample, at_sample + RELEASE_S * SPEAKER_RATE], np.float64))
        self._frames.append(np.stack([shown, np.zeros_like(shown)]))

    def curve(self) -> FaceCurve:
        """Everything so far."""
        if not self._stamps:
            return FaceCurve(np.zeros(0), np.zeros((0, CHANNELS), np.float32), SPEAKER_RATE)
        return FaceCurve(np.concatenate(self._stamps), np.concatenate(self._frames), SPEAKER_RATE)

    def _drop_from(self, sample: int) -> None:
        while self._stamps and self._stamps[-1][-1] > sample - 0.5:
            kept = int(np.searchsorted(self._stamps[-1], sample - 0.5, side="right"))
            if kept:
                self._stamps[-1], self._frames[-1] = self._stamps[-1][:kept], self._frames[-1][:kept]
            else:
                self._stamps.pop()
                self._frames.pop()


def _to_int16(block: F32) -> I16:
    return np.round(np.clip(block, -1.0, 1.0) * 32767).astype(np.int16)


def _write(path: Path, blocks: list[I16], rate: int) -> None:
    soundfile.write(path, np.concatenate(blocks) if blocks else np.zeros(0, np.int16), rate, subtype="PCM_16")
