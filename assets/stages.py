"""The stages of an avatar's render graph, as its manifest declares them.

A stage reads values by name and makes others. Values come from outside (`expression`, `joints`), from the avatar's
tensors (by the tensor's name) or from stages before it. What each kind reads and makes (N Gaussians, V vertices):

    kind        reads                              makes                         rate
    deform      expression, joints [, offsets]     vertices                      key     offsets (V, 3): metres at rest
    align       vertices [, offsets]               placed                        key     offsets (N, 3): in edges
    lerp        placed                             world                         frame
    harmonics   world [, light]                    colours                       frame   light (N, 3): linear, added
    directions  world                              (N, 3) head to Gaussian       frame   unit vectors, rest-pose axes
    rgb         (N, 3) linear light                colours                       frame
    sort        world                              order                         demand
    project     world, colours                     splats                        eye
    draw        splats, order                      picture                       eye
    blend       weights (B,), basis (B, N, 3)      (N, 3) weighted sum           key
    model       any arrays of floats               any arrays of floats          key, frame

`model` runs the avatar's network `options["model"]`; `options["inputs"]` and `options["outputs"]` name its tensors in
the order in which the stage names its values. The first axis of a tensor counts rows that do not know of each other,
save in those of `options["shared"]`, which serve all rows alike.

A deform or align that reads offsets says in `options["reach"]` by how many metres they move anything at most: what is
in sight and when to sort depend on it.

`expression` is (E,), `joints` (J, 12): the first three rows of each skinning matrix; "in edges" is as Gaussians.offset.
Rates: `key` once for each of the 20 poses a second, `frame` and `eye` at the display's rate, `demand` when the picture
would suffer otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from assets.errors import AvatarError

Rate = Literal["key", "frame", "demand", "eye"]


class StageSpec(msgspec.Struct, frozen=True):
    """One stage as the manifest writes it."""

    name: str
    kind: str
    inputs: list[str]
    outputs: list[str]
    rate: Rate
    options: dict[str, Any] = {}


class _Kind(NamedTuple):
    """What a kind of stage may be declared as."""

    rates: tuple[Rate, ...]
    reads: tuple[str, ...]
    """What its inputs are; the last repeats for `model`."""
    fewest: int
    """How many of them it needs."""
    makes: str
    once: bool
    """Whether a graph has exactly one of this kind."""


_MODEL: Final = "model"
_KINDS: Final[dict[str, _Kind]] = {
    "deform": _Kind(("key",), ("floats", "floats", "floats"), 2, "vertices", True),
    "align": _Kind(("key",), ("vertices", "floats"), 1, "placed", True),
    "lerp": _Kind(("frame",), ("placed",), 1, "world", True),
    "harmonics": _Kind(("frame",), ("world", "floats"), 1, "colours", False),
    "directions": _Kind(("frame",), ("world",), 1, "floats", False),
    "rgb": _Kind(("frame",), ("floats",), 1, "colours", False),
    "sort": _Kind(("demand",), ("world",), 1, "order", True),
    "project": _Kind(("eye",), ("world", "colours"), 2, "splats", True),
    "draw": _Kind(("eye",), ("splats", "order"), 2, "picture", True),
    "blend": _Kind(("key",), ("floats", "floats"), 2, "floats", False),
    _MODEL: _Kind(("key", "frame"), ("floats",) * 16, 1, "floats", False),
}
_OUTSIDE: Final = ("expression", "joints")
_FROM_KEYS: Final = {"lerp": 0, "harmonics": 1}
"""Which input of these kinds is a value of the two keys around now; no other stage of a frame may read one."""

MAX_REACH_M: Final = 10.0

_BASIS: Final = ("blend", 1)

STANDARD: Final[tuple[StageSpec, ...]] = (
    StageSpec("deform", "deform", ["expression", "joints"], ["vertices"], "key"),
    StageSpec("align", "align", ["vertices"], ["placed"], "key"),
    StageSpec("lerp", "lerp", ["placed"], ["world"], "frame"),
    StageSpec("colour", "harmonics", ["world"], ["colours"], "frame"),
    StageSpec("sort", "sort", ["world"], ["order"], "demand"),
    StageSpec("project", "project", ["world", "colours"], ["splats"], "eye"),
    StageSpec("draw", "draw", ["splats", "order"], ["picture"], "eye"),
)
"""What an avatar without a declaration of its own has."""


def corrected(
    learned: Iterable[StageSpec],
    *,
    vertices: tuple[str, float] | None = None,
    places: tuple[str, float] | None = None,
    light: str | None = None,
) -> tuple[StageSpec, ...]:
    """The standard stages behind `learned` ones that make, each where it is not None: offsets of the vertices and of
    the Gaussians' places, by name and reach in metres, and light that is added."""
    reads = {
        "deform": vertices and (vertices[0], {"reach": vertices[1]}),
        "align": places and (places[0], {"reach": places[1]}),
        "harmonics": light and (light, dict[str, float]()),
    }
    stages = list(learned)
    for stage in STANDARD:
        if found := reads.get(stage.kind):
            name, options = found
            stage = StageSpec(stage.name, stage.kind, [*stage.inputs, name], stage.outputs, stage.rate, dict(options))
        stages.append(stage)
    return tuple(stages)


