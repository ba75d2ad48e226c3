"""Panels as composition layers: the runtime puts them before the eyes by itself, sharp and steady.

A layer has a small swapchain of its own, into which the picture is brought only where it is another one; its pose goes
along with every frame. What lies in it is linear light times opacity (sRGB where the runtime keeps that), so the layer
blends by its own alpha and says nothing of unpremultiplied colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import moderngl
import xr
from numpy.typing import NDArray

from render.gl.context import is_es
from xr_app.errors import XrError
from xr_app.panels.paint import Multiplier
from xr_app.panels.panel import Panel, Shown
from xr_app.poses import quaternion
from xr_app.session.calls import explained
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession
from xr_app.session.swapchain import GL_RGBA16F, Chain, choose_format

_BLENDS: Final = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT


class _Quad:
    """One panel's layer."""

    def __init__(self, session: XrSession, size: tuple[int, int], gl_format: int) -> None:
        usage = xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT
        self.chain = Chain(session.handle, size, gl_format, usage, es=is_es(session.ctx))
        dtype = "f2" if gl_format == GL_RGBA16F else "f1"
        textures = [session.ctx.external_texture(texture, size, 4, 0, dtype) for texture in self.chain.textures]
        self.framebuffers: list[moderngl.Framebuffer] = [session.ctx.framebuffer([texture]) for texture in textures]
        self.holds: tuple[int, float] | None = None
        rect = xr.Rect2Di(extent=xr.Extent2Di(*size))
        self.layer: Any = xr.CompositionLayerQuad(
            layer_flags=_BLENDS,
            space=session.space,
            eye_visibility=xr.EyeVisibility.BOTH,
            sub_image=xr.SwapchainSubImage(swapchain=self.chain.handle, image_rect=rect),
        )

    def bring(self, panel: Panel[Any], opacity: float, multiply: Multiplier) -> None:
        """The picture into the chain, unless it is there."""
        if self.holds == (panel.version, opacity):
            return
        framebuffer = self.framebuffers[self.chain.acquire()]
        try:
            multiply(panel, opacity, framebuffer)
        finally:
            self.chain.release()
        self.holds = panel.version, opacity

    def place(self, pose: NDArray[Any], size: tuple[float, float]) -> None:
        """In the session's space."""
        x, y, z, w = quaternion(pose[:3, :3])
        position = self.layer.pose.position
        position.x, position.y, position.z = pose[:3, 3].tolist()
        turn = self.layer.pose.orientation
        turn.x, turn.y, turn.z, turn.w = x, y, z, w
        self.layer.size.width, self.layer.size.height = size

    def close(self) -> None:
        for framebuffer in self.framebuffers:
            framebuffer.release()
        self.chain.close()


class QuadLayers:
    """The layers of a session's panels; a context manager, inside of which the session lives."""

    painted = False

    def __init__(self, session: XrSession, panels: Iterable[Panel[Any]] = ()) -> None:
        """panels: those that will be shown (Panels.every); chains are made now for these, else when they first are."""
        self._session = session
        with explained("xrEnumerateSwapchainFormats"):
            self._format = choose_format([int(each) for each in xr.enumerate_swapchain_formats(session.handle)])
        self._multiply = Multiplier(session.ctx)
        self._quads: dict[str, _Quad] = {}
        for panel in panels:
            self._quad(panel)

    def show(self, frame: Frame, shown: Sequence[Shown]) -> None:
        """Have the session submit these with the frame that is begun, in their order."""
        self._session.over[:] = self.of(shown)

    def of(self, shown: Sequence[Shown]) -> list[Any]:
        """Structures for `session.over`, in the same order, with the pictures that were brought last."""
        layers = []
        for each in shown:
            quad = self._quad(each.panel)
            if quad.holds is None:
                quad.bring(each.panel, each.opacity, self._multiply)
            quad.place(each.pose, each.size)
            layers.append(quad.layer)
        return layers

    def bring(self, shown: Sequence[Shown]) -> None:
        """Between two frames: new pictures and shades into the runtime's chains, which would take as long in one."""
        for each in shown:
            self._quad(each.panel).bring(each.panel, each.opacity, self._multiply)

    def _quad(self, panel: Panel[Any]) -> _Quad:
        quad = self._quads.get(panel.name)
        if quad is None:
            quad = self._quads[panel.name] = _Quad(self._session, panel.pixels, self._format)
        return quad

    def close(self) -> None:
        """Give chains and GL objects back; no frame may name them any more."""
        ours = {id(quad.layer) for quad in self._quads.values()}
        self._session.over[:] = [layer for layer in self._session.over if id(layer) not in ours]
        self._session.ctx.finish()  # a software GPU may still draw into the pictures that are about to go
        with suppress(XrError):
            for quad in self._quads.values():
                quad.close()
            self._multiply.release()
        self._quads.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
