"""An avatar's networks, lowered when it is packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from assets.errors import LoweringError
from assets.lower.lowering import lower
from assets.lower.program import Program
from assets.stages import StageSpec


class Lowered(NamedTuple):
    """What became of each network."""

    programs: dict[str, Program]
    refused: dict[str, str]
    """Why the others stay sessions: the operator that has no place in a program."""


def lower_networks(stages: Iterable[StageSpec], models: Mapping[str, bytes]) -> Lowered:
    """Lower all of `models` that can be; a stage of kind `model` names in `options["shared"]` the inputs that serve all
    rows of a batch alike."""
    shared: dict[str, set[str]] = {name: set() for name in models}
    for stage in stages:
        if stage.kind == "model":
            shared[stage.options["model"]].update(stage.options.get("shared", []))
    lowered = Lowered({}, {})
    for name in sorted(models):
        try:
            lowered.programs[name] = lower(models[name], shared=shared[name])
        except LoweringError as error:
            lowered.refused[name] = str(error)
    return lowered
