"""The display's rate in a session: as the runtime offers it, as somebody wishes, as the frames hold it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.xr_app.session.pump import run
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.display import Rates
from xr_app.runtime.monado import MonadoService
from xr_app.session import rate_control
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.refresh_rate import EXTENSION
from xr_app.session.session import XrSession

SIZE = (32, 32)


@pytest.fixture(autouse=True)
def valid(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No call of the app broke the specification."""
    yield
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def opened(monado: MonadoService, layer: SimulatedLayer, **settings: Any) -> XrSession:
    layers = [CORE_VALIDATION, layer.name]
    return XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions, **settings)


def test_a_display_with_one_rate_is_left_alone(monado: MonadoService) -> None:
    """The real runtime's own answers."""
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION], refresh_rate=90.0) as session:
        assert EXTENSION in session.instance.extensions
        assert session.refresh_rate.offered == pytest.approx((72.0,), abs=0.1)
        run(session, 5, lambda frame: setattr(frame, "needs_ms", 1.0))
        assert session.refresh_rate.requests == 0


@pytest.mark.parametrize(("wanted", "asked"), [(90.0, 90.0), (100.0, 90.0), (500.0, 120.0)])
def test_a_wish_is_met_as_nearly_as_can_be(monado: MonadoService, wanted: float, asked: float) -> None:
    with SimulatedLayer(rates := Rates()) as layer, opened(monado, layer, refresh_rate=wanted) as session:
        frames = run(session, 5, lambda frame: setattr(frame, "needs_ms", 50.0))
        assert rates.asked == [asked] and session.refresh_rate.now == asked
        assert frames[3].period_ns == round(1e9 / asked)


def test_the_frames_say_what_they_hold(monado: MonadoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_control, "WAIT_S", 0.0)
    monkeypatch.setattr(rate_control, "FALL_S", 0.0)
    monkeypatch.setattr(rate_control, "_LEAST", 8)
    with SimulatedLayer(rates := Rates()) as layer, opened(monado, layer) as session:

        def draw(frame: Frame) -> None:
            frame.needs_ms = 0.5 if frame.index < 20 else 13.0

        run(session, 40, draw)
        assert rates.asked[0] > 72.0 and rates.asked[-1] == 72.0


def test_nothing_is_asked_for_while_nothing_is_known(monado: MonadoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_control, "WAIT_S", 0.0)
    monkeypatch.setattr(rate_control, "_LEAST", 8)
    with SimulatedLayer(rates := Rates()) as layer, opened(monado, layer) as session:
        run(session, 20)
        assert rates.asked == []


def test_a_rate_that_the_runtime_changes_is_known(monado: MonadoService) -> None:
    with SimulatedLayer(rates := Rates()) as layer, opened(monado, layer) as session:
        assert session.refresh_rate.now == 72.0
        run(session, 8, lambda frame: rates.change(80.0) if frame.index == 3 else None)
        assert session.refresh_rate.now == 80.0


def test_without_the_extension_there_is_none(monado: MonadoService) -> None:
    with XrSession(monado.environment, eye_size=SIZE, without=[EXTENSION], refresh_rate=90.0) as session:
        run(session, 3, lambda frame: setattr(frame, "needs_ms", 1.0))
        assert session.refresh_rate.offered == () and session.refresh_rate.now is None
