"""This project's renderer as one of the contest: the same cloud, the same places, a sort wherever the view moved."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assets.avatar import Avatar
from render.measure.export import display_values
from render.measure.peers.peer import U8, Point, Scene
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.compose import Colour
from render.stages.project import ProjectOptions
from render.view import look_at_view


class Ours:
    """Draws `avatar` at rest; it need not be animated, as the others cannot."""

    def __init__(self, avatar: Avatar, scene: Scene, rasteriser: RasteriserName, options: ProjectOptions) -> None:
        self._scene = scene
        self._offscreen = Offscreen()
        self._target = self._offscreen.target(scene.width, scene.height)
        self._renderer = AvatarRenderer(self._offscreen.ctx, avatar, options=options, rasteriser=rasteriser)
        self._key = rest_key(avatar)
        self._eye: Point | None = None
        info = self._offscreen.ctx.info
        self.about: dict[str, object] = {
            "rasteriser": rasteriser,
            "gl": f"{info['GL_RENDERER']}, {info['GL_VERSION']}",
            "splats": self._renderer.gaussians,
        }

    def settle(self, eye: Point) -> None:
        """See Peer."""
        self.time([eye, eye])

    def time(self, eyes: Sequence[Point], *, animated: bool = False) -> list[float]:
        """See Peer; `animated` frames have a new key each, so that the whole body is moved too."""
        pixel = bytearray(4)
        times = []
        for eye in eyes:
            if animated:
                self._key = replace(self._key, id=self._key.id + 1)
            start = time.perf_counter()
            self._draw(eye)
            self._target.read_into(pixel, viewport=(0, 0, 1, 1), components=4)
            times.append((time.perf_counter() - start) * 1e3)
        return times

    def processor_s(self) -> float:
        """See Peer."""
        return time.process_time()

    def picture(self) -> U8:
        """See Peer; over black as the others blend it, in display values."""
        assert self._eye is not None
        self._draw(self._eye, background=None)
        seen = self._offscreen.read(self._target).astype(np.float64) / 255
        alpha = seen[..., 3:]
        light = np.where(seen[..., :3] <= 0.04045, seen[..., :3] / 12.92, ((seen[..., :3] + 0.055) / 1.055) ** 2.4)
        own = np.clip(light / np.maximum(alpha, 1 / 255), 0, 1)
        return np.rint(display_values(own) * alpha * 255).astype(np.uint8)

    def close(self) -> None:
        """See Peer."""
        self._offscreen.ctx.release()

    def _draw(self, eye: Point, background: Colour | None = (0.0, 0.0, 0.0, 1.0)) -> None:
        scene = self._scene
        view = look_at_view(eye, scene.centre, scene.fov, scene.width, scene.height)
        self._renderer.set_keys(self._key, self._key)
        if eye != self._eye:
            self._eye = eye
            self._renderer.sort_again()
        self._renderer.draw([view], [self._target], head=view.pose, model=np.eye(4), alpha=0.0, background=background)
