"""The memory's file: what stays, what goes, and what it survives."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.errors import MemoryFileError
from conversation.history import memory as module
from conversation.history.memory import APPLICATION, LONGEST_FACT, LONGEST_TEXT, SCHEMA, Exchange, Memory

HELLO = Exchange(1000.0, "Hello?", "Hi, I am here.", 1001.0, 1002.5, 1004.0)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "deeper" / "memory.sqlite")


def test_nothing_is_written_before_something_is_remembered(memory: Memory) -> None:
    assert memory.exchanges() == [] and memory.facts() == [] and not memory.forget_fact(1)
    assert memory.forget_matching("x") == []
    memory.forget_everything()
    assert not memory.path.parent.exists()


def test_what_was_said_comes_back_in_order(memory: Memory) -> None:
    said = [replace(HELLO, question=f"问题 {i} 🙂", asked_s=1000.0 + i) for i in range(5)]
    for exchange in said:
        memory.record(exchange)
    again = Memory(memory.path)
    assert again.exchanges() == said
    assert again.exchanges(2) == said[-2:]


def test_only_the_user_may_read_it_and_one_file_is_all(memory: Memory) -> None:
    memory.record(HELLO)
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600
    assert list(memory.path.parent.iterdir()) == [memory.path]
    file = sqlite3.connect(memory.path)
    assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert file.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    file.close()


def test_it_never_outgrows_its_bounds(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EXCHANGES", 10)
    monkeypatch.setattr(module, "MOST_FACTS", 5)
    for i in range(25):
        memory.record(replace(HELLO, question=f"{i} " + "long " * 5000))
        memory.remember(f"fact {i} " + "x" * 1000)
    assert [e.question.split()[0] for e in memory.exchanges()] == [str(i) for i in range(15, 25)]
    assert [fact.text.split()[1] for fact in memory.facts()] == [str(i) for i in range(20, 25)]
    assert all(len(e.question) <= LONGEST_TEXT for e in memory.exchanges())
    assert all(len(fact.text) == LONGEST_FACT for fact in memory.facts())


def test_facts_are_kept_once_and_forgotten_by_number_or_words(memory: Memory) -> None:
    cat = memory.remember("my cat is called Tom\n")
    assert memory.remember("My cat is called tom") == cat
    tea = memory.remember("我喜欢喝茶")
    assert [fact.text for fact in memory.facts()] == ["my cat is called Tom", "我喜欢喝茶"]
    assert memory.forget_matching("喝茶") == [tea] and memory.forget_matching("  ") == []
    assert memory.forget_fact(cat.number) and not memory.forget_fact(cat.number)
    assert memory.facts() == []
    assert memory.remember("something else").number not in (cat.number, tea.number)
    with pytest.raises(ValueError):
        memory.remember(" \0 ")


def test_of_what_is_forgotten_by_words_the_words_are_whole(memory: Memory) -> None:
    for text in (
        "tomorrow I fly to Oslo",
        "my cat is called Tom",
        "Tom's birthday is in May",
        "我叫Tom",
        "小明住在北京",
    ):
        memory.remember(text)
    assert [fact.text for fact in memory.forget_matching("tom")] == [
        "my cat is called Tom", "Tom's birthday is in May", "我叫Tom",
    ]  # fmt: skip
    assert [fact.text for fact in memory.forget_matching("住在")] == ["小明住在北京"]
    assert [fact.text for fact in memory.facts()] == ["tomorrow I fly to Oslo"]


def test_what_is_forgotten_is_overwritten(memory: Memory) -> None:
    secret = "the safe opens with seven zero four two"
    fact = memory.remember(secret)
    assert secret.encode() in memory.path.read_bytes()
    memory.forget_fact(fact.number)
    assert secret.encode() not in memory.path.read_bytes()


def test_everything_is_forgotten_with_the_file(memory: Memory) -> None:
    memory.record(HELLO)
    memory.remember("I am Anna")
    memory.forget_everything()
    assert list(memory.path.parent.iterdir()) == []
    memory.record(HELLO)
    assert memory.exchanges() == [HELLO] and memory.facts() == []


def test_text_that_no_database_takes_is_kept_as_it_can_be(memory: Memory) -> None:
    memory.record(replace(HELLO, question="a\ud800b\0c\n d'); DROP TABLE facts; --"))
    assert memory.exchanges()[0].question == "a?b c d'); DROP TABLE facts; --"


@pytest.mark.parametrize("damage", ["noise", "cut", "pages"])
def test_a_damaged_file_is_said_to_be_and_can_be_forgotten(memory: Memory, damage: str) -> None:
    for i in range(40):
        memory.record(replace(HELLO, heard=f"{i} " + "word " * 200))
    data = memory.path.read_bytes()
    memory.path.write_bytes(
        {"noise": b"noise " * 1000, "cut": data[:5000], "pages": data[:4096] + b"\xff" * (len(data) - 4096)}[damage]
    )
    with pytest.raises(MemoryFileError, match=r"damaged.*visavis memory forget"):
        memory.exchanges()
    memory.forget_everything()
    memory.record(HELLO)
    assert memory.exchanges() == [HELLO]


def test_a_newer_file_and_another_programs_file_stay_as_they_are(memory: Memory, tmp_path: Path) -> None:
    memory.record(HELLO)
    with sqlite3.connect(memory.path) as file:
        file.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    file.close()
    with pytest.raises(MemoryFileError, match="newer"):
        memory.remember("x y")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE notes (text)")
    file.close()
    with pytest.raises(MemoryFileError, match="not a memory"):
        Memory(other).record(HELLO)
    assert APPLICATION


def test_a_file_that_another_program_holds_is_said_to_be_in_use(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAIT_S", 0.05)
    memory.record(HELLO)
    file = sqlite3.connect(memory.path, isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    with pytest.raises(MemoryFileError, match="in use"):
        memory.record(HELLO)
    file.close()
    memory.record(HELLO)
    assert len(memory.exchanges()) == 2


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "memory.sqlite", tmp_path):
        with pytest.raises(MemoryFileError):
            Memory(path).record(HELLO)


WRITER = """
import sys
from pathlib import Path
from conversation.history.memory import Exchange, Memory
memory = Memory(Path(sys.argv[1]))
for i in range(100000):
    memory.record(Exchange(1.0, str(i), "word " * 500, 1.0, 2.0, 3.0))
    print(i, flush=True)
"""


def test_what_was_told_to_be_kept_survives_a_kill(memory: Memory) -> None:
    for _ in range(3):
        before = len(memory.exchanges())
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(memory.path)], stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(12)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait()
        writer.stdout.close()
        kept = [int(exchange.question) for exchange in memory.exchanges()[before:]]
        assert kept == list(range(len(kept))) and len(kept) >= len(told)
    file = sqlite3.connect(memory.path)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
