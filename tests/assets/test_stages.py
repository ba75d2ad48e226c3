"""A declared graph is taken as it is or refused by the stage that is wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from assets.errors import AvatarError
from assets.stages import STANDARD, StageSpec, check_stages

CORRECTED = (
    StageSpec(
        "pose net", "model", ["joints", "expression"], ["weights", "moved"], "key",
        {"model": "pose", "inputs": ["j", "e"], "outputs": ["w", "m"]},
    ),
    StageSpec("wrinkles", "blend", ["weights", "basis"], ["offsets"], "key"),
    StageSpec("shade", "blend", ["weights", "shades"], ["light"], "key"),
    StageSpec("deform", "deform", ["expression", "joints", "moved"], ["vertices"], "key", {"reach": 0.05}),
    StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
    StageSpec("lerp", "lerp", ["placed"], ["world"], "frame"),
    StageSpec("colour", "harmonics", ["world", "light"], ["colours"], "frame"),
    *STANDARD[4:],
)  # fmt: skip
NEURAL = (
    *STANDARD[:3],
    StageSpec("look", "directions", ["world"], ["directions"], "frame"),
    StageSpec(
        "colour net", "model", ["directions", "features"], ["rgb"], "frame",
        {"model": "colour", "inputs": ["d", "f"], "outputs": ["c"]},
    ),
    StageSpec("colour", "rgb", ["rgb"], ["colours"], "frame"),
    *STANDARD[4:],
)  # fmt: skip


def _check(stages: tuple[StageSpec, ...]) -> None:
    check_stages(stages, ["basis", "shades", "features"], ["pose", "colour"])


@pytest.mark.parametrize("stages", [STANDARD, CORRECTED, NEURAL], ids=["standard", "corrected", "neural"])
def test_good_graphs_are_taken_also_from_json(stages: tuple[StageSpec, ...]) -> None:
    _check(stages)
    again = msgspec.json.decode(msgspec.json.encode(stages), type=tuple[StageSpec, ...])
    assert again == stages


def _with(stages: tuple[StageSpec, ...], which: str, **changes: Any) -> tuple[StageSpec, ...]:
    return tuple(msgspec.structs.replace(s, **changes) if s.name == which else s for s in stages)


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        (_with(STANDARD, "lerp", kind="warp"), "'lerp' is of the unknown kind 'warp'"),
        (_with(STANDARD, "lerp", name="deform"), "'deform' needs a name of its own"),
        (_with(STANDARD, "lerp", name="a/b"), "without a slash"),
        (_with(STANDARD, "lerp", rate="key"), "runs at rate 'key'; a lerp runs at frame"),
        (_with(STANDARD, "deform", inputs=["expression"]), "'deform' reads 1 values"),
        (_with(STANDARD, "lerp", outputs=["world", "more"]), "makes 2 values"),
        (_with(STANDARD, "lerp", outputs=[]), "makes 0 values"),
        (_with(STANDARD, "align", inputs=["vertexes"]), "reads 'vertexes', which nothing before it makes"),
        (_with(STANDARD, "align", inputs=["joints"]), "reads 'joints', which is floats, as vertices"),
        (_with(STANDARD, "colour", outputs=["world"]), "makes 'world', which is there already"),
        (_with(STANDARD, "colour", inputs=["world", "basis"]), "the light of harmonics, read keys"),
        (_with(CORRECTED, "wrinkles", inputs=["weights", "moved"]), "has to be a tensor"),
        (_with(CORRECTED, "pose net", options={"model": "mouth"}), "runs the network 'mouth', which"),
        (_with(CORRECTED, "pose net", options={"model": ["pose"]}), r"runs the network \['pose'\], which"),
        (
            _with(CORRECTED, "pose net", options={"model": "pose", "inputs": ["j"], "outputs": ["w", "m"]}),
            "has to name one tensor",
        ),
        (_with(NEURAL, "colour net", inputs=["directions", "expression"]), "reads 'expression'"),
        (_with(NEURAL, "colour net", rate="key"), "made only after the keys"),
        (_with(CORRECTED, "align", options={}), "'align' reads offsets and has to say"),
        (_with(CORRECTED, "deform", options={"reach": "far"}), "'deform' reads offsets and has to say"),
        (_with(CORRECTED, "deform", options={"reach": 0}), "by how many metres"),
        (STANDARD[:-1], "0 stages of kind 'draw'"),
        ((*STANDARD[:3], *STANDARD[4:]), "reads 'colours', which nothing"),
        ((*NEURAL, StageSpec("second", "harmonics", ["world"], ["colours 2"], "frame")), "needs one stage of kind"),
    ],
)
def test_wrong_graphs_are_refused_by_name(stages: tuple[StageSpec, ...], why: str) -> None:
    with pytest.raises(AvatarError, match=why):
        _check(stages)
