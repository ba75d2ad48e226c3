"""Each GPU stage's buffers against the float64 oracle."""

from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar
from render.measure.cloud import make_cloud
from render.motion.pose import PoseKey
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.stages.align import Aligner, KeyState
from render.stages.deform import Deformer
from render.stages.keys import KeyBuffers
from render.steps import at_once
from tests.render import oracle
from tests.render.scenes import key, placed, two_eyes


def _floats(buffer: moderngl.Buffer, width: int) -> NDArray[np.float64]:
    return np.frombuffer(buffer.read(), np.float32).reshape(-1, width).astype(np.float64)


def _words(buffer: moderngl.Buffer, width: int) -> NDArray[np.uint32]:
    return np.frombuffer(buffer.read(), np.uint32).reshape(-1, width)


def _rotations(words: NDArray[np.uint32]) -> Rotation:
    wxyz = np.ascontiguousarray(words).view(np.int16).reshape(-1, 4) / 32767
    return Rotation.from_quat(wxyz[:, [1, 2, 3, 0]])


def _poses(avatar: Avatar) -> list[PoseKey]:
    return [
        key(avatar, 0),
        key(avatar, 1, 3.0, arm_degrees=110, jawOpen=0.8, eyeBlinkRight=1.0),
        key(avatar, 2, 7.0, jawOpen=-0.3, mouthSmileLeft=1.4),
    ]


@pytest.mark.parametrize("pose", [0, 1, 2])
def test_deform(gl: Offscreen, person: Avatar, pose: int) -> None:
    deformer, buffers = at_once(Deformer.in_steps(gl.ctx, person)), KeyBuffers(gl.ctx, person)
    vertices_buffer = deformer.vertices()
    buffers.write(_poses(person)[pose])
    deformer.run(buffers.expression, buffers.joints, vertices_buffer)
    vertices = _floats(vertices_buffer, 4)[:, :3]
    assert np.abs(vertices - oracle.deform(person, _poses(person)[pose])).max() < 2e-6


def _aligned(gl: Offscreen, avatar: Avatar, vertices: NDArray[np.float64]) -> KeyState:
    aligner = at_once(Aligner.in_steps(gl.ctx, avatar.mesh, avatar.gaussians))
    state = aligner.state()
    padded = np.ones((len(vertices), 4), np.float32)
    padded[:, :3] = vertices
    aligner.run(gl.ctx.buffer(padded.tobytes()), state, len(avatar.gaussians))
    return state


@pytest.mark.parametrize("pose", [0, 1, 2])
def test_align(gl: Offscreen, person: Avatar, pose: int) -> None:
    vertices = oracle.deform(person, _poses(person)[pose])
    state = _aligned(gl, person, vertices)
    expected = oracle.align(person, vertices)
    places = _floats(state.places, 4)
    assert np.abs(places[:, :3] - expected.positions).max() < 5e-6
    assert places[:, 3] == pytest.approx(expected.edges, rel=1e-5)
    apart = (_rotations(_words(state.turns, 2)) * expected.rotations.inv()).magnitude()
    assert apart.max() < 2e-3  # needles of triangles at the ellipsoids' poles bound this; the usual one is far closer
    assert np.median(apart) < 1e-4


def test_triangles_that_collapse_keep_their_gaussians_finite(gl: Offscreen, person: Avatar) -> None:
    vertices = person.mesh.vertices.astype(np.float64)
    vertices[person.mesh.triangles[::2].ravel()] = (0.1, 1.0, 0.2)
    state = _aligned(gl, person, vertices)
    assert np.isfinite(_floats(state.places, 4)).all()
    assert np.linalg.norm(_words(state.turns, 2).view(np.int16).reshape(-1, 4) / 32767, axis=1) == pytest.approx(
        1, abs=1e-3
    )


def _drawn(renderer: AvatarRenderer, avatar: Avatar) -> Avatar:
    """The avatar with its Gaussians in the order of the buffers."""
    return replace(avatar, gaussians=renderer.drawn)


