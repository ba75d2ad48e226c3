"""A mesh drawn in numpy float64: what a picture of Gaussians is held against. Unlit, sixteen samples a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.view import View
from tests.render.oracle import to_srgb

F64 = NDArray[np.float64]
_SAMPLES = 4


def draw(
    view: View, vertices: F64, triangles: NDArray[np.int64], shade, background: float, sides=None
) -> NDArray[np.uint8]:  # type: ignore[no-untyped-def]
    """(H, W, 3) sRGB. shade(triangle (N,), barycentric (N, 3)) → (N, 4) linear colour and alpha; what has alpha 0 is
    looked through. sides: (F,) whether a triangle is seen from behind too; all are where it is None."""
    wide, tall = _SAMPLES * view.width, _SAMPLES * view.height
    placed = vertices @ view.world_to_eye[:3, :3].T + view.world_to_eye[:3, 3]
    camera = view.intrinsics
    inverse_w = -1 / placed[:, 2]
    x = _SAMPLES * (camera.cx + camera.fx * placed[:, 0] * inverse_w)
    y = _SAMPLES * (view.height - camera.cy - camera.fy * placed[:, 1] * inverse_w)
    picture = np.full((tall, wide, 3), background)
    depth, owner, weights = np.zeros((tall, wide)), np.full((tall, wide), -1), np.zeros((tall, wide, 3))
    for index, (a, b, c) in enumerate(triangles):
        area = (x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a])
        if area == 0 or (sides is not None and not sides[index] and area > 0):
            continue
        left, right = int(max(min(x[a], x[b], x[c]), 0)), int(min(max(x[a], x[b], x[c]) + 1, wide))
        top, bottom = int(max(min(y[a], y[b], y[c]), 0)), int(min(max(y[a], y[b], y[c]) + 1, tall))
        if left >= right or top >= bottom:
            continue
        px, py = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        w0 = ((x[b] - px) * (y[c] - py) - (x[c] - px) * (y[b] - py)) / area
        w1 = ((x[c] - px) * (y[a] - py) - (x[a] - px) * (y[c] - py)) / area
        w2 = 1 - w0 - w1
        inside = (w0 >= 0) & (w1 >= 0) & (w2 >= 0)
        near = w0 * inverse_w[a] + w1 * inverse_w[b] + w2 * inverse_w[c]
        block = np.s_[top:bottom, left:right]
        row, column = np.nonzero(inside & (near > depth[block]))
        if not len(row):
            continue
        share = np.stack(
            [w0[row, column] * inverse_w[a], w1[row, column] * inverse_w[b], w2[row, column] * inverse_w[c]], 1
        )
        share /= share.sum(axis=1, keepdims=True)
        shown = shade(np.full(len(row), index), share)[:, 3] > 0
        row, column, share = row[shown], column[shown], share[shown]
        depth[block][row, column] = near[row, column]
        owner[block][row, column] = index
        weights[block][row, column] = share
    hit = owner >= 0
    picture[hit] = shade(owner[hit], weights[hit])[:, :3]
    mean = picture.reshape(view.height, _SAMPLES, view.width, _SAMPLES, 3).mean(axis=(1, 3))
    return to_srgb(np.concatenate([mean, np.ones_like(mean[..., :1])], axis=2))[..., :3]
