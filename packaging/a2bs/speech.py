"""Speech of hibari, the avatar's own voice, with the phones that its network meant."""

from __future__ import annotations

import hibari
import numpy as np
import onnx
import onnxruntime
import soxr
from hibari import dsp

from conversation.phonetics.flite import RATE, Utterance
from conversation.phonetics.phones import Segment, joined

HIBARI = {
    "A": "ey", "I": "ay", "O": "ow", "Q": "ow", "W": "aw", "Y": "oy", "ɑ": "aa", "a": "aa", "ɒ": "aa", "æ": "ae",
    "ɐ": "ax", "ə": "ax", "ᵊ": "ax", "ʌ": "ah", "ɔ": "ao", "ɛ": "eh", "ɜ": "er", "ɚ": "er", "ɪ": "ih", "ᵻ": "ih",
    "i": "iy", "u": "uw", "ʊ": "uh", "b": "b", "d": "d", "f": "f", "h": "hh", "j": "y", "k": "k", "l": "l", "m": "m",
    "n": "n", "p": "p", "s": "s", "t": "t", "v": "v", "w": "w", "z": "z", "ð": "dh", "ŋ": "ng", "ɡ": "g", "ɹ": "r",
    "ɾ": "d", "T": "d", "ʃ": "sh", "ʒ": "zh", "ʤ": "jh", "ʧ": "ch", "θ": "th", "ʔ": "t",
    ",": "pau", ".": "pau", "!": "pau", "?": "pau", ";": "pau", ":": "pau", "—": "pau", "…": "pau",
}  # fmt: skip
"""hibari's alphabet is misaki's. What is not here (stress, length, word space) makes no mouth shape of its own."""
_DURATION_UNIT = 0.025
_HIBARI_LATE = 0.05
"""hibari's sound runs this far ahead of its own durations: closures are silent about two units before their symbols."""


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
        return Utterance("hibari", samples.astype(np.float32), joined(segments), exact=False)
