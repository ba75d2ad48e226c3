"""The renderer once more in numpy float64, written from the papers and from assets/avatar.py, not from the shaders.

Nothing is packed, no tile, no early end: every Gaussian is evaluated at every pixel that it can reach. What a picture
*is* follows 3D Gaussian Splatting (Kerbl et al. 2023): EWA projection with 0.3 px of low-pass, or Mip-Splatting's
filter (Yu et al. 2024), contributions under 1/255 left out, front-to-back compositing; the order is by distance from
the head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar
from render.motion.pose import PoseKey
from render.view import View

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class State:
    """Gaussians in avatar space at one moment: (N, 3), rotations, (N,) sizes."""

    positions: F64
    rotations: Rotation
    edges: F64


def deform(avatar: Avatar, key: PoseKey) -> F64:
    """(V, 3) vertices: blend shapes, then linear blend skinning."""
    mesh = avatar.mesh
    moved = mesh.vertices + np.einsum("e,evc->vc", key.expression.astype(float), mesh.shapes.astype(float))
    blended = np.einsum("vk,vkab->vab", mesh.skin_weights.astype(float), key.joints.astype(float)[mesh.skin_joints])
    return np.einsum("vab,vb->va", blended[:, :3, :3], moved) + blended[:, :3, 3]


def align(avatar: Avatar, vertices: F64) -> State:
    """Every Gaussian by its triangle's frame R = [n, q, n x q], e = mean edge."""
    gs = avatar.gaussians
    v0, v1, v2 = (vertices[avatar.mesh.triangles[gs.triangle][:, k]] for k in range(3))
    n = _unit(np.cross(v1 - v0, v2 - v0))
    q = _unit((v1 + v2) / 2 - v0)
    frame = np.stack([n, q, np.cross(n, q)], axis=2)
    e = (_length(v1 - v0) + _length(v2 - v1) + _length(v0 - v2)) / 3
    u, v = gs.barycentric.astype(float).T
    place = u[:, None] * v0 + v[:, None] * v1 + (1 - u - v)[:, None] * v2
    place += e[:, None] * np.einsum("nab,nb->na", frame, gs.offset.astype(float))
    own = Rotation.from_quat(gs.rotation.astype(float)[:, [1, 2, 3, 0]])
    return State(place, Rotation.from_matrix(frame) * own, e)


def between(a: State, b: State, alpha: float) -> State:
    """Straight lines for places and sizes; quaternions blended the short way round and made unit again."""
    qa, qb = a.rotations.as_quat(), b.rotations.as_quat()
    qb = np.where((qa * qb).sum(axis=1, keepdims=True) < 0, -qb, qb)
    return State(
        (1 - alpha) * a.positions + alpha * b.positions,
        Rotation.from_quat((1 - alpha) * qa + alpha * qb),
        (1 - alpha) * a.edges + alpha * b.edges,
    )


def world(avatar: Avatar, state: State, model: F64) -> tuple[F64, F64]:
    """(N, 3) positions and (N, 3, 3) covariances in the world."""
    linear = model[:3, :3]
    axes = linear @ state.rotations.as_matrix() * (state.edges[:, None] * avatar.gaussians.scale)[:, None, :]
    return state.positions @ linear.T + model[:3, 3], axes @ axes.transpose(0, 2, 1)


def colours(avatar: Avatar, state: State, model: F64, head: F64) -> F64:
    """(N, 3) colour seen from `head` (3,), clipped to what a picture holds, or to twice that in display values."""
    sh = avatar.gaussians.sh.astype(float)
    rest = align(avatar, avatar.mesh.vertices.astype(float))
    head_in_avatar = (np.linalg.inv(model) @ np.append(head, 1))[:3]
    direction = (rest.rotations * state.rotations.inv()).apply(_unit(state.positions - head_in_avatar))
    basis = _basis(direction)[:, : sh.shape[1]]
    return np.clip(0.5 + np.einsum("nk,nkc->nc", basis, sh), 0, 2 if avatar.blending == "display" else 1)


def project(view: View, positions: F64, covariances: F64, low_pass: float = 0.3) -> tuple[F64, F64, F64]:
    """(N, 2) centres in pixels from the bottom left, (N, 2, 2) covariances in square pixels, (N,) depths in metres."""
    turn = view.pose[:3, :3].T
    eye = (positions - view.pose[:3, 3]) @ turn.T
    depth = -eye[:, 2]
    left, right, up, down = np.tan(view.fov)
    fx, fy = view.width / (right - left), view.height / (up - down)
    x, y = eye[:, 0] / depth, eye[:, 1] / depth
    centres = np.stack([(x - left) * fx, (y - down) * fy], axis=1)
    # The derivative is taken no farther out than 0.15 images beyond the edges.
    x = np.clip(x, left - 0.15 * (right - left), right + 0.15 * (right - left))
    y = np.clip(y, down - 0.15 * (up - down), up + 0.15 * (up - down))
    jacobian = np.zeros((len(eye), 2, 3))
    jacobian[:, 0, 0], jacobian[:, 0, 2] = fx / depth, fx * x / depth
    jacobian[:, 1, 1], jacobian[:, 1, 2] = fy / depth, fy * y / depth
    m = jacobian @ turn
    return centres, m @ covariances @ m.transpose(0, 2, 1) + low_pass * np.eye(2), depth


def dimming(flat: F64, low_pass: float) -> F64:
    """(N,) what Mip-Splatting multiplies opacities with: as much light as before `low_pass` made the splats wider."""
    before = np.linalg.det(flat - low_pass * np.eye(2))
    return np.sqrt(np.maximum(before, 0) / np.linalg.det(flat))


