"""The avatar's side of the floor: the answer that is given, one that is only guessed at, one that was cut.

Who speaks when is the turn machine's business; here is what becomes of an answer. Nothing of a guess is told or
spoken before `confirm`. A turn that was cut for a voice is *held*, until what the voice said is known: then its answer
ends where it was heard last (`let_go`), or goes on from there in a new turn (`resume`).
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.link.audio_events import ClausePlaced, PlaybackCut, PlaybackEnded, PlaybackStarted
from conversation.link.events import ReplyText, TurnDone
from conversation.speech_text import CutSettings, EmojiSpeech
from conversation.turns.actions import Action, Answer, CancelTurn, Record, Remember, Say, SayEnd, TakeBack, Tell
from conversation.turns.events import ClauseMade, FromStages, ReplyDone, ReplyPiece
from conversation.turns.turn import Turn


class Answering:
    """The turns of one conversation; numbers only grow."""

    def __init__(
        self,
        clock: Callable[[], int],
        first_turn: int,
        cut: CutSettings | None,
        emoji: EmojiSpeech,
        *,
        silent: bool = False,
    ) -> None:
        self._clock = clock
        self._cut_at = cut
        self._emoji: EmojiSpeech = emoji
        self._silent = silent
        self._next = first_turn
        self._guessed: list[Say] = []
        self.turn: Turn | None = None
        """The one that is answered now."""
        self.guess: Turn | None = None
        """Is being written before it is sure that the user is done."""
        self.cut: Turn | None = None
        """Cancelled; playback has not yet said where it cut."""
        self.held: Turn | None = None
        """Cut for a voice whose words are not known yet."""
        self.asked_back = False
        """The last answer ended in a question: "mm" may be the answer to it."""

    @property
    def number(self) -> int:
        """Of the turn that a question asked now would have."""
        return self.guess.number if self.guess is not None else self._next

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way, or not yet over."""
        return any((self.turn, self.guess, self.cut, self.held))

    def welcome(self, text: str) -> list[Action]:
        """The avatar speaks first."""
        self.turn = turn = self._new("")
        said = turn.write(text)
        return [Tell(ReplyText(turn.number, text)), *self._say(turn, said), *self._end(turn)]

    def ask(self, question: str) -> tuple[Turn, list[Action]]:
        """The turn for this question, and what makes room for it: a guess at the same question becomes its answer."""
        guess = self.guess
        if guess is not None and guess.question == question:
            self.turn, self.guess = guess, None
            return guess, []
        actions = self.drop_guess()
        self.turn = turn = self._new(question)
        return turn, actions

    def begin(self, turn: Turn) -> list[Action]:
        """The question of this turn is sure: let it be answered, or tell and say what was guessed so far."""
        guessed, self._guessed = self._guessed, []
        if not turn.guessed:
            return [Answer(turn.number, turn.question)]
        actions: list[Action] = []
        if turn.reply:
            turn.reach("first_token", self._clock())
            actions.append(Tell(ReplyText(turn.number, turn.reply)))
        return [*actions, *self._say(turn, guessed), *([SayEnd(turn.number)] if turn.written else [])]

    def begin_guess(self, question: str) -> list[Action]:
        """The user is perhaps done: let the language model write."""
        actions = self.let_go()
        self.guess, self._guessed = self._new(question), []
        self.guess.guessed = True
        return [*actions, Answer(self.guess.number, question)]

    def drop_guess(self) -> list[Action]:
        """The user was not done, or said something else."""
        guess, self.guess, self._guessed = self.guess, None, []
        return [] if guess is None else [CancelTurn(guess.number), TakeBack(guess.number)]

    def progress(self, event: FromStages) -> list[Action]:
        """An answer goes a step further; what comes for a turn that is over is dropped."""
        if self.turn is not None and event.turn == self.turn.number:
            return self._progress(self.turn, event)
        if self.guess is not None and event.turn == self.guess.number:
            match event:
                case ReplyPiece():
                    self._guessed += self.guess.write(event.text)
                case ReplyDone():
                    self._guessed += self.guess.finish()
        return []

    def cancel(self, turn: Turn, *, hold: bool = False) -> list[Action]:
        """Stop a turn; `hold`: perhaps only for a moment."""
        self.turn, self.cut, self.asked_back = None, turn, False
        if hold:
            self.held = turn
        return [CancelTurn(turn.number)]

    def playback_cut(self, turn: Turn, event: PlaybackCut) -> list[Action]:
        """It is known now what was heard of a cancelled turn."""
        self.cut = None
        turn.stop_at(event)
        if turn.carried:
            return []
        done: list[Action] = [Tell(TurnDone(turn.timings(interrupted=True)))]
        return done if turn is self.held else [*done, *self._keep(turn)]

    def let_go(self) -> list[Action]:
        """The interruption was meant: the answer ends where it was heard last."""
        held, self.held = self.held, None
        # Before playback has said where it cut, that is kept when it does.
        return [] if held is None or held is self.cut else self._keep(held)

    def resume(self) -> list[Action]:
        """The interruption was not meant: the answer goes on from the word that was cut, if there is more of it."""
        held = self.held
        if held is None or not (rest := held.rest()):
            return self.let_go()
        self.held = None
        self.turn = turn = self._new(held.question, asked_as=held.asked_as)
        said = turn.go_on(held, rest)
        return [Tell(ReplyText(turn.number, turn.reply)), *self._say(turn, said), SayEnd(turn.number)]

    def _progress(self, turn: Turn, event: FromStages) -> list[Action]:
        match event:
            case ReplyPiece():
                now = self._clock()
                turn.reach("first_token", now)
                if turn.silent:
                    turn.answered = turn.answered or now
                said = turn.write(event.text)
                return [Tell(ReplyText(turn.number, turn.reply)), *self._say(turn, said)]
            case ReplyDone():
                return self._end(turn)
            case ClauseMade():
                turn.made(event.clause, event.samples)
                turn.reach("first_audio_made", event.audio_made)
                turn.reach("first_face", event.face_made)
                return []
            case ClausePlaced():
                return [Tell(turn.caption(event))]
            case PlaybackStarted():
                turn.reach("first_sample_out", event.time)
                turn.reach("first_audible_out", event.audible)
                turn.answered = turn.answered or event.time
                return []
            case PlaybackEnded():
                return self._heard_to_its_end(turn)

    def _end(self, turn: Turn) -> list[Action]:
        """All of the answer is written."""
        if turn.silent:
            return self._heard_to_its_end(turn)
        return [*self._say(turn, turn.finish()), SayEnd(turn.number)]

    def _heard_to_its_end(self, turn: Turn) -> list[Action]:
        self.turn, turn.heard = None, turn.said
        self.asked_back = turn.said.rstrip(" \"'”’)").endswith(("?", "？"))
        done = Tell(TurnDone(turn.timings(interrupted=False)))
        return [done, *(self._keep(turn) if turn.goes_on else self._record(turn))]

    def _say(self, turn: Turn, said: list[Say]) -> list[Say]:
        if said:
            turn.reach("first_clause", self._clock())
        return said

    def _keep(self, turn: Turn) -> list[Action]:
        """The language model's history, and the memory, hold what was heard."""
        return [Remember(turn.asked_as, turn.heard_in_all), *self._record(turn)] if turn.question else []

    def _record(self, turn: Turn) -> list[Action]:
        now = self._clock()
        record = Record(turn.question, turn.heard_in_all, turn.asked, turn.answered or now, now)
        return [record] if turn.question else []

    def _new(self, question: str, *, asked_as: int = 0) -> Turn:
        turn = Turn(
            self._next,
            question,
            asked=self._clock(),
            cut=self._cut_at,
            emoji=self._emoji,
            asked_as=asked_as,
            silent=self._silent,
        )
        self._next += 1
        return turn
