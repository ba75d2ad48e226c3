"""A streaming Zipformer transducer through MNN: hears each piece of sound once and has its text at once.

Beside its streams it is a plain recogniser: handed an utterance that begins with the one before, it hears only what is
new. So an utterance that grows (partials, then the final transcript) costs as much as hearing it once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from conversation.engines.asr.chinese_script import as_written_in
from conversation.engines.asr.fbank import BANDS, HOP, RATE, Fbank
from conversation.engines.asr.growing import Growing
from conversation.engines.asr.hotwords import Hotwords
from conversation.engines.asr.transducer_model import SUBSAMPLING, TransducerModel
from conversation.engines.asr.transducer_search import TransducerSearch, best
from conversation.engines.asr.transducer_tokens import readable, script_of
from conversation.engines.base import F32, Cancelled, Transcript, never

Script = Callable[[str], str]
"""Writes a transcript as the user's region does."""

FLUSH_S: Final = 0.66
"""Silence after the end of an utterance: the encoder looks ahead, and tells a word some time after it."""


@dataclass(frozen=True)
class EndpointRules:
    """When an utterance is over, in seconds (sherpa's three rules)."""

    silence_s: float = 2.4
    """Of silence, whether anything was said or not."""
    silence_after_words_s: float = 1.2
    longest_s: float = 20.0
    """Of an utterance, in silence or not."""

    def met(self, silent_s: float, heard_s: float) -> bool:
        """After so much silence at the end of so much sound."""
        said = heard_s > silent_s
        return (
            silent_s >= self.silence_s
            or (said and silent_s >= self.silence_after_words_s)
            or (heard_s >= self.longest_s)
        )


class Zipformer:
    """`paths`: hypotheses of the beam search, 1 for greedy; `hotwords` need more than one; `languages` as those of
    WhisperBase. Use from one thread."""

    def __init__(
        self,
        model_dir: Path,
        *,
        languages: Sequence[str] = ("en", "zh"),
        paths: int = 4,
        hotwords: Sequence[str] = (),
        hotword_reward: float = 1.5,
        rules: EndpointRules | None = None,
        threads: int = 1,
        compute_int8: bool = False,
    ) -> None:
        self._model = TransducerModel(model_dir, threads=threads, compute_int8=compute_int8)
        self._paths, self._reward, self._rules = paths, hotword_reward, rules or EndpointRules()
        self._hotwords = tuple(hotwords)
        regions = [language.partition("-")[2] for language in languages if language.startswith("zh")]
        self._script = as_written_in(regions[0] if regions else "")
        self._growing = Growing(self.stream)

    def stream(self, hotwords: Sequence[str] = ()) -> ZipformerStream:
        """See `StreamingRecogniser`; raises EngineError for a hotword that the model has no tokens for."""
        tokens = self._model.tokens
        phrases = [tokens.spell(phrase) for phrase in (*self._hotwords, *hotwords)]
        expected = Hotwords(phrases, self._reward) if phrases else None
        search = TransducerSearch(self._model, paths=self._paths, hotwords=expected)
        return ZipformerStream(self._model, search, self._rules, self._script)

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        """See `SpeechRecogniser`; `samples` that go on from the last call's cost only what is new."""
        return self._growing(samples, partial=partial, cancelled=cancelled)


class ZipformerStream:
    """One stream of a Zipformer; several may share the model, in one thread."""

    def __init__(self, model: TransducerModel, search: TransducerSearch, rules: EndpointRules, script: Script) -> None:
        self._model, self._search, self._rules, self._script = model, search, rules, script
        self._fbank = Fbank()
        self._waiting: F32 = np.zeros((0, BANDS), np.float32)
        self._states = model.initial_states()
        self._hypotheses = search.begin()
        self._samples = 0
        self._frames = 0  # that the encoder has taken of this utterance

    @property
    def tokens(self) -> tuple[int, ...]:
        """Of the likeliest hypothesis."""
        return self._search.said(self._hypotheses)

    @property
    def endpoint(self) -> bool:
        """See `SpeechStream` and `EndpointRules`."""
        frame_s = HOP / RATE
        return self._rules.met(best(self._hypotheses).silent * SUBSAMPLING * frame_s, self._frames * frame_s)

    def feed(self, samples: F32, *, cancelled: Cancelled = never) -> None:
        """See `SpeechStream`."""
        self._samples += len(samples)
        self._hear(samples, cancelled)

    def finish(self, *, cancelled: Cancelled = never) -> Transcript:
        """See `SpeechStream`."""
        # Nothing that a stream holds is ever changed in place.
        ended = copy.copy(self)
        ended._fbank = copy.copy(self._fbank)
        ended._hear(np.zeros(round(FLUSH_S * RATE), np.float32), cancelled)
        return ended.so_far()

    def so_far(self) -> Transcript:
        """See `SpeechStream`."""
        text = self._script(readable(self._model.tokens.text(self.tokens)))
        language = script_of(text)
        # A model of one language hears everything as that one.
        spoken = language if text and len(self._model.tokens.scripts) > 1 else ""
        return Transcript(text, language, len(self.tokens), self._samples / RATE, spoken=spoken)

    def reset(self) -> None:
        """See `SpeechStream`; what the encoder remembers of the speaker stays."""
        self._hypotheses = self._search.begin(self._hypotheses)
        self._samples = self._frames = 0

    def _hear(self, samples: F32, cancelled: Cancelled) -> None:
        self._waiting = np.concatenate([self._waiting, self._fbank(samples)])
        while len(self._waiting) > self._model.frames and not cancelled():
            encoded, self._states = self._model.encode(self._waiting[: self._model.frames], self._states)
            self._hypotheses = self._search.advance(self._hypotheses, encoded)
            self._waiting = self._waiting[self._model.shift :]
            self._frames += self._model.shift
