"""What the settings say of a display reaches the headset."""

from typing import Any

import pytest
import xr

from xr_app.displays import displays
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.display import Rates
from xr_app.emulated.foveation import Foveation, Profile
from xr_app.headset import Headset
from xr_app.preferences import Preferences
from xr_app.session import foveation
from xr_app.session import session as sessions


def test_a_headset_is_asked_for_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foveation, "GL_EXTENSION", "GL_ARB_compute_shader")
    with SimulatedLayer(rates := Rates(), edges := Foveation()) as layer:

        class Session(sessions.XrSession):
            """With a display that has several rates, and coarser edges."""

            def __init__(self, *given: Any, extensions: Any, layers: Any, **named: Any) -> None:
                super().__init__(
                    *given, extensions={*extensions, *layer.extensions}, layers=[*layers, layer.name], **named
                )

        monkeypatch.setattr(sessions, "XrSession", Session)
        with (
            displays(
                Headset.SIMULATED,
                32,
                refresh_rate=90.0,
                preferred=lambda: Preferences(foveation="medium"),
                software=True,
                goes_on=lambda: True,
                attend=lambda state: None,
                tell=lambda sentence: None,
            ) as opened,
            opened() as shown,
        ):
            next(iter(shown.display.frames()))
            assert shown.foveates and shown.mirror_at == "later"
            assert list(edges.swapchains.values())[:2] == [Profile(xr.FoveationLevelFB.MEDIUM, False)] * 2
        assert rates.asked == [90.0]
