"""An hour of talk in a few seconds, with everything that can happen in it: nothing grows."""

from __future__ import annotations

import random
from collections import deque
from types import FunctionType, MethodType, ModuleType
from typing import Any

from conversation.link.audio_events import PlaybackCut, SpeechStarted, SpeechSustained
from conversation.link.events import Interrupt
from conversation.turns.events import StageFailed
from tests.conversation.play import MS, RATE, Play, begun

HOUR_NS = 3600 * 1000 * MS


def reachable(root: object) -> int:
    """Objects that an object keeps alive, each counted once; characters of text count."""
    seen: dict[int, object] = {}
    waiting = deque([root])
    size = 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type | FunctionType | MethodType | ModuleType):
            continue
        seen[id(thing)] = thing
        size += len(thing) if isinstance(thing, str | bytes) else 1
        if isinstance(thing, dict):
            waiting.extend([*thing.keys(), *thing.values()])
        elif isinstance(thing, list | tuple | set | frozenset | deque):
            waiting.extend(thing)
        elif hasattr(thing, "__dict__"):
            waiting.append(vars(thing))
        elif hasattr(thing, "__slots__"):
            waiting.extend(getattr(thing, name) for name in thing.__slots__ if hasattr(thing, name))
    return size


class Chance:
    """A talk in which users ask, cough, say "mm", interrupt, go on and tap, and stages fail."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.random = random.Random(0)
        self.utterance = 0

    def turn(self) -> None:
        """From a question to the next."""
        self.speak(self.random.choice(["What is it?", "And the", "Um.", "", "Tell me about the moon."]))
        self.play.run(self.random.randrange(0, 40))
        match self.random.randrange(7):
            case 0:
                self.speak("Mm.", sustained=self.random.random() < 0.5)
            case 1:
                self.speak("And what about Spain?", sustained=True)
            case 2:
                self.play.happens(Interrupt())
            case 3:
                self.play.happens(StageFailed("llm", "EngineError", "It broke; ask again.", self.newest()))
            case 4:
                self.speak("", sustained=False)
        self.cut()
        self.play.run()
        self.cut()
        self.play.now += 3000 * MS

    def speak(self, text: str, *, sustained: bool = False) -> None:
        self.utterance += 1
        self.play.happens(SpeechStarted(self.utterance, self.play.now))
        self.play.now += 900 * MS
        if sustained:
            self.play.happens(SpeechSustained(self.utterance, self.play.now))
            self.cut()
        self.play.likely = self.random.choice([None, 0.5, 0.02])
        self.play.pauses(text, self.utterance)
        self.play.waits(1.2)
        self.play.ends(self.utterance, text)

    def newest(self) -> int:
        return max((say.turn for say in self.play.said), default=1)

    def cut(self) -> None:
        """Playback says where it cut, as it does at once."""
        for turn in self.play.cancelled:
            self.play.happens(PlaybackCut(turn, self.random.randrange(-1, 2), RATE // 3, self.play.now))

    def forget(self) -> None:
        """What the harness keeps is not the machine's."""
        play = self.play
        for kept in (play.told, play.remembered, play.remembered_of, play.asked, play.said, play.cancelled, play.ducked,
                     play.taken_back, play.recorded):  # fmt: skip
            kept.clear()


def test_nothing_grows() -> None:
    play = begun()
    talk = Chance(play)
    end = play.now + HOUR_NS
    sizes: list[int] = []
    states: set[str] = set()
    turns = 0
    while play.now < end:
        talk.turn()
        states |= set(play.states())
        turns += 1
        talk.forget()
        sizes.append(reachable([vars(play.machine)[name] for name in vars(play.machine) if name != "_clock"]))
    assert turns > 300 and states == {"listening", "thinking", "speaking", "interrupted"}
    tenth = len(sizes) // 10
    assert max(sizes[-tenth:]) <= 1.2 * max(sizes[:tenth])
    talk.speak("Are you still there?")
    play.run()
    assert play.timings() and play.timings()[-1].heard.endswith("Are you still there?")


def test_the_measure_finds_what_grows() -> None:
    grows: Any = [["word"] * 10]
    before = reachable(grows)
    grows.append("more words")
    assert reachable(grows) > before
