"""A look at the pictures that an app submits, as the headset gets them: pixels, and where they were drawn from."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, cast
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import xr
from numpy.typing import NDArray

from render.gl.egl import Egl
from render.view import View
from xr_app.emulated.calls import address
from xr_app.emulated.emulation import Emulation, SubmittedFrame, wraps
from xr_app.session.frame_calls import matrix_at

_RGBA: Final = 0x1908
_UNSIGNED_BYTE: Final = 0x1401
_ARGUMENTS: Final = (*(ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_int), ctypes.c_void_p)
"""Of glGetTextureImage: name, level, format, type, bytes, where to."""
_PROJECTION: Final = xr.StructureType.COMPOSITION_LAYER_PROJECTION


@dataclass
class _Chain:
    size: tuple[int, int]
    textures: list[int]
    """GL names."""
    acquired: int = 0
    pixels: NDArray[np.uint8] | None = None
    """Of the picture that was released last, where one was asked for."""


@dataclass(frozen=True)
class EyePicture:
    """What one eye was given."""

    pixels: NDArray[np.uint8]
    """(H, W, 4) as the swapchain keeps them, sRGB and premultiplied, top row first."""
    view: View
    """In the space of the layer."""


class EyePictures(Emulation):
    """Keeps the left eye's picture of the next frame whenever it is asked to. The app draws by GL 4.5 or newer, and has
    its context current where it releases a picture."""

    extensions: ClassVar = {}

    def __init__(self) -> None:
        self._chains: dict[int, _Chain] = {}
        self._wanted = False
        self._read: Any = None
        self.seen: EyePicture | None = None
        """The newest that was asked for; None until it is there."""

    def instance_begun(self) -> None:
        self._chains, self._wanted = {}, False

    def look(self) -> None:
        """Keep the picture of the next frame."""
        self._wanted, self.seen = True, None

    @wraps("xrCreateSwapchain")
    def create(self, runtime: Any, session: Any, info: Any, swapchain: Any) -> Any:
        result = runtime(session, info, swapchain)
        if result == 0:
            given = info.contents
            self._chains[address(swapchain.contents)] = _Chain((int(given.width), int(given.height)), [])
        return result

    @wraps("xrEnumerateSwapchainImages")
    def images(self, runtime: Any, swapchain: Any, room: int, count: Any, out: Any) -> Any:
        result = runtime(swapchain, room, count, out)
        if result == 0 and room:
            images = cast(out, POINTER(xr.SwapchainImageOpenGLKHR))
            self._chains[address(swapchain)].textures = [int(images[i].image) for i in range(count[0])]
        return result

    @wraps("xrAcquireSwapchainImage")
    def acquire(self, runtime: Any, swapchain: Any, info: Any, index: Any) -> Any:
        result = runtime(swapchain, info, index)
        self._chains[address(swapchain)].acquired = int(index[0])
        return result

    @wraps("xrReleaseSwapchainImage")
    def release(self, runtime: Any, swapchain: Any, info: Any) -> Any:
        if self._wanted:
            chain = self._chains[address(swapchain)]
            width, height = chain.size
            chain.pixels = np.empty((height, width, 4), np.uint8)
            if self._read is None:
                self._read = ctypes.CFUNCTYPE(None, *_ARGUMENTS)(Egl().address("glGetTextureImage"))
            given = chain.textures[chain.acquired], 0, _RGBA, _UNSIGNED_BYTE
            self._read(*given, chain.pixels.nbytes, chain.pixels.ctypes.data)
        return runtime(swapchain, info)

    def submitted(self, frame: SubmittedFrame) -> None:
        if not self._wanted:
            return
        for layer in frame.layers:
            if layer.type == _PROJECTION:
                self._take(layer._views[0])
                return

    def _take(self, given: Any) -> None:
        rect = given.sub_image.image_rect
        pixels = self._chains[address(given.sub_image.swapchain)].pixels
        if pixels is None:
            return
        width, height = int(rect.extent.width), int(rect.extent.height)
        x, y = int(rect.offset.x), int(rect.offset.y)
        fov = given.fov
        angles = (fov.angle_left, fov.angle_right, fov.angle_up, fov.angle_down)
        part = np.ascontiguousarray(pixels[y : y + height, x : x + width][::-1])
        self.seen = EyePicture(part, View(matrix_at(given.pose), angles, width, height))
        self._wanted = False
