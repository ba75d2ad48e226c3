"""What a cloth looks like: its colour, how its yarn varies, and its pattern of stripes or checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from assets.forge.noise import noise
from assets.forge.source import F64

Weave = Literal["knit", "jersey", "plain", "denim", "wool", "leather", "satin", "rubber"]
Pattern = Literal["plain", "stripes", "pinstripes", "checks"]


@dataclass(frozen=True)
class Yarn:
    """How the tone of a weave varies; sizes in metres."""

    streak: float
    """Share by which single threads are lighter or darker."""
    wide: float
    long: float
    blotch: float
    """Share by which the dye is uneven over centimetres."""
    gloss: float
    elongation: float
    """How much longer than wide its Gaussians are, along the thread."""
    thickness: float
    """Of a hem."""
    fuzz: float
    """Light that standing fibres catch where one looks along the cloth."""


YARNS: Final[dict[Weave, Yarn]] = {
    "knit": Yarn(0.13, 0.004, 0.014, 0.05, 0.004, 1.15, 0.0042, 0.45),
    "jersey": Yarn(0.06, 0.003, 0.010, 0.04, 0.006, 1.15, 0.0022, 0.3),
    "plain": Yarn(0.045, 0.003, 0.012, 0.03, 0.010, 1.15, 0.0018, 0.15),
    "denim": Yarn(0.15, 0.0025, 0.016, 0.07, 0.006, 1.05, 0.0030, 0.25),
    "wool": Yarn(0.10, 0.003, 0.008, 0.05, 0.006, 1.15, 0.0032, 0.35),
    "leather": Yarn(0.04, 0.006, 0.006, 0.05, 0.060, 1.0, 0.0022, 0.0),
    "rubber": Yarn(0.03, 0.006, 0.006, 0.04, 0.012, 1.0, 0.0022, 0.0),
    "satin": Yarn(0.03, 0.003, 0.020, 0.02, 0.045, 1.15, 0.0015, 0.15),
}


@dataclass(frozen=True)
class Fabric:
    """One cloth; colours (3,) linear."""

    weave: Weave
    colour: F64
    pattern: Pattern = "plain"
    second: F64 | None = None
    """The stripes' colour."""
    period: float = 0.03
    """Of the pattern, metres."""
    thread: F64 | None = None
    """Of its stitches; darker than the cloth where None."""

    @property
    def yarn(self) -> Yarn:
        return YARNS[self.weave]

    @property
    def stitch(self) -> F64:
        """(3,) colour of its stitches."""
        return np.asarray(self.colour * 0.62 if self.thread is None else self.thread)

    def albedo(self, across: F64, along: F64, seed: int) -> F64:
        """(N, 3) at cloth coordinates (N,), metres around and down the piece."""
        yarn, still = self.yarn, np.zeros(len(across))
        threads = np.stack([across / yarn.wide, along / yarn.long, still], axis=1)
        tone = 1 + yarn.streak * noise(threads, 1.0, seed + 11)
        tone *= 1 + yarn.blotch * noise(np.stack([across, along, still], axis=1), 0.05, seed + 12, 2)
        if self.weave == "denim":  # the twill's warp is blue, its weft white: the tone goes to white, not to grey
            pale = 0.10 * np.clip(noise(threads * [1.0, 0.4, 0.0] + [0, 0, 3.3], 1.0, seed + 13), 0, 1)
            return self._patterned(across, along) * tone[:, None] + pale[:, None] * [0.30, 0.36, 0.44]
        return self._patterned(across, along) * tone[:, None]

    def _patterned(self, across: F64, along: F64) -> F64:
        base = np.tile(self.colour, (len(across), 1))
        if self.second is None or self.pattern == "plain":
            return base
        match self.pattern:
            case "stripes":
                share = _band(along / self.period, 0.42)
            case "pinstripes":
                share = 0.8 * _band(across / self.period, 0.16)
            case _:
                rows, columns = _band(along / self.period, 0.5), _band(across / self.period, 0.5)
                share = 0.5 * rows + 0.5 * columns
        return np.asarray(base + share[:, None] * (self.second - base))


def _band(phase: F64, width: float) -> F64:
    """1 in the stripe, 0 beside it, its edges a little soft."""
    away = np.abs(phase - np.round(phase))
    return np.asarray(np.clip((width / 2 - away) / 0.06 + 0.5, 0, 1))
