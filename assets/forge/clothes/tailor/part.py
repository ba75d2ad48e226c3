"""One cloth of a piece, with the small things that lie on it: what pieces hand on to be sewn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assets.forge.clothes.cloth import Hemmed
from assets.forge.clothes.tailor.fabric import Fabric
from assets.forge.clothes.tailor.lines import Places
from assets.forge.source import F64


@dataclass(frozen=True)
class Trims:
    """Small things on a part: stitches, ribs, buttons."""

    places: Places
    axes: F64
    """(N, 3, 3) columns: the Gaussians' axes."""
    deviations: F64
    """(N, 3) metres."""
    lift: F64
    """(N,) metres above the cloth."""
    colour: F64
    """(N, 3) linear albedo."""
    gloss: float = 0.01
    solid: float = 1.0
    """Opacity."""

    def on(self, seen: NDArray[np.bool_]) -> Trims:
        """Those on triangles that are `seen` (F,), which alone are numbered."""
        kept = seen[self.places.triangle]
        number = np.cumsum(seen) - 1
        places = self.places.at(kept)
        return replace(
            self,
            places=replace(places, triangle=number[places.triangle].astype(np.int32)),
            axes=self.axes[kept],
            deviations=self.deviations[kept],
            lift=self.lift[kept],
            colour=self.colour[kept],
        )


@dataclass(frozen=True)
class Part:
    """One cloth of a piece."""

    cloth: Hemmed
    fabric: Fabric
    detail: F64 | float = 1.0
    """(V,) how much closer its Gaussians stand than elsewhere."""
    tone: F64 | float = 1.0
    """(V,) the colour's factor: worn knees are lighter, ribs' valleys darker."""
    trims: tuple[Trims, ...] = ()
    bare: NDArray[np.bool_] | None = None
    """(V,) where other cloth covers it and nothing is drawn."""

    def seen(self) -> NDArray[np.bool_]:
        """(F,) which triangles carry Gaussians."""
        triangles = self.cloth.shell.triangles
        bare = np.zeros(len(self.cloth.shell.vertices), bool) if self.bare is None else self.bare
        return np.asarray(~bare[triangles].all(axis=1))
