"""What peers are given is what our engines have, and their scripts do what they say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assets.catalogue import is_ready, model_dir
from assets.elsewhere import ANSWER, Elsewhere
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.errors import PeerError
from conversation.measure.peers import install
from conversation.measure.peers.install import PEERS, prompt, rival
from conversation.settings import Engines, EngineSpec

SCRIPTS = {name: Path(install.__file__).with_name(peer.script) for name, peer in PEERS.items()}


def run(name: str, argument: dict[str, object]) -> Elsewhere:
    hint = PEERS[name].hint
    return Elsewhere(Path(sys.executable), SCRIPTS[name], argument, what=name, error=PeerError, hint=hint)


@pytest.mark.parametrize("name", PEERS)
def test_scripts_begin_their_answers_so(name: str) -> None:
    assert f'ANSWER = "{ANSWER}"' in SCRIPTS[name].read_text()
    assert all("==" in requirement for requirement in PEERS[name].requirements), "exact versions"


@pytest.mark.parametrize(("name", "module"), [("faster-whisper", "faster_whisper"), ("llama-cpp-python", "llama_cpp")])
def test_what_is_not_installed_is_named(name: str, module: str) -> None:
    # This environment has neither; the sentence is the one that its user would see.
    with pytest.raises(PeerError, match=f"{name} does not run here .*No module named '{module}'"):
        run(name, {})


def test_the_voice_on_onnx_runtime_speaks() -> None:
    peer = run("onnxruntime", {"threads": 1})
    try:
        short, long = (peer.ask({"say": text})["rtf"] for text in ("Good day.", "Good day, and welcome to my house."))
    finally:
        peer.close()
    assert peer.about["version"] and 0.3 < short[1] < 0.8 * long[1] < 4
    assert short[0] > 0 and long[0] > 0


@pytest.mark.skipif(not is_ready("smollm2-135m"), reason="the model is not here")
def test_a_language_model_reads_the_same_as_ours() -> None:
    model = SmolLM2(model_dir("smollm2-135m"))
    try:
        model.begin("You are kind.")
        for _ in model.reply("Why is the sky blue?", max_tokens=1):
            pass
        wanted = prompt("You are kind.", "Why is the sky blue?", Engines().language_model)
        read = model._llm.encode(wanted)
        assert list(model.history[: len(read)]) == list(read) and len(model.history) <= len(read) + 1
    finally:
        model.close()


def test_only_the_same_weights_are_compared() -> None:
    peer = PEERS["faster-whisper"]
    assert rival(peer, Engines()) == Engines().recogniser
    with pytest.raises(PeerError, match="faster-whisper is compared with whisper-base"):
        rival(peer, Engines(recogniser=EngineSpec("conversation.engines.asr.zipformer:Zipformer", "zipformer-zh-en")))
