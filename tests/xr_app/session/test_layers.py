"""Layers under and over the eyes' pictures, how all of them lie before the world, and events for those who ask."""

from collections.abc import Iterator

import pytest
import xr

from tests.xr_app.session.pump import run
from xr_app.errors import XrError
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.frame_calls import MOST_LAYERS
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession
from xr_app.session.swapchain import GL_SRGB8_ALPHA8, Chain

SIZE = (32, 32)
KINDS = xr.EnvironmentBlendMode


@pytest.fixture
def session(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> Iterator[XrSession]:
    """A session in which no call broke the specification."""
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session:
        yield session
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def quad(session: XrSession, chain: Chain) -> xr.CompositionLayerQuad:
    """A panel of 0.4 m by 0.2 m, a metre ahead; the chain's picture must have been released once."""
    chain.acquire()
    chain.release()
    rect = xr.Rect2Di(extent=xr.Extent2Di(*SIZE))
    return xr.CompositionLayerQuad(
        space=session.space,
        sub_image=xr.SwapchainSubImage(swapchain=chain.handle, image_rect=rect),
        pose=xr.Posef(position=xr.Vector3f(0, 1.5, -1)),
        size=xr.Extent2Df(0.4, 0.2),
    )


def test_layers_come_and_go_with_every_frame(session: XrSession) -> None:
    chain = Chain(session.handle, SIZE, GL_SRGB8_ALPHA8, xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT)
    panel = quad(session, chain)

    def draw(frame: Frame) -> None:
        session.under[:] = [panel] if frame.index % 3 == 1 else []
        session.over[:] = [panel] * (frame.index % 2)

    assert len(run(session, 12, draw)) >= 12
    chain.close()


def test_the_runtime_reads_the_layers_it_is_given(monado: MonadoService) -> None:
    with pytest.raises(XrError), XrSession(monado.environment, eye_size=SIZE) as session:
        chain = Chain(session.handle, SIZE, GL_SRGB8_ALPHA8, xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT)
        broken = quad(session, chain)
        broken.pose = xr.Posef(orientation=xr.Quaternionf(0, 0, 0, 0))  # no turn at all
        run(session, 12, lambda frame: session.over.__setitem__(slice(None), [broken]))


def test_no_more_layers_than_every_runtime_takes(session: XrSession) -> None:
    chain = Chain(session.handle, SIZE, GL_SRGB8_ALPHA8, xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT)
    panel = quad(session, chain)
    assert len(run(session, 3, lambda frame: session.over.__setitem__(slice(None), [panel] * (MOST_LAYERS + 5)))) >= 3
    chain.close()


def test_the_way_of_blending_changes_between_frames(session: XrSession) -> None:
    modes = session.instance.blend_modes
    assert KINDS.OPAQUE in modes and KINDS.ALPHA_BLEND in modes

    def draw(frame: Frame) -> None:
        see_through = frame.index % 2 == 0
        session.blend(KINDS.ALPHA_BLEND if see_through else KINDS.OPAQUE, see_through=see_through)

    assert len(run(session, 6, draw)) >= 6


def test_a_way_of_blending_that_is_not_offered_is_refused(monado: MonadoService) -> None:
    with pytest.raises(XrError), XrSession(monado.environment, eye_size=SIZE) as session:
        run(session, 6, lambda frame: session.blend(KINDS.ADDITIVE, see_through=True))


def test_events_reach_those_who_heed_them(session: XrSession) -> None:
    states: list[int] = []
    session.heed(
        xr.StructureType.EVENT_DATA_SESSION_STATE_CHANGED,
        xr.EventDataSessionStateChanged,
        lambda event: states.append(int(event.state)),
    )
    run(session, 3)
    ready, stopping = xr.SessionState.READY.value, xr.SessionState.STOPPING.value
    assert ready in states and stopping in states and states.index(ready) < states.index(stopping)


def test_extensions_that_are_wished_for_and_there(monado: MonadoService) -> None:
    wished = ["XR_EXT_hand_tracking", "XR_XX_of_nobody"]
    with XrSession(monado.environment, eye_size=SIZE, extensions=wished) as session:
        assert "XR_EXT_hand_tracking" in session.instance.extensions
        assert "XR_XX_of_nobody" not in session.instance.extensions
