"""One eye's chains of pictures: the runtime's own textures, drawn into through moderngl framebuffers.

Where the runtime takes depth (XR_KHR_composition_layer_depth) each colour picture has a depth picture beside it, from a
chain of its own; the runtime hands both out by itself, so there is a framebuffer for every pair.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Any, Final

import moderngl
import xr

from render.gl.context import is_es
from render.gl.raw import gl_function
from xr_app.errors import GraphicsError
from xr_app.session.calls import check, explained, native

GL_SRGB8_ALPHA8: Final = 0x8C43
GL_RGBA16F: Final = 0x881A
GL_RGBA8: Final = 0x8058
GL_DEPTH_COMPONENT32F: Final = 0x8CAC
GL_DEPTH24_STENCIL8: Final = 0x88F0
GL_DEPTH_COMPONENT16: Final = 0x81A5

_PREFERRED: Final = (GL_SRGB8_ALPHA8, GL_RGBA16F, GL_RGBA8)
"""sRGB first: eight bits are enough only where they are spent as the eye sees. Half floats keep light linear."""
_PREFERRED_DEPTH: Final = (GL_DEPTH_COMPONENT32F, GL_DEPTH24_STENCIL8, GL_DEPTH_COMPONENT16)

_GL_FRAMEBUFFER: Final = 0x8D40
_GL_TEXTURE_2D: Final = 0x0DE1
_GL_DEPTH_ATTACHMENT: Final = 0x8D00
_GL_DEPTH_STENCIL_ATTACHMENT: Final = 0x821A


def choose_format(offered: list[int]) -> int:
    """The colour format to ask for, of those that the runtime offers; GraphicsError where none will do."""
    for each in _PREFERRED:
        if each in offered:
            return each
    raise GraphicsError("The OpenXR runtime offers no colour format that Visavis can draw in; update the runtime.")


def choose_depth_format(offered: list[int]) -> int | None:
    """The depth format to ask for, or None where the runtime offers none."""
    return next((each for each in _PREFERRED_DEPTH if each in offered), None)


class Chain:
    """The runtime's textures of one kind; `acquire` and `release` go in pairs."""

    def __init__(
        self,
        session: Any,
        size: tuple[int, int],
        gl_format: int,
        usage: xr.SwapchainUsageFlags,
        more: Any = None,
        *,
        es: bool = False,
    ) -> None:
        """more: a structure that is to hang on XrSwapchainCreateInfo; es: whether the session draws by GLES."""
        with explained("xrCreateSwapchain"):
            self.handle = xr.create_swapchain(
                session,
                xr.SwapchainCreateInfo(
                    next=more,
                    usage_flags=usage | xr.SwapchainUsageFlags.SAMPLED_BIT,
                    format=gl_format,
                    sample_count=1,
                    width=size[0],
                    height=size[1],
                    face_count=1,
                    array_size=1,
                    mip_count=1,
                ),
            )
            kind = xr.SwapchainImageOpenGLESKHR if es else xr.SwapchainImageOpenGLKHR
            images = xr.enumerate_swapchain_images(self.handle, kind)
        self.textures = [int(image.image) for image in images]
        """GL names."""
        self.acquired = False
        self._index = ctypes.c_uint32()
        self._structs = (xr.SwapchainImageAcquireInfo(), xr.SwapchainImageWaitInfo(), xr.SwapchainImageReleaseInfo())
        self._structs[1].timeout = xr.INFINITE_DURATION
        self._acquire_info, self._wait_info, self._release_info = (ctypes.byref(each) for each in self._structs)

    def acquire(self) -> int:
        """Index of the next texture, once the runtime has done with it."""
        check(
            native.xrAcquireSwapchainImage(self.handle, self._acquire_info, ctypes.byref(self._index)),
            "xrAcquireSwapchainImage",
        )
        self.acquired = True
        check(native.xrWaitSwapchainImage(self.handle, self._wait_info), "xrWaitSwapchainImage")
        return self._index.value

    def release(self) -> None:
        """Hand the acquired texture to the runtime."""
        self.acquired = False
        check(native.xrReleaseSwapchainImage(self.handle, self._release_info), "xrReleaseSwapchainImage")

    def close(self) -> None:
        """Give the chain back; the textures are the runtime's own."""
        with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its textures with it
            xr.destroy_swapchain(self.handle)


