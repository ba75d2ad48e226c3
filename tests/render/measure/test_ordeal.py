"""What a reader may not do, done by readers that do it: each is found out, and the others are read all the same."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import pytest

from assets.errors import AvatarError
from render.measure import ordeal
from render.measure.ordeal import Order, endure, figures_of, is_sentence

MIB = 1 << 20


class WordyError(AvatarError):
    """A message past the bound that the package's errors keep."""

    def __str__(self) -> str:
        return "On and on." * 500


class Misdeeds:
    """Files whose names say what reading them does."""

    growth = 256 * MIB
    kinds = ("fine", "refused", "too long", "no end", "error", "much", "more", "dies", "warns", "odd", "fine")

    def damaged(self, number: int, folder: Path) -> Order:
        assert not list(folder.iterdir())
        path = folder / "file"
        path.write_bytes(b"12345")
        return Order(number, self.kinds[number], "file", path, 5)

    def prepare(self, folder: Path) -> None:
        assert folder.is_dir()

    def read(self, order: Order) -> object:
        match order.kind:
            case "refused":
                raise AvatarError(f"{order.path} is refused.")
            case "too long":
                raise WordyError
            case "no end":
                raise AvatarError("no end")
            case "error":
                raise KeyError("x")
            case "much":
                return len(bytes(3 * MIB))
            case "more":
                return len(bytes(1 << 40))
            case "dies":
                os._exit(9)
            case "warns":
                warnings.warn("careful", stacklevel=1)
        return order.path.read_bytes()

    def allowed(self, order: Order, *, refused: bool) -> int:
        return 2 * MIB

    def complaint(self, order: Order, found: object | None) -> str:
        return "it is odd" if order.kind == "odd" else ""


def test_everything_that_goes_wrong_is_told_and_the_rest_is_read() -> None:
    seen: list[None] = []
    outcomes = endure(Misdeeds(), len(Misdeeds.kinds), lambda: seen.append(None))
    assert [outcome.order.number for outcome in outcomes] == list(range(len(Misdeeds.kinds))) and len(seen) == 11
    found = {outcome.order.kind: outcome.wrong for outcome in outcomes}
    said = {
        "too long": "not one sentence", "no end": "not one sentence", "error": "KeyError",
        "much": "bytes were allocated where 2097152 are allowed", "more": "MemoryError", "dies": "the process died (9)",
        "warns": "UserWarning: careful", "odd": "it is odd",
    }  # fmt: skip
    assert {kind for kind, wrong in found.items() if wrong} == said.keys()
    assert all(words in found[kind] for kind, words in said.items())
    figures = figures_of(outcomes)
    assert (figures["files"], figures["refused"], figures["wrong"], len(figures["told"])) == (11, 1, 8, 8)
    assert figures["most_of_allowed"] == pytest.approx(1.5, abs=0.1)
    fine = next(row for row in figures["kinds"] if row["damage"] == "fine")
    assert (fine["files"], fine["refused"], fine["wrong"]) == (2, 0, 0)
    assert [row["file"] for row in figures["sources"]] == ["file"]


class Endless(Misdeeds):
    def read(self, order: Order) -> object:
        while order.number == 0:
            time.sleep(0.05)
        return 1


def test_one_who_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordeal, "PATIENCE_S", 0.3)
    outcomes = endure(Endless(), 2, lambda: None)
    assert "still read after 0.3 s" in outcomes[0].wrong and not outcomes[1].wrong


class Counting(Misdeeds):
    """A reader that can do no more than two files."""

    read_before = 0

    def read(self, order: Order) -> object:
        self.read_before += 1
        return self.read_before

    def complaint(self, order: Order, found: object | None) -> str:
        return "it is the third" if found == 3 else ""


def test_another_process_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordeal, "AFRESH", 2)
    assert not any(outcome.wrong for outcome in endure(Counting(), 5, lambda: None))
    monkeypatch.setattr(ordeal, "AFRESH", 5)
    assert [outcome.wrong for outcome in endure(Counting(), 5, lambda: None)] == ["", "", "it is the third", "", ""]


def test_what_a_sentence_is() -> None:
    path = Path("a")
    assert is_sentence("It is damaged; get it again.", path) and is_sentence("Is it there?", path)
    for text in ("", "no end", "Two.\nLines.", "x" * 700 + ".", "Odd\u202e letters."):
        assert not is_sentence(text, path)
