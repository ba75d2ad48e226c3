"""The ways in which a headset can show the wearer's own room, the best first; asked of the runtime, never guessed.

Cameras as a composition layer are preferred to a blend mode, for a runtime that has both lets the app say when they
run. On a display that adds its light to the room's, black is clear: nothing is drawn there but the avatar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import xr

from xr_app.session.session import XrSession
from xr_app.surroundings import fb_passthrough, htc_passthrough, light_estimator
from xr_app.surroundings.fb_passthrough import FbPassthrough, Trouble
from xr_app.surroundings.htc_passthrough import HtcPassthrough
from xr_app.surroundings.mode import Mode

EXTENSIONS: Final = frozenset((fb_passthrough.EXTENSION, htc_passthrough.EXTENSION, light_estimator.EXTENSION))
"""To be wished for of a session."""


class Way(Protocol):
    """One way to see the room."""

    mode: Mode

    def show(self) -> None:
        """From the next frame on; raises RuntimeFailedError where the runtime will not."""
        ...

    def hide(self) -> None:
        """No longer; what costs power rests."""
        ...

    def close(self) -> None:
        """Give back what the runtime gave."""
        ...


class _Layer:
    """Cameras beneath the pictures."""

    mode = Mode.CAMERAS

    def __init__(self, session: XrSession, cameras: FbPassthrough | HtcPassthrough) -> None:
        self._session, self._cameras = session, cameras
        self.hide, self.close = cameras.hide, cameras.close

    def show(self) -> None:
        self._cameras.show()
        self._session.blend(opaque(self._session), see_through=True)


class _Environment:
    """A blend mode of the runtime's."""

    def __init__(self, session: XrSession, blend: xr.EnvironmentBlendMode) -> None:
        self._session, self._blend = session, blend
        self.mode = Mode.ADDED if blend == xr.EnvironmentBlendMode.ADDITIVE else Mode.BLENDED

    def show(self) -> None:
        # Light that is added has been weighted by its alpha already.
        self._session.blend(self._blend, see_through=self.mode == Mode.BLENDED)

    def hide(self) -> None:
        pass

    def close(self) -> None:
        pass


def opaque(session: XrSession) -> xr.EnvironmentBlendMode:
    """The blend mode for pictures that hide the room, as far as the display can."""
    modes, wanted = session.instance.blend_modes, xr.EnvironmentBlendMode.OPAQUE
    return wanted if wanted in modes else modes[0]


def ways_of(session: XrSession, told: Callable[[Trouble], None]) -> list[Way]:
    """Those that the runtime offers, the best first; `told` hears of cameras that come and go."""
    found: list[Way] = []
    if fb_passthrough.is_supported(session):
        found.append(_Layer(session, FbPassthrough(session, told)))
    elif htc_passthrough.EXTENSION in session.instance.extensions:
        found.append(_Layer(session, HtcPassthrough(session)))
    found += [
        _Environment(session, blend)
        for blend in (xr.EnvironmentBlendMode.ALPHA_BLEND, xr.EnvironmentBlendMode.ADDITIVE)
        if blend in session.instance.blend_modes
    ]
    return found
