"""The phones that the mouth table knows (CMU's ARPAbet, as flite writes it), and how hibari's symbols map to them."""

from __future__ import annotations

from dataclasses import dataclass

PHONES = (
    "pau", "aa", "ae", "ah", "ao", "aw", "ax", "ay", "b", "ch", "d", "dh", "eh", "er", "ey", "f", "g", "hh", "ih", "iy",
    "jh", "k", "l", "m", "n", "ng", "ow", "oy", "p", "r", "s", "sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh",
)  # fmt: skip
NUMBER = {phone: i for i, phone in enumerate(PHONES)}
BILABIALS = ("p", "b", "m")

HIBARI = {
    "A": "ey", "I": "ay", "O": "ow", "Q": "ow", "W": "aw", "Y": "oy", "ɑ": "aa", "a": "aa", "ɒ": "aa", "æ": "ae",
    "ɐ": "ax", "ə": "ax", "ᵊ": "ax", "ʌ": "ah", "ɔ": "ao", "ɛ": "eh", "ɜ": "er", "ɚ": "er", "ɪ": "ih", "ᵻ": "ih",
    "i": "iy", "u": "uw", "ʊ": "uh", "b": "b", "d": "d", "f": "f", "h": "hh", "j": "y", "k": "k", "l": "l", "m": "m",
    "n": "n", "p": "p", "s": "s", "t": "t", "v": "v", "w": "w", "z": "z", "ð": "dh", "ŋ": "ng", "ɡ": "g", "ɹ": "r",
    "ɾ": "d", "T": "d", "ʃ": "sh", "ʒ": "zh", "ʤ": "jh", "ʧ": "ch", "θ": "th", "ʔ": "t",
    ",": "pau", ".": "pau", "!": "pau", "?": "pau", ";": "pau", ":": "pau", "—": "pau", "…": "pau",
}  # fmt: skip
"""hibari's alphabet is misaki's. What is not here (stress, length, word space) makes no mouth shape of its own."""


@dataclass(frozen=True)
class Segment:
    """One phone in time; seconds."""

    phone: str
    start: float
    end: float
