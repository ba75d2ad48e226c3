"""No hand, forearm or elbow in the body: by the body's own skinned skin, which the proxies are only fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.avatar import Avatar
from render.motion.performer import Performer
from render.motion.rehearsal import TALK_S, rehearse_talk
from tests.motion_set import skinned
from tests.render.motion.bodies import PEOPLE, bare

DEEPEST_M = 0.005
"""Skin gives way a little; a nearest vertex tells its distance no better."""


@dataclass
class Parts:
    """(V,) masks of the left and right forearm and hand, and of all that has no part in an arm."""

    left: np.ndarray
    right: np.ndarray
    body: np.ndarray


def parts_of(avatar: Avatar) -> Parts:
    mesh, names = avatar.mesh, avatar.skeleton.names
    owner = np.array(names)[mesh.skin_joints[np.arange(len(mesh.vertices)), mesh.skin_weights.argmax(axis=1)]]
    kinds = np.array([name.split("_")[0] for name in owner])
    hand = np.isin(kinds, ["hand", "thumb", "index", "middle", "ring", "pinky"])
    below = {}
    for side in "lr":
        elbow, wrist = (avatar.skeleton.rest[names.index(f"{joint}_{side}"), :3, 3] for joint in ("lowerarm", "hand"))
        along = (mesh.vertices - elbow) @ (wrist - elbow) / ((wrist - elbow) @ (wrist - elbow))
        mine = np.array([name.endswith(f"_{side}") for name in owner])
        below[side] = mine & (hand | ((kinds == "lowerarm") & (along > 0.25)))
    return Parts(below["l"], below["r"], ~hand & ~np.isin(kinds, ["lowerarm", "upperarm", "clavicle"]))


def normals_of(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], flat)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def depth(vertices: np.ndarray, normals: np.ndarray, inner: np.ndarray, outer: np.ndarray) -> float:
    """How far the vertices `inner` stick in the surface of the vertices `outer`, metres; negative outside."""
    distance, nearest = cKDTree(vertices[outer]).query(vertices[inner], distance_upper_bound=0.06)
    near = np.isfinite(distance)
    if not near.any():
        return -0.06
    to = vertices[inner][near] - vertices[outer][nearest[near]]
    return float(-(to * normals[outer][nearest[near]]).sum(axis=1).min())


@pytest.mark.parametrize("name", PEOPLE)
def test_arms_stay_out_of_the_skin_and_of_each_other(name: str) -> None:
    avatar = bare(name)
    parts, performer = parts_of(avatar), Performer(avatar, 2, rehearse_talk(2))
    for time in np.concatenate([np.arange(0.5, 21, 7.0), np.arange(21.6, 51, 1.7)]):
        vertices = skinned(avatar, performer.key(0, time))
        normals = normals_of(vertices, avatar.mesh.triangles)
        for arm in (parts.left, parts.right):
            assert depth(vertices, normals, arm, parts.body) < DEEPEST_M, time
        assert depth(vertices, normals, parts.left, parts.right) < DEEPEST_M, time


def test_the_measure_finds_an_arm_in_the_body() -> None:
    avatar = bare()
    parts, key = parts_of(avatar), Performer(avatar).key(0, 0.0)
    vertices = skinned(avatar, key)
    normals = normals_of(vertices, avatar.mesh.triangles)
    vertices[parts.left] -= (0.10, 0, 0)
    assert depth(vertices, normals, parts.left, parts.body) > 0.01


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("seed", [3, 4])
def test_the_proxies_are_kept_apart_throughout(name: str, seed: int) -> None:
    performer = Performer(bare(name), seed, rehearse_talk(seed))
    figure = performer._figure
    for time in np.arange(0, TALK_S, 0.1):
        performer.at(time)
        for side, bent in figure._arms(performer._controls(time)).items():
            distance, _ = figure._keepout.clearance(*figure._keepout.balls(side, bent))
            assert distance.min() > -0.002, (time, side)
