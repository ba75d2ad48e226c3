"""One eye's chain of pictures: the runtime's own textures, drawn into through moderngl framebuffers."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Any, Final

import moderngl
import xr

from xr_app.errors import GraphicsError
from xr_app.session.calls import check, explained

GL_SRGB8_ALPHA8: Final = 0x8C43
GL_RGBA16F: Final = 0x881A
GL_RGBA8: Final = 0x8058

_PREFERRED: Final = (GL_SRGB8_ALPHA8, GL_RGBA16F, GL_RGBA8)
"""sRGB first: eight bits are enough only where they are spent as the eye sees. Half floats keep light linear."""


def choose_format(offered: list[int]) -> int:
    """The colour format to ask for, of those that the runtime offers; GraphicsError where none will do."""
    for each in _PREFERRED:
        if each in offered:
            return each
    raise GraphicsError("The OpenXR runtime offers no colour format that Visavis can draw in; update the runtime.")


class Swapchain:
    """Colour pictures for one eye; `acquire` and `release` go in pairs."""

    def __init__(self, session: Any, ctx: moderngl.Context, size: tuple[int, int], gl_format: int) -> None:
        self.size = size
        with explained("xrCreateSwapchain"):
            self.handle = xr.create_swapchain(
                session,
                xr.SwapchainCreateInfo(
                    usage_flags=xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT | xr.SwapchainUsageFlags.SAMPLED_BIT,
                    format=gl_format,
                    sample_count=1,
                    width=size[0],
                    height=size[1],
                    face_count=1,
                    array_size=1,
                    mip_count=1,
                ),
            )
            images = xr.enumerate_swapchain_images(self.handle, xr.SwapchainImageOpenGLKHR)
        dtype = "f2" if gl_format == GL_RGBA16F else "f1"
        self.framebuffers = [
            ctx.framebuffer(color_attachments=[ctx.external_texture(image.image, size, 4, 0, dtype)])
            for image in images
        ]
        self.acquired = False
        self._index = ctypes.c_uint32()
        self._structs = (xr.SwapchainImageAcquireInfo(), xr.SwapchainImageWaitInfo(), xr.SwapchainImageReleaseInfo())
        self._structs[1].timeout = xr.INFINITE_DURATION
        self._acquire_info, self._wait_info, self._release_info = (ctypes.byref(each) for each in self._structs)

    def acquire(self) -> moderngl.Framebuffer:
        """The next picture, once the runtime has done with it."""
        raw = xr.raw_functions
        check(
            raw.xrAcquireSwapchainImage(self.handle, self._acquire_info, ctypes.byref(self._index)),
            "xrAcquireSwapchainImage",
        )
        self.acquired = True
        check(raw.xrWaitSwapchainImage(self.handle, self._wait_info), "xrWaitSwapchainImage")
        return self.framebuffers[self._index.value]

    def release(self) -> None:
        """Hand the acquired picture to the runtime."""
        self.acquired = False
        check(xr.raw_functions.xrReleaseSwapchainImage(self.handle, self._release_info), "xrReleaseSwapchainImage")

    def close(self) -> None:
        """Give the framebuffers and the chain back; the textures are the runtime's own."""
        for framebuffer in self.framebuffers:
            framebuffer.release()
        with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its textures with it
            xr.destroy_swapchain(self.handle)
