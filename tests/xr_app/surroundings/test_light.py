"""Colours of light against published ones, and what a headset makes of the room's."""

from __future__ import annotations

import numpy as np
import pytest
import xr

from render.stages.compose import PLAIN
from tests.xr_app.session.pump import run
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.android_light import AndroidLight
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.light import AS_BAKED, NEUTRAL_K, Easing, RoomLight, black_body, chromaticity
from xr_app.surroundings.surroundings import Surroundings
from xr_app.surroundings.ways import EXTENSIONS

SIZE = (32, 32)
LUMINANCE = np.array((0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    # CIE illuminant A is Planck's law at 2856 K; the others from CIE 1931's table of the Planckian locus.
    [
        (2000, 0.5267, 0.4133),
        (2856, 0.4476, 0.4074),
        (4000, 0.3805, 0.3768),
        (6500, 0.3135, 0.3237),
        (10000, 0.2807, 0.2884),
    ],
)
def test_black_bodies_have_their_colours(kelvin: float, x: float, y: float) -> None:
    assert np.abs(np.array(chromaticity(kelvin)) - (x, y)).max() < 4e-4


def test_what_is_not_set_changes_nothing() -> None:
    assert AS_BAKED.gain == PLAIN
    assert RoomLight(0.5, NEUTRAL_K).gain == (0.5, 0.5, 0.5)
    assert np.abs(np.array(RoomLight(1.0, NEUTRAL_K + 1).gain) - 1).max() < 1e-3


@pytest.mark.parametrize("kelvin", [1500, 2700, 4000, 8000, 15000])
def test_light_is_as_bright_at_every_temperature(kelvin: float) -> None:
    gain = np.array(RoomLight(0.8, kelvin).gain)
    assert LUMINANCE @ gain == pytest.approx(0.8)
    assert (gain[0] > gain[2]) == (kelvin < NEUTRAL_K) and (gain > 0).all()
    assert LUMINANCE @ black_body(kelvin) == pytest.approx(1.0, abs=0.02)


def test_light_eases_and_arrives() -> None:
    easing, goal = Easing(half_life_s=0.5), (2.0, 1.0, 0.5)
    assert easing.toward(goal, 0.0) == PLAIN
    assert easing.toward(goal, 0.5) == pytest.approx((1.5, 1.0, 0.75))
    seen = [easing.toward(goal, 1 / 72) for _ in range(72 * 10)]
    assert seen[-1] == goal and np.diff(np.array(seen)[:, 0]).min() >= 0
    for _ in range(72 * 10):
        back = easing.toward(PLAIN, 1 / 72)
    assert back == PLAIN


class Evening:
    """Somebody whose headset looks at the light of the room."""

    def __init__(self, monado: MonadoService, light: AndroidLight, modes: list[xr.EnvironmentBlendMode]) -> None:
        self.light, self.layer = light, SimulatedLayer(light, blend_modes=modes)
        names = [CORE_VALIDATION, self.layer.name]
        self.session = XrSession(monado.environment, eye_size=SIZE, layers=names, extensions=EXTENSIONS)

    def seen(
        self, frames: int, correction: tuple[float, float, float] | None, asked: Asked = USUAL
    ) -> list[np.ndarray]:
        """Of each frame, the light; the correction is known from the third frame on."""
        found = []
        with self.layer, self.session as session:
            surroundings = Surroundings(session, asked)

            def draw(frame: Frame) -> None:
                if len(found) == 2:
                    self.light.correction = correction
                surroundings.update(frame)
                found.append(np.array(surroundings.light))

            run(session, frames, draw)
            surroundings.close()
        assert not self.layer.leaked
        return found


SEES = [xr.EnvironmentBlendMode.OPAQUE, xr.EnvironmentBlendMode.ALPHA_BLEND]


def test_the_avatar_is_lit_as_the_room_is(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> None:
    correction = (1.2, 1.0, 0.7)
    seen = Evening(monado, AndroidLight(), SEES).seen(120, correction)
    assert (seen[0] == PLAIN).all() and (seen[1] == PLAIN).all()
    assert np.abs(seen[-1] - np.array(correction) ** 2.2).max() < 0.03
    assert np.abs(np.diff(seen, axis=0)).max() < 0.1, "without a jump"
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


@pytest.mark.parametrize("why", ["unsupported", "not permitted", "not known", "no room to be seen", "not wished for"])
def test_without_an_estimate_the_setting_alone(monado: MonadoService, why: str) -> None:
    light = AndroidLight(supported=why != "unsupported", permitted=why != "not permitted")
    evening = Evening(monado, light, SEES[: 1 if why == "no room to be seen" else 2])
    setting = RoomLight(0.7, 3000.0)
    correction = None if why == "not known" else (0.5, 0.5, 0.5)
    seen = evening.seen(12, correction, Asked(light=setting, estimate=why != "not wished for"))
    assert (np.array(seen) == setting.gain).all()
    asked = evening.layer.calls.count("xrCreateLightEstimatorANDROID")
    assert asked == (why not in ("unsupported", "not wished for"))


def test_the_setting_comes_on_top_of_the_estimate(monado: MonadoService) -> None:
    setting = RoomLight(1.5, 5000.0)
    seen = Evening(monado, AndroidLight(), SEES).seen(90, (0.9, 0.9, 0.9), Asked(light=setting))
    assert np.abs(seen[-1] / setting.gain - 0.9**2.2).max() < 0.03
