"""Anchors of the EXT kind: made, stored, found again, and every way in which that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from tests.xr_app.placement.acts import play_acts
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.ext_anchors import ExtAnchors as Emulated
from xr_app.placement import anchors_ext
from xr_app.placement.anchors_ext import ExtAnchors, has_anchors
from xr_app.placement.spot import Spot
from xr_app.runtime.monado import MonadoService
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

POSE = Spot(0.5, -2.0, 0.7).model()
OTHER = Spot(-1.0, -1.5, 0.0).model()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchors_ext, "_AGAIN_NS", 0)


@contextmanager
def opened(monado: MonadoService, layer: SimulatedLayer, *layers: str) -> Iterator[tuple[XrSession, ExtAnchors]]:
    with XrSession(
        monado.environment, eye_size=(32, 32), layers=[*layers, layer.name], extensions=layer.extensions
    ) as session:
        instance = session.instance
        assert has_anchors(instance.handle, instance.system_id, instance.extensions)
        anchors = ExtAnchors(instance.handle, session.handle, session.space)
        try:
            yield session, anchors
        finally:
            anchors.close()


play = partial(play_acts, frames=16)


def test_an_anchor_is_made_stored_and_found_again(monado: MonadoService) -> None:
    emulated = Emulated()
    with SimulatedLayer(emulated) as layer:
        with opened(monado, layer) as (session, anchors):
            located = play(session, anchors, lambda time: anchors.create(POSE, time))
            uuid = anchors.saved
            assert uuid is not None and set(emulated.stored) == {uuid} and not anchors.lost
            assert np.allclose(located[-1], POSE, atol=1e-6)
        assert not layer.leaked
        emulated.drift = Spot(0.1, 0.2, 0.0).model()
        with opened(monado, layer) as (session, anchors):
            located = play(session, anchors, lambda time: anchors.seek(uuid))
            assert anchors.saved == uuid and not anchors.lost
            assert np.allclose(located[-1], emulated.drift @ POSE, atol=1e-6)
        assert not layer.leaked and set(emulated.stored) == {uuid}


def test_the_validation_layer_has_nothing_to_say(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> None:
    """Of what it can follow: it does not know of objects that come with completions, and refuses what names one."""
    with SimulatedLayer(Emulated()) as layer, opened(monado, layer, CORE_VALIDATION) as (session, anchors):
        play(session, anchors, lambda time: anchors.create(POSE, time))
        assert anchors.lost and "xrCreateSpatialPersistenceContextCompleteEXT" in layer.calls
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    first, *others = [line for line in said.splitlines() if "VALID_ERROR" in line or "VALID_WARNING" in line]
    assert 'Invalid XrSpatialPersistenceContextEXT handle "persistenceContexts" 0x000000005a5a' in first
    follows = ("next-next", "createInfo-parameter", "xrDestroySpatialPersistenceContextEXT-persistenceContext")
    assert all(any(each in line for each in follows) for line in others)


def test_a_new_anchor_takes_the_place_of_the_one_before(monado: MonadoService) -> None:
    emulated = Emulated()
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        located = play(
            session, anchors, lambda time: anchors.create(POSE, time), lambda time: anchors.create(OTHER, time)
        )
        assert set(emulated.stored) == {anchors.saved} and np.allclose(located[-1], OTHER, atol=1e-6)
        assert len(layer.handles.of("XrSpatialEntityEXT")) == 1 and not layer.handles.of("XrSpatialSnapshotEXT")


def test_what_is_not_tracked_yet_is_tried_again(monado: MonadoService) -> None:
    emulated = Emulated(patience=0)
    emulated.untracked = 3
    with SimulatedLayer(emulated) as layer:
        with opened(monado, layer) as (session, anchors):
            play(session, anchors, lambda time: anchors.create(POSE, time))
            uuid = anchors.saved
            assert uuid is not None
        emulated.untracked = 3
        with opened(monado, layer) as (session, anchors):
            assert np.allclose(play(session, anchors, lambda time: anchors.seek(uuid))[-1], POSE, atol=1e-6)


def test_an_anchor_of_nobody_is_lost_in_the_end(monado: MonadoService) -> None:
    emulated = Emulated(patience=0)
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        assert play(session, anchors, lambda time: anchors.seek(bytes(16)), frames=40)[-1] is None
        assert anchors.lost
        assert layer.calls.count("xrCreateSpatialDiscoverySnapshotAsyncEXT") == 10


@pytest.mark.parametrize(
    "step",
    [
        "xrCreateSpatialPersistenceContextAsyncEXT",
        "xrCreateSpatialContextAsyncEXT",
        "xrCreateSpatialAnchorEXT",
        "xrPersistSpatialEntityAsyncEXT",
    ],
)
def test_what_fails_is_known_to_be_lost(monado: MonadoService, step: str) -> None:
    emulated = Emulated()
    emulated.refuse = {step}
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        play(session, anchors, lambda time: anchors.create(POSE, time))
        assert anchors.lost and anchors.saved is None and not emulated.stored


def test_a_search_that_fails_is_over(monado: MonadoService) -> None:
    emulated = Emulated()
    emulated.refuse = {"xrCreateSpatialDiscoverySnapshotAsyncEXT"}
    with SimulatedLayer(emulated) as layer, opened(monado, layer) as (session, anchors):
        assert play(session, anchors, lambda time: anchors.seek(bytes(16)))[-1] is None
        assert anchors.lost


def test_a_headset_without_anchors(monado: MonadoService) -> None:
    with (
        SimulatedLayer(Emulated(supported=False)) as layer,
        XrSession(monado.environment, eye_size=(32, 32), layers=[layer.name], extensions=layer.extensions) as session,
    ):
        assert not has_anchors(session.instance.handle, session.instance.system_id, session.instance.extensions)
