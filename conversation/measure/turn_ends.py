"""How well the end of the user's turn is found: scripted speech through the real endpointer, hearing and turn machine.

Nobody speaks and nothing is computed: the voice activity of each utterance follows from its script, a recogniser that
makes no mistakes gives the words so far a while after each pause, and the clock is turned by hand. So an hour of talk
is measured in a second, and what is measured is the decisions alone.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from typing import Any, Final, Literal

import numpy as np

from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.endpoint import Endpointer, EndpointSettings
from conversation.link.audio_events import SpeechDropped, SpeechEnded, UtteranceAudio
from conversation.link.events import Message
from conversation.measure.turn_scripts import ENGLISH
from conversation.measure.turn_scripts_chinese import CHINESE
from conversation.measure.turn_scripts_held_out import HELD_OUT_CHINESE, HELD_OUT_ENGLISH
from conversation.speech_text.script import is_wide
from conversation.stages.hearing import Hearing, Job, Known, OfUtterance
from conversation.turns import end_chinese as turn_end_chinese
from conversation.turns.actions import Answer, EndUtterance, TakeBack, Weigh
from conversation.turns.end import TurnEndSettings
from conversation.turns.events import EnginesReady, HeardFinal, HeardPartial, HeardPause, Tick, Weighed
from conversation.turns.machine import TurnMachine

Style = Literal["punctuated", "bare", "stopped"]
"""How a recogniser writes what it has heard so far: with the marks of the whole sentence; with none at all; with a full
stop after everything, as Whisper does."""
STYLES: Final[tuple[Style, ...]] = ("punctuated", "stopped", "bare")

Likely = Callable[[str], float | None]
"""LanguageModel.weigh."""


def unknown(text: str) -> None:
    """The `Likely` of a language model that cannot tell."""


WINDOW: Final = 512
WINDOW_NS: Final = WINDOW * 1_000_000_000 // MICROPHONE_RATE
ENGLISH_WORD_S: Final = 0.32
CHINESE_CHARACTER_S: Final = 0.22
WEIGHED_S: Final = 0.08
"""From the words of a pause to what the language model makes of them: SmolLM2-135M on one core."""
SCRIPTS: Final = {"en": ENGLISH, "zh": CHINESE, "held_out_en": HELD_OUT_ENGLISH, "held_out_zh": HELD_OUT_CHINESE}
ANSWER_S: Final = 0.4
"""From the decision to the first sound of the answer: a user who goes on before is answered once, and hears nothing."""
TRANSCRIPT_S: Final = 0.2
"""From a pause to its words, by default: Whisper base on two cores."""
_QUIET_S: Final = 1.6
_PAUSE: Final = re.compile(r"\|(\d+\.\d+)\|")


@dataclass(frozen=True)
class Part:
    """Words that are said without a pause, and the silence after them (s); 0: the utterance is over."""

    text: str
    silence_s: float


@dataclass(frozen=True)
class Decision:
    """What became of an utterance: how often it was cut off, and how long its end was waited for."""

    text: str
    pauses: int
    cut_offs: int
    talked_over: int
    """Cut-offs after which the answer would have been heard before the user went on."""
    wait_s: float
    """From the last voiced sample to the decision."""
    transcript_s: float
    """From the decision to the final words."""
    guesses: int
    """Answers begun and taken back."""


def scripted(lines: str) -> list[list[Part]]:
    """The utterances of a script."""
    found = list[list[Part]]()
    for line in filter(None, map(str.strip, lines.splitlines())):
        pieces = _PAUSE.split(line)
        silences = [float(seconds) for seconds in pieces[1::2]] + [0.0]
        found.append([Part(text.strip(), silence) for text, silence in zip(pieces[::2], silences, strict=True)])
    return found


def replay(
    parts: Sequence[Part],
    style: Style = "punctuated",
    settings: TurnEndSettings | None = None,
    *,
    transcript_s: float = TRANSCRIPT_S,
    likely: Likely = unknown,
) -> Decision:
    """One utterance, from the first word to the decision that it is over."""
    return _Replay(parts, style, settings or TurnEndSettings(), transcript_s, likely).run()


def bench_turns(
    likely: Likely = unknown, settings: TurnEndSettings | None = None, *, transcript_s: float = TRANSCRIPT_S
) -> dict[str, Any]:
    """All scripts as every kind of recogniser writes them.

    Keys: utterances, pauses; for each style `cut_off_share` (of utterances cut off at least once),
    `talked_over_share` (… and the answer was heard before the user went on), `wait_ms`.p50 and
    .p95 (last voiced sample to decision), `transcript_ms`.p95 (decision to final words), `guesses_taken_back` (answers
    begun in vain, for each utterance), `cut_off` (the utterances). For each script: en, zh, and two on
    which nothing was tuned, held_out_en and held_out_zh. `likely` is what a language model makes of words.
    """
    turn_end_chinese.prepare()
    likely = cache(likely)
    figures: dict[str, Any] = {}
    for name, script in SCRIPTS.items():
        utterances = scripted(script)
        figures[name] = {
            "utterances": len(utterances),
            "pauses": sum(len(parts) - 1 for parts in utterances),
        } | {
            style: _figures(
                [replay(parts, style, settings, transcript_s=transcript_s, likely=likely) for parts in utterances]
            )
            for style in STYLES
        }
    return figures


def _figures(decisions: Sequence[Decision]) -> dict[str, Any]:
    waits = [1e3 * decision.wait_s for decision in decisions]
    cut = [decision.text for decision in decisions if decision.cut_offs]
    return {
        "cut_off_share": round(len(cut) / len(decisions), 4),
        "talked_over_share": round(sum(d.talked_over > 0 for d in decisions) / len(decisions), 4),
        "wait_ms": {"p50": round(float(np.percentile(waits, 50))), "p95": round(float(np.percentile(waits, 95)))},
        "transcript_ms": {"p95": round(1e3 * float(np.percentile([d.transcript_s for d in decisions], 95)))},
        "guesses_taken_back": round(sum(d.guesses for d in decisions) / len(decisions), 3),
        "cut_off": cut,
    }


class _Replay:
    """An utterance and the clock that it is said by; after a cut-off the user speaks on."""

    def __init__(
        self, parts: Sequence[Part], style: Style, settings: TurnEndSettings, transcript_s: float, likely: Likely
    ) -> None:
        self._likely = likely
        self._parts = parts
        self._style = style
        self._transcript_ns = round(transcript_s * 1e9)
        self._now = 0
        self._machine = TurnMachine(lambda: self._now, turn_end=settings)
        self._endpointer = Endpointer(EndpointSettings(), WINDOW)
        self._hearing = Hearing(self._start, lambda: self._now)
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._number = count()
        self._said = ""  # the words of which all are voiced by now
        self._voiced: list[int] = []
        self._decided: list[int] = []
        self._final = 0
        self._guesses = 0

    def run(self) -> Decision:
        self._machine.handle(EnginesReady())
        for probability, said in self._windows():
            self._until(self._now + WINDOW_NS)
            self._said = said
            if probability > 0.5:
                self._voiced.append(self._now)
            for heard in self._endpointer.push(np.zeros(WINDOW, np.float32), probability, self._now):
                self._hear(heard)
        early = [time for time in self._decided if time < self._voiced[-1]]
        end = next(time for time in self._decided if time >= self._voiced[-1])
        return Decision(
            " ".join(part.text for part in self._parts),
            len(self._parts) - 1,
            len(early),
            sum(self._goes_on_after(time) > time + round(ANSWER_S * 1e9) for time in early),
            (end - self._voiced[-1]) / 1e9,
            max(0, self._final - end) / 1e9,
            self._guesses,
        )

    def _goes_on_after(self, time: int) -> int:
        return next(voiced for voiced in self._voiced if voiced > time)

    def _windows(self) -> Iterator[tuple[float, str]]:
        """Probability of speech in each window, and the words said before its end."""
        said = ""
        for part in self._parts:
            before, said = said, f"{said} {part.text}".strip()
            for _ in range(_windows_in(_seconds(part.text))):
                yield 0.9, before
            for _ in range(_windows_in(part.silence_s or _QUIET_S)):
                yield 0.0, said

    def _until(self, time: int) -> None:
        """Let happen what is due by then."""
        while True:
            wake, due = self._machine.wake_at, self._due[0][0] if self._due else None
            first = min((at for at in (wake, due) if at is not None), default=None)
            if first is None or first > time:
                break
            self._now = max(self._now, first)
            if first == due:
                heapq.heappop(self._due)[2]()
            else:
                self._act(Tick())
        self._now = time

    def _later(self, after_ns: int, work: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._now + after_ns, next(self._number), work))

    def _start(self, job: Job) -> None:
        text = self._written()

        def transcribed() -> None:
            job.text = None if job.cancelled else text
            self._known(self._hearing.done(job))

        self._later(self._transcript_ns, transcribed)

    def _written(self) -> str:
        bare = re.sub(r"[，。？！、；：]|[,.?!;:](?=\s|$)", "", self._said).strip()
        if self._style == "punctuated" or not bare:
            return self._said
        if self._style == "bare":
            return bare.lower()
        return self._said if self._said.endswith((".", "?", "!", "。", "？", "！")) else bare + _stop(bare)

    def _hear(self, heard: Message) -> None:
        if isinstance(heard, SpeechEnded) and heard.utterance:
            self._decided.append(self._now)
        if not isinstance(heard, UtteranceAudio | SpeechDropped):
            self._act(heard)
        if isinstance(heard, OfUtterance):
            self._known(self._hearing.handle(heard))

    def _known(self, known: list[Known]) -> None:
        for event in known:
            if isinstance(event, HeardFinal):
                self._final = self._now
            assert isinstance(event, HeardPartial | HeardPause | HeardFinal)
            self._act(event)

    def _act(self, event: Any) -> None:
        asked = False
        for action in self._machine.handle(event):
            match action:
                case EndUtterance():
                    self._decided.append(self._now)
                    self._endpointer.close(action.utterance)
                    self._known(self._hearing.handle(SpeechEnded(action.utterance, action.speech_end, self._now)))
                case Weigh():
                    weighed = Weighed(action.utterance, action.text, self._likely(action.text))
                    self._later(round(WEIGHED_S * 1e9), partial(self._act, weighed))
                case Answer():
                    asked = True
                case TakeBack() if not asked:
                    self._guesses += 1


def _stop(text: str) -> str:
    return "。" if is_wide(text[-1]) else "."


def _seconds(text: str) -> float:
    wide = sum(map(is_wide, text))
    words = sum(any(c.isalnum() and not is_wide(c) for c in word) for word in text.split())
    return max(0.25, CHINESE_CHARACTER_S * wide + ENGLISH_WORD_S * words)


def _windows_in(seconds: float) -> int:
    return max(1, round(seconds * MICROPHONE_RATE / WINDOW))
