"""Every peer does the same work as our engine of its stage, in turn with it within one run.

Ours does a round's work, then the peer, round after round, so that whatever else the machine does falls on both alike;
the first round warms both up and is not counted. A ratio is the median, over the rounds, of how many times faster ours
was; over 1, ours is the faster one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np

from assets.errors import VisavisError
from assets.progress import Progress, Step
from conversation.errors import PeerError
from conversation.measure.corpus import Utterance
from conversation.measure.peers.install import PEERS, PeerEngine, prompt, rival, start
from conversation.measure.peers.ours import Ours
from conversation.measure.talk import QUESTIONS, SENTENCE, Talk, spoken_questions
from conversation.measure.word_errors import Errors, compare
from conversation.settings import EngineSpec

ROUNDS: Final = 5
EACH: Final = 4
"""Pieces of work in a round."""
_MOST: Final = 48
"""Tokens of an answer."""

Answers = list[dict[str, Any]]


class Contender(Protocol):
    """Whoever does work and says how long it took."""

    def ask(self, work: dict[str, Any], /) -> dict[str, Any]:
        """For each rate [amount, what it is divided by], and `text` where there is some."""
        ...


class PeerNames(tuple[str, ...]):
    """Some of PEERS."""

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Of `all`, or names between commas; none of None. Raises PeerError where one is unknown."""
        names = tuple(PEERS) if text == "all" else tuple(name.strip() for name in (text or "").split(",") if text)
        for name in names:
            if name not in PEERS:
                raise PeerError(f"There is no peer {name!r}; name some of {', '.join(PEERS)}.")
        return cls(names)


@dataclass(frozen=True)
class _Piece:
    """Work as ours and the peer are given it, and the utterance that it is to hear."""

    ours: dict[str, Any]
    theirs: dict[str, Any]
    utterance: Utterance | None = None


def hold_contest(
    names: PeerNames, talk: Talk, folder: Path, progress: Progress, *, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Install what is missing into `folder`, and let each peer meet our engine of its stage.

    Returns for each name: version, threads, for each rate (rtf; prefill_tok_s and decode_tok_s) the peer's and
    ratio.RATE, and ours.RATE; for recognisers also wer or cer of both. One that cannot be had, does not run, or has
    nothing of ours to meet, has `error` alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as scratch:
        for name in names:
            try:
                found[name] = _meet(PEERS[name], talk, folder, Path(scratch), progress, rounds)
            except VisavisError as error:
                found[name] = {"error": str(error)}
    return found


def _meet(peer: PeerEngine, talk: Talk, folder: Path, scratch: Path, progress: Progress, rounds: int) -> dict[str, Any]:
    ours_spec = rival(peer, talk.settings.engines)
    with ExitStack() as stack:
        theirs = start(peer, ours_spec, folder, progress)
        stack.callback(theirs.close)
        ours = Ours(peer.stage, ours_spec)
        stack.callback(ours.close)
        pieces = _pieces(peer, ours_spec, talk, scratch)
        with progress.step(peer.name, rounds + 1) as step:
            answers = take_turns(ours, theirs, pieces, rounds, step)
    return {**theirs.about, "threads": ours_spec.options.get("threads", 1), **figures_of(*answers, pieces)}


def take_turns(
    ours: Contender, theirs: Contender, pieces: Sequence[_Piece], rounds: int, step: Step
) -> tuple[list[Answers], list[Answers]]:
    """Answers of ours and theirs, by round; the round before the first is thrown away."""
    rows: tuple[list[Answers], list[Answers]] = ([], [])
    for _ in range(rounds + 1):
        rows[0].append([ours.ask(piece.ours) for piece in pieces])
        rows[1].append([theirs.ask(piece.theirs) for piece in pieces])
        step.advance()
    return rows[0][1:], rows[1][1:]


def figures_of(ours: list[Answers], theirs: list[Answers], pieces: Sequence[_Piece]) -> dict[str, Any]:
    """See hold_contest."""
    rates = [name for name in theirs[0][0] if name != "text"]
    mine, others = ({name: _rate(_flat(rows), name) for name in rates} for rows in (ours, theirs))
    ratios = {}
    for name in rates:
        by_round = [_rate(a, name) / max(_rate(b, name), 1e-9) for a, b in zip(ours, theirs, strict=True)]
        # Of a real-time factor less is faster.
        ratios[name] = round(float(np.median([1 / max(r, 1e-9) if name == "rtf" else r for r in by_round])), 2)
    mine |= _errors(ours[0], pieces)
    others |= _errors(theirs[0], pieces)
    return {**_rounded(others), "ratio": ratios, "ours": _rounded(mine)}


def _rate(answers: Answers, name: str) -> float:
    amount, over = (sum(answer[name][place] for answer in answers) for place in (0, 1))
    return float(amount) / max(float(over), 1e-9)


def _flat(rows: list[Answers]) -> Answers:
    return [answer for row in rows for answer in row]


def _errors(answers: Answers, pieces: Sequence[_Piece]) -> dict[str, float]:
    """Error rates of what was heard, by how the language is counted."""
    totals: dict[str, Errors] = {}
    for answer, piece in zip(answers, pieces, strict=True):
        if piece.utterance is not None:
            language = piece.utterance.language
            found = compare(piece.utterance.text, answer["text"], language)
            totals[language] = totals.get(language, Errors()) + found
    return {name: totals[code].rate for code, name in (("en", "wer"), ("zh", "cer")) if code in totals}


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1 if name.endswith("_s") else 4) for name, value in figures.items()}


def _pieces(peer: PeerEngine, ours: EngineSpec, talk: Talk, scratch: Path) -> list[_Piece]:
    return _WORK[peer.stage](ours, talk, scratch)


def _to_hear(ours: EngineSpec, talk: Talk, scratch: Path) -> list[_Piece]:
    heard = list(talk.questions[: 2 * EACH]) or spoken_questions(QUESTIONS[: 2 * EACH], scratch)
    return [_Piece(work := {"sound": str(one.path)}, work, one) for one in heard]


def _to_answer(ours: EngineSpec, talk: Talk, scratch: Path) -> list[_Piece]:
    system = talk.settings.system_prompt
    return [
        _Piece(
            {"system": system, "question": question, "most": _MOST},
            {"prompt": prompt(system, question, ours), "most": _MOST},
        )
        for question in QUESTIONS[:EACH]
    ]


def _to_say(ours: EngineSpec, talk: Talk, scratch: Path) -> list[_Piece]:
    return [_Piece(work := {"say": text}, work) for text in (SENTENCE, *QUESTIONS[: EACH - 1])]


_WORK: Final[dict[str, Callable[[EngineSpec, Talk, Path], list[_Piece]]]] = {
    "recogniser": _to_hear,
    "language_model": _to_answer,
    "synthesiser": _to_say,
}
