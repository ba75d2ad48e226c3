"""A streaming transducer through sherpa_mnn, where somebody has built it (it is on no registry).

Only calls are used that sherpa_mnn (a fork of sherpa-onnx 1.10.46) shares with sherpa-onnx 2.0.1, so that either runs
here. Both end the process over some damaged files, without an exception: their files are looked at first.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from conversation.engines.asr.chinese_script import as_written_in
from conversation.engines.asr.fbank import RATE
from conversation.engines.asr.growing import Growing
from conversation.engines.asr.transducer_model import find_network
from conversation.engines.asr.transducer_tokens import TransducerTokens, readable, script_of
from conversation.engines.asr.zipformer import FLUSH_S, EndpointRules, Script
from conversation.engines.base import F32, Cancelled, Transcript, never
from conversation.errors import EngineError

_SUFFIX: Final = {"sherpa_mnn": ".mnn", "sherpa_onnx": ".onnx"}
"""Files that a module takes."""


class Sherpa:
    """Options as those of `Zipformer`; `module` is what is imported. Use from one thread."""

    def __init__(
        self,
        model_dir: Path,
        *,
        module: str = "sherpa_mnn",
        languages: Sequence[str] = ("en", "zh"),
        paths: int = 4,
        hotwords: Sequence[str] = (),
        hotword_reward: float = 1.5,
        rules: EndpointRules | None = None,
        threads: int = 1,
    ) -> None:
        try:
            sherpa = importlib.import_module(module)
        except ImportError as error:
            raise EngineError(
                f"{module} cannot be imported ({error}); build it from MNN's sources as docs/recognition.md says, or "
                'set asr.engine = "transducer", which needs nothing.'
            ) from None
        files = {part: find_network(model_dir, part, _SUFFIX[module]) for part in ("encoder", "decoder", "joiner")}
        self._tokens = TransducerTokens(model_dir / "tokens.txt")
        rules = rules or EndpointRules()
        vocabulary = model_dir / "bpe.vocab"
        self._recogniser: Any = sherpa.OnlineRecognizer.from_transducer(
            tokens=str(model_dir / "tokens.txt"),
            **{part: str(path) for part, path in files.items()},
            num_threads=threads,
            enable_endpoint_detection=True,
            rule1_min_trailing_silence=rules.silence_s,
            rule2_min_trailing_silence=rules.silence_after_words_s,
            rule3_min_utterance_length=rules.longest_s,
            decoding_method="modified_beam_search" if paths > 1 else "greedy_search",
            max_active_paths=paths,
            hotwords_score=hotword_reward,
            modeling_unit="cjkchar+bpe" if vocabulary.is_file() else "cjkchar",
            bpe_vocab=str(vocabulary) if vocabulary.is_file() else "",
        )
        self._hotwords, self._greedy = tuple(hotwords), paths == 1
        regions = [language.partition("-")[2] for language in languages if language.startswith("zh")]
        self._script = as_written_in(regions[0] if regions else "")
        self._growing = Growing(self.stream)

    def stream(self, hotwords: Sequence[str] = ()) -> SherpaStream:
        """See `StreamingRecogniser`."""
        # Given to its greedy search, hotwords end the process.
        words = () if self._greedy else (*self._hotwords, *hotwords)
        for phrase in words:
            self._tokens.spell(phrase)  # sherpa drops all of them where it cannot spell one
        return SherpaStream(self._recogniser, words, self._tokens, self._script)

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        """See `SpeechRecogniser`; `samples` that go on from the last call's cost only what is new."""
        return self._growing(samples, partial=partial, cancelled=cancelled)


class SherpaStream:
    """A stream of sherpa's. It cannot be copied: one that was finished and is fed again hears its utterance anew."""

    def __init__(self, recogniser: Any, hotwords: Sequence[str], tokens: TransducerTokens, script: Script) -> None:
        self._recogniser, self._hotwords, self._tokens, self._script = recogniser, hotwords, tokens, script
        self._stream = self._new()
        self._heard: list[F32] = []
        self._finished = False

    @property
    def endpoint(self) -> bool:
        """See `SpeechStream`."""
        return bool(self._recogniser.is_endpoint(self._stream))

    def feed(self, samples: F32, *, cancelled: Cancelled = never) -> None:
        """See `SpeechStream`."""
        if self._finished:
            self._stream, self._finished = self._new(), False
            for earlier in self._heard:
                self._stream.accept_waveform(RATE, earlier)
        self._heard.append(samples.copy())
        self._stream.accept_waveform(RATE, samples)
        self._decode(cancelled)

    def so_far(self) -> Transcript:
        """See `SpeechStream`."""
        pieces = len(self._recogniser.tokens(self._stream))
        text = self._script(readable(self._recogniser.get_result(self._stream).strip()))
        language, seconds = script_of(text), sum(map(len, self._heard)) / RATE
        spoken = language if text and len(self._tokens.scripts) > 1 else ""
        return Transcript(text, language, pieces, seconds, spoken=spoken)

    def finish(self, *, cancelled: Cancelled = never) -> Transcript:
        """See `SpeechStream`."""
        if not self._finished:
            self._stream.accept_waveform(RATE, np.zeros(round(FLUSH_S * RATE), np.float32))
            self._stream.input_finished()
            self._finished = True
        self._decode(cancelled)
        return self.so_far()

    def reset(self) -> None:
        """See `SpeechStream`."""
        if self._finished:
            self._stream, self._finished = self._new(), False
        else:
            self._recogniser.reset(self._stream)
        self._heard = []

    def _new(self) -> Any:
        return self._recogniser.create_stream("/".join(self._hotwords) or None)

    def _decode(self, cancelled: Cancelled) -> None:
        while self._recogniser.is_ready(self._stream) and not cancelled():
            self._recogniser.decode_stream(self._stream)
