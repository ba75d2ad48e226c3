"""Supertonic-MNN's folder with networks of its signature and a few weights, against the same run by ONNX Runtime."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from assets.convert.mnn import convert_onnx
from conversation.engines.tts.supertonic import Supertonic
from conversation.engines.tts.voice import VoiceSettings
from conversation.errors import EngineError

RATE, CHUNK, FACTOR, DIM = 44_100, 512, 6, 24
LETTERS = "abcdefghijklmnopqrstuvwxyz .,!?'-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEAD = '<ir_version: 8, opset_import: ["" : 17]>'
GRAPHS = {
    "duration_predictor": f"""{HEAD}
g (int64[1, N] text_ids, float[1, 8, 16] style_dp, float[1, 1, N] text_mask) => (float[1] duration) {{
  e = Gather (table, text_ids)
  em = Mul (e, text_mask)
  s = ReduceSum <keepdims: int = 0> (em, ends)
  m = ReduceMean <keepdims: int = 0, axes: ints = [0, 1, 2]> (style_dp)
  t = Mul (s, m)
  duration = Reshape (t, one)
}}""",
    "text_encoder": f"""{HEAD}
g (int64[1, N] text_ids, float[1, 50, 256] style_ttl, float[1, 1, N] text_mask) => (float[1, 256, N] text_emb) {{
  e = Gather (table, text_ids)
  ec = Reshape (e, column)
  m = ReduceMean <axes: ints = [1]> (style_ttl)
  a = MatMul (ec, m)
  b = Transpose <perm: ints = [0, 2, 1]> (a)
  text_emb = Mul (b, text_mask)
}}""",
    "vector_estimator": f"""{HEAD}
g (float[1, 144, T] noisy_latent, float[1, 256, N] text_emb, float[1, 50, 256] style_ttl, float[1, 1, T] latent_mask,
   float[1, 1, N] text_mask, float[1] current_step, float[1] total_step) => (float[1, 144, T] denoised_latent) {{
  m = ReduceMean <axes: ints = [1, 2]> (text_emb)
  v = ReduceMean <axes: ints = [1, 2]> (style_ttl)
  mask = ReduceMean <axes: ints = [1, 2]> (text_mask)
  p = Div (current_step, total_step)
  goal = Add (m, v)
  way = Sub (noisy_latent, goal)
  part = Mul (way, p)
  move = Mul (part, mask)
  to = Sub (noisy_latent, move)
  denoised_latent = Mul (to, latent_mask)
}}""",
    "vocoder": f"""{HEAD}
g (float[1, 144, T] latent) => (float[1, N] wav_tts) {{
  s = ConvTranspose <kernel_shape: ints = [3072], strides: ints = [3072]> (latent, wave)
  t = Tanh (s)
  wav_tts = Reshape (t, row)
}}""",
}
RANDOM = np.random.default_rng(5)
WEIGHTS = {
    "table": RANDOM.uniform(0.05, 0.1, len(LETTERS)).astype(np.float32),
    "wave": (0.05 * RANDOM.standard_normal((144, 1, CHUNK * FACTOR))).astype(np.float32),
    "ends": np.array([1, 2]),
    "one": np.array([1]),
    "row": np.array([1, -1]),
    "column": np.array([1, -1, 1]),
}
NEEDS = {
    "duration_predictor": ("table", "ends", "one"),
    "text_encoder": ("table", "column"),
    "vector_estimator": (),
    "vocoder": ("wave", "row"),
}


def graph(name: str) -> onnx.ModelProto:
    model = onnx.parser.parse_model(GRAPHS[name])
    model.graph.initializer.extend(numpy_helper.from_array(WEIGHTS[weight], weight) for weight in NEEDS[name])
    return model


def style(seed: int) -> dict[str, dict[str, object]]:
    random = np.random.default_rng(seed)
    shapes = {"style_ttl": (1, 50, 256), "style_dp": (1, 8, 16)}
    return {name: {"dims": shape, "data": random.uniform(0.5, 1.5, shape).tolist()} for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("supertonic")
    models = home / "mnn_models"
    (models / "voice_styles").mkdir(parents=True)
    (models / "fp16").mkdir()
    for name in GRAPHS:
        convert_onnx(graph(name), models / "fp16" / f"{name}.mnn")
    config = {
        "ae": {"sample_rate": RATE, "base_chunk_size": CHUNK},
        "ttl": {"chunk_compress_factor": FACTOR, "latent_dim": DIM},
    }
    (models / "tts.json").write_text(json.dumps(config | {"more": 1}))
    (models / "unicode_indexer.json").write_text(json.dumps({str(ord(c)): i for i, c in enumerate(LETTERS)}))
    for number, name in enumerate(("F1", "M1")):
        (models / "voice_styles" / f"{name}.json").write_text(json.dumps(style(number)))
    return home


def reference(ids: np.ndarray, who: int, speed: float, steps: int) -> np.ndarray:
    """The same by ONNX Runtime, in the order of Supertonic's own example."""

    def run(name: str, **given: np.ndarray) -> np.ndarray:
        return onnxruntime.InferenceSession(graph(name).SerializeToString()).run(None, given)[0]

    look = {name: np.array(part["data"], np.float32) for name, part in style(who).items()}
    read = {"text_ids": ids[None].astype(np.int64), "text_mask": np.ones((1, 1, len(ids)), np.float32)}
    seconds = run("duration_predictor", style_dp=look["style_dp"], **read)[0] / speed
    emb = run("text_encoder", style_ttl=look["style_ttl"], **read)
    length = int(np.ceil(int(seconds * RATE) / (CHUNK * FACTOR)))
    latent = np.random.default_rng(0).standard_normal((1, 144, length), np.float32)
    for step in range(steps):
        latent = run(
            "vector_estimator", noisy_latent=latent, text_emb=emb, style_ttl=look["style_ttl"],
            latent_mask=np.ones((1, 1, length), np.float32), text_mask=read["text_mask"],
            current_step=np.array([step], np.float32), total_step=np.array([steps], np.float32),
        )  # fmt: skip
    return run("vocoder", latent=latent).ravel()[: int(seconds * RATE)]


