"""Networks as stages of an avatar's graph: colours and offsets, by every way, in pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.convert.graph import Graph
from assets.lower import lower
from assets.stages import STANDARD, StageSpec
from render.measure.store import Choices
from render.nets.choice import networks, networks_in_step
from render.nets.lowered import lowered_stage
from render.nets.session import SessionStage, session_stage
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from tests.networks import floats, model_of
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes

DEFORM, _, LERP, _, *REST = STANDARD
NET_STAGES = (
    StageSpec("move", "model", ["joints"], ["moved"], "key", {"model": "pose", "inputs": ["x"], "outputs": ["y"]}),
    StageSpec("deform", "deform", ["expression", "joints", "moved"], ["vertices"], "key", {"reach": 0.1}),
    StageSpec("align", "align", ["vertices"], ["placed"], "key"),
    LERP,
    StageSpec("towards", "directions", ["world"], ["ways"], "frame"),
    StageSpec("net", "model", ["ways", "looks"], ["light"], "frame",
              {"model": "colour", "inputs": ["way", "code"], "outputs": ["y"]}),
    StageSpec("colour", "rgb", ["light"], ["colours"], "frame"),
    *REST,
)  # fmt: skip


@pytest.fixture(scope="module")
def actor(person: Avatar, tmp_path_factory: pytest.TempPathFactory) -> Avatar:
    """A person whose mesh a network of the joints moves, and whose colours come of a network of the direction from
    which each Gaussian is seen and of a code that all share."""
    pose, width = Graph("pose"), 12 * len(person.skeleton.names)
    hidden = pose.op("Tanh", pose.linear(pose.input("x", [1, width]), floats(24, width) / 8))
    pose.output(pose.linear(hidden, floats(3 * len(person.mesh.vertices), 24) / 100), "y", [1, "v"])
    colour = Graph("colour")
    way, code = colour.input("way", ["n", 3]), colour.input("code", [1, 4])
    mixed = colour.op("Add", colour.linear(way, 3 * floats(16, 3), floats(16)), colour.linear(code, floats(16, 4)))
    colour.output(colour.op("Sigmoid", colour.linear(colour.op("Sin", mixed), floats(3, 16))), "y", ["n", 3])
    models = {
        "pose": model_of(pose, tmp_path_factory.mktemp("pose"))[0],
        "colour": model_of(colour, tmp_path_factory.mktemp("colour"))[0],
    }
    return replace(person, stages=NET_STAGES, models=models, tensors={"looks": floats(1, 4, seed=9)})


Make = Callable[[moderngl.Context, str, dict[str, moderngl.Buffer]], object]


def draw(gl: Offscreen, renderer: AvatarRenderer, x: float = 0.2) -> list[NDArray[np.uint8]]:
    """Both eyes of a head `x` metres to the right."""
    head, views = two_eyes((x, 1.5, 1.6), (0.3, 1.2, -0.2))
    targets = [gl.target(176, 143) for _ in views]
    renderer.draw(views, targets, head=head, model=placed(), alpha=0.0, background=(0.2, 0.2, 0.2, 1))
    return [gl.read(target) for target in targets]


def posed(gl: Offscreen, avatar: Avatar, make_model: Make | None) -> AvatarRenderer:
    renderer = AvatarRenderer(gl.ctx, avatar, make_model=make_model)
    pose = key(avatar, 0, 2.0, jawOpen=0.5)
    renderer.set_keys(pose, pose)
    return renderer


def by_lowering(avatar: Avatar, half: bool) -> Make:
    def make(ctx: moderngl.Context, name: str, given: dict[str, moderngl.Buffer]) -> object:
        program = lower(avatar.models[name], shared=["code"] if name == "colour" else [])
        return lowered_stage(ctx, program, given, half=half, way="shared" if half else None)

    return make


def by_session(avatar: Avatar) -> Make:
    return lambda ctx, name, given: session_stage(ctx, avatar.models[name], given, in_step=True)


@BOTH_APIS
def test_all_ways_draw_the_same_picture(gl: Offscreen, actor: Avatar) -> None:
    wanted = draw(gl, posed(gl, actor, by_session(actor)))
    plain = draw(gl, posed(gl, replace(actor, stages=STANDARD), None))
    for name, make, least in (
        ("lowered", by_lowering(actor, False), 60),
        ("lowered, weights as halves", by_lowering(actor, True), 45),
        ("by default", None, 60),
        ("in step", networks_in_step(actor.models, actor.programs), 60),
    ):
        for eye, (found, expected) in enumerate(zip(draw(gl, posed(gl, actor, make)), wanted, strict=True)):
            quality = oracle.psnr(found, expected)
            print(f"{name}: {quality:.1f} dB; without networks {oracle.psnr(plain[eye], expected):.1f}")
            assert quality >= least
            assert oracle.psnr(plain[eye], expected) < 30


def test_one_that_is_made_no_further_leaves_no_thread(gl: Offscreen, actor: Avatar) -> None:
    def threads() -> int:
        return sum(thread.name == "network" for thread in threading.enumerate())

    before, steps = threads(), AvatarRenderer.in_steps(gl.ctx, actor, make_model=by_session(actor))
    while threads() == before:
        work = next(steps)
        while work is not None:
            work = steps.send(work())
    steps.close()
    assert threads() == before


def test_live_networks_arrive_while_frames_go_on(gl: Offscreen, actor: Avatar) -> None:
    """Beside the frame the first picture lacks the results, which then come without anyone waiting."""
    made: list[SessionStage] = []

    def make(ctx: moderngl.Context, name: str, given: dict[str, moderngl.Buffer]) -> object:
        made.append(session_stage(ctx, actor.models[name], given))
        return made[-1]

    wanted = draw(gl, posed(gl, actor, by_session(actor)))
    renderer = posed(gl, actor, make)
    assert min(map(oracle.psnr, draw(gl, renderer), wanted)) < 30
    for _ in range(200):
        if min(map(oracle.psnr, draw(gl, renderer), wanted)) >= 60:
            break
    else:
        raise AssertionError("the results never came")
    assert len(made) == 3 and all(stage.asynchronous for stage in made)


def test_the_faster_way_draws_the_picture_too(gl: Offscreen, actor: Avatar, tmp_path: Path) -> None:
    """Where it is a session, after some frames."""
    wanted = draw(gl, posed(gl, actor, by_session(actor)))
    renderer = posed(gl, actor, networks(actor.models, actor.programs, Choices(tmp_path / "choices.json")))
    for _ in range(200):
        if min(map(oracle.psnr, draw(gl, renderer), wanted)) >= 60:
            return
    raise AssertionError("the results never came")
