"""Recorded speech with what was said, from a folder as corpora come.

Sounds are WAV, FLAC, OGG or MP3 files anywhere in the folder; what was said is found by a sound's name without suffix:

- `NAME.txt` beside it, holding the words alone;
- a list in a `.txt` file or one called `text`, a line each: the name (or a path that ends with it), then the words
  (Kaldi, LibriSpeech, AISHELL);
- a `.json` file: supervisions with `recording_id`, `start` and `text` (Lhotse), or a name with its `words`
  (SpeechBrain).

A sound that nothing is known of is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from conversation.errors import AudioFileError
from conversation.speech_text import Language
from conversation.speech_text.script import is_wide

_SOUNDS: Final = frozenset({".wav", ".flac", ".ogg", ".mp3"})
_LARGEST: Final = 64 << 20
"""Bytes of a transcript file that is read."""
_MOST_FILES: Final = 100_000


@dataclass(frozen=True)
class Utterance:
    """One recording."""

    path: Path
    text: str

    @property
    def language(self) -> Language:
        """English, but for text with characters of a script that is written without spaces."""
        return "zh" if any(map(is_wide, self.text)) else "en"


def read_corpus(folder: Path) -> list[Utterance]:
    """The recordings in `folder` whose words are known, by path; raises AudioFileError where there is none."""
    files = [path for path, _ in zip(sorted(folder.rglob("*")), range(_MOST_FILES), strict=False) if path.is_file()]
    said: dict[str, str] = {}
    for path in files:
        if path.stat().st_size <= _LARGEST and (path.suffix in (".txt", ".json") or path.name == "text"):
            said |= dict(_transcripts(path))
    found = [
        Utterance(path, said[path.stem]) for path in files if path.suffix.lower() in _SOUNDS and said.get(path.stem)
    ]
    if not found:
        raise AudioFileError(
            f"In {folder} is no recorded speech with what was said; put NAME.txt beside each NAME.wav, or a list "
            "`text` with a name and the words on each line."
        )
    return found


def _transcripts(path: Path) -> Iterator[tuple[str, str]]:
    """Names of sounds, and what is said in each."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if path.suffix == ".json":
        try:
            yield from _from_json(msgspec.json.decode(content))
        except (msgspec.DecodeError, RecursionError):
            return
    elif any(path.with_suffix(suffix).is_file() for suffix in _SOUNDS):
        yield path.stem, " ".join(content.split())
    else:
        for line in content.splitlines():
            name, _, words = line.strip().partition(" ")
            if words.strip():
                yield PurePosixPath(name.strip()).name, words.strip()


def _from_json(content: Any) -> Iterator[tuple[str, str]]:
    parts: dict[str, list[tuple[float, str]]] = {}
    for name, start, text in _supervisions(content, ""):
        stem = PurePosixPath(name)
        parts.setdefault(stem.stem if stem.suffix in _SOUNDS else stem.name, []).append((start, text))
    for name, texts in parts.items():
        yield name, " ".join(text for _, text in sorted(texts))


def _supervisions(node: Any, key: str) -> Iterator[tuple[str, float, str]]:
    """(name, start, words) of everything that has them, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from _supervisions(item, "")
    elif isinstance(node, dict):
        name, text, start = node.get("recording_id"), node.get("text"), node.get("start", 0.0)
        if isinstance(name, str) and isinstance(text, str) and isinstance(start, int | float):
            yield name, float(start), text
        elif key and isinstance(node.get("words"), str):
            yield key, 0.0, node["words"]
        else:
            for inner, value in node.items():
                yield from _supervisions(value, inner)
