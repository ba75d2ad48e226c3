"""How the wearer's room is shown on headsets that can this or that, with the core validation layer watching."""

from collections.abc import Iterator, Set
from contextlib import contextmanager

import numpy as np
import pytest
import xr

from render.ground.balls import fit_balls
from render.ground.standing import Standing
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from xr_app.emulated import SimulatedLayer, SubmittedFrame
from xr_app.emulated.fb_passthrough import FbPassthrough
from xr_app.emulated.htc_passthrough import HtcPassthrough
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode
from xr_app.surroundings.surroundings import Surroundings
from xr_app.surroundings.ways import EXTENSIONS

SIZE = (32, 32)
BLENDS = xr.EnvironmentBlendMode
OPAQUE, ADDED, BLENDED = BLENDS.OPAQUE, BLENDS.ADDITIVE, BLENDS.ALPHA_BLEND
KINDS = xr.StructureType
PICTURES = KINDS.COMPOSITION_LAYER_PROJECTION
FB = KINDS.COMPOSITION_LAYER_PASSTHROUGH_FB
HTC = KINDS.COMPOSITION_LAYER_PASSTHROUGH_HTC
TROUBLES = xr.PassthroughStateChangedFlagsFB


@pytest.fixture
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No call breaks the specification."""
    yield
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


class Visit:
    """Somebody who looks round, frame by frame."""

    def __init__(self, session: XrSession, layer: SimulatedLayer, *, see_through: bool = True) -> None:
        self.session, self.layer = session, layer
        avatar = make_cloud(2000)
        self.rest = rest_key(avatar)
        self.surroundings = Surroundings(session, Asked(see_through=see_through))
        self.surroundings.meet(fit_balls(avatar))
        self._frames = session.frames()

    def look(self) -> SubmittedFrame:
        """What was submitted of the next frames that show something, and in `alpha` what one of them held."""
        submitted = None
        for _ in range(4):  # what is said now is heard with the next frame
            frame = next(self._frames)
            while not frame.should_render:
                frame = next(self._frames)
            self.surroundings.update(frame)
            with frame:
                for target in frame.targets:
                    target.clear()
                self.surroundings.draw(frame, Standing(in_front_of(frame.head, 3.0), self.rest, self.rest, 0.0))
                self.alpha = np.frombuffer(frame.targets[0].read(components=4), np.uint8)[3::4]
            submitted = self.layer.frames[-1]
        assert submitted is not None
        return submitted

    def expect(self, mode: Mode, blend: xr.EnvironmentBlendMode, *types: xr.StructureType) -> None:
        """That this is what is seen now."""
        submitted = self.look()
        assert self.surroundings.mode == mode
        assert (submitted.blend_mode, submitted.types) == (blend, types)
        assert (self.alpha.min() == 255) == (mode == Mode.STAGE)
        assert (self.alpha.max() == 0) == (mode == Mode.ADDED), "a shadow falls where it can"
        assert (np.median(self.alpha) == 0) == (mode != Mode.STAGE)
        weighs = mode in (Mode.CAMERAS, Mode.BLENDED)
        # Pictures are weighted by their alpha already: never unpremultiplied.
        flags = xr.CompositionLayerFlags
        assert submitted.layers[-1].layer_flags == (flags.BLEND_TEXTURE_SOURCE_ALPHA_BIT if weighs else flags.NONE)


@contextmanager
def visit(
    monado: MonadoService, layer: SimulatedLayer, *, extensions: Set[str] = EXTENSIONS, see_through: bool = True
) -> Iterator[Visit]:
    """A session of somebody's, and that nothing is left of it."""
    names = [CORE_VALIDATION, layer.name]
    with layer, XrSession(monado.environment, eye_size=SIZE, layers=names, extensions=extensions) as session:
        visitor = Visit(session, layer, see_through=see_through)
        yield visitor
        visitor.surroundings.close()
        assert not session.under
    assert not layer.leaked


pytestmark = pytest.mark.usefixtures("silent")


def test_cameras_beneath_the_pictures(monado: MonadoService) -> None:
    cameras = FbPassthrough()
    with visit(monado, SimulatedLayer(cameras, blend_modes=[OPAQUE, BLENDED])) as visitor:
        visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)
        assert cameras.running == [True]
        for _ in range(2):
            assert visitor.surroundings.switch(False) == Mode.STAGE
            visitor.expect(Mode.STAGE, OPAQUE, PICTURES)
            assert cameras.running == [False]
            assert visitor.surroundings.switch(True) == Mode.CAMERAS
            visitor.surroundings.switch(True)
            visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)
            assert cameras.running == [True]


def test_cameras_stay_beneath_other_layers(monado: MonadoService) -> None:
    with visit(monado, SimulatedLayer(FbPassthrough()), see_through=False) as visitor:
        panel = xr.CompositionLayerProjection(space=visitor.session.space, views=visitor.session._calls._layer_views)
        visitor.look()
        visitor.session.under.append(panel)
        visitor.surroundings.switch(True)
        visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES, PICTURES)
        visitor.session.under.remove(panel)


