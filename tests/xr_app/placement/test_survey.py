"""A placement in sessions of a real runtime, whose headset stores anchors, sees tables and is recentred."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xr

from tests.xr_app.placement.people import place_of
from tests.xr_app.session.pump import run
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.ext_anchors import ExtAnchors
from xr_app.emulated.fb_anchors import FbAnchors
from xr_app.emulated.planes import Flat, PlaneDetection
from xr_app.emulated.wearer import Wearer
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.placement import planes
from xr_app.placement.place_file import read_place
from xr_app.placement.placing import Placement
from xr_app.placement.spot import Spot
from xr_app.placement.standing import Standing
from xr_app.placement.survey import EXTENSIONS, Survey
from xr_app.poses import Pose, matrix
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

PRESSED = Inputs(right=Hand(Source.HAND, select=True))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "_ASK_S", 0.0)


@contextmanager
def opened(monado: MonadoService, *layers: str) -> Iterator[XrSession]:
    with XrSession(monado.environment, eye_size=(32, 32), layers=layers, extensions=EXTENSIONS) as session:
        yield session


Act = Callable[[int, Frame], Inputs | None]


def visit(
    session: XrSession,
    path: Path,
    act: Act = lambda number, frame: None,
    frames: int = 30,
    told: list[str] | None = None,
) -> tuple[Placement, list[tuple[Frame, Standing]]]:
    """So many frames a tenth of a second apart, as the placement's clock has them; `act` gives what the user does."""
    placement, shown = Placement(), []
    with Survey(placement, session, path, (told if told is not None else []).append) as survey:
        placement.load()

        def draw(frame: Frame) -> None:
            survey.step(frame)
            inputs = act(len(shown), frame) or Inputs()
            shown.append((frame, placement.update(len(shown) / 10, frame.head, inputs)))

        run(session, frames, draw)
    return placement, shown


def put_down(number: int, frame: Frame) -> Inputs | None:
    return PRESSED if number == 12 else None


def test_it_stands_where_it_stood_by_the_stage(
    monado: MonadoService, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "place.json"
    with opened(monado, CORE_VALIDATION) as session:
        placement, shown = visit(session, path, put_down)
        assert shown[5][1].ghost and placement.placed and not shown[-1][1].ghost
    with opened(monado, CORE_VALIDATION) as session:
        again, shown = visit(session, path)
        assert again.placed and not any(standing.ghost for _, standing in shown)
    assert place_of(shown[-1][1]) == pytest.approx((placement.spot.x, placement.spot.z), abs=1e-3)
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


@pytest.mark.parametrize("make", [lambda folder: FbAnchors(storage=folder), lambda folder: ExtAnchors()])
def test_it_stands_where_its_anchor_is(
    monado: MonadoService, tmp_path: Path, make: Callable[[Path], FbAnchors | ExtAnchors]
) -> None:
    path, emulated = tmp_path / "place.json", make(tmp_path)
    with SimulatedLayer(emulated) as layer:
        with opened(monado, layer.name) as session:
            placement, _ = visit(session, path, put_down)
        stored = read_place(path)
        assert stored is not None and stored.anchor is not None
        assert set(emulated.stored) == {bytes.fromhex(stored.anchor.uuid)}
        emulated.drift = Spot(0.4, -0.3, 0.2).model()
        with opened(monado, layer.name) as session:
            again, shown = visit(session, path)
        assert again.placed and not layer.leaked
    expected = emulated.drift @ placement.spot.model()
    assert np.allclose(shown[-1][1].model, expected, atol=0.02)


def test_it_makes_way_for_what_the_headset_sees(monado: MonadoService, tmp_path: Path) -> None:
    table = Flat(Pose(position=(0.0, 0.75, -1.6)), (1.0, 1.0), xr.PlaneDetectorSemanticTypeEXT.PLATFORM)
    floor = Flat(Pose(position=(0.0, 0.05, 0.0)), (6.0, 6.0), xr.PlaneDetectorSemanticTypeEXT.FLOOR)
    with SimulatedLayer(PlaneDetection([table, floor])) as layer, opened(monado, layer.name) as session:
        placement, shown = visit(session, tmp_path / "place.json", frames=60)
        assert not layer.leaked
    places = np.array([place_of(shown[-1][1])])
    assert placement.room.free(places)[0] and len(placement.room.things) == 1
    assert placement.floor == pytest.approx(0.05) and shown[-1][1].model[1, 3] == placement.floor


@pytest.mark.parametrize("known", [True, False])
def test_a_new_origin(monado: MonadoService, tmp_path: Path, known: bool) -> None:
    path, wearer = tmp_path / "place.json", Wearer()
    pose = Pose((0.0, 0.6, 0.0, 0.8), (0.5, 0.0, -0.25))

    def act(number: int, frame: Frame) -> Inputs | None:
        if number == 20:
            wearer.recentre(frame.xr_time + 1, pose if known else None)
        return put_down(number, frame)

    with SimulatedLayer(wearer) as layer, opened(monado, layer.name) as session:
        placement, shown = visit(session, path, act)
    before = next(standing for frame, standing in shown[18:19])
    after = shown[-1][1]
    if known:
        assert np.allclose(matrix(pose) @ after.model, before.model, atol=0.01)
        stored = read_place(path)
        assert stored is not None and (stored.x, stored.z) == pytest.approx((placement.spot.x, placement.spot.z))
    else:
        # The simulated head did not move with the origin: right before it.
        assert np.allclose(after.model, before.model, atol=0.05) and not after.ghost


def test_a_damaged_file_is_told(monado: MonadoService, tmp_path: Path) -> None:
    (tmp_path / "place.json").write_text("{")
    told: list[str] = []
    with opened(monado) as session:
        _, shown = visit(session, tmp_path / "place.json", told=told)
    assert len(told) == 1 and shown[-1][1].ghost


def test_a_display_without_a_runtime(tmp_path: Path) -> None:
    placement = Placement()
    with Survey(placement, None, tmp_path / "place.json"):
        placement.load()
        assert placement.update(0.0, np.eye(4), Inputs()).ghost
