"""Bodies of several builds, without clothes or hair, made once each."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from assets.avatar import Avatar, Gaussians, TemplateMesh
from assets.forge.anatomy.body import make_body
from assets.forge.anatomy.person import Person
from assets.forge.source import Source
from tests.assets.forge.forged import wheel

PEOPLE: Final = {
    "woman": Person(),
    "heavy man": Person(sex=1.0, age=50, weight=1.0, muscle=0.6),
    "tall man": Person(sex=1.0, height=2.05, weight=0.2),
    "small woman": Person(height=1.45, weight=0.9, age=70),
}


@cache
def bare(name: str = "woman") -> Avatar:
    """One of PEOPLE as an avatar of a single Gaussian; its mesh is the body's skin alone."""
    with Source(wheel()) as source:
        body = make_body(source, PEOPLE[name], seed=1)
    used, triangles = np.unique(body.triangles["body"], return_inverse=True)
    mesh = TemplateMesh(
        vertices=body.vertices[used].astype(np.float32),
        triangles=triangles.reshape(-1, 3).astype(np.int32),
        skin_joints=body.skin_joints[used],
        skin_weights=body.skin_weights[used],
        shapes=body.shapes[:, used].astype(np.float16),
    )
    one = Gaussians(
        triangle=np.zeros(1, np.int32),
        barycentric=np.full((1, 2), 1 / 3, np.float32),
        offset=np.zeros((1, 3), np.float32),
        rotation=np.array([[1, 0, 0, 0]], np.float32),
        scale=np.ones((1, 3), np.float32),
        opacity=np.ones(1, np.float32),
        sh=np.zeros((1, 1, 3), np.float32),
    )
    return Avatar(name, "CC0-1.0", body.skeleton, mesh, one)
