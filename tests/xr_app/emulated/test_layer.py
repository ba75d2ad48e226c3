"""The layer between a real runtime and sessions that come and go: what it offers, refuses, says and keeps."""

from ctypes import byref, cast
from typing import Any, ClassVar

import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.emulated import Emulation, SimulatedLayer, chain, wraps
from xr_app.emulated.fb_passthrough import FbPassthrough
from xr_app.errors import XrError
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (32, 32)
KINDS = xr.StructureType
MODES = xr.EnvironmentBlendMode


def function(session: XrSession, name: str) -> Any:
    return cast(xr.get_instance_proc_addr(session.instance.handle, name), getattr(xr, f"PFN_{name}"))


def call(session: XrSession, name: str, *given: Any) -> xr.Result:
    return xr.Result(function(session, name)(*given))


def shown(session: XrSession, *, start: bool = True) -> tuple[Any, Any, Any]:
    """Passthrough, its layer, and what submits it."""
    passthrough, layer = xr.PassthroughFB(), xr.PassthroughLayerFB()
    running = xr.PassthroughFlagsFB.IS_RUNNING_AT_CREATION_BIT if start else xr.PassthroughFlagsFB.NONE
    info = xr.PassthroughCreateInfoFB(flags=running)
    assert call(session, "xrCreatePassthroughFB", session.handle, byref(info), byref(passthrough)) == xr.Result.SUCCESS
    made = xr.PassthroughLayerCreateInfoFB(passthrough=passthrough, flags=running)
    assert call(session, "xrCreatePassthroughLayerFB", session.handle, byref(made), byref(layer)) == xr.Result.SUCCESS
    composition = xr.CompositionLayerPassthroughFB(layer_handle=layer)
    # pyopenxr's constructor would put the flags nowhere.
    composition.layer_flags = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT
    return passthrough, layer, composition


def opened(monado: MonadoService, layer: SimulatedLayer, *more: str, **settings: Any) -> XrSession:
    return XrSession(
        monado.environment, eye_size=SIZE, layers=[*more, layer.name], extensions=layer.extensions, **settings
    )


def test_frames_are_kept_and_validation_is_silent_in_every_session(
    monado: MonadoService, capfd: pytest.CaptureFixture[str]
) -> None:
    with SimulatedLayer(passthrough := FbPassthrough()) as layer:
        for _ in range(3):
            layer.frames.clear()
            with opened(monado, layer, CORE_VALIDATION) as session:
                assert "XR_FB_passthrough" in session.instance.extensions
                below: list[Any] = []

                def draw(frame: Frame, session: XrSession = session, below: list[Any] = below) -> None:
                    if not below:
                        below += shown(session)
                        session.under.append(below[2])

                run(session, 6, draw)
                assert passthrough.running == [True] and [each.running for each in passthrough.layers] == [True]
                for made, name in ((below[1], "xrDestroyPassthroughLayerFB"), (below[0], "xrDestroyPassthroughFB")):
                    assert call(session, name, made) == xr.Result.SUCCESS
            seen = [frame for frame in layer.frames if frame.layers]
            kinds = (KINDS.COMPOSITION_LAYER_PASSTHROUGH_FB, KINDS.COMPOSITION_LAYER_PROJECTION)
            assert len(seen) >= 4 and {frame.types for frame in seen} == {kinds}
            times = [frame.display_time for frame in layer.frames]
            assert times == sorted(set(times))
        assert not layer.leaked
    said = "".join(capfd.readouterr())
    assert said.count("Core Validation Layer is initialized") == 3
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def test_what_is_not_enabled_is_not_there(monado: MonadoService) -> None:
    with (
        SimulatedLayer(FbPassthrough()) as layer,
        XrSession(monado.environment, eye_size=SIZE, layers=[layer.name]) as session,
        pytest.raises(xr.exception.FunctionUnsupportedError),
    ):
        function(session, "xrCreatePassthroughFB")


def test_a_strict_runtimes_refusals(monado: MonadoService) -> None:
    with SimulatedLayer(passthrough := FbPassthrough()) as layer, opened(monado, layer) as session:
        made, made_layer, _ = shown(session)
        results = xr.Result
        info, out = xr.PassthroughCreateInfoFB(), xr.PassthroughFB()
        info.type = KINDS.PASSTHROUGH_LAYER_CREATE_INFO_FB

        def create(info: Any) -> xr.Result:
            return call(session, "xrCreatePassthroughFB", session.handle, byref(info), byref(out))

        assert create(info) == results.ERROR_VALIDATION_FAILURE
        assert create(xr.PassthroughCreateInfoFB()) == results.ERROR_FEATURE_ALREADY_CREATED_PASSTHROUGH_FB
        assert call(session, "xrPassthroughStartFB", made) == results.ERROR_UNEXPECTED_STATE_PASSTHROUGH_FB
        assert call(session, "xrPassthroughPauseFB", made) == results.SUCCESS
        assert call(session, "xrPassthroughPauseFB", made) == results.ERROR_UNEXPECTED_STATE_PASSTHROUGH_FB
        wrong = cast(made_layer, xr.PassthroughFB)
        assert call(session, "xrPassthroughStartFB", wrong) == results.ERROR_HANDLE_INVALID
        assert call(session, "xrDestroyPassthroughFB", made) == results.SUCCESS
        assert call(session, "xrDestroyPassthroughFB", made) == results.ERROR_HANDLE_INVALID
        # A layer shows nothing without its passthrough.
        assert call(session, "xrPassthroughLayerPauseFB", made_layer) == results.ERROR_HANDLE_INVALID
        passthrough.permitted = False
        assert create(xr.PassthroughCreateInfoFB()) == results.ERROR_NOT_PERMITTED_PASSTHROUGH_FB
        passthrough.supported = False
        assert create(xr.PassthroughCreateInfoFB()) == results.ERROR_FEATURE_UNSUPPORTED


