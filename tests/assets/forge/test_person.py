"""Options of a person: which targets they become, and what the bodies then are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from assets.errors import ForgeError
from assets.forge.anatomy.body import morphed
from assets.forge.anatomy.person import Person, height_weights, target_weights
from assets.forge.source import F64, I32, Source
from tests.assets.forge.forged import wheel


def _weights(person: Person) -> dict[str, float]:
    return target_weights(person, np.random.default_rng(0))


@dataclass(frozen=True)
class Morph:
    """Vertices of one person, and MakeHuman's groups of them."""

    vertices: F64
    groups: dict[str, I32]

    @property
    def skin(self) -> F64:
        return self.vertices[self.groups["body"]]

    def joint(self, name: str) -> F64:
        return np.asarray(self.vertices[self.groups[f"joint-{name}"]].mean(0))


@pytest.fixture(scope="module")
def bodies() -> dict[str, Morph]:
    people = {
        "woman": Person(),
        "man": Person(sex=1),
        "tall": Person(sex=1, height=2.0),
        "short": Person(sex=1, height=1.5),
        "thin": Person(weight=0.0),
        "heavy": Person(weight=1.0),
        "old": Person(age=80),
    }
    with Source(wheel()) as source:
        base, groups = source.base_mesh().vertices, source.vertex_groups()
        return {
            name: Morph(morphed(source, person, base, groups["body"], 0)[0], groups) for name, person in people.items()
        }


@pytest.mark.parametrize(
    "person",
    [Person(), Person(sex=0.3, age=50, muscle=0.8, weight=0.1), Person(sex=1, age=90, muscle=1, weight=1)],
)
def test_macro_weights_are_shares(person: Person) -> None:
    weights = _weights(person)
    for kind in ("caucasian", "asian", "african", "universal"):
        assert all(weight > 0 for name, weight in weights.items() if f"/{kind}-" in name)
    origins = sum(w for n, w in weights.items() if n.startswith("macrodetails/") and n.count("-") == 2)
    universal = sum(w for n, w in weights.items() if "/universal-" in n)
    assert origins == pytest.approx(1) and universal == pytest.approx(1)
    assert sum(height_weights(person, "max").values()) == pytest.approx(1)


def test_corners_are_the_targets_themselves() -> None:
    weights = _weights(Person(sex=1, age=90, muscle=0, weight=1, origins=(0, 1, 0), proportions=0))
    macro = {name: weight for name, weight in weights.items() if name.startswith("macrodetails/")}
    assert macro == {
        "macrodetails/asian-male-old": pytest.approx(1),
        "macrodetails/universal-male-old-minmuscle-maxweight": pytest.approx(1),
    }


def test_features_come_on_top_on_both_sides() -> None:
    weights = _weights(Person(features={"eyes/*-eye-scale-decr": 0.4, "nose/nose-hump-incr": 0.7}))
    assert weights["eyes/l-eye-scale-decr"] == weights["eyes/r-eye-scale-decr"] == 0.4
    assert weights["nose/nose-hump-incr"] == 0.7


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"age": 12}, "age cannot be 12"),
        ({"sex": 2}, "sex cannot be 2"),
        ({"height": 17.0}, "height cannot be 17"),
        ({"weight": -0.1}, "weight cannot be -0.1"),
        ({"origins": (0.0, 0.0, 0.0)}, "origins"),
        ({"muscle": float("nan")}, "muscle cannot be nan"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, float], why: str) -> None:
    with pytest.raises(ForgeError, match=why):
        replace(Person(), **changes)


def test_everyone_is_as_tall_as_wanted(bodies: dict[str, Morph]) -> None:
    for name, height in {"woman": 1.68, "man": 1.78, "tall": 2.0, "short": 1.5}.items():
        assert np.ptp(bodies[name].skin[:, 1]) == pytest.approx(height, abs=1e-6)
        assert bodies[name].skin[:, 1].min() == pytest.approx(0, abs=1e-9)


def test_tall_people_have_longer_legs_not_larger_heads(bodies: dict[str, Morph]) -> None:
    def head(body: Morph) -> float:
        return float(body.skin[:, 1].max() - body.joint("neck")[1])

    def leg(body: Morph) -> float:
        return float(body.joint("l-upper-leg")[1])

    tall, short = bodies["tall"], bodies["short"]
    assert leg(tall) / leg(short) > 2.0 / 1.5
    assert head(tall) / head(short) < 1.25


def test_sex_weight_and_age_show(bodies: dict[str, Morph]) -> None:
    def shoulders(body: Morph) -> float:
        return float(np.linalg.norm(body.joint("l-shoulder") - body.joint("r-shoulder")))

    def waist(body: Morph) -> float:
        height = 0.6 * np.ptp(body.skin[:, 1])
        band = body.skin[(np.abs(body.skin[:, 1] - height) < 0.03) & (np.abs(body.skin[:, 0]) < 0.3)]
        return float(np.ptp(band[:, 2]))

    assert shoulders(bodies["man"]) > 1.08 * shoulders(bodies["woman"])
    assert waist(bodies["heavy"]) > 1.12 * waist(bodies["thin"])
    assert np.abs(bodies["old"].vertices - bodies["woman"].vertices).max() > 0.01
