"""What is made in steps is what is made at once, a few of them at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from render.errors import StageError
from render.steps import Sliced, Steps, at_once, beside


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, "other") as pool:
        yield pool


def _where() -> str:
    return threading.current_thread().name


def _made(done: list[str]) -> Steps[list[str]]:
    done.append(_where())
    yield None
    inner = yield from _inside()
    done.append(_where())
    return [*done, inner]


def _inside() -> Steps[str]:
    other = yield from beside(_where)
    yield None
    return other


def test_all_at_once_is_on_this_thread() -> None:
    here = _where()
    assert at_once(_made([])) == [here, here, here]


def test_work_for_another_thread_is_done_there(pool: ThreadPoolExecutor) -> None:
    done: list[str] = []
    sliced = Sliced(_made(done), pool)
    while not sliced.go_on(1.0):
        pass
    here = _where()
    assert sliced.result == [here, here, "other_0"] and sliced.done


def test_no_more_steps_than_there_is_time_for(pool: ThreadPoolExecutor) -> None:
    now = 0.0
    taken = 0

    def steps() -> Steps[str]:
        nonlocal now, taken
        for _ in range(7):
            taken, now = taken + 1, now + 0.001
            yield None
        return "there"

    sliced = Sliced(steps(), pool, clock=lambda: now)
    assert not sliced.go_on(0.0025) and taken == 3
    assert not sliced.go_on(0.0) and taken == 4
    while not sliced.go_on(0.0025):
        pass
    assert sliced.result == "there" and taken == 7
    assert sliced.go_on(0.0) and taken == 7


def test_nobody_waits_longer_for_the_other_thread_than_there_is_time(pool: ThreadPoolExecutor) -> None:
    may_go = threading.Event()
    sliced = Sliced(beside(may_go.wait), pool)
    assert not sliced.go_on(0.0) and not sliced.go_on(0.0)
    may_go.set()
    assert sliced.go_on(10.0) and sliced.result is True


@pytest.mark.parametrize("where", ["here", "beside"])
def test_what_a_step_raises_is_raised_for_the_result(pool: ThreadPoolExecutor, where: str) -> None:
    left: list[str] = []

    def fails() -> bool:
        raise StageError("It does not fit.")

    def steps() -> Steps[bool]:
        try:
            return fails() if where == "here" else (yield from beside(fails))
        finally:
            left.append(where)

    sliced = Sliced(steps(), pool)
    while not sliced.go_on(1.0):
        pass
    assert left == [where]
    with pytest.raises(StageError, match="does not fit"):
        _ = sliced.result
    with pytest.raises(StageError):
        at_once(steps())


def test_what_is_made_no_further_is_left(pool: ThreadPoolExecutor) -> None:
    left: list[bool] = []

    def steps() -> Steps[None]:
        try:
            yield from beside(lambda: None)
            yield None
        finally:
            left.append(True)

    sliced = Sliced(steps(), pool)
    sliced.go_on(0.0)
    sliced.close()
    assert left == [True]
