"""Gaussians put straight into the world, for tests of the stages that come after lerp."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Antialiasing
from render.gl.targets import read_linear
from render.offscreen import Offscreen
from render.raster.splats import Splats
from render.raster.tiles import TileRasteriser
from render.stages.eye import Eye
from render.stages.project import DESKTOP, NEAREST_M, ProjectOptions, Projector
from render.stages.sort import DepthSort
from render.stages.window import TILE, whole
from render.view import View
from tests.render import oracle

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """(N, 3) places, (N, 3, 3) covariances, (N,) opacities, (N, 3) linear colours."""

    positions: F64
    covariances: F64
    opacity: F64
    colour: F64

    def world(self, ctx: moderngl.Context) -> moderngl.Buffer:
        """As the Interpolator leaves them, with no turn from rest."""
        words = np.zeros((len(self.positions), 12), np.uint32)
        floats = np.empty((len(self.positions), 10), np.float32)
        floats[:, :3] = self.positions
        floats[:, 3] = np.log2(self.opacity)
        floats[:, 4:] = self.covariances[:, (0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2)]
        words[:, :10] = floats.view(np.uint32)
        words[:, 10] = 32767
        return ctx.buffer(words.tobytes())

    def colours(self, ctx: moderngl.Context) -> moderngl.Buffer:
        """As the Colourer leaves them."""
        r, g, b = np.rint(np.sqrt(self.colour) * 1023).astype(np.uint32).T
        return ctx.buffer((r | g << 10 | b << 20).astype(np.uint32).tobytes())


def scattered(count: int, low: tuple[float, ...], high: tuple[float, ...], size: float, seed: int = 3) -> Cloud:
    """Ellipsoids of about `size` metres in a box, turned every way, of any colour and opacity."""
    rng = np.random.default_rng(seed)
    axes = Rotation.random(count, rng).as_matrix() * (size * rng.lognormal(0, 0.5, (count, 3)))[:, None, :]
    return Cloud(
        rng.uniform(low, high, (count, 3)),
        axes @ axes.transpose(0, 2, 1),
        rng.uniform(0.05, 0.99, count),
        rng.uniform(0.0, 1.0, (count, 3)),
    )


def lone(place: tuple[float, float, float], deviation: float) -> Cloud:
    """One opaque white ball."""
    return Cloud(np.array([place]), np.eye(3)[None] * deviation**2, np.array([0.99]), np.ones((1, 3)))


@dataclass(frozen=True)
class Painter:
    """Draws clouds with a projector of its own, by tiles, over black."""

    gl: Offscreen
    options: ProjectOptions = DESKTOP
    antialiasing: Antialiasing = "dilation"

    def linear(self, cloud: Cloud, view: View, head: F64) -> F64:
        """(H, W, 4) premultiplied linear light, bottom row first, sorted from `head` (3,)."""
        ctx, count = self.gl.ctx, len(cloud.positions)
        world, window = cloud.world(ctx), whole(view)
        sorter = DepthSort(ctx, count)
        far = float(np.linalg.norm(cloud.positions - head, axis=1).max())
        sorter.run(world, head, 0.0, far, count)
        projector = Projector(ctx, count, options=self.options, antialiasing=self.antialiasing)
        eyes = [Eye(view, window)]
        projector.run(eyes, world, cloud.colours(ctx), count)
        size = window.columns * TILE, window.rows * TILE
        picture = ctx.texture(size, 4, dtype="f2")
        rasteriser = TileRasteriser(ctx, count, self.options.deviations)
        splats = Splats(projector.eyes, projector.splats, projector.bounds, sorter.order, count)
        rasteriser.run(eyes, splats, picture)
        pixels = read_linear(ctx.framebuffer([picture]))[::-1]
        return pixels[: view.height, : view.width].astype(np.float64)

    def expected(self, cloud: Cloud, view: View, head: F64) -> F64:
        """The same by the oracle, which leaves nothing out."""
        mip = self.antialiasing == "mip"
        low_pass = 0.1 if mip else 0.3
        centres, flat, depth = oracle.project(view, cloud.positions, cloud.covariances, low_pass)
        order = np.argsort(np.linalg.norm(cloud.positions - head, axis=1), kind="stable")
        opacity = cloud.opacity * (oracle.dimming(flat, low_pass) if mip else 1.0)
        return oracle.composite(view, centres, flat, opacity, cloud.colour, order[depth[order] >= NEAREST_M])


def psnr(a: F64, b: F64) -> float:
    """Decibels between two linear pictures as a screen would show them."""
    return oracle.psnr(oracle.to_srgb(a), oracle.to_srgb(b))
