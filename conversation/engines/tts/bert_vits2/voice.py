"""Text to the voice of a Bert-VITS2-MNN folder, at its own rate (44.1 kHz).

Chinese BERT and the sound's network run in a process of their own (`module_process`): the latter computes how long it
speaks while it runs, which MNN's Sessions cannot. Both run as in MNN's app: English has no BERT, and zeros stand for
it. MNN's network takes neither a person nor a speed; where one does, under Bert-VITS2's own names, it gets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from hibari.g2p import G2P
from hibari.g2p.oov import OOV
from numpy.typing import NDArray

from assets import catalogue, paths
from conversation.engines.base import F32
from conversation.engines.net import Net
from conversation.engines.tts.bert_vits2 import front_end
from conversation.engines.tts.bert_vits2.folder import inputs_of, read_folder
from conversation.engines.tts.bert_vits2.mandarin import Mandarin
from conversation.engines.tts.bert_vits2.phones import ids
from conversation.engines.tts.hibari import OovSession
from conversation.engines.tts.module_process import ModuleProcess, Network
from conversation.engines.tts.stretch import stretched
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.errors import EngineError

FEATURES: Final = 1024
"""Numbers that BERT has for a character."""
LONGEST: Final = 100
"""Characters said in one go: the listener waits for them, and BERT takes 510."""
LONGEST_S: Final = 120.0
"""More than they take: what a damaged network might make."""
_TAKES: Final = frozenset({"phone", "tone", "lang_id", "cn_bert"})
_BERT_TAKES: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_PART: Final = re.compile(
    rf".{{1,{LONGEST}}}\Z|.{{0,{LONGEST - 1}}}[，,；;：:、]|.{{0,{LONGEST - 1}}}\s|.{{1,{LONGEST}}}", re.DOTALL
)


class BertVits2(Voice):
    """`folder`: MNN's, with `config.json` in it."""

    def __init__(
        self, folder: Path | str, *, threads: int = 1, speed: float = 1.0, volume: float = 1.0, voice: str = ""
    ) -> None:
        found = read_folder(Path(folder).expanduser())
        self._config = found.config
        self._takes = frozenset(inputs_of(found.generator, _TAKES, "audio"))
        bert_takes = inputs_of(found.bert, _BERT_TAKES, "hidden_states")
        self.sample_rate = found.config.sample_rate
        self.voices = tuple(found.config.spk2id) if "sid" in self._takes else ()
        super().__init__(VoiceSettings(speed, volume, voice))
        self._english: G2P | None = None
        self._front_end = front_end.FrontEnd(
            Mandarin(paths.cache_dir() / "jieba", found.light), self._read, found.syllables, found.tokens
        )
        self._nets = ModuleProcess(
            {
                "bert": Network(str(found.bert), tuple(bert_takes), ("hidden_states",)),
                "sound": Network(str(found.generator), tuple(sorted(self._takes)), ("audio",)),
            },
            threads=threads,
        )

    def close(self) -> None:
        """End the process of its networks."""
        self._nets.close()

    def pieces(self, text: str) -> Iterator[str]:
        """Its sentences; long ones after commas, or else between words, in parts. None is lost."""
        for sentence in _SENTENCE.split(text):
            yield from filter(str.strip, _PART.findall(sentence))

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """A sentence, spoken."""
        parts = self._front_end.parts(piece)
        if not parts:
            return np.zeros(0, np.float32)
        numbers = ids(list(front_end.said(parts)))
        known = front_end.features(parts, [self._known(part) for part in parts], FEATURES)
        offered: dict[str, NDArray[Any]] = {
            "phone": numbers.phone,
            "tone": numbers.tone,
            "lang_id": numbers.lang_id,
            "cn_bert": known,
            "en_bert": np.zeros_like(known),
            "sid": np.array([self._config.spk2id.get(settings.voice or next(iter(self.voices), ""), 0)]),
            "length_scale": np.array([self._config.length_scale / settings.speed], np.float32),
            **{name: np.array([getattr(self._config, name)], np.float32) for name in _DRAWN},
        }
        made = self._nets.run("sound", **{name: value for name, value in offered.items() if name in self._takes})
        samples: F32 = made["audio"].ravel()
        if len(samples) > LONGEST_S * self.sample_rate or not np.isfinite(samples).all():
            raise EngineError(
                "Bert-VITS2 made what is no speech: run `visavis models verify`, or get its folder again."
            )
        return samples if "length_scale" in self._takes else stretched(samples, self.sample_rate, settings.speed)

    def _known(self, part: front_end.Part) -> NDArray[np.float32]:
        """BERT's features of a part's characters, with its start and end; none of English."""
        if not part.characters:
            return np.zeros((0, FEATURES), np.float32)
        read = self._front_end.token_ids(part)
        made = self._nets.run(
            "bert", input_ids=read, attention_mask=np.ones_like(read), token_type_ids=np.zeros_like(read)
        )
        hidden = made["hidden_states"]
        if hidden.size != read.size * FEATURES:
            raise EngineError(f"Bert-VITS2's BERT gives {hidden.shape} for {read.size} tokens: get its folder again.")
        return hidden.reshape(-1, FEATURES)

    def _read(self, text: str) -> str:
        if self._english is None:
            self._english = G2P(oov=_reader_of_unknown_words())
        return str(self._english(text))


_DRAWN: Final = ("sdp_ratio", "noise_scale", "noise_scale_w")
"""How much is drawn at random of lengths and of the sound."""


def _reader_of_unknown_words() -> Any:
    """hibari's network where it is here, as the starter models have it; else such words are left out."""
    if not catalogue.is_ready("hibari"):
        return False
    return OOV(session=OovSession(Net(catalogue.model_dir("hibari") / "oov.mnn")))
