"""Anchors of Quest's kind: made, stored, found again, and every way in which that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from tests.xr_app.placement.acts import play_acts
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.fb_anchors import FbAnchors as Emulated
from xr_app.placement.anchors_fb import FbAnchors, has_anchors
from xr_app.placement.spot import Spot
from xr_app.runtime.monado import MonadoService
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

POSE = Spot(0.5, -2.0, 0.7).model()
OTHER = Spot(-1.0, -1.5, 0.0).model()


@contextmanager
def opened(monado: MonadoService, layer: SimulatedLayer, *layers: str) -> Iterator[tuple[XrSession, FbAnchors]]:
    with XrSession(
        monado.environment, eye_size=(32, 32), layers=[*layers, layer.name], extensions=layer.extensions
    ) as session:
        instance = session.instance
        assert has_anchors(instance.handle, instance.system_id, instance.extensions)
        anchors = FbAnchors(instance.handle, session.handle, session.space, session.heed)
        try:
            yield session, anchors
        finally:
            anchors.close()


play = partial(play_acts, frames=6)


def test_an_anchor_is_made_stored_and_found_again(monado: MonadoService) -> None:
    emulated = Emulated()
    with SimulatedLayer(emulated) as layer:
        with opened(monado, layer) as (session, anchors):
            located = play(session, anchors, lambda time: anchors.create(POSE, time))
            uuid = anchors.saved
            assert uuid is not None and emulated.stored == {uuid} and not anchors.lost
            assert np.allclose(located[-1], POSE, atol=1e-6)
        assert not layer.leaked
        emulated.drift = Spot(0.1, 0.2, 0.0).model()
        with opened(monado, layer) as (session, anchors):
            located = play(session, anchors, lambda time: anchors.seek(uuid))
            assert anchors.saved == uuid and not anchors.lost
            assert np.allclose(located[-1], emulated.drift @ POSE, atol=1e-6)
        assert not layer.leaked and emulated.stored == {uuid}


def test_the_validation_layer_has_nothing_to_say(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> None:
    """Of what it can follow: it does not know of spaces that come with events, and refuses every call with one."""
    with SimulatedLayer(Emulated()) as layer, opened(monado, layer, CORE_VALIDATION) as (session, anchors):
        play(session, anchors, lambda time: anchors.seek(bytes(16)), lambda time: anchors.create(POSE, time))
        assert {"xrQuerySpacesFB", "xrCreateSpatialAnchorFB"} <= set(layer.calls)
        assert anchors.lost
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    complaints = [line for line in said.splitlines() if "VALID_ERROR" in line or "VALID_WARNING" in line]
    assert complaints and all('Invalid XrSpace handle "space" 0x000000005a5a' in line for line in complaints)


def test_a_new_anchor_takes_the_place_of_the_one_before(monado: MonadoService) -> None:
    emulated = Emulated()
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        located = play(
            session, anchors, lambda time: anchors.create(POSE, time), lambda time: anchors.create(OTHER, time)
        )
        assert emulated.stored == {anchors.saved} and np.allclose(located[-1], OTHER, atol=1e-6)
        assert len(layer.handles.of("XrSpace")) == 1


def test_an_anchor_that_the_headset_does_not_see_is_nowhere(monado: MonadoService) -> None:
    emulated = Emulated()
    emulated.tracked = False
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        assert play(session, anchors, lambda time: anchors.create(POSE, time))[-1] is None
        assert anchors.saved is not None


def test_an_anchor_of_nobody_is_lost(monado: MonadoService) -> None:
    with SimulatedLayer(Emulated()) as layer, opened(monado, layer) as (session, anchors):
        assert play(session, anchors, lambda time: anchors.seek(bytes(16)))[-1] is None
        assert anchors.lost


@pytest.mark.parametrize("step", ["xrCreateSpatialAnchorFB", "create", "xrSetSpaceComponentStatusFB", "status", "save"])
def test_what_fails_is_known_to_be_lost(monado: MonadoService, step: str) -> None:
    emulated = Emulated()
    emulated.refuse = {step}
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        play(session, anchors, lambda time: anchors.create(POSE, time))
        assert anchors.lost and anchors.saved is None and not emulated.stored


@pytest.mark.parametrize("step", ["xrQuerySpacesFB", "query", "xrSetSpaceComponentStatusFB"])
def test_a_search_that_fails_is_over(monado: MonadoService, step: str) -> None:
    emulated = Emulated()
    uuid = bytes(range(16))
    emulated.poses[uuid] = POSE
    emulated.refuse = {step}
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        assert play(session, anchors, lambda time: anchors.seek(uuid))[-1] is None
        assert anchors.lost


def test_events_that_come_after_the_end_do_no_harm(monado: MonadoService) -> None:
    emulated = Emulated()
    emulated.late = True
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):

        def end(time: int) -> None:
            anchors.close()
            emulated.deliver()

        assert play(session, anchors, lambda time: anchors.create(POSE, time), end)[-1] is None


def test_a_headset_without_anchors(monado: MonadoService) -> None:
    with (
        SimulatedLayer(Emulated(supported=False)) as layer,
        XrSession(monado.environment, eye_size=(32, 32), layers=[layer.name], extensions=layer.extensions) as session,
    ):
        assert not has_anchors(session.instance.handle, session.instance.system_id, session.instance.extensions)
