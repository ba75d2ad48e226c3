"""The streaming Zipformer against ONNX Runtime and sherpa-onnx on the same graphs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from assets.convert.transducer import convert_transducer
from assets.errors import ModelMissingError
from conversation.engines.asr.fbank import Fbank
from conversation.engines.asr.transducer_model import TransducerModel
from conversation.engines.asr.zipformer import EndpointRules, Zipformer, ZipformerStream
from conversation.engines.base import SpeechStream, StreamingRecogniser
from conversation.errors import EngineError
from tests.conversation.engines.asr import zipformer1_graph
from tests.conversation.engines.asr.zipformer_folder import FLUSH, heard, sherpas
from tests.recordings import READER, SORROW

BEAM = {"decoding_method": "modified_beam_search", "max_active_paths": 4}
HOTWORDS = ("中国", "他们")
REWARD = 3.0


@pytest.fixture(scope="module")
def model(mnn_folder: Path) -> TransducerModel:
    return TransducerModel(mnn_folder)


def session(folder: Path, part: str) -> ort.InferenceSession:
    return ort.InferenceSession(folder / f"{part}-epoch-99-avg-1.onnx", providers=["CPUExecutionProvider"])


def said(stream: ZipformerStream) -> str:
    """As sherpa writes it, without what is done for readers."""
    return stream._model.tokens.text(stream.tokens)


def test_encoder_and_states_are_onnx_runtimes_chunk_by_chunk(model: TransducerModel, onnx_folder: Path) -> None:
    encoder = session(onnx_folder, "encoder")
    features = Fbank()(SORROW.samples())
    types = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
    theirs = {
        port.name: np.zeros([size if isinstance(size, int) else 1 for size in port.shape], types[port.type])
        for port in encoder.get_inputs()[1:]
    }
    ours = model.initial_states()
    assert ours.keys() == theirs.keys() and len(ours) == 6 * 4 + 2
    names = [port.name for port in encoder.get_outputs()]
    chunks = 0
    for start in range(0, len(features) - model.frames, model.shift):
        chunk = features[start : start + model.frames]
        out = dict(zip(names, encoder.run(names, {"x": chunk[None], **theirs}), strict=True))
        encoded, ours = model.encode(chunk, ours)
        theirs = {name: out[f"new_{name}"] for name in theirs}
        np.testing.assert_allclose(encoded, out["encoder_out"][0], atol=2e-4)
        for name, state in theirs.items():
            np.testing.assert_allclose(ours[name], state, atol=2e-4, err_msg=name)
        chunks += 1
    assert chunks == 26
    assert ours["processed_lens"] == 16 * chunks


def test_decoder_and_joiner_are_onnx_runtimes(model: TransducerModel, onnx_folder: Path) -> None:
    contexts = [model.nothing, (0, 7), (7, 9), (3, 39)]
    frame = np.random.default_rng(0).standard_normal(24).astype(np.float32)
    (decoded,) = session(onnx_folder, "decoder").run(None, {"y": np.array(contexts, np.int64)})
    rows = {"encoder_out": np.repeat(frame[None], 4, axis=0), "decoder_out": decoded}
    (logits,) = session(onnx_folder, "joiner").run(None, rows)
    np.testing.assert_allclose(model.logits(frame, contexts), logits, atol=1e-4)


@pytest.mark.parametrize(
    ("recording", "options", "paths", "hotwords"),
    [(SORROW, {}, 1, ()), (SORROW, BEAM, 4, ()), (READER, BEAM, 4, HOTWORDS)],
    ids=["greedy", "beam", "hotwords"],
)
def test_what_is_heard_is_what_sherpa_hears(
    mnn_folder: Path, onnx_folder: Path, recording, options, paths, hotwords
) -> None:
    theirs = heard(sherpas(onnx_folder, hotwords_score=REWARD, **options), recording.samples(), "/".join(hotwords))
    stream = Zipformer(mnn_folder, paths=paths, hotwords=hotwords, hotword_reward=REWARD).stream()
    stream.feed(recording.samples())
    stream.feed(FLUSH)
    assert said(stream) == theirs.strip()
    assert len(stream.tokens) >= 5


def test_the_first_zipformer_is_heard_as_by_sherpa(onnx_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(onnx_folder, tmp_path / "onnx")
    onnx.save(zipformer1_graph.encoder(), tmp_path / "onnx" / "encoder-epoch-99-avg-1.onnx")
    convert_transducer(tmp_path / "onnx", tmp_path / "mnn", bits=0)
    stream = Zipformer(tmp_path / "mnn").stream()
    stream.feed(SORROW.samples())
    stream.feed(FLUSH)
    theirs = heard(sherpas(tmp_path / "onnx", **BEAM), SORROW.samples())
    assert said(stream) == theirs.replace("<sos/eos>", "").strip()
    assert len(set(stream.tokens)) > 5


def test_hotwords_change_what_is_heard_and_can_be_a_streams_own(mnn_folder: Path) -> None:
    samples = READER.samples()[:100_000]
    expecting, plain = (
        Zipformer(mnn_folder, hotwords=HOTWORDS, hotword_reward=REWARD),
        Zipformer(mnn_folder, hotword_reward=REWARD),
    )
    streams = [expecting.stream(), plain.stream(HOTWORDS), plain.stream()]
    for stream in streams:
        stream.feed(samples)
    assert streams[0].tokens == streams[1].tokens != streams[2].tokens


@pytest.mark.parametrize("piece", [37, 1600, 50_000])
def test_how_the_sound_is_cut_does_not_matter(mnn_folder: Path, piece: int) -> None:
    ear = Zipformer(mnn_folder)
    samples = SORROW.samples()[:64_000]
    whole, cut = ear.stream(), ear.stream()
    whole.feed(samples)
    for start in range(0, len(samples), piece):
        cut.feed(samples[start : start + piece])
    assert cut.tokens == whole.tokens
    assert len(whole.tokens) > 2


def test_a_stream_goes_on_after_it_was_asked_how_it_would_end(mnn_folder: Path) -> None:
    ear = Zipformer(mnn_folder)
    samples = SORROW.samples()
    straight, asked = ear.stream(), ear.stream()
    straight.feed(samples)
    for start in range(0, len(samples), 16_000):
        asked.feed(samples[start : start + 16_000])
        asked.finish()
    assert asked.finish() == straight.finish()
    assert asked.tokens == straight.tokens


def test_an_utterance_that_grows_is_heard_once(mnn_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ear = Zipformer(mnn_folder, paths=1)
    samples = SORROW.samples()
    fresh = ear.stream()
    fresh.feed(samples)
    final = fresh.finish()
    runs: list[int] = []
    encode = TransducerModel.encode
    monkeypatch.setattr(TransducerModel, "encode", lambda *args: runs.append(1) or encode(*args))
    for end in (20_000, 60_000, 100_000):
        partial = ear.transcribe(samples[:end], partial=True)
        assert partial.seconds == end / 16_000
        assert final.text.startswith(partial.text[:20])
    assert ear.transcribe(samples) == replace(final, over=False), "its own rules see no end yet"
    assert len(runs) == 26 + 2, "each chunk once, and the silence after the end"
    assert ear.transcribe(READER.samples()).text != final.text, "another utterance is not taken for more of this one"


def test_endpoints_and_what_follows_them_are_sherpas(mnn_folder: Path, onnx_folder: Path) -> None:
    rules = {"rule1_min_trailing_silence": 1.49, "rule2_min_trailing_silence": 0.59, "rule3_min_utterance_length": 4.99}
    theirs = sherpas(onnx_folder, enable_endpoint_detection=True, **rules)
    their_stream = theirs.create_stream()
    ours = Zipformer(mnn_folder, paths=1, rules=EndpointRules(1.49, 0.59, 4.99)).stream()
    samples = np.concatenate([SORROW.samples(), READER.samples()])
    ends = 0
    for start in range(0, len(samples), 5120):  # a chunk of the encoder
        ours.feed(samples[start : start + 5120])
        their_stream.accept_waveform(16_000, samples[start : start + 5120])
        while theirs.is_ready(their_stream):
            theirs.decode_stream(their_stream)
        assert said(ours) == theirs.get_result(their_stream).strip()
        assert ours.endpoint == theirs.is_endpoint(their_stream)
        if ours.endpoint:
            ends += 1
            if not ours.tokens:
                break  # after an utterance without a word sherpa's decoder sees half of the words before it
            ours.reset()
            theirs.reset(their_stream)
    assert ends >= 3


@pytest.mark.parametrize(
    ("silent", "heard_s", "over"),
    [(2.4, 2.4, True), (2.3, 2.3, False), (1.2, 3.0, True), (1.1, 3.0, False), (0.0, 20.0, True), (0.0, 19.9, False)],
)
def test_the_rules_of_an_endpoint(silent: float, heard_s: float, over: bool) -> None:
    assert EndpointRules().met(silent, heard_s) == over


def test_cancelled_work_is_done_later(mnn_folder: Path) -> None:
    ear = Zipformer(mnn_folder)
    stream, straight = ear.stream(), ear.stream()
    stream.feed(SORROW.samples(), cancelled=lambda: True)
    assert stream.tokens == ()
    stream.feed(FLUSH)
    straight.feed(np.concatenate([SORROW.samples(), FLUSH]))
    assert stream.tokens == straight.tokens != ()


def test_it_is_what_the_protocols_ask_for(mnn_folder: Path) -> None:
    ear: StreamingRecogniser = Zipformer(mnn_folder)
    stream: SpeechStream = ear.stream()
    assert isinstance(ear, StreamingRecogniser)
    transcript = stream.finish()
    assert transcript.seconds == 0


def test_a_mixed_transcript_says_which_language_it_is(mnn_folder: Path) -> None:
    transcript = Zipformer(mnn_folder, paths=4, hotwords=HOTWORDS, hotword_reward=9.0).transcribe(READER.samples())
    assert transcript.language == transcript.spoken == "zh"


def test_eight_bit_weights_run(onnx_folder: Path, tmp_path: Path) -> None:
    convert_transducer(onnx_folder, tmp_path)
    assert Zipformer(tmp_path, compute_int8=True).transcribe(SORROW.samples()[:32_000]).seconds == 2


def broken(folder: Path, out: Path, change: str) -> Path:
    shutil.copytree(folder, out)
    match change:
        case "no joiner":
            (out / "joiner.mnn").unlink()
        case "other encoder":
            shutil.copy(out / "decoder.mnn", out / "encoder.mnn")
        case "other decoder":
            shutil.copy(out / "joiner.mnn", out / "decoder.mnn")
        case "cut":
            (out / "encoder.mnn").write_bytes((out / "encoder.mnn").read_bytes()[:1000])
        case "a token less":
            lines = (out / "tokens.txt").read_text(encoding="utf-8").splitlines()
            (out / "tokens.txt").write_text("\n".join(lines[:-1]), encoding="utf-8")
        case "no tokens":
            (out / "tokens.txt").unlink()
    return out


@pytest.mark.parametrize(
    ("change", "error", "what"),
    [
        ("no joiner", ModelMissingError, "zipformer-zh-en"),
        ("other encoder", EngineError, "no streaming Zipformer"),
        ("other decoder", EngineError, "another kind"),
        ("cut", EngineError, "damaged"),
        ("a token less", EngineError, "40 tokens"),
        ("no tokens", EngineError, "cannot be read"),
    ],
)
def test_a_folder_that_is_not_one_is_refused(mnn_folder: Path, tmp_path: Path, change, error, what) -> None:
    with pytest.raises(error, match=what):
        Zipformer(broken(mnn_folder, tmp_path / "model", change))


def test_only_onnx_is_told_what_to_do(onnx_folder: Path) -> None:
    with pytest.raises(ModelMissingError, match="convert"):
        Zipformer(onnx_folder)


def test_states_beyond_reason_are_not_made(mnn_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversation.engines.asr.transducer_model._MOST_NUMBERS", 1000)
    with pytest.raises(EngineError, match="states of"):
        Zipformer(mnn_folder)