class Swapchain:
    """Pictures for one eye, colour and perhaps depth; `acquire` and `release` go in pairs."""

    def __init__(
        self,
        session: Any,
        ctx: moderngl.Context,
        size: tuple[int, int],
        gl_format: int,
        depth_format: int | None = None,
        more: Any = None,
    ) -> None:
        """gl_format, depth_format: as GL names them; no depth where that is None; more: as `Chain`, of colour."""
        self.size = size
        usage = xr.SwapchainUsageFlags
        self.colour = Chain(session, size, gl_format, usage.COLOR_ATTACHMENT_BIT, more, es=is_es(ctx))
        self.depth: Chain | None = None
        self._chains = [self.colour]
        if depth_format is not None:
            try:
                self.depth = Chain(session, size, depth_format, usage.DEPTH_STENCIL_ATTACHMENT_BIT, es=is_es(ctx))
            except BaseException:
                self.colour.close()
                raise
            self._chains.append(self.depth)
        self._ctx, self._formats = ctx, (gl_format, depth_format)
        self._index = 0, 0
        self._parts: dict[tuple[int, int], dict[tuple[int, int], moderngl.Framebuffer]] = {}
        self._parts[size] = self._framebuffers(size)

    def _framebuffers(self, size: tuple[int, int]) -> dict[tuple[int, int], moderngl.Framebuffer]:
        """For each pair of a colour and a depth picture, as if the pictures had this size."""
        gl_format, depth_format = self._formats
        dtype = "f2" if gl_format == GL_RGBA16F else "f1"
        pictures = [self._ctx.external_texture(texture, size, 4, 0, dtype) for texture in self.colour.textures]
        framebuffers = {
            (i, j): self._ctx.framebuffer(color_attachments=[picture])
            for i, picture in enumerate(pictures)
            for j in range(len(self.depth.textures) if self.depth else 1)
        }
        if self.depth is not None and depth_format is not None:
            for (_, j), framebuffer in framebuffers.items():
                _attach_depth(self._ctx, framebuffer, self.depth.textures[j], depth_format)
        return framebuffers

    @property
    def acquired(self) -> bool:
        """Whether the app holds a picture of it."""
        return any(chain.acquired for chain in self._chains)

    def acquire(self) -> moderngl.Framebuffer:
        """The next pictures, once the runtime has done with them."""
        colour = self.colour.acquire()
        self._index = colour, self.depth.acquire() if self.depth else 0
        return self.part(self.size)

    def part(self, size: tuple[int, int]) -> moderngl.Framebuffer:
        """What draws into the first (width, height) pixels of the pictures that are acquired."""
        if size not in self._parts:
            self._parts[size] = self._framebuffers(size)
        return self._parts[size][self._index]

    def release(self) -> None:
        """Hand what was acquired to the runtime."""
        for chain in self._chains:
            if chain.acquired:
                chain.release()

    def close(self) -> None:
        """Give the framebuffers and the chains back."""
        for part in self._parts.values():
            for framebuffer in part.values():
                framebuffer.release()
        for chain in self._chains:
            chain.close()


def _attach_depth(ctx: moderngl.Context, framebuffer: moderngl.Framebuffer, texture: int, gl_format: int) -> None:
    """Put the runtime's depth texture under a framebuffer, which moderngl does with textures of its own alone."""
    attach = gl_function(ctx, "glFramebufferTexture2D", None, *(ctypes.c_uint,) * 4, ctypes.c_int)
    stencil = gl_format == GL_DEPTH24_STENCIL8
    framebuffer.use()
    attach(
        _GL_FRAMEBUFFER, _GL_DEPTH_STENCIL_ATTACHMENT if stencil else _GL_DEPTH_ATTACHMENT, _GL_TEXTURE_2D, texture, 0
    )
    framebuffer.depth_mask = True
