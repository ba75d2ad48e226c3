"""Stage sort: one stable front-to-back order of the Gaussians for both eyes, from the head centre.

The keys are 16 bits of distance over the avatar's own range, finer where it is nearer: 15 micrometres a step from 1 to
2 m; 0.2 mm at a metre over a scene that reaches from 5 cm to 500 m. Two passes of 8 bits sort them, each counting,
scanning and scattering; nothing is read back, and no workgroup waits for another.
How the list is cut up is a SortShape, of which tuning.py finds the fastest for a device.

Owns `keys` and `order`. Both are valid from one `run` to the next; `order` is what project and draw go by, and is
older than the world they see where the renderer found it young enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import Kernel, is_software
from render.stages.project import NEAREST_M

MAX_ITEMS: Final = 1 << 24
"""Indices have 24 bits between the passes."""
_DIGITS: Final = 256
_LONGEST_WALK: Final = 32_768
"""Some drivers end a loop after 65,535 turns (llvmpipe)."""


@dataclass(frozen=True)
class SortShape:
    """How the list is cut up for the invocations of the GPU."""

    kind: Literal["serial", "group"]
    """Who works on a chunk: one invocation with counters of its own (the threads of a processor), or a workgroup with
    counters in shared memory (a GPU)."""
    chunks: int
    """Contiguous parts of the list; of a serial sort, a multiple of `local`."""
    local: int
    """Invocations of a workgroup; of a group sort 32, 64, 128 or 256."""


SOFTWARE_SHAPES: Final = tuple(SortShape("serial", chunks, 8) for chunks in (32, 16, 64, 128, 256))
"""Eight invocations are one SIMD vector of a thread, so that as many threads are busy as there are workgroups."""
GPU_SHAPES: Final = (
    *(SortShape("group", chunks, local) for local in (128, 256, 64) for chunks in (256, 512, 128)),
    *(SortShape("serial", chunks, 32) for chunks in (1024, 4096)),
)


def shapes(ctx: moderngl.Context) -> tuple[SortShape, ...]:
    """The shapes worth trying on this device, the likeliest first."""
    return SOFTWARE_SHAPES if is_software(ctx) else GPU_SHAPES


class DepthSort:
    """Orders up to `count` Gaussians by distance from the head; `shape` is the device's likeliest unless one is given.

    Raises ShaderError where the driver does not take the shape.
    """

    def __init__(self, ctx: moderngl.Context, count: int, shape: SortShape | None = None) -> None:
        shape = shape or shapes(ctx)[0]
        self._chunks = shape.chunks
        while shape.kind == "serial" and count > self._chunks * _LONGEST_WALK:
            self._chunks *= 2
        local = shape.local
        self._counts = [Kernel(ctx, f"radix_{shape.kind}_count", PASS=p, LOCAL=local) for p in (0, 1)]
        self._scan = Kernel(ctx, f"radix_{shape.kind}_scan", PASS=0, LOCAL=local)
        self._scatters = [Kernel(ctx, f"radix_{shape.kind}_scatter", PASS=p, LOCAL=local) for p in (0, 1)]
        serial = shape.kind == "serial"
        self._walkers, self._scanners = (self._chunks // local, _DIGITS // 8) if serial else (self._chunks, _DIGITS)
        self._tally = ctx.buffer(reserve=_DIGITS * (self._chunks + 1) * 4)
        self._between = ctx.buffer(reserve=count * 4)
        self.keys = ctx.buffer(reserve=count * 4)
        """One word a Gaussian: 0 at the nearest distance, 65,535 at the farthest."""
        self.order = ctx.buffer(reserve=count * 4)
        """One index a Gaussian, nearest first."""

    def run(
        self, world: moderngl.Buffer, head: NDArray[np.float64], nearest: float, farthest: float, count: int
    ) -> None:
        """Order the first `count` of `world` by distance from `head` (3,); all that is drawn lies between the two."""
        low, high = (int(np.float32(max(end, NEAREST_M)).view(np.uint32)) for end in (nearest, farthest))
        cut = {"count": count, "chunks": self._chunks}
        self._counts[0](
            self._walkers,
            [self._tally, self.keys, world],
            head=tuple(head.tolist()),
            nearest=low,
            per_bit=65_535.0 / max(high - low, 1),
            **cut,
        )
        self._scan(self._scanners, [self._tally], chunks=self._chunks)
        self._scatters[0](self._walkers, [self._tally, self.keys, self._between], **cut)
        self._counts[1](self._walkers, [self._tally, self._between], **cut)
        self._scan(self._scanners, [self._tally], chunks=self._chunks)
        self._scatters[1](self._walkers, [self._tally, self._between, self.order], **cut)