class _Value(NamedTuple):
    """Something that stages read: what it is, and how often it changes."""

    what: str
    rate: str


def check_stages(stages: Sequence[StageSpec], tensors: Iterable[str], models: Iterable[str]) -> None:
    """Raise AvatarError, naming the stage, where the declared graph cannot be built with these tensors and models."""
    values = {name: _Value("floats", "key") for name in _OUTSIDE} | {
        name: _Value("floats", "fixed") for name in tensors
    }
    held = set(models)
    taken: set[str] = set()
    for stage in stages:
        kind = _KINDS.get(stage.kind)
        if kind is None:
            raise _wrong(stage, f"is of the unknown kind {stage.kind!r}")
        if not stage.name or "/" in stage.name or stage.name in taken:
            raise _wrong(stage, "needs a name of its own, without a slash")
        if stage.rate not in kind.rates:
            raise _wrong(stage, f"runs at rate {stage.rate!r}; a {stage.kind} runs at {' or '.join(kind.rates)}")
        if not kind.fewest <= len(stage.inputs) <= len(kind.reads):
            raise _wrong(stage, f"reads {len(stage.inputs)} values, which a {stage.kind} does not")
        if not stage.outputs or (stage.kind != _MODEL and len(stage.outputs) != 1):
            raise _wrong(stage, f"makes {len(stage.outputs)} values, which a {stage.kind} does not")
        for place, name in enumerate(stage.inputs):
            _check_input(stage, place, name, kind, values.get(name))
        for name in stage.outputs:
            if name in values:
                raise _wrong(stage, f"makes {name!r}, which is there already")
            values[name] = _Value(kind.makes, stage.rate)
        if _corrects(stage):
            _check_reach(stage)
        if stage.kind == _MODEL:
            _check_model(stage, held)
        taken.add(stage.name)
    for name, kind in _KINDS.items():
        found = sum(stage.kind == name for stage in stages)
        if kind.once and found != 1:
            raise AvatarError(f"The avatar's graph is damaged: it has {found} stages of kind {name!r}, not one.")
    if sum(_KINDS[stage.kind].makes == "colours" for stage in stages) != 1:
        raise AvatarError("The avatar's graph is damaged: it needs one stage of kind 'harmonics' or 'rgb'.")


def _check_input(stage: StageSpec, place: int, name: str, kind: _Kind, value: _Value | None) -> None:
    if value is None:
        raise _wrong(stage, f"reads {name!r}, which nothing before it makes")
    if (stage.kind, place) == _BASIS and value.rate != "fixed":
        raise _wrong(stage, f"reads {name!r} as its basis, which has to be a tensor of the avatar")
    if value.what != kind.reads[place]:
        raise _wrong(stage, f"reads {name!r}, which is {value.what}, as {kind.reads[place]}")
    if stage.rate == "key" and value.rate not in ("key", "fixed"):
        raise _wrong(stage, f"reads {name!r}, which is made only after the keys are blended")
    if stage.rate != "key" and (value.rate == "key") != (_FROM_KEYS.get(stage.kind) == place):
        raise _wrong(stage, f"reads {name!r}; of a frame's stages lerp alone, and the light of harmonics, read keys")


def correction_reach(stages: Sequence[StageSpec]) -> float:
    """Metres by which offsets move anything at most, as their stages say in `options["reach"]`."""
    return sum(float(stage.options["reach"]) for stage in stages if _corrects(stage))


def _corrects(stage: StageSpec) -> bool:
    return (stage.kind, len(stage.inputs)) in (("deform", 3), ("align", 2))


def _check_reach(stage: StageSpec) -> None:
    reach = stage.options.get("reach")
    if not isinstance(reach, int | float) or not 0 < reach < MAX_REACH_M:
        raise _wrong(stage, 'reads offsets and has to say in options["reach"] by how many metres they move anything')


def _check_model(stage: StageSpec, held: set[str]) -> None:
    model, inputs, outputs = (stage.options.get(key) for key in ("model", "inputs", "outputs"))
    if not isinstance(model, str) or model not in held:
        raise _wrong(stage, f"runs the network {model!r}, which the avatar does not hold")
    shared = stage.options.get("shared", [])
    if not isinstance(shared, list) or not all(isinstance(inputs, list) and name in inputs for name in shared):
        raise _wrong(stage, "shares an input that its network does not have")
    for given, named in ((inputs, stage.inputs), (outputs, stage.outputs)):
        if not isinstance(given, list) or len(given) != len(named) or not all(isinstance(n, str) for n in given):
            raise _wrong(stage, "has to name one tensor of its network for each value")


def _wrong(stage: StageSpec, what: str) -> AvatarError:
    return AvatarError(f"The avatar's graph is damaged: stage {stage.name!r} {what}.")
