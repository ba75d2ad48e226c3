"""What the passes of a lowered network share: their buffers, where each value lies between them, how operands lie.

Between passes a scalar of all rows lies in `scratch`, row after row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.lower import Program
from render.nets.functions import HELPERS
from render.nets.packed import Packed

LANES: Final = 64
SHARED_BYTES: Final = 16_384
"""What every GLES 3.1 driver gives a workgroup."""

Refs = NDArray[np.int32]


@dataclass(frozen=True)
class Pass:
    """One shader without its version line. `buffers` are bound in order: "constants", "weights", "tables", "scratch",
    "x0" for the first input, "y0" for the first output and so on; `groups` gives the workgroups for so many rows."""

    text: str
    buffers: tuple[str, ...]
    groups: Callable[[int], tuple[int, int, int]]


@dataclass
class Chain:
    """All passes in order, and how many scalars of a row lie in scratch between them."""

    program: Program
    packed: Packed
    many_rows: bool
    passes: list[Pass] = field(default_factory=list)
    scratch: int = 0
    place: dict[int, int] = field(default_factory=dict)
    """By value (an input, or len(inputs) + an operation): its first place in scratch."""

    def __post_init__(self) -> None:
        widths = [*(p.width for p in self.program.inputs), *(op.width for op in self.program.operations)]
        self.widths = widths
        self.starts = np.cumsum([0, *widths])[:-1]

    def value(self, number: int) -> int:
        """Which value an operation's result is."""
        return len(self.program.inputs) + number

    def values(self, refs: Iterable[Refs]) -> set[int]:
        """The values that operands refer to."""
        found: set[int] = set()
        for part in refs:
            live = part[part >= 0]
            found |= set((np.searchsorted(self.starts, live, "right") - 1).tolist())
        return found

    def keep(self, value: int) -> int:
        """Give a value a place in scratch."""
        if value not in self.place:
            self.place[value] = self.scratch
            self.scratch += self.widths[value]
        return self.place[value]

    def places(self, refs: Refs, first: dict[int, int]) -> Refs:
        """Operands as places, where `first` says at which place each value begins; constants stay below zero."""
        value = np.searchsorted(self.starts, np.maximum(refs, 0), "right") - 1
        offset = np.array([first.get(v, 0) - int(self.starts[v]) for v in range(len(self.widths))])
        return np.where(refs < 0, refs, refs + offset[value]).astype(np.int32)


def head(chain: Chain, buffers: Sequence[str]) -> str:
    """Declarations of the buffers, and the functions."""
    kinds = {
        "constants": "float c[]",
        "weights": "uvec2 w[]" if chain.packed.half else "vec4 w[]",
        "tables": "int tab[]",
        "scratch": "float g[]",
    }
    text = f"layout(local_size_x = {LANES}) in;\nuniform uint rows;\n"
    for binding, name in enumerate(buffers):
        element = kinds.get(name, f"float {name}[]")
        access = "" if name == "scratch" or name.startswith("y") else "readonly "
        text += f"layout(std430, binding = {binding}) {access}buffer B{binding} {{ {element}; }};\n"
    weight = "vec4(unpackHalf2x16(w[i].x), unpackHalf2x16(w[i].y))" if chain.packed.half else "w[i]"
    return text + (f"vec4 weight(uint i) {{ return {weight}; }}\n" if "weights" in buffers else "") + HELPERS


def run_of(places: Refs) -> str:
    """How places lie: "one" (all the same), "run" (one after the other), or "table"."""
    if len(places) == 1 or (places == places[0]).all():
        return "one"
    step = -1 if places[0] < 0 else 1
    ends_well = (places[-1] < 0) == (places[0] < 0)
    return "run" if ends_well and (np.diff(places) == step).all() else "table"
