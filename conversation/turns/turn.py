"""One turn of the avatar: a question, the answer as it is written, and how far the listener has heard it."""

from __future__ import annotations

from dataclasses import dataclass

from conversation.link.audio_events import ClausePlaced, PlaybackCut
from conversation.link.events import Caption, CaptionWord
from conversation.speech_text import (
    ClauseCutter,
    CutSettings,
    EmojiSpeech,
    Language,
    Mood,
    Spoken,
    join_clauses,
    mood_of,
    speak,
)
from conversation.timings import TurnTimings
from conversation.turns.actions import Say


class Turn:
    """From the question to the last clause.

    `asked_as` is the turn in which the language model was asked: another one where this turn only says the rest.
    """

    def __init__(
        self,
        number: int,
        question: str,
        *,
        asked: int,
        cut: CutSettings | None,
        emoji: EmojiSpeech,
        asked_as: int = 0,
        silent: bool = False,
    ) -> None:
        self.number = number
        self.question = question
        self.asked_as = asked_as or number
        self.silent = silent
        """It is read, not heard."""
        self.asked = asked
        """When the question was over (monotonic ns)."""
        self.answered: int | None = None
        """When the answer began to be heard, or read."""
        self.reply = ""
        self.before = ""
        """Heard of the answer in a turn that was cut and goes on in this one."""
        self.heard = ""
        """Of this turn's part of the answer, once it is over."""
        self.written = False
        """The language model wrote its last."""
        self.guessed = False
        """The language model was asked before it was sure that the user is done."""
        self.carried = False
        """Cancelled because the question went on: it is answered in the next turn."""
        self.edges: dict[str, int | None] = {}
        self._cutter = ClauseCutter(cut)
        self._emoji: EmojiSpeech = emoji
        self._language: Language = "en"  # in which a number that stands alone is read
        self._clauses: list[Spoken] = []
        self._moods: list[Mood] = []
        self._samples: dict[int, int] = {}
        self._cut_clause, self._cut_part = -1, ""

    @property
    def said(self) -> str:
        """All clauses that were given to the voice, or to the reader."""
        if self.silent:
            return self.reply.strip()
        return join_clauses([clause.written for clause in self._clauses])

    @property
    def goes_on(self) -> bool:
        """It is the rest of an answer that was cut."""
        return self.asked_as != self.number

    @property
    def heard_in_all(self) -> str:
        """What was heard of the answer, in this turn and those before that it goes on from."""
        return join_clauses([part for part in (self.before, self.heard) if part])

    def reach(self, edge: str, time: int | None) -> None:
        """Note when an edge was reached first."""
        self.edges.setdefault(edge, time)

    def asked_by(self, user: Utterance, now: int) -> None:
        """The question was spoken, and its words are known now."""
        self.asked = user.speech_end
        self.reach("speech_end", user.speech_end)
        self.reach("endpoint", user.ended)
        self.reach("asr_final", now)

    def write(self, text: str) -> list[Say]:
        """The language model wrote more: the clauses that are whole now."""
        self.reply += text
        return [] if self.silent else self._say(self._cutter.feed(text))

    def finish(self) -> list[Say]:
        """The language model wrote its last: the clauses that are left."""
        self.written = True
        return self._say(self._cutter.finish())

    def go_on(self, cut: Turn, rest: list[str]) -> list[Say]:
        """This turn says the rest of one that was cut."""
        self.before, self.asked, self.answered = cut.heard_in_all, cut.asked, cut.answered
        self.reply, self.written = join_clauses(rest), True
        return self._say(rest)

    def made(self, clause: int, samples: int) -> None:
        """A clause has so many samples."""
        self._samples[clause] = samples

    def stop_at(self, event: PlaybackCut) -> None:
        """Playback was cut: from now on it is known what was heard. Whatever was written has been read."""
        if self.silent:
            self.heard = self.said
            return
        if event.clause < 0 or event.clause >= len(self._clauses):
            return
        length = self._samples.get(event.clause, event.played)
        self._cut_clause = event.clause
        self._cut_part = self._clauses[event.clause].heard(event.played / max(1, length))
        whole = [clause.written for clause in self._clauses[: event.clause]]
        self.heard = join_clauses([*whole, *([self._cut_part] if self._cut_part else [])])

    def rest(self) -> list[str]:
        """What was to be said after the cut, as far as it is known, from the word that was cut on."""
        if self._cut_clause < 0:
            return [clause.written for clause in self._clauses]
        cut = self._clauses[self._cut_clause].written[len(self._cut_part) :].strip()
        # A closing mark alone is nothing to go on with.
        first = [cut] if any(character.isalnum() for character in cut) else []
        return first + [clause.written for clause in self._clauses[self._cut_clause + 1 :]]

    def caption(self, placed: ClausePlaced) -> Caption:
        """The words of a clause that has its place in playback."""
        mood = self._moods[placed.clause]
        words = (
            CaptionWord(
                word.text,
                placed.first + round(word.begin * placed.samples),
                placed.first + round(word.end * placed.samples),
            )
            for word in self._clauses[placed.clause].words()
        )
        return Caption(self.number, placed.clause, placed.first, placed.samples, tuple(words), mood.name, mood.strength)

    def timings(self, *, interrupted: bool) -> TurnTimings:
        """The record of this turn."""
        return TurnTimings(self.number, heard=self.question, said=self.heard, interrupted=interrupted, **self.edges)

    def _say(self, clauses: list[str]) -> list[Say]:
        said = list[Say]()
        for clause in clauses:
            spoken = speak(clause, default=self._language, emoji=self._emoji)
            self._language = spoken.language
            if spoken.text:
                mood = mood_of(clause)
                said.append(Say(self.number, len(self._clauses), spoken.text, mood))
                self._clauses.append(spoken)
                self._moods.append(mood)
        return said


@dataclass
class Utterance:
    """One stretch of the user's speech, while it is undecided what it means."""

    number: int
    over: bool = False
    """It began while the avatar spoke."""
    sustained: bool = False
    """It took the floor from the avatar."""
    speech_end: int = 0
    """Last voiced sample before the silence that is now."""
    paused: bool = False
    text: str | None = None
    """Of the pause that is now, once it was transcribed."""
    ended: int | None = None
    """When it was decided that the user is done."""