def composite(view: View, centres: F64, covariances: F64, opacity: F64, colour: F64, order: NDArray[np.intp]) -> F64:
    """(H, W, 4) premultiplied linear light, bottom row first; only what `order` names is drawn."""
    image = np.zeros((view.height, view.width, 3))
    through = np.ones((view.height, view.width))
    conics = np.linalg.inv(covariances)
    for i in order:
        if opacity[i] <= 1 / 255:
            continue
        reach = np.sqrt(2 * np.log(255 * opacity[i]) * np.diagonal(covariances[i]))
        low = np.maximum(np.floor(centres[i] - reach), 0).astype(int)
        high = np.minimum(np.ceil(centres[i] + reach) + 1, (view.width, view.height)).astype(int)
        if (low >= high).any():
            continue
        dx = np.arange(low[0], high[0]) + 0.5 - centres[i, 0]
        dy = (np.arange(low[1], high[1]) + 0.5 - centres[i, 1])[:, None]
        square = conics[i, 0, 0] * dx * dx + 2 * conics[i, 0, 1] * dx * dy + conics[i, 1, 1] * dy * dy
        alpha = opacity[i] * np.exp(-square / 2)
        alpha[alpha < 1 / 255] = 0
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        image[window] += (alpha * through[window])[..., None] * colour[i]
        through[window] *= 1 - alpha
    return np.dstack([image, 1 - through])


def render(
    avatar: Avatar,
    view: View,
    state: State,
    *,
    head: F64,
    model: F64,
    background: tuple[float, float, float, float] | None,
    nearest: float = 0.05,
) -> NDArray[np.uint8]:
    """(H, W, 4) sRGB picture, top row first, sorted and coloured from `head` (3,)."""
    positions, covariances = world(avatar, state, model)
    mip = avatar.antialiasing == "mip"
    low_pass = 0.1 if mip else 0.3
    centres, flat, depth = project(view, positions, covariances, low_pass)
    order = np.argsort(_length(positions - head), kind="stable")
    order = order[depth[order] >= nearest]
    opacity = avatar.gaussians.opacity.astype(float) * (dimming(flat, low_pass) if mip else 1.0)
    picture = composite(view, centres, flat, opacity, colours(avatar, state, model, head), order)
    if avatar.blending == "display":
        picture = decoded(picture)
    if background is not None:
        picture += (1 - picture[..., 3:]) * np.asarray(background)
    return to_srgb(picture)[::-1]


def depth(avatar: Avatar, view: View, state: State, *, head: F64, model: F64) -> tuple[F64, F64]:
    """(H, W) metres along the view's -z, the mean over what each pixel shows, and (H, W) alpha; top row first."""
    positions, covariances = world(avatar, state, model)
    centres, flat, metres = project(view, positions, covariances, 0.3)
    order = np.argsort(_length(positions - head), kind="stable")
    order = order[metres[order] >= 0.05]
    picture = composite(view, centres, flat, avatar.gaussians.opacity.astype(float), metres[:, None], order)[::-1]
    alpha = picture[..., 3]
    return np.divide(picture[..., 0], alpha, out=np.zeros_like(alpha), where=alpha > 0), alpha


def decoded(picture: F64) -> F64:
    """Premultiplied linear light of premultiplied sRGB values (IEC 61966-2-1)."""
    alpha = picture[..., 3:]
    c = np.divide(picture[..., :3], alpha, out=np.zeros_like(picture[..., :3]), where=alpha > 0).clip(0, 1)
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return np.concatenate([linear * alpha, alpha], axis=2)


def to_srgb(linear: F64) -> NDArray[np.uint8]:
    """8-bit sRGB of linear light, alpha as it is (IEC 61966-2-1)."""
    c = linear.clip(0, 1)
    encoded = np.where(c <= 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)
    encoded[..., 3] = c[..., 3]
    return np.rint(encoded * 255).astype(np.uint8)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Decibels between two 8-bit pictures; 99 where they are the same."""
    error = np.square(a.astype(float) - b.astype(float)).mean()
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def _basis(direction: F64) -> F64:
    """(N, 16) real spherical harmonics up to degree 3, in the order and with the signs of 3D Gaussian Splatting."""
    x, y, z = direction.T
    pi = np.pi
    return np.stack(
        [
            np.full_like(x, np.sqrt(1 / (4 * pi))),
            -np.sqrt(3 / (4 * pi)) * y,
            np.sqrt(3 / (4 * pi)) * z,
            -np.sqrt(3 / (4 * pi)) * x,
            np.sqrt(15 / (4 * pi)) * x * y,
            -np.sqrt(15 / (4 * pi)) * y * z,
            np.sqrt(5 / (16 * pi)) * (3 * z * z - 1),
            -np.sqrt(15 / (4 * pi)) * x * z,
            np.sqrt(15 / (16 * pi)) * (x * x - y * y),
            -np.sqrt(35 / (32 * pi)) * y * (3 * x * x - y * y),
            np.sqrt(105 / (4 * pi)) * x * y * z,
            -np.sqrt(21 / (32 * pi)) * y * (5 * z * z - 1),
            np.sqrt(7 / (16 * pi)) * z * (5 * z * z - 3),
            -np.sqrt(21 / (32 * pi)) * x * (5 * z * z - 1),
            np.sqrt(105 / (16 * pi)) * z * (x * x - y * y),
            -np.sqrt(35 / (32 * pi)) * x * (x * x - 3 * y * y),
        ],
        axis=1,
    )


def _length(v: F64) -> F64:
    return np.linalg.norm(v, axis=1)


def _unit(v: F64) -> F64:
    return v / _length(v)[:, None]
