"""A differentiable rasteriser of splats in torch, for any device: the renderer's rules, in 8 x 8 tiles.

A splat adds opacity * exp(-square / 2) of its colour, nothing under 1/255, nearest first (Kerbl et al. 2023). Within a
tile the exponent is a polynomial of the pixel's place, so that all splats at all pixels are one matrix product; so are
its gradients. Tiles with about as many splats are done together, as many as fit into a cache.
"""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import Tensor

TILE: Final = 8
FAINTEST: Final = 1 / 255
CHUNK: Final = 1 << 18
"""Splats times pixels at once."""


class _Blend(torch.autograd.Function):  # type: ignore[misc]
    """Exponents' coefficients (T, K, 6) and colours (T, K, 3), nearest first -> light (T, P, 3), cover (T, P)."""

    @staticmethod
    def forward(ctx: Any, coefficients: Tensor, colours: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        alpha = (coefficients.reshape(-1, 6) @ places).view(*coefficients.shape[:2], -1).exp_()
        alpha.mul_(alpha >= FAINTEST).clamp_(max=0.9999)
        after = torch.cumprod(1 - alpha, 1)
        left = after[:, -1]
        weights = alpha.clone()
        weights[:, 1:] *= after[:, :-1]
        ctx.save_for_backward(alpha, weights, colours, left, places)
        return torch.bmm(weights.transpose(1, 2), colours), 1 - left

    @staticmethod
    def backward(ctx: Any, d_light: Tensor, d_cover: Tensor) -> tuple[Tensor, Tensor, None]:
        alpha, weights, colours, left, places = ctx.saved_tensors
        d_weights = torch.bmm(colours, d_light.transpose(1, 2))
        d_colours = torch.bmm(weights, d_light)
        # What a splat hides: the light of all behind it, and the background.
        d_weights *= weights
        behind = d_weights.sum(1, keepdim=True) - torch.cumsum(d_weights, 1)
        behind -= (left * d_cover)[:, None]
        d_exponent = d_weights - behind * (alpha / (1 - alpha))
        d_coefficients = d_exponent.view(-1, places.shape[1]) @ places.T
        return d_coefficients.view(*alpha.shape[:2], 6), d_colours, None


def rasterise(
    centres: Tensor, covariances: Tensor, opacities: Tensor, colours: Tensor, width: int, height: int
) -> tuple[Tensor, Tensor]:
    """Light (H, W, 3), premultiplied, and cover (H, W) of splats in order, nearest first.

    centres (N, 2): column and row in pixels, pixel (i, j) has its centre at (i + 0.5, j + 0.5); covariances (N, 3): xx,
    xy, yy in square pixels; opacities (N,); colours (N, 3).
    """
    columns, rows = -(-width // TILE), -(-height // TILE)
    splat, tile = _pairs(centres.detach(), covariances.detach(), opacities.detach(), columns, rows)
    light = centres.new_zeros(columns * rows, TILE * TILE, 3)
    cover = centres.new_zeros(columns * rows, TILE * TILE)
    if len(splat):
        xx, xy, yy = covariances.unbind(1)
        determinant = xx * yy - xy * xy
        conics = torch.stack([yy, -xy, xx], 1) / determinant[:, None]
        attributes = torch.cat([centres, conics, opacities.log()[:, None], colours], 1)
        # One more, which nobody sees, fills up the lists.
        nobody = attributes.new_tensor([[0, 0, 1, 0, 1, -100, 0, 0, 0]])
        attributes = torch.cat([attributes, nobody])
        parts = [_blend(attributes, lists, tiles, columns) for lists, tiles in _lists(splat, tile, columns * rows)]
        touched = torch.cat([tiles for _, _, tiles in parts])
        light = light.index_copy(0, touched, torch.cat([part for part, _, _ in parts]))
        cover = cover.index_copy(0, touched, torch.cat([part for _, part, _ in parts]))
    light = light.view(rows, columns, TILE, TILE, 3).transpose(1, 2).reshape(rows * TILE, columns * TILE, 3)
    cover = cover.view(rows, columns, TILE, TILE).transpose(1, 2).reshape(rows * TILE, columns * TILE)
    return light[:height, :width], cover[:height, :width]


def _pairs(centres: Tensor, covariances: Tensor, opacities: Tensor, columns: int, rows: int) -> tuple[Tensor, Tensor]:
    """Which splat may touch which tile: (M,) each, by tile and then nearest first."""
    reach = 2 * torch.log((255 * opacities).clamp(min=1e-9))
    half = torch.sqrt(reach.clamp(min=0)[:, None] * covariances[:, ::2])
    most = centres.new_tensor([columns, rows])
    low = ((centres - half - 0.5) / TILE).ceil().sub(1).add(1e-4).floor().clamp(min=0)
    high = torch.minimum(((centres + half - 0.5) / TILE).floor(), most - 1)
    seen = (reach > 0) & torch.isfinite(half).all(1) & (low <= high).all(1)
    which = seen.nonzero()[:, 0]
    low, size = low[which].long(), (high - low)[which].long() + 1
    counts = size[:, 0] * size[:, 1]
    splat = torch.repeat_interleave(which, counts)
    first = torch.repeat_interleave(torch.cumsum(counts, 0) - counts, counts)
    inside = torch.arange(len(splat), device=splat.device) - first
    wide = torch.repeat_interleave(size[:, 0], counts)
    x = torch.repeat_interleave(low[:, 0], counts) + inside % wide
    y = torch.repeat_interleave(low[:, 1], counts) + inside // wide
    tile, order = torch.sort(y * columns + x, stable=True)
    return splat[order], tile


def _lists(splat: Tensor, tile: Tensor, tiles: int) -> list[tuple[Tensor, Tensor]]:
    """Tiles with about as many splats together: their splats (T, K), filled up with N, and their numbers (T,)."""
    counts = torch.bincount(tile, minlength=tiles)
    starts = torch.cumsum(counts, 0) - counts
    order = torch.argsort(counts, descending=True, stable=True)
    sizes = counts[order].tolist()
    last, done, nobody = next((i for i, n in enumerate(sizes) if n == 0), len(sizes)), 0, -1
    result = []
    while done < last:
        longest = sizes[done]
        end = min(last, done + max(1, CHUNK // (longest * TILE * TILE)))
        # A list that is filled up by half its length is better done with shorter ones.
        end = next((i for i in range(done + 1, end) if sizes[i] < 0.6 * longest), end)
        tiles_here = order[done:end]
        place = torch.arange(longest, device=splat.device)
        index = starts[tiles_here][:, None] + place
        held = place < counts[tiles_here][:, None]
        lists = torch.where(held, splat[index.clamp(max=len(splat) - 1)], nobody)
        result.append((lists, tiles_here))
        done = end
    return result


def _blend(attributes: Tensor, lists: Tensor, tiles: Tensor, columns: int) -> tuple[Tensor, Tensor, Tensor]:
    steps = torch.arange(TILE, device=lists.device, dtype=attributes.dtype) - (TILE - 1) / 2
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    places = torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y]).view(6, -1)
    lists = torch.where(lists < 0, len(attributes) - 1, lists)
    picked = attributes.index_select(0, lists.view(-1)).view(*lists.shape, 9)
    middle = torch.stack([tiles % columns, tiles // columns], 1) * TILE + TILE / 2
    cx, cy = (picked[..., :2] - middle[:, None]).unbind(-1)
    a, b, c, log_opacity = picked[..., 2:6].unbind(-1)
    ax, ay = a * cx + b * cy, b * cx + c * cy
    coefficients = torch.stack([log_opacity - 0.5 * (ax * cx + ay * cy), ax, ay, -0.5 * a, -b, -0.5 * c], -1)
    light, cover = _Blend.apply(coefficients, picked[..., 6:].contiguous(), places)
    return light, cover, tiles


FULL_REACH: Final = math.sqrt(2 * math.log(255))
