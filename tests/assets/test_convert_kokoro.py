"""Kokoro in MNN against ONNX Runtime: each network, and the whole against the package's own int8 graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import load_file

from assets import catalogue, paths
from assets.convert import kokoro
from assets.convert.plain import plain
from conversation.engines.net import Net
from conversation.engines.tts import vocoder
from conversation.engines.tts.kokoro import SAMPLE_RATE, Kokoro

pytestmark = pytest.mark.skipif(
    not catalogue.is_ready("kokoro"), reason="Kokoro is not here: `visavis models get kokoro` brings it."
)
TEXT = "ni↓xau↓, xə↓n kau→ɕi↘ŋ ɻə↘nʂɨ↗ ni↓."

Arrays = Mapping[str, np.ndarray]


@pytest.fixture(scope="module")
def source() -> onnx.ModelProto:
    wheels = {pin.name: paths.packages_dir() / pin.file for pin in catalogue.KOKORO}
    if not all(wheel.exists() for wheel in wheels.values()):
        pytest.skip("Kokoro's packages were removed from this machine.")
    return kokoro.source_graph(wheels)


@pytest.fixture(scope="module")
def folder() -> Path:
    return catalogue.model_dir("kokoro")


@pytest.fixture(scope="module")
def inputs(folder: Path) -> dict[str, np.ndarray]:
    ids = msgspec.json.decode((folder / "phonemes.json").read_bytes(), type=dict[str, int])
    tokens = np.array([[0, *(ids[letter] for letter in TEXT), 0]])
    return {"tokens": tokens, "style": style(folder, "zf_xiaobei", len(TEXT))}


def style(folder: Path, voice: str, phonemes: int) -> np.ndarray:
    tables = load_file(folder / "voices.safetensors")
    return (tables[f"{voice}.lengths"] @ tables[f"{voice}.style"])[None, phonemes - 1]


def by_name(model: onnx.ModelProto, **inputs: np.ndarray) -> Arrays:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, inputs), strict=True))


def alike(ours: np.ndarray, theirs: np.ndarray) -> float:
    assert ours.shape == theirs.shape
    return float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1])


def test_every_network_computes_what_its_graph_says(
    source: onnx.ModelProto, folder: Path, inputs: Mapping[str, np.ndarray]
) -> None:
    graph, tokens = plain(source), inputs["tokens"]
    timbre_style, prosody_style = inputs["style"][:, :128], inputs["style"][:, 128:]

    def check(name: str, floor: float, **given: np.ndarray) -> Arrays:
        theirs = by_name(getattr(kokoro, f"{name}_graph")(graph), **given)
        ours = Net(folder / f"{name}.mnn")(**given)
        for output in theirs:
            assert alike(ours[output], theirs[output]) > floor, (name, output)
        return theirs

    hidden = check("embed", 0.9999, tokens=tokens)["hidden"]
    for _ in range(kokoro.LAYERS):
        hidden = by_name_layer(graph, hidden)
    check("layer", 0.999, hidden=hidden)
    text = check("text", 0.9999, tokens=tokens, read=hidden, style=prosody_style)
    lasts = np.maximum(np.round(text["durations"][0]), 1).astype(int)
    frames = np.repeat(text["prosody"].transpose(0, 2, 1), lasts, axis=2)
    prosody = check("prosody", 0.9999, prosody=frames, style=prosody_style)
    mixer = kokoro.mixer(graph)
    wave = vocoder.harmonic_source(
        prosody["pitch"][0], np.array(mixer["weights"]), mixer["bias"], rate=SAMPLE_RATE, samples_a_frame=300
    )
    timbre = np.repeat(text["timbre"], lasts, axis=2)
    check("voice", 0.999, timbre=timbre, style=timbre_style, source=vocoder.spectrum(wave)[None], **prosody)


def by_name_layer(graph: onnx.ModelProto, hidden: np.ndarray) -> np.ndarray:
    return by_name(kokoro.layer_graph(graph), hidden=hidden)["read"]


def test_it_says_what_the_source_says(source: onnx.ModelProto, folder: Path, inputs: Mapping[str, np.ndarray]) -> None:
    """The same length within two frames of 25 ms, and the same energy in the same bands at the same time."""
    theirs = by_name(source, tokens=inputs["tokens"], style=inputs["style"], speed=np.ones(1, np.float32))["audio"]
    ours = Kokoro(folder, voice="zf_xiaobei").say(f"z{TEXT}", Kokoro(folder, voice="zf_xiaobei").settings)
    assert abs(len(ours) - len(theirs)) <= 1200
    assert alike(*bands(ours, theirs)) > 0.95


def bands(*waves: np.ndarray) -> list[np.ndarray]:
    """Decibels in bands of 500 Hz every 50 ms, of waves cut to the same length."""
    length = min(map(len, waves)) // 1200 * 1200
    found = []
    for wave in waves:
        power = np.abs(np.fft.rfft(wave[:length].reshape(-1, 1200) * np.hanning(1200), axis=1)[:, 1:501]) ** 2
        found.append(np.log10(power.reshape(len(power), 20, 25).sum(axis=2) + 1e-3))
    return found


def test_a_voice_is_its_own_table(folder: Path) -> None:
    """Row by row, the factors give back numbers as large as a style's, and voices differ."""
    tables = [style(folder, voice, 50) for voice in ("zf_xiaobei", "zm_yunxi", "af_heart")]
    assert all(table.shape == (1, 256) and 0.1 < table.std() < 0.4 for table in tables)
    assert alike(tables[0], tables[1]) < 0.8
