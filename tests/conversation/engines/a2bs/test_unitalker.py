"""The UniTalker adapter with a small graph of the same signature, made by the project's converter.

The graph tells numbers that follow from the sound in a known way: the jaw opens with its level, and expression 0 with
its offset from the mean of all. What the real network would tell cannot be had here.
"""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assets.arkit import INDEX
from assets.convert.mnn import convert_onnx
from assets.errors import ModelMissingError
from conversation.engines.a2bs.flame_map import NUMBERS, FlameMap, table_of
from conversation.engines.a2bs.unitalker import MODEL, SAMPLE_RATE, UniTalker
from conversation.errors import EngineError
from conversation.face.reply import FaceReply

JAW = INDEX["jawOpen"]
_FRAME = 640
_GAIN = 0.175


def graph(gain: float = _GAIN) -> onnx.ModelProto:
    """audio (1, n) -> verts (1, frames, 53): mean of |audio| over 40 ms, times `gain`, as the jaw's pitch."""
    weights = np.zeros((1, NUMBERS), np.float32)
    weights[0, 50] = gain
    kernel = np.full((1, 1, _FRAME), 1 / _FRAME, np.float32)
    nodes = [
        helper.make_node("Abs", ["audio"], ["loud"]),
        helper.make_node("Unsqueeze", ["loud", "one"], ["row"]),
        helper.make_node("Conv", ["row", "kernel"], ["level"], strides=[_FRAME], kernel_shape=[_FRAME]),
        helper.make_node("Transpose", ["level"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["frames", "weights"], ["verts"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([1], np.int64), "one"),
        numpy_helper.from_array(kernel, "kernel"),
        numpy_helper.from_array(weights, "weights"),
    ]
    made = helper.make_graph(
        nodes,
        "audio2verts",
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, [1, "n"])],
        [helper.make_tensor_value_info("verts", TensorProto.FLOAT, [1, "f", NUMBERS])],
        constants,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unitalker")
    convert_onnx(graph(), out / MODEL)
    return out


def sound(seconds: float, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A buzz whose level swells and fades every 1.6 s."""
    time = np.arange(round(seconds * rate)) / rate
    swell = 0.55 - 0.45 * np.cos(2 * np.pi * time / 1.6)
    return (0.2 * swell * np.sign(np.sin(2 * np.pi * 200 * time))).astype(np.float32)


def swell(seconds: float) -> np.ndarray:
    """What the jaw should be, at 50 Hz: the level of the normalised sound, jaw fully open at 0.35 rad."""
    time = np.arange(round(50 * seconds)) / 50
    level = 0.55 - 0.45 * np.cos(2 * np.pi * time / 1.6)
    return level / np.sqrt(0.55**2 + 0.45**2 / 2) * _GAIN / 0.35


@pytest.mark.parametrize("seconds", [3.2, 9.6, 25.6])
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_the_jaw_follows_the_sound_in_time_and_size_also_past_ten_seconds(
    folder: Path, seconds: float, rate: int
) -> None:
    driver = UniTalker(folder)
    face = driver.curve(sound(seconds, rate), rate)
    assert face.shape == (round(50 * seconds), 52)
    wanted = swell(seconds)
    np.testing.assert_allclose(face[3:-3, JAW], wanted[3:-3], atol=0.035)
    assert np.abs(np.diff(face[:, JAW])).max() < 0.08  # no seam where windows meet
    scores = [np.corrcoef(face[10 + k : len(face) - 10 + k, JAW], wanted[10:-10])[0, 1] for k in range(-5, 6)]
    assert abs(int(np.argmax(scores)) - 5) <= 1


def test_no_window_is_longer_than_the_network_takes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, heard = UniTalker(folder), []
    net = driver._net

    def listen(**inputs: np.ndarray) -> dict[str, np.ndarray]:
        heard.append(inputs["audio"])
        return net(**inputs)

    monkeypatch.setattr(driver, "_net", listen)
    driver.curve(sound(31.0), SAMPLE_RATE)
    assert max(audio.shape[1] for audio in heard) <= 10 * SAMPLE_RATE
    assert len(heard) == 4
    driver.curve(sound(4.8), SAMPLE_RATE)
    assert heard[-1].shape == (1, round(4.8 * SAMPLE_RATE))
    assert heard[-1].mean() == pytest.approx(0, abs=1e-4)
    assert heard[-1].var() == pytest.approx(1, abs=1e-3)


def test_a_reply_in_pieces_is_nearly_the_whole(folder: Path) -> None:
    """It normalises what it hears, so pieces differ a little where their levels do."""
    driver, samples = UniTalker(folder), sound(9.6, 24_000)
    whole = FaceReply(driver, 24_000).push(samples).frames
    reply, face, begins = FaceReply(driver, 24_000), np.zeros((0, 52), np.float32), 0
    for piece in np.split(samples, [70_000, 150_000]):
        made = reply.push(piece)
        at = round((begins + made.first) / 480)
        face, begins = np.concatenate([face[:at], made.frames]), begins + len(piece)
    assert face.shape == whole.shape
    np.testing.assert_allclose(face[:, JAW], whole[:, JAW], atol=0.1)


@pytest.mark.parametrize("samples", [0, 1, 300, 5000])
def test_almost_nothing_is_no_trouble(folder: Path, samples: int) -> None:
    face = UniTalker(folder).curve(np.zeros(samples, np.float32), SAMPLE_RATE)
    assert face.shape == (-(-samples * 50 // SAMPLE_RATE), 52)
    assert not face.any()


def test_expressions_are_found_again_by_the_table() -> None:
    """Sums of the table's own entries give back the weights that they were made with."""
    rng = np.random.default_rng(5)
    shapes = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthFunnel", "browInnerUp")
    table = {name: {f"expr_{k}": float(rng.normal(0, 1.5)) for k in range(8)} for name in shapes}
    table["jawOpen"]["jaw_open"] = 0.9
    wanted = rng.uniform(0.1, 0.9, (40, len(shapes))) * (rng.random((40, len(shapes))) < 0.6)
    numbers = np.zeros((40, NUMBERS), np.float32)
    for k, name in enumerate(shapes):
        for source, weight in table[name].items():
            if source == "jaw_open":
                numbers[:, 50] += 0.35 * weight * wanted[:, k]
            else:
                numbers[:, int(source[5:])] += weight * wanted[:, k]
    found = FlameMap(table)(numbers)
    np.testing.assert_allclose(found[:, [INDEX[name] for name in shapes]], wanted, atol=0.05)
    assert not np.delete(found, [INDEX[name] for name in shapes], axis=1).any()


def test_weights_are_bounded_whatever_the_network_says() -> None:
    wild = np.random.default_rng(1).normal(0, 30, (50, NUMBERS)).astype(np.float32)
    face = FlameMap()(wild)
    assert face.min() >= 0 and face.max() <= 1
    assert set(np.flatnonzero(face.any(axis=0))) <= {INDEX[name] for name in ("jawOpen", "jawLeft", "jawRight")}


def test_lids_and_eyes_are_left_to_whoever_moves_them() -> None:
    table = {"eyeBlinkLeft": {"expr_3": 1.0}, "jawOpen": {"jaw_open": 1.0}}
    numbers = np.ones((4, NUMBERS), np.float32)
    assert not FlameMap(table)(numbers)[:, INDEX["eyeBlinkLeft"]].any()


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(EngineError, match="which FLAME has not"):
        FlameMap({"jawOpen": {"chin": 1.0}})
    with pytest.raises(EngineError, match="moves nothing"):
        FlameMap({"jawOpen": {"expr_70": 1.0}})


def test_the_table_comes_from_an_avatars_manifest(tmp_path: Path) -> None:
    from dataclasses import replace

    from assets.container.write import save
    from render.measure.cloud import make_cloud

    plain = make_cloud(200)
    table = {"jawOpen": {"jaw_open": 1.0, "expr_2": -0.3}, "mouthFunnel": {"expr_4": 2.0}}
    save(replace(plain, provenance={"expressions": table}), tmp_path / "head.avatar")
    assert table_of(tmp_path / "head.avatar") == table
    save(replace(plain, provenance={}), tmp_path / "other.avatar")
    with pytest.raises(EngineError, match="--flame"):
        table_of(tmp_path / "other.avatar")


def test_a_missing_model_says_what_to_get(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="ModelScope"):
        UniTalker(tmp_path)


def test_another_network_is_refused(tmp_path: Path) -> None:
    model = graph()
    model.graph.output[0].name = model.graph.node[-1].output[0] = "vertices"
    convert_onnx(model, tmp_path / MODEL)
    with pytest.raises(EngineError, match="53 numbers"):
        UniTalker(tmp_path).curve(sound(2.0), SAMPLE_RATE)
