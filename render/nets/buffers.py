"""How many rows a network gets, and the buffers of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import moderngl
import numpy as np

from render.errors import StageError

Shape = tuple[int, ...]


def rows_for(
    shapes: Mapping[str, Shape], shared: Sequence[str], given: Mapping[str, moderngl.Buffer], rows: int | None
) -> int:
    """How many rows: as asked for, else as the given buffers hold, else as the model's own shapes (one row's) say."""
    if rows is None:
        held = {
            buffer.size // (4 * max(elements(shapes[name][1:]), 1))
            for name, buffer in given.items()
            if name in shapes and name not in shared
        }
        own = {shape[0] for name, shape in shapes.items() if name not in shared and shape}
        counts = held or own or {1}
        if len(counts) != 1:
            raise StageError(f"The inputs of a model disagree on the number of rows ({counts}): give it.")
        rows = counts.pop()
    if rows < 1:
        raise StageError("A model needs at least one row.")
    return rows


def input_buffers(
    ctx: moderngl.Context, shapes: Mapping[str, Shape], given: Mapping[str, moderngl.Buffer]
) -> dict[str, moderngl.Buffer]:
    """The given buffers, checked, and new ones for the rest."""
    if unknown := set(given) - set(shapes):
        raise StageError(f"The model has no input {', '.join(sorted(unknown))}; it has {', '.join(shapes)}.")
    for name, buffer in given.items():
        if buffer.size < 4 * elements(shapes[name]):
            raise StageError(f"The buffer for {name} holds {buffer.size} bytes, too few for {shapes[name]}.")
    return {name: given.get(name) or ctx.buffer(reserve=4 * elements(shape)) for name, shape in shapes.items()}


def elements(shape: Shape) -> int:
    """Numbers in a tensor."""
    return int(np.prod(shape, dtype=np.int64))
