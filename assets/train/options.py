"""What a training is asked for."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

StageName = Literal["template", "static", "teacher", "mesh", "blend"]
STAGES: Final[tuple[StageName, ...]] = ("template", "static", "teacher", "mesh", "blend")
"""In the order in which they run: the template to the masks and colours; Gaussians on the reference frame; the teacher,
if one is asked for; the network of mesh offsets, from the teacher's pictures if there is one; blend shapes."""


class TrainOptions(msgspec.Struct, frozen=True):
    """How large, how long, and which parts; the defaults are for a few cores and pictures of 128 pixels."""

    gaussians: int = 6000
    vertices: int = 3000
    """The template is simplified to about so many."""
    steps: dict[StageName, int] = msgspec.field(
        default_factory=lambda: {"template": 300, "static": 200, "teacher": 1500, "mesh": 2400, "blend": 2000}
    )
    """One picture a step."""
    body_shapes: int = 8
    """Blend shapes that follow the pose."""
    head_shapes: int = 4
    """Blend shapes that follow the expression, where it changes in the capture."""
    octaves: int = 5
    """Of the positional encoding of vertices (TaoAvatar: 6, of a person 20 times as finely meshed)."""
    degree: int = 0
    """Of the harmonics of colour, 0 to 2."""
    fit_template: bool = True
    teacher: bool = False
    """Whether a larger network learns the pictures first, and the network of mesh offsets from that."""
    mesh_network: bool = True
    blend_shapes: bool = True
    seed: int = 1
    threads: int = 1
    """More than one helps only where as many cores are idle."""
    device: str = "auto"
    """"cpu", "cuda", or "auto": a GPU where there is one."""


def picked_stages(options: TrainOptions) -> list[StageName]:
    """The stages that have steps. What is left out of the avatar leaves its stage's steps to the Gaussians."""
    left_out = {"template": not options.fit_template, "teacher": not options.teacher}
    return [stage for stage in STAGES if options.steps.get(stage, 0) > 0 and not left_out.get(stage, False)]