def test_cameras_rest_where_the_room_is_not_asked_for(monado: MonadoService) -> None:
    cameras = FbPassthrough()
    with visit(monado, SimulatedLayer(cameras), see_through=False) as visitor:
        visitor.expect(Mode.STAGE, OPAQUE, PICTURES)
        assert cameras.running == [] and visitor.surroundings.can_see_through


@pytest.mark.parametrize("why", ["unsupported", "not permitted", "not enabled"])
def test_without_cameras_the_next_best_way(monado: MonadoService, why: str) -> None:
    cameras = FbPassthrough(supported=why != "unsupported", permitted=why != "not permitted")
    extensions = frozenset() if why == "not enabled" else EXTENSIONS
    layer = SimulatedLayer(cameras, blend_modes=[OPAQUE, ADDED, BLENDED])
    with visit(monado, layer, extensions=extensions) as visitor:
        visitor.expect(Mode.BLENDED, BLENDED, PICTURES)
        visitor.surroundings.switch(False)
        visitor.expect(Mode.STAGE, OPAQUE, PICTURES)
    assert ("xrCreatePassthroughFB" in layer.calls) == (why == "not permitted")


def test_light_that_is_added_to_the_room(monado: MonadoService) -> None:
    with visit(monado, SimulatedLayer(blend_modes=[ADDED])) as visitor:
        visitor.expect(Mode.ADDED, ADDED, PICTURES)
        visitor.surroundings.switch(False)  # as far as such a display can
        visitor.expect(Mode.STAGE, ADDED, PICTURES)


def test_a_stage_where_there_is_no_way(monado: MonadoService) -> None:
    with visit(monado, SimulatedLayer(blend_modes=[OPAQUE])) as visitor:
        assert not visitor.surroundings.can_see_through
        assert visitor.surroundings.switch(True) == Mode.STAGE
        visitor.expect(Mode.STAGE, OPAQUE, PICTURES)


def test_cameras_that_cannot_be_paused(monado: MonadoService) -> None:
    cameras = HtcPassthrough()
    with visit(monado, SimulatedLayer(cameras, blend_modes=[OPAQUE])) as visitor:
        visitor.expect(Mode.CAMERAS, OPAQUE, HTC, PICTURES)
        assert cameras.living == 1
        visitor.surroundings.switch(False)
        visitor.expect(Mode.STAGE, OPAQUE, PICTURES)
        assert cameras.living == 0
        visitor.surroundings.switch(True)
        visitor.expect(Mode.CAMERAS, OPAQUE, HTC, PICTURES)


def test_cameras_are_made_again_where_the_runtime_wants_it(monado: MonadoService) -> None:
    cameras = FbPassthrough()
    layer = SimulatedLayer(cameras, blend_modes=[OPAQUE])
    with visit(monado, layer) as visitor:
        visitor.look()
        cameras.say(TROUBLES.REINIT_REQUIRED_BIT)
        visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)
        assert layer.calls.count("xrCreatePassthroughFB") == 2 and cameras.running == [True]
        visitor.surroundings.switch(False)
        cameras.say(TROUBLES.REINIT_REQUIRED_BIT)
        visitor.expect(Mode.STAGE, OPAQUE, PICTURES)
        assert cameras.running == []
        visitor.surroundings.switch(True)
        visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)


@pytest.mark.parametrize(("modes", "instead"), [([OPAQUE], Mode.STAGE), ([OPAQUE, BLENDED], Mode.BLENDED)])
def test_while_cameras_are_interrupted_the_next_best_way(
    monado: MonadoService, modes: list[xr.EnvironmentBlendMode], instead: Mode
) -> None:
    cameras = FbPassthrough()
    with visit(monado, SimulatedLayer(cameras, blend_modes=modes)) as visitor:
        visitor.look()
        cameras.say(TROUBLES.RECOVERABLE_ERROR_BIT)
        visitor.expect(instead, modes[-1], PICTURES)
        cameras.say(TROUBLES.RESTORED_ERROR_BIT)
        visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)
        assert cameras.running == [True]


def test_cameras_that_are_lost_are_not_asked_again(monado: MonadoService) -> None:
    cameras = FbPassthrough()
    layer = SimulatedLayer(cameras, blend_modes=[OPAQUE, BLENDED])
    with visit(monado, layer) as visitor:
        visitor.look()
        cameras.say(TROUBLES.NON_RECOVERABLE_ERROR_BIT)
        visitor.expect(Mode.BLENDED, BLENDED, PICTURES)
        cameras.say(TROUBLES.RESTORED_ERROR_BIT)
        visitor.surroundings.switch(False)
        visitor.surroundings.switch(True)
        visitor.expect(Mode.BLENDED, BLENDED, PICTURES)
        assert layer.calls.count("xrCreatePassthroughFB") == 1


def test_all_of_it_again_in_the_next_session(monado: MonadoService) -> None:
    layer = SimulatedLayer(FbPassthrough())
    for _ in range(2):
        with visit(monado, layer) as visitor:
            visitor.expect(Mode.CAMERAS, OPAQUE, FB, PICTURES)
