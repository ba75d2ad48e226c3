"""What outlives a conversation: what was said, and what the user asked to be remembered. One SQLite file.

The file is opened for each call and closed again, so it may be deleted at any time. It is a plain journalled database
(no WAL beside it), written through to the disk at each commit: a crash or a power cut leaves what was committed before.
What is deleted is overwritten. Only the user may read it, and it never grows beyond the bounds below.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conversation.errors import MemoryFileError

APPLICATION: Final = int.from_bytes(b"VvMe", "big")
SCHEMA: Final = 1
MOST_EXCHANGES: Final = 4000
MOST_FACTS: Final = 200
LONGEST_TEXT: Final = 4000
"""Characters of a question or an answer."""
LONGEST_FACT: Final = 300
_WAIT_S: Final = 3.0
"""For another process that writes at the moment."""
_TABLES: Final = """
CREATE TABLE exchanges (
    id INTEGER PRIMARY KEY, conversation REAL NOT NULL, question TEXT NOT NULL, heard TEXT NOT NULL,
    asked REAL NOT NULL, answered REAL NOT NULL, ended REAL NOT NULL);
CREATE TABLE facts (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, learnt REAL NOT NULL);
"""


@dataclass(frozen=True)
class Exchange:
    """A question and what was heard of the answer; times in seconds since 1970."""

    conversation: float
    """When the conversation that it belongs to began."""
    question: str
    heard: str
    asked_s: float
    answered_s: float
    """When the answer began to be heard."""
    ended_s: float


@dataclass(frozen=True)
class Fact:
    """Something that the user asked to be remembered, in the user's words."""

    number: int
    """Never given to another fact."""
    text: str
    learnt_s: float


class Memory:
    """The memory in one file, which the first thing remembered makes.

    Every call raises MemoryFileError where the file is damaged, of a newer version, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange; the oldest beyond MOST_EXCHANGES go."""
        row = (
            exchange.conversation, _bounded(exchange.question, LONGEST_TEXT), _bounded(exchange.heard, LONGEST_TEXT),
            exchange.asked_s, exchange.answered_s, exchange.ended_s,
        )  # fmt: skip
        with self._opened() as file:
            file.execute(
                "INSERT INTO exchanges (conversation, question, heard, asked, answered, ended) VALUES (?,?,?,?,?,?)",
                row,
            )
            file.execute("DELETE FROM exchanges WHERE id <= (SELECT max(id) FROM exchanges) - ?", (MOST_EXCHANGES,))

    def exchanges(self, most: int = MOST_EXCHANGES) -> list[Exchange]:
        """The newest `most`, the oldest of them first."""
        if not self.path.exists():
            return []
        query = "SELECT conversation, question, heard, asked, answered, ended FROM exchanges ORDER BY id DESC LIMIT ?"
        with self._opened() as file:
            return [Exchange(*row) for row in file.execute(query, (most,))][::-1]

    def remember(self, text: str) -> Fact:
        """Keep a fact; the same one is kept once, the oldest beyond MOST_FACTS go. ValueError where it is empty."""
        text = _bounded(text, LONGEST_FACT)
        if not text:
            raise ValueError("there is nothing to remember")
        with self._opened() as file:
            for fact in _facts(file):
                if fact.text.casefold() == text.casefold():
                    return fact
            learnt = time.time()
            number = file.execute("INSERT INTO facts (text, learnt) VALUES (?, ?)", (text, learnt)).lastrowid
            file.execute(
                "DELETE FROM facts WHERE id NOT IN (SELECT id FROM facts ORDER BY id DESC LIMIT ?)", (MOST_FACTS,)
            )
            assert number is not None
            return Fact(number, text, learnt)

    def facts(self) -> list[Fact]:
        """All of them, the oldest first."""
        if not self.path.exists():
            return []
        with self._opened() as file:
            return _facts(file)

    def forget_fact(self, number: int) -> bool:
        """Forget one fact; whether there was such a one."""
        if not self.path.exists():
            return False
        with self._opened() as file:
            return file.execute("DELETE FROM facts WHERE id = ?", (number,)).rowcount > 0

    def forget_matching(self, words: str) -> list[Fact]:
        """Forget the facts that say `words`; which these were."""
        wanted = _bounded(words, LONGEST_FACT)
        if not wanted or not self.path.exists():
            return []
        with self._opened() as file:
            gone = [fact for fact in _facts(file) if says(fact.text, wanted)]
            file.executemany("DELETE FROM facts WHERE id = ?", [(fact.number,) for fact in gone])
        return gone

    def forget_everything(self) -> None:
        """Overwrite what is there and delete the file; a damaged one too."""
        if self.path.exists():
            with contextlib.suppress(MemoryFileError), self._opened() as file:
                file.execute("DELETE FROM exchanges")
                file.execute("DELETE FROM facts")
        try:
            for path in (self.path, self.path.with_name(f"{self.path.name}-journal")):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise MemoryFileError(f"{self.path} could not be deleted ({error.strerror}): delete it by hand.") from None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            self._create()
            file = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
            with contextlib.closing(file):
                file.execute("PRAGMA journal_mode = DELETE")
                file.execute("PRAGMA synchronous = EXTRA")
                file.execute("PRAGMA secure_delete = ON")
                file.execute("PRAGMA trusted_schema = OFF")
                file.execute("BEGIN IMMEDIATE")
                self._check_version(file)
                yield file
                file.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        except OSError as error:
            raise MemoryFileError(
                f"The memory {self.path} cannot be opened ({error.strerror}): look at the rights of its folder."
            ) from None

    def _create(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _check_version(self, file: sqlite3.Connection) -> None:
        (application,) = file.execute("PRAGMA application_id").fetchone()
        (version,) = file.execute("PRAGMA user_version").fetchone()
        (tables,) = file.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not application and not version and not tables:
            for statement in filter(str.strip, _TABLES.split(";")):
                file.execute(statement)
            file.execute(f"PRAGMA application_id = {APPLICATION}")
            file.execute(f"PRAGMA user_version = {SCHEMA}")
        elif application != APPLICATION:
            raise MemoryFileError(f"{self.path} is not a memory of visavis: move it out of the way.")
        elif version != SCHEMA:
            raise MemoryFileError(f"The memory {self.path} was written by a newer visavis: update this one.")

    def _unusable(self, error: sqlite3.Error) -> MemoryFileError:
        # What Python itself finds wrong with a value, such as text that is not UTF-8, has no name.
        match getattr(error, "sqlite_errorname", "").split("_")[:2]:
            case ["SQLITE", "BUSY" | "LOCKED"]:
                return MemoryFileError(f"The memory {self.path} is in use by another program: try again.")
            case ["SQLITE", "READONLY" | "CANTOPEN" | "PERM" | "FULL" | "IOERR"]:
                return MemoryFileError(
                    f"The memory {self.path} cannot be written ({error}): look at its folder's rights."
                )
            case _:
                return MemoryFileError(
                    f"The memory {self.path} is damaged ({error}): `visavis memory forget` deletes it."
                )


def says(fact: str, words: str) -> bool:
    """Whether these words stand in it, whatever their case; "Tom" does not stand in "tomorrow"."""
    return re.search(rf"(?<![a-z\d]){re.escape(words.casefold())}(?![a-z\d])", fact.casefold()) is not None


def _facts(file: sqlite3.Connection) -> list[Fact]:
    return [Fact(*row) for row in file.execute("SELECT id, text, learnt FROM facts ORDER BY id")]


def _bounded(text: str, most: int) -> str:
    """One line that every database takes."""
    return " ".join(text.encode(errors="replace").decode().replace("\0", " ").split())[:most].rstrip()
