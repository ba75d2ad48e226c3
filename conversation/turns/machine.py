"""The turn machine: who has the floor, and what every stage is to do next.

    idle ──ready──► listening ──speech ends──► thinking ──first sample out──► speaking ──last sample out──► listening
                        ▲                          │                             │
                        └────── speech goes on ────┘ ◄─── interrupted ◄── voice that lasts, Interrupt

It owns no thread, no queue, no clock of its own: events go in (events), actions come out (actions). Each
answer is a turn with a number that only grows; what arrives for a turn that is over is dropped here, so no late token
is ever spoken. Cancelling a turn cancels the language model, synthesis, face and playback of it; the turn is over when
playback says where it cut.

*End of turn.* At a pause the words so far say how long to wait (end). While it waits, the language model may write
a *guess* already: nothing of it is told, spoken or remembered before the wait is over, and it is taken back if the user
goes on. A user who goes on even after that, before the answer is heard, has only one question: the turn is cancelled,
and what was heard before is put in front of what follows.

*Interruption.* While the avatar speaks, a voice makes it softer; one that lasts takes the floor. What it says decides
then: "mm" or a cough gives the floor back, and the answer goes on in a new turn from the word that was cut; anything
else makes the answer end where it was heard last. A short sound changes nothing, unless it is "stop".

*In writing.* A question that is typed takes the floor from whoever has it; nothing is asked before it is known where
the answer before it was cut. A silent conversation speaks no answer: one is over when it is written.
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.link.audio_events import (
    ClausePlaced,
    Duck,
    PlaybackCut,
    PlaybackEnded,
    PlaybackStarted,
    QuestionLabelled,
    SpeechEnded,
    SpeechStarted,
    SpeechSustained,
)
from conversation.link.events import (
    Failure,
    Greet,
    Interrupt,
    Partial,
    Ready,
    SpeechPaused,
    SpeechResumed,
    State,
    Talk,
    Transcript,
    Typed,
)
from conversation.speech_text import CutSettings, EmojiSpeech
from conversation.turns.actions import Action, DropUtterance, TakeBack, Tell
from conversation.turns.answering import Answering
from conversation.turns.asides import is_backchannel, is_stop
from conversation.turns.end import TurnEndSettings
from conversation.turns.events import (
    ClauseMade,
    EnginesReady,
    FromStages,
    FromUser,
    HeardFinal,
    HeardPartial,
    HeardPause,
    ReplyDone,
    ReplyPiece,
    StageFailed,
    Tick,
    TurnEvent,
    Weighed,
)
from conversation.turns.floor import Floor
from conversation.turns.question import Question
from conversation.turns.silence import Silence
from conversation.turns.turn import Turn, Utterance


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
        turn_end: TurnEndSettings | None = None,
        silent: bool = False,
    ) -> None:
        self._clock = clock
        self._silent = silent
        self._welcome = welcome
        self._floor = Floor()
        self._answering = Answering(clock, first_turn, cut, emoji, silent=silent)
        self._asked = Question()
        self._silence = Silence(clock, turn_end or TurnEndSettings(), self._floor, self._answering, self._asked)
        self._user: Utterance | None = None
        self._late: HeardFinal | None = None  # what was said is known before it is known where playback cut
        self._label: QuestionLabelled | None = None

    @property
    def state(self) -> State:
        """Who has the floor."""
        return self._floor.state

    @property
    def wake_at(self) -> int | None:
        """When a Tick is wanted (monotonic ns), if nothing else happens before."""
        return self._silence.wake_at

    def handle(self, event: TurnEvent) -> list[Action]:
        """What is to be done now that this has happened."""
        match event:
            case EnginesReady():
                return [Tell(Ready()), *self._greet()]
            case QuestionLabelled():
                self._label = event
            case Tick():
                if self._user is not None and self._silence.waited:
                    return self._silence.decide(self._user)
            case SpeechStarted():
                return self._speech_started(event)
            case ReplyPiece() | ReplyDone() | ClauseMade() | ClausePlaced() | PlaybackStarted() | PlaybackEnded():
                speaks = self._answering.turn
                actions = self._answering.progress(event)
                if speaks is not None and event.turn == speaks.number:
                    actions += self._playback(event)
                return actions
            case PlaybackCut():
                return self._playback_cut(event)
            case Typed():
                return self._take(event.text)
            case Interrupt():
                return self._interrupt()
            case Greet():
                return self._meet(event.text)
            case Talk():
                return self._interrupt() if event.on and self._floor.state == "speaking" else []
            case StageFailed():
                return self._stage_failed(event)
            case _:
                if self._user is not None and event.utterance == self._user.number:
                    return self._user_goes_on(self._user, event)
        return []

    # The user speaks.

    def _speech_started(self, event: SpeechStarted) -> list[Action]:
        user = Utterance(event.utterance, over=self._floor.state == "speaking")
        if self._user is not None:  # decided, but not yet transcribed: what follows belongs to it
            user.over, user.sustained = user.over or self._user.over, self._user.sustained
        self._user = user
        self._silence.forget()
        actions = self._answering.drop_guess()
        turn = self._answering.turn
        if self._floor.state == "speaking":
            return [*actions, Duck(True)]
        if turn is not None and turn.goes_on:
            return [*actions, *self._give_way(user, turn)]
        if turn is not None:
            actions += self._overtake(turn)
        return [*actions, *self._floor.enter("listening")]

    def _overtake(self, turn: Turn) -> list[Action]:
        """More is said: a question that was not yet answered is the beginning of it."""
        actions = self._answering.cancel(turn)
        if self._floor.state == "thinking" and turn.answered is None:
            self._asked.carried, turn.carried = turn.question, True
            actions.append(TakeBack(turn.asked_as))
        return actions

    def _user_goes_on(self, user: Utterance, event: FromUser) -> list[Action]:
        turn, held = self._answering.turn, self._answering.held
        match event:
            case SpeechSustained() if turn is not None and self._floor.is_aside(user):
                return self._give_way(user, turn)
            case SpeechPaused():
                user.paused, user.text, user.speech_end = True, None, event.speech_end
                return [Duck(False)] if self._floor.is_aside(user) else []
            case SpeechResumed():
                user.paused = False
                self._silence.forget()
                return [*self._answering.drop_guess(), *([Duck(True)] if self._floor.is_aside(user) else [])]
            case SpeechEnded() if user.ended is None:
                return self._silence.end(user, event.speech_end, event.time)
            case HeardPartial():
                return self._partial(user, event.text)
            case HeardPause() if user.ended is None:
                return self._pause_heard(user, event.text, over=event.over)
            case Weighed() if user.ended is None and user.paused and user.text == event.text:
                return self._silence.weighed(user, event)
            case HeardFinal() if held is not None and held is self._answering.cut:
                self._late = event
            case HeardFinal():
                return self._final(user, event.text)
        return []

    def _partial(self, user: Utterance, text: str) -> list[Action]:
        if not text or self._floor.is_aside(user):
            return []
        return [Tell(Partial(user.number, self._asked.with_carried(text)))]

    def _pause_heard(self, user: Utterance, text: str, *, over: bool) -> list[Action]:
        """The words before a pause are known."""
        actions = self._partial(user, text)
        if not user.paused:
            return actions
        turn = self._answering.turn
        if turn is not None and self._floor.is_aside(user) and is_stop(text):
            actions += self._give_way(user, turn)
        return [*actions, *self._silence.heard(user, text, over=over)]

    def _final(self, user: Utterance, text: str) -> list[Action]:
        """What the user said is known: whether it takes the floor, and what is asked."""
        self._user = None
        self._silence.forget()
        if self._floor.is_aside(user):
            return [] if user.paused else [Duck(False)]
        if self._answering.held is not None and is_backchannel(text):
            actions = self._answering.resume()
            turn = self._answering.turn
            return [
                *(self._floor.enter("listening") if turn is None else self._floor.enter("thinking", turn.number)),
                *actions,
            ]
        if user.over and not user.sustained and not self._answering.asked_back and is_backchannel(text):
            return self._floor.enter("listening")
        actions = self._answering.let_go()
        if user.over and is_stop(text):
            self._asked.carried = ""
            return [*actions, *self._answering.drop_guess(), *self._floor.enter("listening")]
        question = self._asked.spoken(text, answer=self._answering.asked_back)
        self._asked.carried = ""
        if not question:
            return [*actions, *self._answering.drop_guess(), *self._floor.enter("listening")]
        return [*actions, *self._ask(user, question)]

    def _ask(self, user: Utterance, question: str) -> list[Action]:
        turn, actions = self._answering.ask(question)
        turn.asked_by(user, self._clock())
        if self._label is not None and user.ended is not None and self._label.last_voiced <= user.ended:
            turn.reach("question_end", self._label.last_voiced)
            self._label = None
        return [*actions, *self._think(turn)]

    def _think(self, turn: Turn) -> list[Action]:
        return [
            Tell(Transcript(turn.number, turn.question)),
            *self._floor.enter("thinking", turn.number),
            *self._answering.begin(turn),
        ]

    # The user types.

    def _take(self, text: str) -> list[Action]:
        """A question in writing, whoever has the floor; one that is not answered yet becomes its beginning."""
        text = " ".join(text.split())
        if not text or is_stop(text):
            return self._interrupt() if text else []
        self._asked.type(text)
        if self._floor.state == "idle":
            return []
        actions = [*self._drop_user(), *self._answering.drop_guess(), *self._answering.let_go()]
        turn = self._answering.turn
        if turn is not None:
            actions += [*self._overtake(turn), *self._floor.enter("interrupted", turn.number)]
        return [*actions, *self._ask_typed()]

    def _ask_typed(self) -> list[Action]:
        """Ask what was typed, once it is known what was heard before it; a user who speaks now goes on from it."""
        if not self._asked.typed or self._answering.cut is not None:
            return []
        question = self._asked.take_typed()
        if self._user is not None:
            self._asked.carried = question
            return []
        turn, actions = self._answering.ask(question)
        return [*actions, *self._think(turn)]

    def _drop_user(self) -> list[Action]:
        """What was being said counts no more."""
        user, self._user, self._late = self._user, None, None
        self._silence.forget()
        return [] if user is None else [DropUtterance(user.number)]

    # The avatar speaks, or stops.

    def _greet(self) -> list[Action]:
        """The welcome, unless somebody spoke while the engines were being loaded."""
        if self._floor.state != "idle":
            return []
        if self._asked.typed:
            return [*self._floor.enter("listening"), *self._ask_typed()]
        if not self._welcome:
            return self._floor.enter("listening")
        return [*self._answering.welcome(self._welcome), *(self._floor.enter("listening") if self._silent else [])]

    def _meet(self, welcome: str) -> list[Action]:
        """The welcome of an avatar that was not there before."""
        if self._floor.state == "idle":
            self._welcome = welcome
        busy = self._user or self._answering.busy or self._floor.state != "listening"
        return [] if busy else self._answering.welcome(welcome)

    def _playback(self, event: FromStages) -> list[Action]:
        match event:
            case PlaybackStarted():
                return self._floor.enter("speaking", event.turn)
            case PlaybackEnded():
                loud = [Duck(False)] if self._user is not None and not self._user.paused else []
                return [*loud, *self._floor.enter("listening")]
            case ReplyDone() if self._silent:
                return self._floor.enter("listening")
        return []

    def _give_way(self, user: Utterance, turn: Turn) -> list[Action]:
        """The user takes the floor; whether for good is not known before the words are."""
        user.over = user.sustained = True
        return [*self._answering.cancel(turn, hold=True), *self._floor.enter("interrupted", turn.number)]

    def _playback_cut(self, event: PlaybackCut) -> list[Action]:
        cut = self._answering.cut
        if cut is None or event.turn != cut.number:
            return []
        actions = self._answering.playback_cut(cut, event)
        if self._floor.state == "interrupted":
            actions += self._floor.enter("listening")
        late, self._late = self._late, None
        if late is not None and self._user is not None:
            actions += self._final(self._user, late.text)
        return [*actions, *self._ask_typed()]

    def _interrupt(self) -> list[Action]:
        """The user asked for silence by other means than voice."""
        self._asked.typed = ""
        actions, turn = self._answering.let_go(), self._answering.turn
        if turn is not None:
            return [*actions, *self._answering.cancel(turn), *self._floor.enter("interrupted", turn.number)]
        if self._floor.state == "thinking":
            # The question is still being transcribed: it is forgotten.
            self._asked.carried = ""
            return [*actions, *self._drop_user(), *self._answering.drop_guess(), *self._floor.enter("listening")]
        return actions

    def _stage_failed(self, event: StageFailed) -> list[Action]:
        turn, guess = self._answering.turn, self._answering.guess
        if guess is not None and event.turn == guess.number:
            return self._answering.drop_guess()  # it is tried again when the question is sure, and told then
        actions: list[Action] = [Tell(Failure(event.stage, event.error, event.message, event.fatal))]
        if turn is not None and event.turn == turn.number:
            return [*actions, *self._answering.cancel(turn), *self._floor.enter("interrupted", turn.number)]
        if event.stage == "asr" and self._user is not None and self._user.ended is not None:
            user, self._user = self._user, None
            if not self._floor.is_aside(user):
                actions += [*self._answering.let_go(), *self._floor.enter("listening")]
        return actions
