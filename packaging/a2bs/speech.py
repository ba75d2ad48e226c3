"""Speech whose phone times are known: hibari (the avatar's own voice) and flite's four, used as a program."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import hibari
import numpy as np
import onnx
import onnxruntime
import soundfile
import soxr
from hibari import dsp
from phones import HIBARI, Segment

RATE = 16_000
FLITE_VOICES = ("slt", "awb", "rms", "kal16")
_DURATION_UNIT = 0.025
_HIBARI_LATE = 0.05
"""hibari's sound runs this far ahead of its own durations: closures are silent about two units before their symbols."""


@dataclass(frozen=True)
class Utterance:
    """Samples (n,) float32 at 16 kHz and the phones that cover them; `exact` where the times need no alignment."""

    voice: str
    samples: np.ndarray
    segments: tuple[Segment, ...]
    exact: bool


class HibariVoice:
    """hibari-tts with one more output of its network: the duration of every symbol, in units of 25 ms."""

    def __init__(self) -> None:
        self._text = hibari.Hibari()
        model = onnx.load(self._text.model_path)
        clip = next(node for node in model.graph.node if node.op_type == "Clip" and "Round" in node.input[0])
        model.graph.output.append(onnx.helper.make_tensor_value_info(clip.output[0], onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._net = onnxruntime.InferenceSession(model.SerializeToString(), options)

    def say(self, text: str, speed: float, rng: np.random.Generator) -> Utterance:
        """Speak the first sentence of `text`; segments are the durations' own, shifted, and want alignment."""
        symbols = self._text.phonemize(text)[0]
        ids = self._text.ids(symbols)
        feed = {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}
        *spectrum, f0, durations = (out[0] if out.ndim > 1 else out for out in self._net.run(None, feed))
        samples = soxr.resample(dsp.synth(*spectrum, f0.ravel(), rng), hibari.SAMPLE_RATE, RATE)
        known = [s for s in symbols if s in self._text.vocab]
        ends = np.cumsum(durations.ravel()) * _DURATION_UNIT - _HIBARI_LATE
        # Stress marks and spaces belong to the phone that follows them; the pads at both ends are silence.
        segments, start = [Segment("pau", 0.0, float(ends[0]))], float(ends[0])
        for symbol, end in zip(known, ends[1:-1], strict=True):
            if symbol in HIBARI and end > start:
                segments.append(Segment(HIBARI[symbol], start, float(end)))
                start = float(end)
        segments.append(Segment("pau", start, len(samples) / RATE))
        return Utterance("hibari", samples.astype(np.float32), _joined(segments), exact=False)


def flite(text: str, voice: str, stretch: float) -> Utterance:
    """Speak `text` with a voice of flite, its durations times `stretch`; phone times are the synthesiser's own."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        command = [
            "flite",
            "-voice",
            voice,
            "--setf",
            f"duration_stretch={stretch}",
            "-psdur",
            "-t",
            text,
            "-o",
            str(wav),
        ]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        samples, rate = soundfile.read(wav, dtype="float32")
    if rate != RATE:
        raise ValueError(f"flite's voice {voice} speaks at {rate} Hz, not at {RATE}")
    segments, start = [], 0.0
    for item in printed.split():
        phone, _, end = item.rpartition(":")
        segments.append(Segment(phone, start, float(end)))
        start = float(end)
    return Utterance(voice, samples, _joined(segments), exact=True)


def _joined(segments: list[Segment]) -> tuple[Segment, ...]:
    """The same with neighbouring silences made one."""
    out: list[Segment] = []
    for segment in segments:
        if out and segment.phone == out[-1].phone == "pau":
            out[-1] = Segment("pau", out[-1].start, segment.end)
        else:
            out.append(segment)
    return tuple(out)
