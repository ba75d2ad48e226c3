"""Stands for something that is made in steps."""

from collections.abc import Callable
from typing import TypeVar

from render.steps import Steps

T = TypeVar("T")


def in_steps(make: Callable[..., T]) -> Callable[..., Steps[T]]:
    """What `make` gives, after a step that does nothing."""

    def steps(*given: object, **others: object) -> Steps[T]:
        yield None
        return make(*given, **others)

    return steps
