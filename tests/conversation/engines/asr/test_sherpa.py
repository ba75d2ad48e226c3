"""The adapter of sherpa_mnn, with sherpa-onnx in its place: it has the calls that are used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conversation.engines.asr.sherpa import Sherpa
from conversation.engines.asr.zipformer import EndpointRules, Zipformer
from conversation.engines.base import StreamingRecogniser
from conversation.errors import EngineError
from tests.recordings import READER, SORROW


@pytest.fixture(scope="module")
def ear(onnx_folder: Path) -> Sherpa:
    return Sherpa(onnx_folder, module="sherpa_onnx")


def test_it_hears_what_our_own_engine_hears(ear: Sherpa, mnn_folder: Path) -> None:
    assert isinstance(ear, StreamingRecogniser)
    ours = Zipformer(mnn_folder)
    for recording in (SORROW, READER):
        transcript = ear.transcribe(recording.samples())
        assert transcript == ours.transcribe(recording.samples())
        assert transcript.tokens > 5


def test_it_hears_hotwords(onnx_folder: Path, mnn_folder: Path) -> None:
    options = {"hotwords": ("中国", "他们"), "hotword_reward": 3.0}
    theirs = Sherpa(onnx_folder, module="sherpa_onnx", **options).transcribe(READER.samples())
    assert theirs == Zipformer(mnn_folder, **options).transcribe(READER.samples())


def test_a_stream_goes_on_after_it_was_finished(ear: Sherpa) -> None:
    samples = SORROW.samples()
    stream, straight = ear.stream(), ear.stream()
    stream.feed(samples[:60_000])
    stream.finish()
    stream.feed(samples[60_000:])
    straight.feed(samples)
    assert stream.so_far() == straight.so_far()
    assert stream.finish() == straight.finish()


def test_greedy_search_and_endpoints(onnx_folder: Path, mnn_folder: Path) -> None:
    options = {"paths": 1, "rules": EndpointRules(longest_s=3.0)}
    theirs = Sherpa(onnx_folder, module="sherpa_onnx", **options).stream()
    ours = Zipformer(mnn_folder, **options).stream()
    Sherpa(onnx_folder, module="sherpa_onnx", **options).stream(["中国"]).feed(SORROW.samples())
    for stream in (theirs, ours):
        stream.feed(SORROW.samples()[:40_000])
        assert not stream.endpoint
        stream.feed(SORROW.samples()[40_000:80_000])
        assert stream.endpoint
        stream.reset()
        assert not stream.endpoint
        stream.feed(SORROW.samples()[80_000:])
    assert theirs.so_far() == ours.so_far()


def test_both_find_the_speaker_done_in_the_same_place(onnx_folder: Path, mnn_folder: Path) -> None:
    options = {"paths": 1, "rules": EndpointRules(longest_s=3.0)}
    ears = Sherpa(onnx_folder, module="sherpa_onnx", **options), Zipformer(mnn_folder, **options)
    for seconds, over in ((1.5, False), (2.5, False), (4.0, True)):
        samples = SORROW.samples()[: round(seconds * 16_000)]
        assert [ear.transcribe(samples, partial=True).over for ear in ears] == [over, over], seconds


def test_without_the_module_it_says_what_to_do(mnn_folder: Path) -> None:
    with pytest.raises(EngineError, match="which needs nothing"):
        Sherpa(mnn_folder)


def test_what_would_end_the_process_is_refused_before(onnx_folder: Path, tmp_path: Path, ear: Sherpa) -> None:
    shutil.copytree(onnx_folder, tmp_path / "model")
    (tmp_path / "model" / "tokens.txt").write_text("no table\n")
    with pytest.raises(EngineError, match="no token and number"):
        Sherpa(tmp_path / "model", module="sherpa_onnx")
    with pytest.raises(EngineError, match="hotword"):
        ear.stream(["quartz"])
