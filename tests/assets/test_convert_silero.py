"""Silero VAD in MNN against ONNX Runtime on the package's own graph, over a whole recording."""

from __future__ import annotations

import numpy as np
import onnxruntime

from assets import catalogue, fetch
from assets.convert.silero import source_graph
from assets.progress import SilentProgress
from conversation.engines.silero import CONTEXT, WINDOW, SileroVad
from tests.recordings import SORROW


def test_probabilities_are_those_of_the_source() -> None:
    package = fetch.package("silero-vad", SilentProgress())
    source = onnxruntime.InferenceSession(source_graph({"silero-vad": package}).SerializeToString())
    vad = SileroVad(catalogue.model_dir("silero-vad"))
    samples = SORROW.samples()
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32)
    ours, theirs = [], []
    for window in samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW):
        probability, state = source.run(None, {"input": np.concatenate([context, window])[None], "state": state})
        theirs.append(float(probability[0, 0]))
        ours.append(vad(window))
        context = window[-CONTEXT:]
    assert max(theirs) > 0.95 and min(theirs) < 0.3
    assert np.abs(np.array(ours) - np.array(theirs)).max() < 1e-5
