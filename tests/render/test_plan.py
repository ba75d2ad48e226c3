"""Graphs that an avatar declares: corrections, light and colours from its own tensors, against the oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.stages import STANDARD, StageSpec
from render.errors import StageError
from render.measure.cloud import make_cloud
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from tests.render import oracle
from tests.render.scenes import key, placed, two_eyes

F64 = NDArray[np.float64]

DEFORM, ALIGN, LERP, COLOUR, *REST = STANDARD
CORRECTED = (
    StageSpec("wrinkles", "blend", ["weights", "basis"], ["offsets"], "key"),
    StageSpec("shade", "blend", ["weights", "shades"], ["light"], "key"),
    StageSpec("deform", "deform", ["expression", "joints", "moved"], ["vertices"], "key", {"reach": 0.05}),
    StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
    LERP,
    StageSpec("colour", "harmonics", ["world", "light"], ["colours"], "frame"),
    *REST,
)
PAINTED = (
    DEFORM, ALIGN, LERP, StageSpec("colour", "rgb", ["paint"], ["colours"], "frame"), *REST,
)  # fmt: skip


def _tensors(avatar: Avatar) -> dict[str, NDArray[np.float32]]:
    rng, count = np.random.default_rng(5), len(avatar.gaussians)
    return {
        "weights": np.array([0.7, -0.4, 1.1], np.float32),
        "basis": (0.4 * rng.standard_normal((3, count, 3))).astype(np.float32),
        "shades": (0.1 * rng.standard_normal((3, count, 3))).astype(np.float32),
        "moved": (0.01 * rng.standard_normal((len(avatar.mesh.vertices), 3))).astype(np.float32),
        "paint": rng.random((count, 3)).astype(np.float32),
    }


def _drawn(gl: Offscreen, avatar: Avatar) -> list[NDArray[np.uint8]]:
    renderer = AvatarRenderer(gl.ctx, avatar)
    pose = key(avatar, 0, 2.0, jawOpen=0.5)
    renderer.set_keys(pose, pose)
    head, views = two_eyes((0.2, 1.5, 1.6), (0.3, 1.2, -0.2))
    targets = [gl.target(176, 143) for _ in views]
    renderer.draw(views, targets, head=head, model=placed(), alpha=0.0, background=(0.2, 0.2, 0.2, 1))
    return [gl.read(target) for target in targets]


def _expected(avatar: Avatar) -> list[NDArray[np.uint8]]:
    """`avatar`, whose corrections are already part of its arrays, by the oracle."""
    pose = key(avatar, 0, 2.0, jawOpen=0.5)
    head, views = two_eyes((0.2, 1.5, 1.6), (0.3, 1.2, -0.2))
    state = oracle.align(avatar, oracle.deform(avatar, pose))
    given = {"head": head[:3, 3], "model": placed(), "background": (0.2, 0.2, 0.2, 1)}
    return [oracle.render(avatar, view, state, **given) for view in views]


def test_corrections_move_vertices_gaussians_and_light(gl: Offscreen) -> None:
    # Of degree 0: harmonics are turned back to the rest as it was bound, which the oracle below moves too.
    person = make_cloud(3000)
    tensors = _tensors(person)
    plain = _drawn(gl, person)
    declared = _drawn(gl, replace(person, stages=CORRECTED, tensors=tensors))
    gs, mesh = person.gaussians, person.mesh
    offsets, light = (np.tensordot(tensors["weights"], tensors[name], 1) for name in ("basis", "shades"))
    sh = gs.sh.copy()
    sh[:, 0] += light / 0.28209479177387814
    corrected = replace(
        person,
        mesh=replace(mesh, vertices=mesh.vertices + tensors["moved"]),
        gaussians=replace(gs, offset=gs.offset + offsets, sh=sh),
    )
    for eye, expected, without in zip(declared, _expected(corrected), plain, strict=True):
        quality = oracle.psnr(eye, expected)
        print(f"{quality:.1f} dB, without corrections {oracle.psnr(without, expected):.1f}")
        assert quality >= 50
        assert oracle.psnr(without, expected) < 30


def test_a_network_may_give_the_colours(gl: Offscreen, person: Avatar) -> None:
    tensors = _tensors(person)
    sh = np.zeros((len(person.gaussians), 1, 3), np.float32)
    sh[:, 0] = (tensors["paint"] - 0.5) / 0.28209479177387814
    painted = replace(person, gaussians=replace(person.gaussians, sh=sh))
    for eye, expected in zip(
        _drawn(gl, replace(person, stages=PAINTED, tensors=tensors)), _expected(painted), strict=True
    ):
        assert oracle.psnr(eye, expected) >= 50


@pytest.mark.parametrize(
    ("name", "shape", "why"),
    [
        ("moved", (7, 3), "'deform' needs .* numbers as 'moved', not 21"),
        ("basis", (3, 10, 3), "'basis' of stage 'wrinkles' has shape"),
        ("weights", (2,), "'wrinkles' needs 3 numbers as 'weights', not 2"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(
    gl: Offscreen, person: Avatar, name: str, shape: tuple[int, ...], why: str
) -> None:
    tensors = _tensors(person) | {name: np.zeros(shape, np.float32)}
    with pytest.raises(StageError, match=why):
        AvatarRenderer(gl.ctx, replace(person, stages=CORRECTED, tensors=tensors))


def test_damaged_networks_are_refused(gl: Offscreen, person: Avatar) -> None:
    net = StageSpec("net", "model", ["joints"], ["y"], "key", {"model": "m", "inputs": ["x"], "outputs": ["y"]})
    with pytest.raises(StageError, match=r"make the \.mnn file again"):
        AvatarRenderer(gl.ctx, replace(person, stages=(net, *STANDARD), models={"m": b"?"}))
