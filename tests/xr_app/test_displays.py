"""What the settings say of a display reaches the headset."""

from typing import Any

import pytest

from xr_app.displays import displays
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.display import Rates
from xr_app.headset import Headset
from xr_app.session import session as sessions


def test_a_headset_is_asked_for_the_rate_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedLayer(rates := Rates()) as layer:

        class Session(sessions.XrSession):
            """With a display that has several rates."""

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
                software=True,
                goes_on=lambda: True,
                attend=lambda state: None,
                tell=lambda sentence: None,
            ) as opened,
            opened() as shown,
        ):
            next(iter(shown.display.frames()))
        assert rates.asked == [90.0]
