"""What the runtime is told for it to save work, or to do more: foveation, clocks, threads."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.emulated import Emulation, SimulatedLayer
from xr_app.emulated.foveation import Foveation, Profile
from xr_app.emulated.performance import AndroidThreads, PerformanceSettings
from xr_app.preferences import Foveate, Preferences
from xr_app.runtime.monado import MonadoService
from xr_app.session import foveation
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (32, 32)
CPU, GPU = xr.PerfSettingsDomainEXT.CPU, xr.PerfSettingsDomainEXT.GPU
HIGH, LOW = xr.PerfSettingsLevelEXT.SUSTAINED_HIGH, xr.PerfSettingsLevelEXT.SUSTAINED_LOW
NOTICES = xr.PerfSettingsNotificationLevelEXT


@pytest.fixture(autouse=True)
def valid(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No call of the app broke the specification."""
    yield
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def frames(monado: MonadoService, *emulations: Emulation, **settings: Any) -> list[str]:
    """A short session; what it did not give back."""
    with SimulatedLayer(*emulations) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with XrSession(
            monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions, **settings
        ) as session:
            assert run(session, 6)[3].should_render
        return layer.leaked


def test_colour_is_foveated_where_runtime_and_gpu_can(monado: MonadoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foveation, "GL_EXTENSION", "GL_ARB_compute_shader")  # the GPU's, whose work nobody sees here
    emulation = Foveation()
    assert not frames(monado, emulation, depth_range=(0.05, 100.0))
    assert list(emulation.swapchains.values()) == [Profile(xr.FoveationLevelFB.HIGH, True)] * 2
    assert emulation.others == 2, "depth is left as it is"


def test_pictures_with_coarse_edges_are_not_shown_in_part(
    monado: MonadoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foveation, "GL_EXTENSION", "GL_ARB_compute_shader")
    for emulations, foveated in (([Foveation()], True), ([], False)):
        with SimulatedLayer(*emulations) as layer:
            layers, shares = [layer.name], []
            with XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions) as session:
                assert session.foveation.on == foveated
                run(session, 4, lambda frame, shares=shares: shares.append(frame.shrink(0.5)))
            assert set(shares) == ({0.5} if foveated else {1.0})


def test_the_edges_are_as_coarse_as_is_wished_for_while_frames_are_shown(
    monado: MonadoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foveation, "GL_EXTENSION", "GL_ARB_compute_shader")
    wishes: list[Foveate] = ["off", "low", "low", "auto", "off", "high"]
    wanted, asked, shares = Preferences(foveation=wishes[0]), [], []
    with SimulatedLayer(emulation := Foveation()) as layer:

        def draw(frame: Any) -> None:
            nonlocal wanted
            asked.append(next(iter(emulation.swapchains.values())))
            shares.append(frame.shrink(0.5))
            wanted = Preferences(foveation=wishes[len(asked) % len(wishes)])

        layers = [CORE_VALIDATION, layer.name]
        with XrSession(
            monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions, preferred=lambda: wanted
        ) as session:
            assert session.foveation.offered and not session.foveation.on
            run(session, len(wishes) + 6, draw)
        assert not layer.leaked
    levels = xr.FoveationLevelFB
    off, low, high = (Profile(level, False) for level in (levels.NONE, levels.LOW, levels.HIGH))
    assert asked[: len(wishes)] == [None, low, low, Profile(levels.HIGH, True), off, high]
    assert shares[: len(wishes)] == [1.0, 0.5, 0.5, 0.5, 1.0, 0.5], "only whole pictures have coarse edges"


def test_a_gpu_that_cannot_is_not_asked_to(monado: MonadoService) -> None:
    emulation = Foveation()
    assert not frames(monado, emulation)
    assert not emulation.swapchains and emulation.others == 2


def test_a_runtime_that_will_not_shows_fine_edges(monado: MonadoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foveation, "GL_EXTENSION", "GL_ARB_compute_shader")
    emulation = Foveation(willing=False)
    assert not frames(monado, emulation)
    assert list(emulation.swapchains.values()) == [None, None]


@pytest.mark.parametrize("willing", [True, False])
def test_high_clocks_are_asked_for(monado: MonadoService, willing: bool) -> None:
    emulation = PerformanceSettings(willing=willing)
    assert not frames(monado, emulation)
    assert emulation.set == [(CPU, HIGH), (GPU, HIGH)]


def test_less_is_asked_for_while_it_is_too_warm(monado: MonadoService) -> None:
    emulation = PerformanceSettings()
    with SimulatedLayer(emulation) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with XrSession(monado.environment, eye_size=SIZE, layers=layers, extensions=layer.extensions) as session:

            def draw(frame: Any) -> None:
                match frame.index:
                    case 2:
                        emulation.notice(GPU, NOTICES.WARNING)
                    case 4:
                        emulation.notice(GPU, NOTICES.IMPAIRED)
                        emulation.notice(CPU, NOTICES.IMPAIRED, xr.PerfSettingsSubDomainEXT.COMPOSITING)
                    case 6:
                        emulation.notice(GPU, NOTICES.NORMAL)

            run(session, 10, draw)
    assert emulation.set[2:] == [(GPU, LOW), (GPU, HIGH)]


def test_the_drawing_thread_says_so(monado: MonadoService) -> None:
    emulation = AndroidThreads()
    assert not frames(monado, emulation)
    assert emulation.threads == [(xr.AndroidThreadTypeKHR.RENDERER_MAIN, threading.get_native_id())]
