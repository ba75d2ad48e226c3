"""The user is silent: done, or looking for words?

What the words before a pause ask for is waited (end), perhaps not at all; the language model may be asked how finished
they look, and may write a guess at the answer meanwhile. Who waits longer than that is done.
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.turns.actions import Action, EndUtterance, Weigh
from conversation.turns.answering import Answering
from conversation.turns.asides import is_backchannel, is_stop
from conversation.turns.end import TurnEndSettings
from conversation.turns.events import Weighed
from conversation.turns.floor import Floor
from conversation.turns.question import Question
from conversation.turns.turn import Utterance


class Silence:
    """The pauses of one conversation, by `clock` (monotonic ns); it gives the floor to who is to answer, has
    `answering` guess, and reads from `asked` what the words belong to."""

    def __init__(
        self,
        clock: Callable[[], int],
        turn_end: TurnEndSettings,
        floor: Floor,
        answering: Answering,
        asked: Question,
    ) -> None:
        self._clock = clock
        self._turn_end = turn_end
        self._floor = floor
        self._answering = answering
        self._asked = asked
        self._wake: int | None = None

    @property
    def wake_at(self) -> int | None:
        """When the wait is over (monotonic ns), if nothing else happens before; None: nothing is waited for."""
        return self._wake

    @property
    def waited(self) -> bool:
        """Whether it is over now."""
        return self._wake is not None and self._clock() >= self._wake

    def forget(self) -> None:
        """Wait no more."""
        self._wake = None

    def heard(self, user: Utterance, text: str, *, over: bool) -> list[Action]:
        """The words before a pause are known: wait as long as they ask for; `over`: the recogniser knows the end."""
        user.text, wait_s = text, 0.0 if over else self._turn_end.wait_s(text)
        if not text or self._floor.is_aside(user) or over or not self._turn_end.weighs:
            return self._wait(user, wait_s)
        # The language model has a little time to say how it looks to it.
        patient_s = None if wait_s is None else max(wait_s, self._turn_end.plain_s)
        return [Weigh(user.number, text), *self._wait(user, patient_s, guess=False)]

    def weighed(self, user: Utterance, event: Weighed) -> list[Action]:
        """The language model has said how finished the words of the pause look."""
        return self._wait(user, self._turn_end.weighed_s(event.text, event.likely))

    def decide(self, user: Utterance) -> list[Action]:
        """The user is done."""
        return [*self.end(user, user.speech_end, self._clock()), EndUtterance(user.number, user.speech_end)]

    def end(self, user: Utterance, speech_end: int, time: int) -> list[Action]:
        """The utterance is over, as was decided at `time`; both monotonic ns."""
        user.speech_end, user.ended, self._wake = speech_end, time, None
        return [] if self._floor.is_aside(user) else self._floor.enter("thinking", self._answering.number)

    def _wait(self, user: Utterance, wait_s: float | None, *, guess: bool = True) -> list[Action]:
        """Wake up after so much silence; None: the endpointer's ceiling does. A short wait is worth a guess."""
        if wait_s is None:
            self._wake = None
            return []
        self._wake = user.speech_end + round(wait_s * 1e9)
        if self.waited:
            return self.decide(user)
        return self._guess(user, user.text or "") if guess and wait_s <= self._turn_end.plain_s else []

    def _guess(self, user: Utterance, text: str) -> list[Action]:
        """Let the language model begin, unless somebody still speaks or the words may mean nothing."""
        question = self._asked.spoken(text, answer=self._answering.asked_back)
        busy = self._answering.turn or self._answering.cut or self._answering.guess
        if busy or not question or (user.over and (is_backchannel(text) or is_stop(text))):
            return []
        return self._answering.begin_guess(question)
