"""Damaged avatar files, loaded one after another in processes that may not take more memory than the files are worth.

A file has to be refused with one sentence, or to load. Its reader may allocate twice the file's size and ALLOWED_BYTES,
and its process may not grow past a limit of the system; where a process dies, the file that killed it is counted and
another process goes on behind it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import tempfile
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.avatar import Avatar
from assets.container import load, problems, save
from assets.errors import AvatarError
from assets.progress import Progress
from render.measure.damage import ACCIDENTS, ATTACKS, Whole
from render.measure.subject import make_subject

ALLOWED_BYTES: Final = 1 << 20
"""Beside twice the file: buffers, the manifest's objects, what one file leaves of the one before."""
GROWTH_BYTES: Final = 96 << 20
"""By which a process may grow, whatever takes the memory."""
_LONGEST_SENTENCE: Final = 600
_GAUSSIANS: Final = 8_000
_SHAPES: Final = 6
_ASKED: Final = 8
"""Of so many files, one is also asked for all that is wrong with it."""
_DAMAGES: Final = ACCIDENTS | ATTACKS
_WHOLE: Final = ("compact.avatar", "full.avatar")
_DAMAGED: Final = "damaged.avatar"


@dataclass(frozen=True)
class Outcome:
    """What became of one damaged file."""

    number: int
    kind: str
    refused: bool
    allocated: int
    """Bytes beyond twice the file, at most."""
    wrong: str = ""
    """What should not have happened."""


def try_damaged(count: int, progress: Progress, *, seed: int = 0, gaussians: int = _GAUSSIANS) -> dict[str, Any]:
    """Load `count` damaged files of made-up persons, compact and full.

    Returns files, refused, loaded, wrong (with the first of them told), crashed, file_bytes, and by kind how many were
    refused of how many, and the most bytes allocated beyond twice the file. Needs the extra `convert`.
    """
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name, progress.step("Loading damaged files", count) as step:
        folder = Path(name)
        subject = make_subject(gaussians, shapes=_SHAPES, network=True)
        save(subject, folder / _WHOLE[0], b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
        save(subject, folder / _WHOLE[1], precision="full")
        wholes = [Whole.of((folder / file).read_bytes()) for file in _WHOLE]
        while len(outcomes) < count:
            for outcome in _in_a_process(wholes, folder, seed, len(outcomes), count):
                outcomes.append(outcome)
                step.advance()
    return _figures(outcomes, [len(whole.blob) for whole in wholes])


def _figures(outcomes: list[Outcome], sizes: list[int]) -> dict[str, Any]:
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        found = by_kind[outcome.kind]
        found["files"] += 1
        found["refused"] += outcome.refused
        found["most_allocated"] = max(found["most_allocated"], outcome.allocated)
    wrong = [f"{outcome.number}, {outcome.kind}: {outcome.wrong}" for outcome in outcomes if outcome.wrong]
    return {
        "files": len(outcomes),
        "refused": sum(outcome.refused for outcome in outcomes),
        "wrong": len(wrong),
        "told": wrong[:20],
        "file_bytes": sizes,
        "most_allocated_beyond_twice_the_file": max(outcome.allocated for outcome in outcomes),
        "allowed_beyond_twice_the_file": ALLOWED_BYTES,
        "kinds": {kind: dict(found) for kind, found in sorted(by_kind.items())},
    }


def _in_a_process(wholes: Sequence[Whole], folder: Path, seed: int, first: int, count: int) -> Iterator[Outcome]:
    """Outcomes from `first` on, until all are there or the process has died."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_load_what_comes, args=(folder, there))
    child.start()
    there.close()
    number, kind = first, ""
    try:
        for number in range(first, count):
            rng = np.random.default_rng((seed, number))
            kind, which = list(_DAMAGES)[rng.integers(len(_DAMAGES))], int(rng.integers(len(wholes)))
            (folder / _DAMAGED).write_bytes(_DAMAGES[kind](wholes[which], rng))
            here.send((number, kind, which))
            yield here.recv()
    except (EOFError, OSError):
        child.join()
        yield Outcome(number, kind, False, 0, f"the process died ({child.exitcode})")
    finally:
        here.close()
        child.join()


def _load_what_comes(folder: Path, orders: Connection) -> None:
    avatars = [load(folder / file) for file in _WHOLE]
    largest = max((folder / file).stat().st_size for file in _WHOLE)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + 4 * largest + GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with contextlib.suppress(EOFError):
        while True:
            number, kind, which = orders.recv()
            orders.send(_try(folder / _DAMAGED, number, kind, avatars[which]))


def _try(path: Path, number: int, kind: str, was: Avatar) -> Outcome:
    avatar: Avatar | None = None
    wrong, sentence, size = "", "", path.stat().st_size
    tracemalloc.start()
    try:
        avatar = load(path)
    except AvatarError as error:
        sentence = str(error)
    except BaseException as error:
        wrong = f"{type(error).__name__}: {error}"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    allocated = peak - 2 * size
    if avatar is None and not wrong:
        if "\n" in sentence or not sentence.endswith(".") or len(sentence) > _LONGEST_SENTENCE + len(str(path)):
            wrong = f"this is not one sentence: {sentence!r}"
        elif allocated > ALLOWED_BYTES:
            wrong = f"{peak} bytes were allocated for a file of {size}"
        elif number % _ASKED == 0 and not problems(path):
            wrong = "it is refused, and nothing is wrong with it"
    if avatar is not None and kind in ACCIDENTS and not _same(avatar, was):
        wrong = "it is another avatar, and nobody noticed"
    return Outcome(number, kind, avatar is None and not wrong, allocated if avatar is None else 0, wrong)


def _same(a: Avatar, b: Avatar) -> bool:
    pairs = [(vars(a.gaussians), vars(b.gaussians)), (vars(a.mesh), vars(b.mesh)), (a.tensors, b.tensors)]
    arrays = all(x.keys() == y.keys() and all(np.array_equal(x[name], y[name]) for name in x) for x, y in pairs)
    return arrays and (a.name, a.stages, a.levels, dict(a.models)) == (b.name, b.stages, b.levels, dict(b.models))
