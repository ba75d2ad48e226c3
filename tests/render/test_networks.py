"""Networks as stages of a whole picture: the same however they are run, and what ONNX Runtime computes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.convert.graph import Graph
from assets.lower import lower_networks
from assets.stages import STANDARD, StageSpec
from render.measure.cloud import make_cloud
from render.nets.lowered import lowered_stage
from render.nets.session import session_stage
from render.offscreen import Offscreen
from render.plan import MakeModel
from render.renderer import AvatarRenderer
from tests.networks import floats, model_of, reference
from tests.render import oracle
from tests.render.scenes import key, placed, two_eyes

COUNT, FEATURES, SHAPES = 3000, 6, 4
DEFORM, ALIGN, LERP, COLOUR, *REST = STANDARD
STAGES = (
    StageSpec(
        "pose net", "model", ["expression"], ["weights"], "key",
        {"model": "pose", "inputs": ["face"], "outputs": ["weights"]},
    ),
    StageSpec("wrinkles", "blend", ["weights", "basis"], ["offsets"], "key"),
    DEFORM,
    StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
    LERP,
    StageSpec("look", "directions", ["world"], ["directions"], "frame"),
    StageSpec(
        "colour net", "model", ["directions", "features"], ["rgb"], "frame",
        {"model": "colour", "inputs": ["seen", "features"], "outputs": ["rgb"]},
    ),
    StageSpec("colour", "rgb", ["rgb"], ["colours"], "frame"),
    *REST,
)  # fmt: skip
WAYS = ("session", "lowered", "lowered halves")


def _pose_net() -> Graph:
    g = Graph("pose")
    hidden = g.op("Tanh", g.linear(g.input("face", ["n", 52]), 0.5 * floats(32, 52, seed=1), floats(32, seed=2)))
    g.output(g.linear(hidden, 0.3 * floats(SHAPES, 32, seed=3), floats(SHAPES, seed=4)), "weights", ["n", SHAPES])
    return g


def _colour_net() -> Graph:
    g = Graph("colour")
    given = g.op("Concat", g.input("seen", ["n", 3]), g.input("features", ["n", FEATURES]), axis=1)
    hidden = g.op("Relu", g.linear(given, floats(32, 3 + FEATURES, seed=5), floats(32, seed=6)))
    hidden = g.op("Relu", g.linear(hidden, 0.3 * floats(32, 32, seed=7), floats(32, seed=8)))
    g.output(g.op("Sigmoid", g.linear(hidden, floats(3, 32, seed=9), floats(3, seed=10))), "rgb", ["n", 3])
    return g


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Avatar, dict[str, onnx.ModelProto]]:
    """A person with a network for the pose and one for the colours, and both as ONNX."""
    folder = tmp_path_factory.mktemp("networks")
    (pose, pose_onnx), (colour, colour_onnx) = model_of(_pose_net(), folder), model_of(_colour_net(), folder)
    models = {"pose": pose, "colour": colour}
    tensors = {"basis": 0.3 * floats(SHAPES, COUNT, 3, seed=11), "features": floats(COUNT, FEATURES, seed=12)}
    lowered = lower_networks(STAGES, models)
    assert not lowered.refused
    avatar = replace(
        make_cloud(COUNT), stages=STAGES, models=models, programs=lowered.programs, tensors=tensors, levels=(1000,)
    )
    return avatar, {"pose": pose_onnx, "colour": colour_onnx}


def _make_model(way: str, avatar: Avatar) -> MakeModel:
    if way == "session":
        return lambda ctx, name, given: session_stage(ctx, avatar.models[name], given, in_step=True)
    half = way == "lowered halves"
    return lambda ctx, name, given: lowered_stage(ctx, avatar.programs[name], given, half=half)


class _Stand:
    def __init__(self, gl: Offscreen, avatar: Avatar, **options: Any) -> None:
        self._gl, self.renderer = gl, AvatarRenderer(gl.ctx, avatar, **options)
        self._head, self._views = two_eyes((0.2, 1.5, 1.3), (0.3, 1.3, -0.2))
        self._targets = [gl.target(176, 143) for _ in self._views]
        self._given = {"head": self._head, "model": placed(), "alpha": 0.0, "background": (0.2, 0.2, 0.2, 1)}

    def draw(self) -> list[NDArray[np.uint8]]:
        self.renderer.draw(self._views, self._targets, **self._given)
        return [self._gl.read(target) for target in self._targets]


def _expected(avatar: Avatar, nets: dict[str, onnx.ModelProto], **face: float) -> list[NDArray[np.uint8]]:
    pose, model = key(avatar, 0, 2.0, **face), placed()
    head, views = two_eyes((0.2, 1.5, 1.3), (0.3, 1.3, -0.2))
    weights = reference(nets["pose"], face=pose.expression[None])["weights"][0]
    gs = avatar.gaussians
    moved = replace(avatar, gaussians=replace(gs, offset=gs.offset + np.tensordot(weights, avatar.tensors["basis"], 1)))
    state = oracle.align(moved, oracle.deform(moved, pose))
    at = (np.linalg.inv(model) @ np.append(head[:3, 3], 1))[:3]
    # Seen from the rest pose as it was bound; offsets turn nothing.
    rest = oracle.align(avatar, avatar.mesh.vertices.astype(float))
    away = state.positions - at
    seen = (rest.rotations * state.rotations.inv()).apply(away / np.linalg.norm(away, axis=1, keepdims=True))
    features = np.asarray(avatar.tensors["features"], np.float32)
    rgb = reference(nets["colour"], seen=seen.astype(np.float32), features=features)["rgb"]
    painted = replace(moved, gaussians=replace(moved.gaussians, sh=((rgb - 0.5) / 0.28209479177387814)[:, None]))
    given = {"head": head[:3, 3], "model": model, "background": (0.2, 0.2, 0.2, 1)}
    return [oracle.render(painted, view, state, **given) for view in views]


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_is_the_same_however_networks_are_run(
    gl: Offscreen, made: tuple[Avatar, dict[str, onnx.ModelProto]], way: str
) -> None:
    avatar, nets = made
    stand = _Stand(gl, avatar, make_model=_make_model(way, avatar))
    for number, face in enumerate(({"jawOpen": 0.5}, {"browInnerUp": 1.0, "mouthPucker": 0.7})):
        pose = replace(key(avatar, 0, 2.0, **face), id=number)
        stand.renderer.set_keys(pose, pose)
        stand.renderer.sort_again()  # random networks move what real ones leave together
        for picture, expected in zip(stand.draw(), _expected(avatar, nets, **face), strict=True):
            quality = oracle.psnr(picture, expected)
            print(f"{way}: {quality:.1f} dB")
            assert quality >= 50


def test_without_a_choice_they_are_run_in_step(gl: Offscreen, made: tuple[Avatar, dict[str, onnx.ModelProto]]) -> None:
    avatar, nets = made
    stand, pose = _Stand(gl, avatar), key(avatar, 0, 2.0, jawOpen=0.5)
    stand.renderer.set_keys(pose, pose)
    assert oracle.psnr(stand.draw()[0], _expected(avatar, nets, jawOpen=0.5)[0]) >= 50


def test_frames_do_not_wait_for_a_session(gl: Offscreen, made: tuple[Avatar, dict[str, onnx.ModelProto]]) -> None:
    """What it makes comes into a later frame, moves only what reads it, and then nothing runs any more."""
    avatar, nets = made
    stand = _Stand(gl, avatar, make_model=partial(_session, avatar))
    pose = key(avatar, 0, 2.0, jawOpen=0.5)
    stand.renderer.set_keys(pose, pose)
    expected = _expected(avatar, nets, jawOpen=0.5)[0]
    assert oracle.psnr(stand.draw()[0], expected) < 40
    for _ in range(400):
        if oracle.psnr(stand.draw()[0], expected) >= 50:
            break
    else:
        pytest.fail("the networks' results never came into the picture")
    # The other key's slot has its results when they come, too.
    for _ in range(400):
        before = {name: count.runs for name, count in stand.renderer.stats.items()}
        stand.draw()
        if {name: count.runs for name, count in stand.renderer.stats.items()} == before:
            return
    pytest.fail("something runs in every frame")


def _session(avatar: Avatar, ctx: Any, name: str, given: Any) -> Any:
    return session_stage(ctx, avatar.models[name], given)


def test_levels_and_limits_hold_with_networks(gl: Offscreen, made: tuple[Avatar, dict[str, onnx.ModelProto]]) -> None:
    avatar, _ = made
    pose = key(avatar, 0, 2.0, jawOpen=0.5)
    levelled, limited = _Stand(gl, avatar), _Stand(gl, avatar, gaussians=1000)
    for stand in (levelled, limited):
        stand.renderer.set_keys(pose, pose)
        stand.renderer.set_level(1000)
    assert oracle.psnr(levelled.draw()[0], limited.draw()[0]) > 55
