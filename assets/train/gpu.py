"""Which rasteriser draws: gsplat's on a CUDA device where it is installed, else our own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import Tensor

from assets.train.raster import rasterise

Rasterise = Callable[[Tensor, Tensor, Tensor, Tensor, int, int], tuple[Tensor, Tensor]]
"""(centres, covariances, opacities, colours, width, height) of splats, nearest first -> light, cover."""


def rasteriser_for(device: torch.device) -> Rasterise:
    """The fastest that draws the same picture here."""
    if device.type == "cuda" and find_spec("gsplat") is not None:
        return _with_gsplat
    return rasterise


def _with_gsplat(
    centres: Tensor, covariances: Tensor, opacities: Tensor, colours: Tensor, width: int, height: int
) -> tuple[Tensor, Tensor]:
    import gsplat

    count = len(centres)
    xx, xy, yy = covariances.unbind(1)
    determinant = xx * yy - xy * xy
    conics = torch.stack([yy, -xy, xx], 1) / determinant[:, None]
    with torch.no_grad():
        reach = torch.sqrt(2 * torch.log((255 * opacities).clamp(min=1.0)))
        radii = torch.ceil(reach[:, None] * covariances[:, ::2].sqrt()).int()
        # They come nearest first, by their distance; gsplat sorts by depth, so the place in line is the depth.
        depths = torch.arange(1, count + 1, device=centres.device, dtype=torch.float32)[None]
        columns, rows = -(-width // _TILE), -(-height // _TILE)
        _, ids, flat = gsplat.isect_tiles(centres.detach()[None], radii[None], depths, _TILE, columns, rows)
        offsets = gsplat.isect_offset_encode(ids, 1, columns, rows)
    light, cover = gsplat.rasterize_to_pixels(
        centres[None], conics[None], colours[None], opacities[None], width, height, _TILE, offsets, flat
    )
    return light[0], cover[0, ..., 0]


_TILE = 16
