"""Whisper base through MNN: an utterance in, its text out.

The model was trained on windows of 30 s padded with silence. Encoding 30 s for a sentence of three costs too
much before an answer, so the window is cut to the utterance with a second of silence after it, eight seconds at
least: shorter windows make the decoder say the sentence again and again, which happens at eight seconds hardly ever.
When it does, the utterance is decoded once more in the full window; a loop even there is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from conversation.engines.asr.chinese_script import as_written_in
from conversation.engines.asr.whisper_features import RATE
from conversation.engines.asr.whisper_nets import Decoder, Encoder, Heard
from conversation.engines.asr.whisper_tokens import Tokens, looping_tail
from conversation.engines.base import F32, Cancelled, Transcript, never

FULL_WINDOW: Final = 30 * RATE
SHORTEST_WINDOW: Final = 8 * RATE
SILENCE_AFTER: Final = 1 * RATE
LONGEST_PIECE: Final = FULL_WINDOW - SILENCE_AFTER
_CUT_WITHIN: Final = 5 * RATE

TOKENS_PER_SECOND: Final = 12
"""Faster than anybody speaks, in English or Chinese; with a few more for the shortest utterances."""
SPARE_TOKENS: Final = 12
MOST_TOKENS: Final = 216
NO_SPEECH: Final = 0.6
UNSURE: Final = -1.0
"""As Whisper's own decoding: silence where that token is likelier than 0.6 and the mean log probability below -1."""
SURE_OF_LANGUAGE: Final = 0.8
"""Probability from which the language is told: of recorded speech it gets 0.89 and more, of a broken word half."""
FAINTEST: Final = 1e-4
"""Peak below which nobody speaks (-80 dBFS): in digital silence the model hears "you"."""


@dataclass(frozen=True)
class _Decoded:
    ids: list[int]
    language: str
    spoken: str
    looped: bool
    heard: bool


class WhisperBase:
    """`languages`: which ones the speaker may use; with one of them nothing is guessed. A region says how Chinese is
    written ("zh-CN" simplified, "zh-TW" traditional; "zh" as the model happens to). Use from one thread."""

    def __init__(self, model_dir: Path, *, languages: Sequence[str] = ("en",), threads: int = 1) -> None:
        self._tokens = Tokens(model_dir / "tokens.json")
        asked = [language.partition("-") for language in languages]
        self._languages = {code: self._tokens.language(code) for code, _, _ in asked}
        self._all_languages = self._tokens.languages
        self._script = as_written_in(next((region for code, _, region in asked if code == "zh"), ""))
        self._encoder = Encoder(model_dir, threads=threads)
        self._decoder = Decoder(model_dir, threads=threads)

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        """Text of `samples` (n,), 16 kHz mono in [-1, 1]; empty where nobody speaks. A loop in a partial is cut, not
        cured by the full window: words broken off in the middle often loop, and the window takes four times as long."""
        ids: list[int] = []
        language, spoken, looped = next(iter(self._languages)), "", False
        for piece in _pieces(samples) if np.abs(samples).max(initial=0) > FAINTEST else ():
            decoded = self._decode_piece(piece, partial, cancelled)
            looped |= decoded.looped
            if decoded.heard:
                ids += decoded.ids
                language, spoken = decoded.language, decoded.spoken
        text = self._tokens.text(ids).strip()
        text = self._script(text) if language == "zh" else text
        return Transcript(text, language, len(ids), len(samples) / RATE, repetition_stopped=looped, spoken=spoken)

    def _decode_piece(self, piece: F32, partial: bool, cancelled: Cancelled) -> _Decoded:
        window = min(FULL_WINDOW, max(SHORTEST_WINDOW, len(piece) + SILENCE_AFTER))
        decoded = self._decode(self._encoder(piece, window), len(piece), cancelled)
        if decoded.looped and window < FULL_WINDOW and not partial and not cancelled():
            decoded = self._decode(self._encoder(piece, FULL_WINDOW), len(piece), cancelled)
        return decoded

    def _decode(self, heard: Heard, samples: int, cancelled: Cancelled) -> _Decoded:
        """Greedy, without timestamps."""
        special = self._tokens.special
        reading = self._decoder.begin(heard)
        at_start = reading([special.start])
        no_speech = float(np.exp(_log_softmax(at_start)[special.no_speech]))
        language = max(self._languages, key=lambda code: at_start[self._languages[code]])
        spoken = self._spoken(at_start)
        most = min(MOST_TOKENS, samples * TOKENS_PER_SECOND // RATE + SPARE_TOKENS)
        ids: list[int] = []
        log_probability = 0.0
        ahead = [self._languages[language], special.transcribe, special.no_timestamps]
        looped = False
        while not cancelled():
            logits = reading(ahead)
            logits[self._tokens.suppress] = -np.inf
            logits[special.end + 1 :] = -np.inf
            if not ids:
                logits[self._tokens.suppress_at_begin] = -np.inf
            token = int(logits.argmax())
            log_probability += float(_log_softmax(logits)[token])
            if token == special.end:
                break
            ids.append(token)
            ahead = [token]
            again = looping_tail(ids)
            if again or len(ids) >= most:
                looped = True
                del ids[len(ids) - again :]
                break
        unsure = log_probability / (len(ids) + 1) < UNSURE
        return _Decoded(ids, language, spoken, looped, heard=bool(ids) and not (no_speech > NO_SPEECH and unsure))

    def _spoken(self, at_start: F32) -> str:
        """Of all languages the likeliest after the start token; "" where none is likely."""
        likely = np.exp(_log_softmax(at_start[list(self._all_languages.values())]))
        best = int(likely.argmax())
        return list(self._all_languages)[best] if likely[best] >= SURE_OF_LANGUAGE else ""


def _pieces(samples: F32) -> Iterator[F32]:
    """What fits a window each, cut where it is quietest."""
    while len(samples) > LONGEST_PIECE:
        late = samples[LONGEST_PIECE - _CUT_WITHIN : LONGEST_PIECE].reshape(-1, RATE // 10)
        cut = LONGEST_PIECE - _CUT_WITHIN + int((late**2).sum(axis=1).argmin()) * (RATE // 10) + RATE // 20
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _log_softmax(logits: F32) -> F32:
    shifted = logits - logits.max()
    normalised: F32 = shifted - np.log(np.exp(shifted).sum(dtype=np.float32))
    return normalised