@pytest.mark.parametrize("alpha", [0.0, 0.35, 1.0])
def test_lerp(gl: Offscreen, person: Avatar, alpha: float) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    a, b = _poses(person)[:2]
    model = placed() * (1.3, 1.3, 1.3, 1)
    renderer.set_keys(a, b)
    head, views = two_eyes((0.3, 1.5, 2.0), (0.3, 1.1, -0.2))
    renderer.draw(views[:1], [gl.target(176, 143)], head=head, model=model, alpha=alpha, background=None)
    drawn = _drawn(renderer, person)
    states = [oracle.align(drawn, oracle.deform(drawn, pose)) for pose in (a, b)]
    state = oracle.between(*states, alpha)
    positions, covariances = oracle.world(drawn, state, model)

    words = _words(renderer.world, 12)
    floats = words[:, :10].view(np.float32).astype(np.float64)
    assert np.abs(floats[:, :3] - positions).max() < 1e-5
    assert 2 ** floats[:, 3] == pytest.approx(drawn.gaussians.opacity, rel=1e-5)
    xx, xy, xz, yy, yz, zz = floats[:, 4:10].T
    given = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).transpose(2, 0, 1)
    size = np.linalg.norm(covariances, axis=(1, 2))
    error = np.linalg.norm(given - covariances, axis=(1, 2)) / size
    assert error.max() < 5e-3 and np.median(error) < 1e-4
    rest = oracle.align(drawn, drawn.mesh.vertices.astype(float))
    back = rest.rotations * state.rotations.inv()
    assert np.median((_rotations(words[:, 10:]) * back.inv()).magnitude()) < 2e-4


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_colour(gl: Offscreen, degree: int) -> None:
    person = make_cloud(1500, degree=degree)
    renderer = AvatarRenderer(gl.ctx, person)
    pose, model = key(person, 0, 2.0, arm_degrees=90), placed()
    renderer.set_keys(pose, pose)
    head, views = two_eyes((0.9, 1.5, 1.0), (0.3, 1.1, -0.2))
    renderer.draw(views[:1], [gl.target(176, 143)], head=head, model=model, alpha=0, background=None)
    drawn = _drawn(renderer, person)
    expected = oracle.colours(drawn, oracle.align(drawn, oracle.deform(drawn, pose)), model, head[:3, 3])
    packed = _words(renderer.colours, 1)[:, 0]
    roots = np.stack([packed & 1023, packed >> 10 & 1023, packed >> 20], axis=1) / 1023
    error = np.abs(roots - np.sqrt(expected))
    assert np.median(error) < 6e-4
    assert np.quantile(error, 0.99) < 3e-3  # halves of the coefficients, where the colour is near black


def test_project(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    pose, model = key(person, 0, arm_degrees=60), placed()
    renderer.set_keys(pose, pose)
    head, views = two_eyes((0.4, 1.6, 0.45), (0.3, 1.5, -0.2), 520, 411)
    view = views[1]
    renderer.draw([view], [gl.target(520, 411)], head=head, model=model, alpha=0, background=None)
    drawn = _drawn(renderer, person)
    positions, covariances = oracle.world(drawn, oracle.align(drawn, oracle.deform(drawn, pose)), model)
    centres, flat, depth = oracle.project(view, positions, covariances)
    opacity = drawn.gaussians.opacity.astype(float)
    reach = np.sqrt(2 * np.log(255 * opacity))[:, None] * np.sqrt(np.diagonal(flat, axis1=1, axis2=2))

    words = _words(renderer.projector.splats, 4)
    bounds = _words(renderer.projector.bounds, 2)
    seen = bounds[:, 0] <= bounds[:, 1]
    low, high = centres - reach, centres + reach
    inside = ((high > 1) & (low < np.array((520, 411)) - 1)).all(axis=1) & (depth > 0.05)
    assert not (inside & ~seen).any(), "what reaches a pixel is projected"
    assert 0.3 < seen.mean() < 1

    size = np.array((520, 411))
    at = words[:, 0].copy().view(np.int16).reshape(-1, 2) / 32767
    near = seen & (np.abs(centres / size - 0.5) < 0.75).all(axis=1)
    assert np.abs((at + 0.5) * size - centres)[near].max() < 520 / 32767
    halves = np.ascontiguousarray(words[:, 1:3]).view(np.float16).astype(np.float64).reshape(-1, 4)
    conic = halves[:, :3] / 64 / -0.7213475204444817  # from exponents of 2 a square tile to inverse square pixels
    inverse = np.linalg.inv(flat)
    expected = np.stack([inverse[:, 0, 0], 2 * inverse[:, 0, 1], inverse[:, 1, 1]], axis=1)
    error = np.abs(conic - expected).max(axis=1) / np.abs(expected).max(axis=1)
    assert error[seen].max() < 2e-2 and np.median(error[seen]) < 1e-3
    assert 2.0 ** halves[seen, 3] == pytest.approx(opacity[seen], rel=3e-3)

    first = np.stack([bounds[:, 0] & 0xFFFF, bounds[:, 0] >> 16], axis=1) + np.array(renderer.windows[0][:2])
    last = np.stack([bounds[:, 1] & 0xFFFF, bounds[:, 1] >> 16], axis=1) + np.array(renderer.windows[0][:2])
    # A tile's outermost pixel centres are 0.5 and 7.5 pixels in.
    tiles = np.array((65, 52))
    expected_first = np.clip(np.ceil((low - 7.5) / 8), 0, None)
    expected_last = np.clip(np.floor((high - 0.5) / 8), None, tiles - 1)
    assert (first == expected_first)[seen].mean() > 0.995 and np.abs(first - expected_first)[seen].max() <= 1
    assert (last == expected_last)[seen].mean() > 0.995 and np.abs(last - expected_last)[seen].max() <= 1
