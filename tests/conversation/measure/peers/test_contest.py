"""Turns, rates and ratios of a contest, with contenders that are played and with a real one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from assets.elsewhere import Elsewhere
from assets.progress import SilentProgress
from conversation.errors import PeerError
from conversation.measure.corpus import Utterance
from conversation.measure.peers import contest, install
from conversation.measure.peers.contest import PeerNames, figures_of, hold_contest, take_turns
from conversation.measure.peers.contest import _Piece as Piece
from conversation.measure.talk import Talk
from conversation.settings import ConversationSettings, EngineSpec
from tests.conversation.engines_of_rules import HERE, rules
from tests.conversation.running import tone


class Player:
    """Takes `seconds` for everything, the first time ten times as long, and hears `text`."""

    def __init__(self, log: list[str], name: str, seconds: float, text: str) -> None:
        self.log, self.name, self.seconds, self.text = log, name, seconds, text

    def ask(self, work: dict[str, Any]) -> dict[str, Any]:
        first = self.name not in {line.split()[0] for line in self.log}
        self.log.append(f"{self.name} {work['sound']}")
        return {"rtf": [self.seconds * (10 if first else 1), 2.0], "text": self.text}


def test_turns_rates_and_ratios() -> None:
    log: list[str] = []
    utterances = [Utterance(Path(name), "the cat sat down") for name in "ab"]
    pieces = [Piece(work := {"sound": one.path.name}, work, one) for one in utterances]
    with SilentProgress().step("") as step:
        answers = take_turns(
            Player(log, "ours", 0.1, "the cat sat down"), Player(log, "theirs", 0.3, "the dog sat"), pieces, 2, step
        )
    assert log == ["ours a", "ours b", "theirs a", "theirs b"] * 3
    figures = figures_of(*answers, pieces)
    assert figures["ours"] == {"rtf": 0.05, "wer": 0.0} and figures["rtf"] == 0.15
    assert figures["wer"] == 0.5 and figures["ratio"] == {"rtf": 3.0}


def test_more_tokens_a_second_are_faster() -> None:
    ours = [[{"prefill_tok_s": [300, 1.0], "decode_tok_s": [100, 1.0], "text": ""}]]
    theirs = [[{"prefill_tok_s": [100, 1.0], "decode_tok_s": [100, 0.5], "text": ""}]]
    figures = figures_of(ours, theirs, [Piece({}, {})])
    assert figures["ratio"] == {"prefill_tok_s": 3.0, "decode_tok_s": 0.5}
    assert figures["decode_tok_s"] == 200.0 and figures["ours"]["prefill_tok_s"] == 300.0


def test_names() -> None:
    assert PeerNames.read(None) == () and PeerNames.read("all") == tuple(install.PEERS)
    assert PeerNames.read("onnxruntime, faster-whisper") == ("onnxruntime", "faster-whisper")
    with pytest.raises(PeerError, match=r"no peer 'unreal'; name some of faster-whisper, llama-cpp-python"):
        PeerNames.read("unreal")


def test_what_cannot_be_had_is_said_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One peer has nothing of ours to meet, one cannot be installed, one does its work."""

    def started(peer: install.PeerEngine, *_: object) -> Elsewhere:
        if peer.name == "llama-cpp-python":
            raise PeerError("It could not be installed (no compiler).")
        script = tmp_path / "script.py"
        script.write_text(
            'import sys\nprint(\'visavis: {"version": "9"}\', flush=True)\n'
            'for line in sys.stdin:\n    print(\'visavis: {"rtf": [1, 1], "text": "nothing"}\', flush=True)\n'
        )
        return Elsewhere(Path(sys.executable), script, {}, what=peer.name, error=PeerError, hint="leave it out")

    monkeypatch.setattr(contest, "start", started)
    monkeypatch.setattr(EngineSpec, "load", lambda spec: _loaded(spec))
    engines = rules(
        recogniser=EngineSpec(f"{HERE}:LengthRecogniser", "whisper-base"),
        language_model=EngineSpec(f"{HERE}:EchoModel", "smollm2-135m"),
    )
    questions = [Utterance(tone(tmp_path / "a.wav"), "I heard eight tenths")]
    talk = Talk(ConversationSettings(engines=engines), questions=questions)
    found = hold_contest(PeerNames.read("all"), talk, tmp_path / "peers", SilentProgress(), rounds=1)
    assert found["llama-cpp-python"] == {"error": "It could not be installed (no compiler)."}
    assert "hibari" in found["onnxruntime"]["error"]
    met = found["faster-whisper"]
    assert (met["version"], met["threads"], met["rtf"], met["wer"]) == ("9", 1, 1.0, 1.0)
    assert met["ours"]["wer"] == 0.0 and met["ratio"]["rtf"] > 1


def _loaded(spec: EngineSpec) -> Any:
    module, _, name = spec.factory.partition(":")
    return getattr(sys.modules[module], name)()
