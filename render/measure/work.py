"""What a frame has to do: how many bytes each kind of stage moves, and how many fragments are drawn (fragments.py).

A dispatch counts for every buffer that it binds, once whole (twice where it reads and writes it), by the qualifiers in
the shader's own text: what has to come from memory and go back if every cache were perfect. A buffer that is larger
than what is in it counts for what is in it. Textures count by the pixels of the window.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

import moderngl
import numpy as np

from render.gl.context import extra
from render.measure.fragments import NO_FRAGMENTS, Fragments, count_fragments
from render.measure.walk import Walk
from render.raster.quads import QuadRasteriser
from render.raster.rasteriser import Rasteriser
from render.raster.tiles import TileRasteriser
from render.renderer import AvatarRenderer
from render.stages.project import ProjectOptions
from render.stages.window import TILE

_HALVES: Final = 8
"""Bytes of a pixel of a picture (rgba16f)."""
_BYTES: Final = 4
"""Bytes of a pixel of a target."""


@dataclass(frozen=True)
class StageWork:
    """What one kind of stage does in a frame."""

    bytes: int
    """Read and written."""
    fragments: Fragments = NO_FRAGMENTS


def frame_work(
    ctx: moderngl.Context, renderer: AvatarRenderer, walk: Walk, target: tuple[int, int], options: ProjectOptions
) -> dict[str, StageWork]:
    """The work of each kind of stage in the next frames of `walk`, into targets of the size `target`, by `renderer`,
    which draws with `options`."""
    traffic = Traffic(ctx, renderer)
    renderer.watch(traffic.watch)
    walk.frame()
    renderer.watch(lambda kind: nullcontext())
    work = {kind: StageWork(size) for kind, size in traffic.moved(target).items()}
    return work | {"draw": replace(work["draw"], fragments=count_fragments(ctx, renderer, walk, target, options))}


class Traffic:
    """Listens to one frame of `renderer`: give `watch` to it, draw, then read `moved`."""

    def __init__(self, ctx: moderngl.Context, renderer: AvatarRenderer) -> None:
        self._ctx, self._renderer = ctx, renderer
        self._sizes: dict[str, int] = defaultdict(int)

    @contextmanager
    def watch(self, kind: str) -> Iterator[None]:
        """Count what is dispatched inside for `kind`."""
        dispatched: list[tuple[moderngl.Buffer, int]] = []
        extra(self._ctx).listener = dispatched.extend
        try:
            yield
        finally:
            extra(self._ctx).listener = None
        filled: dict[int, int] = {}
        if kind == "draw":
            # Only now do the lists hold what this frame put there.
            filled = filled_bytes(self._renderer.rasteriser)
        self._sizes[kind] += sum(times * filled.get(buffer.glo, buffer.size) for buffer, times in dispatched)

    def moved(self, target: tuple[int, int]) -> dict[str, int]:
        """Bytes a kind of stage, once a frame into targets of this size was drawn."""
        return {kind: size + self._textures(kind, target) for kind, size in self._sizes.items()}

    def _textures(self, kind: str, target: tuple[int, int]) -> int:
        pixels = sum(window.tiles for window in self._renderer.windows) * TILE * TILE
        if kind == "draw":
            canvas = 2 * _HALVES if isinstance(self._renderer.rasteriser, QuadRasteriser) else 0
            return pixels * (_HALVES + canvas)
        if kind == "compose":
            return pixels * (_HALVES + 2 * _BYTES) + len(self._renderer.windows) * target[0] * target[1] * _BYTES
        return 0


def filled_bytes(rasteriser: Rasteriser) -> dict[int, int]:
    """Bytes in use of those buffers that have room for more than the frame just drawn needed, by their GL names."""
    if isinstance(rasteriser, TileRasteriser):
        return rasteriser.bins.read_filled()
    if isinstance(rasteriser, QuadRasteriser):
        visible = np.frombuffer(rasteriser.command.read(), np.uint32)[1::5].sum()
        return {rasteriser.quads.glo: 32 * int(visible)}
    return {}
