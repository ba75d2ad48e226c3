"""Who is to be made: what a person's options mean as weights of MakeHuman's targets.

The macro targets are combined as MakeHuman does it: each is made for one corner of sex, age, muscle and weight, and
counts by how near the person is to that corner on every axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np

from assets.errors import ForgeError

ORIGINS: Final = ("caucasian", "asian", "african")
YOUNGEST, OLDEST = 18.0, 90.0
_YOUNG = 25.0
"""Years of MakeHuman's young and, at OLDEST, old targets."""
SHORTEST_M, TALLEST_M = 1.40, 2.10


@dataclass(frozen=True)
class Person:
    """A body and face to forge; what is None is drawn by the seed. Raises ForgeError where a value is out of range."""

    sex: float = 0.0
    """0 female to 1 male."""
    age: float = 25.0
    """Years, 18 to 90."""
    height: float | None = None
    """Metres; 1.68 for a woman and 1.78 for a man by default."""
    muscle: float = 0.5
    weight: float = 0.5
    """0 little, 0.5 average, 1 much."""
    proportions: float = 0.5
    """How near to ideal proportions, 0 to 1."""
    origins: tuple[float, float, float] | None = None
    """Shares of MakeHuman's caucasian, asian and african faces; they are made to add up to 1."""
    features: Mapping[str, float] = field(default_factory=dict)
    """Further MakeHuman targets by name, such as `nose/nose-hump-incr`, and their weights; * stands for both sides."""

    def __post_init__(self) -> None:
        ranges = {
            "sex": (self.sex, 0.0, 1.0),
            "age": (self.age, YOUNGEST, OLDEST),
            "height": (self.tall, SHORTEST_M, TALLEST_M),
            "muscle": (self.muscle, 0.0, 1.0),
            "weight": (self.weight, 0.0, 1.0),
            "proportions": (self.proportions, 0.0, 1.0),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise ForgeError(f"A person's {name} cannot be {value:g}; choose between {low:g} and {high:g}.")
        if self.origins is not None and not (min(self.origins) >= 0 and sum(self.origins) > 0):
            raise ForgeError("The shares of a person's origins cannot be negative, nor all zero.")

    @property
    def tall(self) -> float:
        """Metres."""
        return 1.68 + 0.1 * self.sex if self.height is None else self.height


def target_weights(person: Person, random: np.random.Generator) -> dict[str, float]:
    """Target → weight of the macro shape and of the face; `random` draws what the person leaves open, and what sets one
    person apart from the mean of all who are like it."""
    drawn = random.dirichlet((6.0, 6.0, 6.0))
    given = drawn if person.origins is None else np.array(person.origins) / sum(person.origins)
    weights: dict[str, float] = {}
    for (sex, age), share in _products(_sexes(person), _ages(person)):
        for origin, part in zip(ORIGINS, given, strict=True):
            _add(weights, f"macrodetails/{origin}-{sex}-{age}", share * float(part))
    for corner, share in _corners(person):
        _add(weights, f"macrodetails/universal-{corner}", share)
        _add(weights, f"macrodetails/proportions/{corner}-idealproportions", share * person.proportions)
    for target, weight in _face(person).items():
        varied = max(0.0, weight * (1 + float(random.normal(0.0, 0.25))))
        for name in _sides(target):
            _add(weights, name, varied)
    for target, weight in person.features.items():
        for name in _sides(target):
            _add(weights, name, weight)
    return weights


def height_weights(person: Person, extreme: str) -> dict[str, float]:
    """Target → weight of the `max` or `min` height of a person like this one."""
    return {f"macrodetails/height/{corner}-{extreme}height": share for corner, share in _corners(person)}


def _face(person: Person) -> dict[str, float]:
    return {
        name: (1 - person.sex) * _WOMAN.get(name, 0.0) + person.sex * _MAN.get(name, 0.0)
        for name in dict.fromkeys((*_WOMAN, *_MAN))
    }


def _sexes(person: Person) -> dict[str, float]:
    return {"female": 1 - person.sex, "male": person.sex}


def _ages(person: Person) -> dict[str, float]:
    old = max(0.0, (person.age - _YOUNG) / (OLDEST - _YOUNG))
    return {"young": 1 - old, "old": old}


def _level(what: str, value: float) -> dict[str, float]:
    return {
        f"min{what}": max(0.0, 1 - 2 * value),
        f"average{what}": 1 - abs(2 * value - 1),
        f"max{what}": max(0.0, 2 * value - 1),
    }


def _corners(person: Person) -> Iterator[tuple[str, float]]:
    axes = (_sexes(person), _ages(person), _level("muscle", person.muscle), _level("weight", person.weight))
    for names, share in _products(*axes):
        yield "-".join(names), share


def _products(*axes: dict[str, float]) -> Iterator[tuple[tuple[str, ...], float]]:
    """One name of each axis, with the product of their weights, where that is not nothing."""
    for chosen in product(*(axis.items() for axis in axes)):
        share = float(np.prod([weight for _, weight in chosen]))
        if share > 0:
            yield tuple(name for name, _ in chosen), share


def _sides(target: str) -> list[str]:
    return [target.replace("*", side) for side in "lr"] if "*" in target else [target]


def _add(weights: dict[str, float], name: str, weight: float) -> None:
    if weight:
        weights[name] = weights.get(name, 0.0) + weight


_WOMAN: Final = {
    "head/head-oval": 0.35,
    "head/head-scale-horiz-decr": 0.15,
    "head/head-fat-decr": 0.25,
    "forehead/forehead-scale-vert-decr": 0.3,
    "eyebrows/eyebrows-trans-up": 0.3,
    "eyebrows/eyebrows-trans-backward": 0.6,
    "eyes/*-eye-scale-incr": 0.6,
    "eyes/*-eye-height2-incr": 0.35,
    "eyes/*-eye-height1-incr": 0.2,
    "eyes/*-eye-eyefold-up": 0.3,
    "nose/nose-width2-decr": 0.3,
    "nose/nose-width3-decr": 0.45,
    "nose/nose-volume-decr": 0.3,
    "nose/nose-point-width-decr": 0.4,
    "nose/nose-point-up": 0.2,
    "nose/nose-scale-horiz-decr": 0.25,
    "nose/nose-scale-vert-decr": 0.2,
    "mouth/mouth-scale-vert-decr": 0.3,
    "mouth/mouth-lowerlip-volume-decr": 0.6,
    "mouth/mouth-upperlip-volume-decr": 0.5,
    "mouth/mouth-scale-horiz-incr": 0.2,
    "mouth/mouth-trans-backward": 0.2,
    "chin/chin-prominent-incr": 0.2,
    "mouth/mouth-cupidsbow-incr": 0.3,
    "mouth/mouth-angles-up": 0.25,
    "chin/chin-width-decr": 0.4,
    "chin/chin-bones-decr": 0.3,
    "cheek/*-cheek-bones-incr": 0.3,
    "neck/neck-scale-horiz-decr": 0.3,
}
"""Targets of a pleasant face, and their mean weights."""
_MAN: Final = {
    "head/head-rectangular": 0.25,
    "head/head-fat-decr": 0.3,
    "forehead/forehead-scale-vert-decr": 0.15,
    "eyebrows/eyebrows-trans-backward": 0.3,
    "eyes/*-eye-height2-incr": 0.35,
    "eyes/*-eye-scale-incr": 0.7,
    "nose/nose-width3-decr": 0.25,
    "nose/nose-volume-decr": 0.2,
    "nose/nose-point-width-decr": 0.2,
    "mouth/mouth-lowerlip-volume-decr": 0.5,
    "mouth/mouth-upperlip-volume-decr": 0.5,
    "mouth/mouth-scale-vert-decr": 0.2,
    "mouth/mouth-angles-up": 0.2,
    "chin/chin-prominent-incr": 0.2,
    "chin/chin-width-incr": 0.15,
    "cheek/*-cheek-bones-incr": 0.25,
    "neck/neck-scale-horiz-incr": 0.1,
}
