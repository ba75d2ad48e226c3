"""A turn machine with stages around it that follow simple rules, and a clock that the test turns."""

from __future__ import annotations

from collections import deque
from typing import Any

from conversation.link.audio_events import Duck, PlaybackEnded, PlaybackStarted, SpeechEnded, SpeechStarted
from conversation.link.events import SpeechPaused, StateChanged, TurnDone
from conversation.timings import TurnTimings
from conversation.turns.actions import (
    Answer,
    CancelTurn,
    DropUtterance,
    EndUtterance,
    Record,
    Remember,
    Say,
    SayEnd,
    TakeBack,
    Tell,
    Weigh,
)
from conversation.turns.events import (
    ClauseMade,
    EnginesReady,
    HeardFinal,
    HeardPause,
    ReplyDone,
    ReplyPiece,
    Tick,
    TurnEvent,
    Weighed,
)
from conversation.turns.machine import TurnMachine

ANSWER = "Paris is the capital of France. It lies on the Seine."
RATE = 24_000
MS = 1_000_000


class Play:
    """A machine with stages around it: a model that writes ANSWER word by word, a voice, a loudspeaker."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1000 * MS
        self.machine = TurnMachine(lambda: self.now, **settings)
        self.told: list[Any] = []
        self.remembered: list[str] = []
        self.remembered_of: list[int] = []
        self.asked: list[str] = []
        self.said: list[Say] = []
        self.queue: deque[TurnEvent] = deque()  # what the stages will say next
        self.playing: dict[int, list[int]] = {}
        self.cancelled: list[int] = []
        self.ducked: list[bool] = []
        self.taken_back: list[int] = []
        self.recorded: list[Record] = []
        self.likely: float | None = None  # what the language model makes of every pause
        self.closed = 0  # the utterance that the machine ended last
        self.dropped: list[int] = []
        self.words = ""  # what the recogniser makes of the utterance that is ended next

    def happens(self, *events: TurnEvent) -> None:
        for event in events:
            for action in self.machine.handle(event):
                self.act(action)

    def act(self, action: Any) -> None:
        match action:
            case Tell():
                self.told.append(action.message)
            case Weigh():
                self.happens(Weighed(action.utterance, action.text, self.likely))
            case Answer():
                self.asked.append(action.question)
                self.queue += [ReplyPiece(action.turn, word + " ") for word in ANSWER.split()]
                self.queue.append(ReplyDone(action.turn))
            case Duck():
                self.ducked.append(action.on)
            case TakeBack():
                self.taken_back.append(action.turn)
            case Record():
                self.recorded.append(action)
            case EndUtterance():
                self.closed = action.utterance
                self.queue.append(HeardFinal(action.utterance, self.words))
            case DropUtterance():
                self.dropped.append(action.utterance)
            case Say():
                self.said.append(action)
                self.queue.append(ClauseMade(action.turn, action.clause, RATE, self.now + MS, self.now + 2 * MS))
                if action.clause == 0:
                    self.queue.append(PlaybackStarted(action.turn, self.now + 3 * MS, self.now + 4 * MS))
            case SayEnd():
                self.queue.append(PlaybackEnded(action.turn, self.now + 2000 * MS))
            case CancelTurn():
                self.cancelled.append(action.turn)
            case Remember():
                self.remembered.append(action.heard)
                self.remembered_of.append(action.turn)

    def run(self, steps: int = 1000) -> None:
        """Let the stages speak, each message a millisecond after the one before."""
        while self.queue and steps:
            self.now += MS
            self.happens(self.queue.popleft())
            steps -= 1

    def ask(self, text: str = "What is the capital of France?", utterance: int = 1) -> None:
        self.happens(SpeechStarted(utterance, self.now))
        self.now += 1000 * MS
        self.happens(SpeechEnded(utterance, self.now - 450 * MS, self.now), HeardFinal(utterance, text))

    def speak_until(self, clause: int = 0) -> None:
        """An answer, until this clause of it is queued and the avatar speaks."""
        self.ask()
        while self.machine.state != "speaking" or len(self.said) <= clause:
            self.run(1)

    def pauses(self, text: str, utterance: int = 1, *, silent_s: float = 0.25, final: str | None = None) -> None:
        """A silence, and the words before it once it has lasted for `silent_s`."""
        end = self.now
        self.happens(SpeechPaused(utterance, end, end + 100 * MS))
        self.now = end + round(silent_s * 1000) * MS
        self.words = text if final is None else final
        self.happens(HeardPause(utterance, text))

    def ends(self, utterance: int, text: str) -> None:
        """The endpointer's ceiling is reached, and the words are known; nothing, if that was decided before."""
        if self.closed != utterance:
            self.happens(SpeechEnded(utterance, self.now - 1200 * MS, self.now), HeardFinal(utterance, text))

    def waits(self, seconds: float) -> None:
        """Time goes by; the machine is woken when it wants to be."""
        end = self.now + round(seconds * 1000) * MS
        while self.machine.wake_at is not None and self.machine.wake_at <= end:
            self.now = max(self.now, self.machine.wake_at)
            self.happens(Tick())
        self.now = end

    def states(self) -> list[str]:
        return [event.state for event in self.told if isinstance(event, StateChanged)]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    def timings(self) -> list[TurnTimings]:
        return [event.timings for event in self.of(TurnDone)]


def begun(**settings: Any) -> Play:
    play = Play(**settings)
    play.happens(EnginesReady())
    return play