def test_a_frame_with_a_dead_layer_is_refused(monado: MonadoService) -> None:
    with SimulatedLayer(FbPassthrough()) as layer, pytest.raises(XrError), opened(monado, layer) as session:
        made, _, composition = shown(session)
        session.under.append(composition)
        call(session, "xrDestroyPassthroughFB", made)
        run(session, 5)


def test_what_was_not_given_back_is_told(monado: MonadoService) -> None:
    with SimulatedLayer(FbPassthrough()) as layer:
        with opened(monado, layer) as session:
            shown(session)
            run(session, 2)
        assert sorted(layer.leaked) == ["XrPassthroughFB", "XrPassthroughLayerFB"]


@pytest.mark.parametrize("supported", [True, False])
def test_properties_of_the_system(monado: MonadoService, supported: bool) -> None:
    with SimulatedLayer(FbPassthrough(supported=supported)) as layer, opened(monado, layer) as session:
        second = xr.SystemPassthroughProperties2FB()
        first = xr.SystemPassthroughPropertiesFB(next=second)
        properties = xr.SystemProperties(next=first)
        instance = session.instance
        assert (
            call(session, "xrGetSystemProperties", instance.handle, instance.system_id, byref(properties))
            == xr.Result.SUCCESS
        )
        assert bool(first.supports_passthrough) == supported == bool(second.capabilities)
        assert properties.system_name.startswith(b"Monado")


def test_events_come_once_and_in_order(monado: MonadoService) -> None:
    flags = xr.PassthroughStateChangedFlagsFB
    with SimulatedLayer(passthrough := FbPassthrough()) as layer, opened(monado, layer) as session:
        told: list[Any] = []
        session.heed(
            KINDS.EVENT_DATA_PASSTHROUGH_STATE_CHANGED_FB,
            xr.EventDataPassthroughStateChangedFB,
            lambda event: told.append(event.flags),
        )

        def draw(frame: Frame) -> None:
            if frame.index == 3:
                passthrough.say(flags.RECOVERABLE_ERROR_BIT)
                passthrough.say(flags.RESTORED_ERROR_BIT)

        run(session, 8, draw)
        assert told == [flags.RECOVERABLE_ERROR_BIT, flags.RESTORED_ERROR_BIT]


@pytest.mark.parametrize("mode", [MODES.ADDITIVE, MODES.ALPHA_BLEND])
def test_ways_of_blending_that_the_runtime_has_not(monado: MonadoService, mode: xr.EnvironmentBlendMode) -> None:
    with SimulatedLayer(blend_modes=[mode]) as layer, opened(monado, layer) as session:
        assert session.instance.blend_modes == (mode,)
        session.blend(mode, see_through=True)
        run(session, 4)
        assert {frame.blend_mode for frame in layer.frames} == {mode}
    with (
        SimulatedLayer(blend_modes=[mode]) as layer,
        pytest.raises(XrError),
        opened(monado, layer) as session,
    ):
        session.blend(MODES.OPAQUE, see_through=False)
        run(session, 4)


class SmallEyes(Emulation):
    """Stands before a function of the runtime, and reads what hangs on a structure."""

    extensions: ClassVar = {}

    def __init__(self) -> None:
        self.chained: list[int] = []

    @wraps("xrCreateSession")
    def session(self, runtime: Any, instance: Any, info: Any, session: Any) -> Any:
        self.chained += [each._type for each in chain(info)]
        return runtime(instance, info, session)

    @wraps("xrEnumerateViewConfigurationViews")
    def views(self, runtime: Any, instance: Any, system: Any, kind: Any, room: int, count: Any, out: Any) -> Any:
        result = runtime(instance, system, kind, room, count, out)
        for i in range(room):
            out[i].recommended_image_rect_width = 24
        return result


def test_functions_of_the_runtime_are_wrapped(monado: MonadoService) -> None:
    with (
        SimulatedLayer(small := SmallEyes()) as layer,
        XrSession(monado.environment, layers=[layer.name]) as session,
    ):
        assert session.eye_sizes == [(24, 240)] * 2
        assert small.chained == [KINDS.GRAPHICS_BINDING_EGL_MNDX.value]
        assert len(run(session, 3)) >= 3


class Broken(Emulation):
    """Has a fault of its own."""

    @wraps("xrEnumerateSwapchainFormats")
    def formats(self, *given: Any) -> None:
        raise ZeroDivisionError


def test_an_emulations_own_fault_is_raised(monado: MonadoService) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        SimulatedLayer(Broken()) as layer,
        pytest.raises(XrError),
        opened(monado, layer),
    ):
        pass
