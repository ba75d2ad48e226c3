"""Fewer pixels shaded towards the edges of the eyes' pictures, where the runtime and the GPU do so by themselves.

XR_FB_foveation on GLES needs GL_QCOM_texture_foveated: the GPU then makes the tiles of the swapchain's pictures coarser
the farther out they lie. What is drawn elsewhere and laid over them later (the avatar's splats) has its own way of
leaving out what nobody sees (render/stages/project.py's `fovea`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import xr

from xr_app.errors import XrError
from xr_app.preferences import Foveate
from xr_app.session.calls import explained

EXTENSIONS: Final = frozenset(("XR_FB_foveation", "XR_FB_foveation_configuration", "XR_FB_swapchain_update_state"))
GL_EXTENSION: Final = "GL_QCOM_texture_foveated"
_FIXED, _AT_MOST = xr.FoveationDynamicFB.DISABLED, xr.FoveationDynamicFB.LEVEL_ENABLED
_PROFILES: Final[Mapping[Foveate, tuple[Any, Any]]] = {
    "off": (xr.FoveationLevelFB.NONE, _FIXED),
    "low": (xr.FoveationLevelFB.LOW, _FIXED),
    "medium": (xr.FoveationLevelFB.MEDIUM, _FIXED),
    "high": (xr.FoveationLevelFB.HIGH, _FIXED),
    "auto": (xr.FoveationLevelFB.HIGH, _AT_MOST),
}
"""Of auto the runtime takes less while there is time for more."""


class Foveation:
    """Of one session's swapchains; does nothing where it is not offered."""

    def __init__(self, session: Any, extensions: Collection[str], gl_extensions: Collection[str]) -> None:
        self._session = session
        self.offered = set(extensions) >= EXTENSIONS and GL_EXTENSION in gl_extensions
        self.at_creation: Any = None
        """What hangs on XrSwapchainCreateInfo, None where nothing does."""
        self.on = False
        """Whether the runtime has the edges of pictures drawn coarser."""
        self._swapchains: Sequence[Any] = ()
        self._asked: Foveate = "off"
        if self.offered:
            self.at_creation = xr.SwapchainCreateInfoFoveationFB(
                flags=xr.SwapchainCreateFoveationFlagsFB.SCALED_BIN_BIT
            )

    def begin(self, swapchains: Sequence[Any]) -> None:
        """It is these handles' pictures that are drawn so from now on."""
        self._swapchains = swapchains

    def ask(self, wanted: Foveate) -> None:
        """Draw them so from the next frame on; asking again for the same costs nothing."""
        if not self.offered or wanted == self._asked:
            return
        self._asked = wanted
        level, dynamic = _PROFILES[wanted]
        details = xr.FoveationLevelProfileCreateInfoFB(level=level, dynamic=dynamic)
        # Pictures that stay as they were are no reason to show none.
        with suppress(XrError), explained("xrCreateFoveationProfileFB"):
            profile = xr.create_foveation_profile_fb(self._session, xr.FoveationProfileCreateInfoFB(next=details))
            try:
                for swapchain in self._swapchains:
                    xr.update_swapchain_fb(swapchain, xr.SwapchainStateFoveationFB(profile=profile))
            finally:
                xr.destroy_foveation_profile_fb(profile)
            self.on = wanted != "off"
