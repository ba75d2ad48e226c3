"""The turn machine: who has the floor, and what every stage is to do next.

    idle ──ready──► listening ──speech ends──► thinking ──first sample out──► speaking ──last sample out──► listening
                        ▲                          │                             │
                        └────── speech goes on ────┘ ◄─── interrupted ◄── Interrupt ──

It owns no thread, no queue, no clock of its own: events go in, actions come out. Each answer is a turn with a number
that only grows; what arrives for a turn that is over is dropped here, so no late token is ever spoken. Cancelling a
turn cancels the language model, synthesis, face and playback of it; the turn is over when playback says where it cut.

A speaker who pauses and goes on before the answer is heard has only one question: the turn is cancelled, and what was
heard before is put in front of what follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conversation.link.events import (
    AppEvent,
    Failure,
    Interrupt,
    Partial,
    PlaybackCut,
    PlaybackEnded,
    PlaybackStarted,
    QuestionLabelled,
    Ready,
    ReplyText,
    SpeechEnded,
    SpeechStarted,
    State,
    StateChanged,
    Transcript,
    TurnDone,
)
from conversation.speech_text import ClauseCutter, CutSettings, EmojiSpeech, Language, Spoken, join_clauses, speak
from conversation.timings import TurnTimings

# Events besides those of the link.


@dataclass(frozen=True)
class EnginesReady:
    """Everything is loaded."""


@dataclass(frozen=True)
class HeardPartial:
    """What the user seems to have said so far."""

    utterance: int
    text: str


@dataclass(frozen=True)
class HeardFinal:
    """What the user said, "" where it was no speech; the utterance has ended."""

    utterance: int
    text: str


@dataclass(frozen=True)
class ReplyPiece:
    """The language model wrote more."""

    turn: int
    text: str


@dataclass(frozen=True)
class ReplyDone:
    """The language model wrote its last."""

    turn: int


@dataclass(frozen=True)
class ClauseMade:
    """A clause was synthesised and is on its way to playback; times are monotonic ns."""

    turn: int
    clause: int
    samples: int
    audio_made: int
    face_made: int


@dataclass(frozen=True)
class StageFailed:
    """A stage could not do its work; `turn` is None where it worked for none."""

    stage: str
    error: str
    message: str
    turn: int | None = None
    fatal: bool = False


TurnEvent = (
    EnginesReady | SpeechStarted | SpeechEnded | QuestionLabelled | HeardPartial | HeardFinal
    | ReplyPiece | ReplyDone | ClauseMade | PlaybackStarted | PlaybackEnded | PlaybackCut | Interrupt | StageFailed
)  # fmt: skip


# Actions.


@dataclass(frozen=True)
class Tell:
    """Send this to the app."""

    message: AppEvent


@dataclass(frozen=True)
class Answer:
    """Let the language model answer."""

    turn: int
    question: str


@dataclass(frozen=True)
class Say:
    """Synthesise this clause with its face and queue it for playback."""

    turn: int
    clause: int
    text: str


@dataclass(frozen=True)
class SayEnd:
    """No more clauses of this turn."""

    turn: int


@dataclass(frozen=True)
class CancelTurn:
    """Stop every stage that works for this turn, and playback."""

    turn: int


@dataclass(frozen=True)
class Remember:
    """The language model's history keeps only this of its last answer."""

    heard: str


Action = Tell | Answer | Say | SayEnd | CancelTurn | Remember


@dataclass
class _Turn:
    number: int
    question: str
    edges: dict[str, int | None]
    cutter: ClauseCutter
    reply: str = ""
    clauses: list[Spoken] = field(default_factory=list)
    language: Language = "en"
    """In which a number that stands alone is read."""
    samples: dict[int, int] = field(default_factory=dict)
    carried: bool = False
    """Cancelled because the question went on: it is answered in the next turn."""

    def reach(self, edge: str, time: int | None) -> None:
        """Note when an edge was reached first."""
        self.edges.setdefault(edge, time)

    def heard_of(self, cut: PlaybackCut) -> str:
        """The part of the answer that was played before the cut."""
        if cut.clause < 0:
            return ""
        part = self.clauses[cut.clause].heard(cut.played / max(1, self.samples.get(cut.clause, cut.played)))
        return join_clauses([*(clause.written for clause in self.clauses[: cut.clause]), *([part] if part else [])])

    def timings(self, said: str, *, interrupted: bool) -> TurnTimings:
        return TurnTimings(self.number, heard=self.question, said=said, interrupted=interrupted, **self.edges)