@pytest.mark.parametrize(("who", "speed", "steps"), [("F1", 1.0, 5), ("M1", 1.3, 2)])
def test_it_makes_the_sound_of_the_reference(folder: Path, who: str, speed: float, steps: int) -> None:
    voice = Supertonic(folder, steps=steps)
    ours = voice.say("Hello, how are you?", VoiceSettings(speed=speed, voice=who))
    theirs = reference(voice.ids("Hello, how are you?"), ("F1", "M1").index(who), speed, steps)
    assert abs(len(ours) - len(theirs)) <= 1
    assert np.abs(ours[: len(theirs)] - theirs[: len(ours)]).max() < 1e-3


def test_letters_become_those_that_it_knows(folder: Path) -> None:
    voice = Supertonic(folder)
    spoken = "".join(LETTERS[i] for i in voice.ids("“It’s — café”, said_he 🙂"))
    assert spoken == "It's - cafe, said he ."
    assert not len(voice.ids("?! 🙂"))


def test_it_speaks_at_its_own_rate_with_the_voices_of_its_folder(folder: Path) -> None:
    voice = Supertonic(folder)
    assert voice.voices == ("F1", "M1")
    speech = voice.synthesise("Hello there. How are you?")
    assert speech.sample_rate == RATE
    assert speech.seconds > 1


def test_a_folder_that_is_none_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"tts\.json"):
        Supertonic(tmp_path)
    (tmp_path / "mnn_models").mkdir()
    for name in ("tts.json", "unicode_indexer.json"):
        (tmp_path / "mnn_models" / name).write_bytes((folder / "mnn_models" / name).read_bytes())
    with pytest.raises(EngineError, match="no Supertonic-MNN"):
        Supertonic(tmp_path)
    for content in (b'{"A": 1}', b'{"\xff": 1}', b'{"1114112": 1}'):
        (tmp_path / "mnn_models" / "unicode_indexer.json").write_bytes(content)
        with pytest.raises(EngineError, match=r"unicode_indexer\.json cannot be read"):
            Supertonic(tmp_path)


def test_a_voice_that_comes_to_its_folder_can_be_chosen_and_the_first_stays_the_first(
    folder: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(folder, tmp_path / "mine"))
    voice = Supertonic(home, steps=2)
    before = voice.say("Hello.", voice.settings)
    (home / "mnn_models" / "voice_styles" / "A1.json").write_text(json.dumps(style(7)))
    assert voice.voices == ("F1", "M1")
    voice.find_voices()
    assert voice.voices == ("F1", "M1", "A1")
    assert np.array_equal(voice.say("Hello.", voice.settings), before)
    voice.settings = replace(voice.settings, voice="A1")
    assert not np.array_equal(voice.say("Hello.", voice.settings)[: len(before)], before[: len(before)])
    (home / "mnn_models" / "voice_styles" / "B1.json").write_text("{")
    with pytest.raises(EngineError, match="B1"):
        voice.find_voices()
    assert voice.voices == ("F1", "M1", "A1")
