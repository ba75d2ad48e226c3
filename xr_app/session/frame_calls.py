"""OpenXR's calls of every frame, on structures that are made once.

pyopenxr builds new structures in each call and locates views twice; at 90 Hz that is a few percent of the frame. Here
each call is one native call. Times are the runtime's own XrTime.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import xr
from numpy.typing import NDArray

from render.view import View
from xr_app.poses import matrix_of
from xr_app.session.calls import check, native
from xr_app.session.instance import STEREO
from xr_app.session.swapchain import Chain, Swapchain

F64 = NDArray[np.float64]

_POSE_KNOWN: Final = (xr.ViewStateFlags.ORIENTATION_VALID_BIT | xr.ViewStateFlags.POSITION_VALID_BIT).value
_EVENT_UNAVAILABLE: Final = xr.Result.EVENT_UNAVAILABLE.value
_EVENT_BUFFER: Final = xr.StructureType.EVENT_DATA_BUFFER.value
_LAYER: Final = ctypes.POINTER(xr.CompositionLayerBaseHeader)
MOST_LAYERS: Final = 16
"""What every OpenXR runtime takes in one frame (XR_MIN_COMPOSITION_LAYERS_SUPPORTED)."""
_TRANSPARENT: Final = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT  # and premultiplied, its default


class FrameState(NamedTuple):
    """What the runtime says of the frame to come."""

    display_time: int
    period_ns: int
    should_render: bool


class FrameCalls:
    """The frame calls of one session, for the swapchains of its eyes and the space that its poses are in."""

    def __init__(
        self,
        instance: Any,
        session: Any,
        space: Any,
        head_space: Any,
        swapchains: list[Swapchain],
        depth_range: tuple[float, float] | None = None,
    ) -> None:
        """depth_range: metres at which the depth pictures, where the swapchains have them, hold 0 and 1."""
        self._instance, self._session = instance, session
        self._space, self._head_space = space, head_space
        self._full = [swapchain.size for swapchain in swapchains]
        self.sizes = self._full
        """Width and height of the part of each eye's picture that is shown of this frame, from its first pixel on."""
        self._located: list[View] = []
        count = len(swapchains)

        self._event = xr.EventDataBuffer()
        self._wait_info, self._begin_info, self._state = xr.FrameWaitInfo(), xr.FrameBeginInfo(), xr.FrameState()
        self._locate_info = xr.ViewLocateInfo(STEREO, 0, space)
        self._view_state, self._view_count = xr.ViewState(), ctypes.c_uint32()
        self._views = (xr.View * count)(*(xr.View() for _ in range(count)))
        self._head = xr.SpaceLocation()

        self._layer_views = (xr.CompositionLayerProjectionView * count)(
            *(xr.CompositionLayerProjectionView() for _ in range(count))
        )
        for layer_view, swapchain in zip(self._layer_views, swapchains, strict=True):
            layer_view.sub_image = _whole(swapchain, swapchain.colour)
        self._depths = [_depth_info(swapchain, depth_range) for swapchain in swapchains]
        for layer_view, depth in zip(self._layer_views, self._depths, strict=True):
            if depth is not None:
                layer_view.next = ctypes.cast(ctypes.pointer(depth), ctypes.c_void_p)
        self._seen_from, self._shown_from = _posed(self._views), _posed(self._layer_views)
        """(count, 11) what every view and every layer's view hold: a pose and four angles."""
        self._head_pose = floats_of(self._head)[xr.SpaceLocation.pose.offset // 4 :][:7]
        self._layer = xr.CompositionLayerProjection(space=space, views=self._layer_views)
        self._end_info = xr.FrameEndInfo()
        self._pointers = (_LAYER * MOST_LAYERS)()
        self._end_info._layers = ctypes.cast(self._pointers, type(self._end_info._layers))
        self.blend(xr.EnvironmentBlendMode.OPAQUE, see_through=False)
        self._waited = self._begun = False

    def blend(self, mode: xr.EnvironmentBlendMode, *, see_through: bool) -> None:
        """From now on put the layers before the world in this way; see_through: what lies behind the eyes' pictures,
        be it the world or a layer below, is seen where they are transparent.
        """
        self._end_info.environment_blend_mode = mode
        self._layer.layer_flags = _TRANSPARENT if see_through else xr.CompositionLayerFlags.NONE

    def poll_event(self) -> Any | None:
        """The next event as its own structure, None where the queue is empty."""
        self._event.type = _EVENT_BUFFER
        result = native.xrPollEvent(self._instance, byref(self._event))
        if result == _EVENT_UNAVAILABLE:
            return None
        check(result, "xrPollEvent")
        return self._event

    def wait(self) -> FrameState:
        """xrWaitFrame: blocks until the runtime wants the next frame begun."""
        self._waited = True  # first, for an interrupt comes when the call has returned
        check(native.xrWaitFrame(self._session, byref(self._wait_info), byref(self._state)), "xrWaitFrame")
        state = self._state
        return FrameState(
            int(state.predicted_display_time), int(state.predicted_display_period), bool(state.should_render)
        )

    def begin(self) -> None:
        """xrBeginFrame."""
        self._begun = True
        check(native.xrBeginFrame(self._session, byref(self._begin_info)), "xrBeginFrame")
        self._waited = False

    def locate(self, display_time: int) -> tuple[F64, list[View]] | None:
        """Head pose (4, 4) and each eye's view at a time, in the session's space; None while tracking is lost."""
        self._locate_info.display_time = display_time
        check(
            native.xrLocateViews(
                self._session,
                byref(self._locate_info),
                byref(self._view_state),
                len(self._views),
                byref(self._view_count),
                self._views,
            ),
            "xrLocateViews",
        )
        check(native.xrLocateSpace(self._head_space, self._space, display_time, byref(self._head)), "xrLocateSpace")
        if self._view_state._view_state_flags & self._head._location_flags & _POSE_KNOWN != _POSE_KNOWN:
            return None
        self._resize(self._full)
        self._shown_from[:] = self._seen_from
        self._located = [
            View(matrix_of(*pose), (left, right, up, down), *size)
            for (*pose, left, right, up, down), size in zip(self._seen_from.tolist(), self._full, strict=True)
        ]
        return matrix_of(*self._head_pose.tolist()), self._located

    def shrink(self, share: float) -> list[View]:
        """Show only a part of this frame's pictures, that share of their width and height, enlarged to fill the view;
        the views that are to be drawn into it."""
        self._resize([(max(round(share * width), 1), max(round(share * height), 1)) for width, height in self._full])
        sizes = zip(self._located, self.sizes, strict=True)
        return [replace(view, width=width, height=height) for view, (width, height) in sizes]

    def _resize(self, sizes: list[tuple[int, int]]) -> None:
        if sizes == self.sizes:
            return
        self.sizes = sizes
        for layer_view, depth, (width, height) in zip(self._layer_views, self._depths, sizes, strict=True):
            for each in (layer_view, depth) if depth is not None else (layer_view,):
                extent = each.sub_image.image_rect.extent
                extent.width, extent.height = width, height

    def end(
        self, display_time: int, *, with_picture: bool, under: Sequence[Any] = (), over: Sequence[Any] = ()
    ) -> None:
        """xrEndFrame with the eyes' pictures as located last between the layers under and over them, or with nothing
        to show.
        """
        layers = (*under, self._layer, *over)[:MOST_LAYERS] if with_picture else ()
        for i, layer in enumerate(layers):
            self._pointers[i] = ctypes.cast(ctypes.pointer(layer), _LAYER)
        info = self._end_info
        info.display_time, info.layer_count = display_time, len(layers)
        self._begun = False
        check(native.xrEndFrame(self._session, byref(info)), "xrEndFrame")

    def abandon(self) -> None:
        """Finish whatever an interrupt (Ctrl-C) left between wait and end: the next wait would block for ever."""
        if self._waited:
            self.begin()
        if self._begun:
            self.end(int(self._state.predicted_display_time), with_picture=False)


def floats_of(structure: Any) -> NDArray[np.float32]:
    """The memory of a structure, or of an array of some, as floats: attributes of nested ones are objects each time."""
    return np.frombuffer(structure, np.float32)


def _posed(views: Any) -> NDArray[np.float32]:
    kind = type(views[0])
    rows = floats_of(views).reshape(len(views), -1)
    return rows[:, kind.pose.offset // 4 : (kind.fov.offset + ctypes.sizeof(xr.Fovf)) // 4]


def _whole(swapchain: Swapchain, chain: Chain) -> xr.SwapchainSubImage:
    return xr.SwapchainSubImage(swapchain=chain.handle, image_rect=xr.Rect2Di(extent=xr.Extent2Di(*swapchain.size)))


def _depth_info(swapchain: Swapchain, metres: tuple[float, float] | None) -> xr.CompositionLayerDepthInfoKHR | None:
    """What XR_KHR_composition_layer_depth chains to a projection view; whoever holds the view holds this too."""
    if swapchain.depth is None or metres is None:
        return None
    return xr.CompositionLayerDepthInfoKHR(
        sub_image=_whole(swapchain, swapchain.depth), min_depth=0.0, max_depth=1.0, near_z=metres[0], far_z=metres[1]
    )


def matrix_at(pose: Any) -> F64:
    """(4, 4) of an xr.Posef."""
    q, p = pose.orientation, pose.position
    return matrix_of(q.x, q.y, q.z, q.w, p.x, p.y, p.z)
