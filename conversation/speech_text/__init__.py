"""Text on its way to the voice: cut into clauses, read as it is said, and the mood it is in."""

from conversation.speech_text.cutter import ClauseCutter, CutSettings
from conversation.speech_text.markup import EmojiSpeech
from conversation.speech_text.mood import Mood, mood_of
from conversation.speech_text.script import Language, join_clauses
from conversation.speech_text.spoken import CaptionWord, Spoken, speak

__all__ = [
    "CaptionWord",
    "ClauseCutter",
    "CutSettings",
    "EmojiSpeech",
    "Language",
    "Mood",
    "Spoken",
    "join_clauses",
    "mood_of",
    "speak",
]