class TurnMachine:
    """One conversation; `handle` is called from one thread."""

    def __init__(
        self,
        clock: Callable[[], int],
        *,
        welcome: str | None = None,
        first_turn: int = 1,
        cut: CutSettings | None = None,
        emoji: EmojiSpeech = "dropped",
    ) -> None:
        self._clock = clock
        self._welcome = welcome
        self._cut_at = cut
        self._emoji = emoji
        self._next = first_turn
        self._state: State = "idle"
        self._turn: _Turn | None = None
        self._cut: _Turn | None = None  # cancelled; playback has not yet said where it cut
        self._utterance = 0
        self._carried = ""  # a question whose speaker went on before it was answered
        self._label: QuestionLabelled | None = None
        self._ended: SpeechEnded | None = None

    @property
    def state(self) -> State:
        """Who has the floor."""
        return self._state

    def handle(self, event: TurnEvent) -> list[Action]:
        """What is to be done now that this has happened."""
        match event:
            case EnginesReady():
                return [Tell(Ready()), *self._greet()]
            case QuestionLabelled():
                self._label = event
                return []
            case SpeechStarted():
                return self._speech_started(event)
            case SpeechEnded() if event.utterance == self._utterance:
                self._ended = event
                return self._enter("thinking", self._next)
            case HeardPartial() if event.utterance == self._utterance:
                return [Tell(Partial(event.utterance, self._with_carried(event.text)))]
            case HeardFinal() if event.utterance == self._utterance:
                return self._ask(event.text)
            case PlaybackCut() if self._cut is not None and event.turn == self._cut.number:
                return self._playback_cut(self._cut, event)
            case Interrupt() if self._turn is not None:
                return [*self._cancel(self._turn), *self._enter("interrupted", self._turn_number())]
            case Interrupt() if self._state == "thinking":
                # The question is still being transcribed: it is forgotten.
                self._utterance, self._carried = 0, ""
                return self._enter("listening")
            case StageFailed():
                return self._stage_failed(event)
            case ReplyPiece() | ReplyDone() | ClauseMade() | PlaybackStarted() | PlaybackEnded():
                if self._turn is not None and event.turn == self._turn.number:
                    return self._progress(self._turn, event)
        return []

    def _progress(
        self, turn: _Turn, event: ReplyPiece | ReplyDone | ClauseMade | PlaybackStarted | PlaybackEnded
    ) -> list[Action]:
        """The turn that has the floor goes a step further."""
        match event:
            case ReplyPiece():
                turn.reach("first_token", self._clock())
                turn.reply += event.text
                return [Tell(ReplyText(turn.number, turn.reply)), *self._say(turn, turn.cutter.feed(event.text))]
            case ReplyDone():
                return [*self._say(turn, turn.cutter.finish()), SayEnd(turn.number)]
            case ClauseMade():
                turn.samples[event.clause] = event.samples
                turn.reach("first_audio_made", event.audio_made)
                turn.reach("first_face", event.face_made)
                return []
            case PlaybackStarted():
                turn.reach("first_sample_out", event.time)
                turn.reach("first_audible_out", event.audible)
                return self._enter("speaking", turn.number)
            case PlaybackEnded():
                self._turn = None
                done = TurnDone(
                    turn.timings(join_clauses([clause.written for clause in turn.clauses]), interrupted=False)
                )
                return [Tell(done), *self._enter("listening")]

    def _greet(self) -> list[Action]:
        """The welcome, unless somebody spoke while the engines were being loaded."""
        if self._state != "idle":
            return []
        if not self._welcome:
            return self._enter("listening")
        turn = self._begin_turn("")
        clauses = turn.cutter.feed(self._welcome) + turn.cutter.finish()
        return [Tell(ReplyText(turn.number, self._welcome)), *self._say(turn, clauses), SayEnd(turn.number)]

    def _speech_started(self, event: SpeechStarted) -> list[Action]:
        self._utterance = event.utterance
        actions: list[Action] = []
        if self._turn is not None:
            if self._state == "thinking":
                self._carried, self._turn.carried = self._turn.question, True
            actions = self._cancel(self._turn)
        return [*actions, *self._enter("listening")]

    def _ask(self, text: str) -> list[Action]:
        """The utterance is over: its text, after what was carried, is the question, unless there is none."""
        question, self._carried = self._with_carried(text), ""
        self._utterance = 0
        if not question:
            return self._enter("listening")
        turn = self._begin_turn(question)
        if self._ended is not None:
            turn.reach("speech_end", self._ended.speech_end)
            turn.reach("endpoint", self._ended.time)
            if self._label is not None and self._label.last_voiced <= self._ended.time:
                turn.reach("question_end", self._label.last_voiced)
                self._label = None
        turn.reach("asr_final", self._clock())
        self._ended = None
        return [
            Tell(Transcript(turn.number, question)),
            *self._enter("thinking", turn.number),
            Answer(turn.number, question),
        ]

    def _say(self, turn: _Turn, clauses: list[str]) -> list[Action]:
        actions: list[Action] = []
        for clause in clauses:
            spoken = speak(clause, default=turn.language, emoji=self._emoji)
            turn.language = spoken.language
            if spoken.text:
                turn.reach("first_clause", self._clock())
                actions.append(Say(turn.number, len(turn.clauses), spoken.text))
                turn.clauses.append(spoken)
        return actions

    def _cancel(self, turn: _Turn) -> list[Action]:
        self._turn, self._cut = None, turn
        return [CancelTurn(turn.number)]

    def _playback_cut(self, turn: _Turn, event: PlaybackCut) -> list[Action]:
        self._cut = None
        heard = turn.heard_of(event)
        actions: list[Action] = []
        if not turn.carried:
            actions.append(Tell(TurnDone(turn.timings(heard, interrupted=True))))
        if turn.question:
            actions.append(Remember(heard))
        if self._state == "interrupted":
            actions += self._enter("listening")
        return actions

    def _stage_failed(self, event: StageFailed) -> list[Action]:
        actions: list[Action] = [Tell(Failure(event.stage, event.error, event.message, event.fatal))]
        if self._turn is not None and event.turn == self._turn.number:
            return [*actions, *self._cancel(self._turn), *self._enter("interrupted", event.turn)]
        if event.stage == "asr" and self._state == "thinking" and self._turn is None:
            actions += self._enter("listening")
        return actions

    def _begin_turn(self, question: str) -> _Turn:
        self._turn = _Turn(self._next, question, {}, ClauseCutter(self._cut_at))
        self._next += 1
        return self._turn

    def _with_carried(self, text: str) -> str:
        return f"{self._carried} {text}".strip()

    def _turn_number(self) -> int:
        return self._cut.number if self._cut is not None else 0

    def _enter(self, state: State, turn: int = 0) -> list[Action]:
        if state == self._state:
            return []
        self._state = state
        return [Tell(StateChanged(state, turn))]
