"""Fewer pixels shaded towards the edges of the eyes' pictures, where the runtime and the GPU do so by themselves.

XR_FB_foveation on GLES needs GL_QCOM_texture_foveated: the GPU then makes the tiles of the swapchain's pictures coarser
the farther out they lie. What is drawn elsewhere and laid over them later (the avatar's splats) has its own way of
leaving out what nobody sees (render/stages/project.py's `fovea`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final

import xr

from xr_app.errors import XrError
from xr_app.session.calls import explained

EXTENSIONS: Final = frozenset(("XR_FB_foveation", "XR_FB_foveation_configuration", "XR_FB_swapchain_update_state"))
GL_EXTENSION: Final = "GL_QCOM_texture_foveated"
LEVEL: Final = xr.FoveationLevelFB.HIGH
"""At most: the runtime takes less while there is time for more."""


class Foveation:
    """Of one session's swapchains; does nothing where it is not offered."""

    def __init__(self, session: Any, extensions: Collection[str], gl_extensions: Collection[str]) -> None:
        self._session = session
        self.offered = set(extensions) >= EXTENSIONS and GL_EXTENSION in gl_extensions
        self.at_creation: Any = None
        """What hangs on XrSwapchainCreateInfo, None where nothing does."""
        if self.offered:
            self.at_creation = xr.SwapchainCreateInfoFoveationFB(
                flags=xr.SwapchainCreateFoveationFlagsFB.SCALED_BIN_BIT
            )

    def begin(self, swapchains: Sequence[Any]) -> bool:
        """Have these handles' pictures drawn so from now on; whether they are."""
        if not self.offered:
            return False
        level = xr.FoveationLevelProfileCreateInfoFB(level=LEVEL, dynamic=xr.FoveationDynamicFB.LEVEL_ENABLED)
        with suppress(XrError), explained("xrCreateFoveationProfileFB"):
            profile = xr.create_foveation_profile_fb(self._session, xr.FoveationProfileCreateInfoFB(next=level))
            try:
                for swapchain in swapchains:
                    xr.update_swapchain_fb(swapchain, xr.SwapchainStateFoveationFB(profile=profile))
            finally:
                xr.destroy_foveation_profile_fb(profile)
            return True
        return False  # pictures that are as fine at their edges are no reason to show none
