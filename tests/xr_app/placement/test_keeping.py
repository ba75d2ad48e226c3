"""The place beyond a session: files that are damaged, rooms that are others, anchors that come late or never."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from xr_app.errors import PlaceError
from xr_app.placement.keeping import RoomKeeper, spot_of
from xr_app.placement.place_file import AnchorName, Place, read_place, write_place
from xr_app.placement.spot import Spot

F64 = NDArray[np.float64]
SPOT = Spot(1.5, -2.25, 0.5, 0.75)
UUID = bytes(range(16))


class Remembered:
    """Anchors of a headset that does at once what it is asked, or not at all."""

    kind = "fb"

    def __init__(self, known: dict[bytes, F64] | None = None, *, works: bool = True) -> None:
        self.known, self.works = known or {}, works
        self.saved: bytes | None = None
        self.lost = False
        self.pose: F64 | None = None

    def create(self, pose: F64, xr_time: int) -> None:
        assert xr_time > 0
        self.lost = not self.works
        if self.works:
            self.saved, self.pose = bytes([len(self.known) + 1] * 16), pose
            self.known[self.saved] = pose

    def seek(self, uuid: bytes) -> None:
        self.lost = uuid not in self.known
        if not self.lost:
            self.saved, self.pose = uuid, self.known[uuid]

    def locate(self, xr_time: int) -> F64 | None:
        return self.pose

    def step(self, xr_time: int) -> None:
        pass

    def close(self) -> None:
        self.pose = None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "place.json"


def near(a: Spot | None, b: Spot) -> bool:
    return a is not None and np.allclose((a.x, a.z, a.yaw, a.scale), (b.x, b.z, b.yaw, b.scale), atol=1e-9)


def test_the_place_is_told_from_the_stage(path: Path) -> None:
    keeper = RoomKeeper(path, "stage", (3.0, 2.0))
    assert not keeper.searching and keeper.found() is None
    keeper.keep(SPOT)
    later = RoomKeeper(path, "stage", (3.1, 2.0))
    assert later.searching and near(later.found(), SPOT)
    assert not later.searching and later.found() is None
    assert [file.name for file in path.parent.iterdir()] == ["place.json"]


@pytest.mark.parametrize(
    ("space", "bounds", "known"),
    [
        ("stage", (3.0, 2.0), True),
        ("stage", None, True),
        ("stage", (5.0, 2.0), False),
        ("local floor", (3.0, 2.0), False),
        ("local, floor assumed", None, False),
    ],
)
def test_another_room_or_origin_is_another_place(
    path: Path, space: str, bounds: tuple[float, float] | None, known: bool
) -> None:
    RoomKeeper(path, "stage", (3.0, 2.0)).keep(SPOT)
    assert RoomKeeper(path, space, bounds).searching == known


def test_an_origin_that_is_where_the_headset_was_put_on_keeps_nothing(path: Path) -> None:
    RoomKeeper(path, "local floor").keep(SPOT)
    assert not RoomKeeper(path, "local floor").searching


def test_an_anchor_goes_before_the_origin(path: Path) -> None:
    anchors = Remembered()
    keeper = RoomKeeper(path, "local floor", None, anchors)
    keeper.step(5)
    keeper.keep(SPOT)
    keeper.step(6)
    stored = read_place(path)
    assert stored is not None and stored.anchor == AnchorName("fb", (bytes([1] * 16)).hex())
    elsewhere = Spot(-1.0, 3.0, -0.4)
    later = RoomKeeper(path, "local floor", None, Remembered({bytes([1] * 16): elsewhere.model()}))
    assert later.searching and later.found() is None
    later.step(7)
    assert near(later.found(), Spot(-1.0, 3.0, -0.4, 0.75))


def test_an_anchor_that_is_gone_leaves_the_origin(path: Path) -> None:
    stored = Place(1, "stage", SPOT.x, SPOT.z, SPOT.yaw, SPOT.scale, None, AnchorName("fb", UUID.hex()))
    write_place(path, stored)
    keeper = RoomKeeper(path, "stage", None, Remembered())
    keeper.step(1)
    assert near(keeper.found(), SPOT)
    assert near(RoomKeeper(path, "stage").found(), SPOT), "as for a headset without any"


def test_an_anchor_that_moves_is_told_now_and_then(path: Path) -> None:
    anchors = Remembered()
    keeper = RoomKeeper(path, "stage", None, anchors)
    keeper.step(1)
    keeper.keep(SPOT)
    keeper.step(2_000_000_000)
    assert near(keeper.found(), SPOT)
    anchors.pose = Spot(9.0, 9.0, 0.0).model()
    keeper.step(2_500_000_000)
    assert keeper.found() is None
    keeper.step(3_000_000_000)
    assert near(keeper.found(), Spot(9.0, 9.0, 0.0, 0.75))


def test_what_is_kept_meanwhile_is_not_found_elsewhere(path: Path) -> None:
    RoomKeeper(path, "stage").keep(SPOT)
    keeper = RoomKeeper(path, "stage", None, Remembered(works=False))
    keeper.step(1)
    keeper.keep(Spot(0.0, -1.0))
    keeper.step(2)
    assert keeper.found() is None and not keeper.searching
    assert near(RoomKeeper(path, "stage").found(), Spot(0.0, -1.0))


def test_a_new_origin_keeps_the_anchor(path: Path) -> None:
    keeper = RoomKeeper(path, "stage", None, anchors := Remembered())
    keeper.step(1)
    keeper.keep(SPOT)
    keeper.step(2)
    keeper.restate(Spot(3.0, 3.0))
    stored = read_place(path)
    assert stored is not None and stored.anchor is not None and stored.x == 3.0 and len(anchors.known) == 1


GOOD = {"version": 1, "space": "stage", "x": 1.0, "z": 2.0, "yaw": 0.5, "scale": 1.0}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 5000,
        b" " * 5000,
        json.dumps({**GOOD, "version": 2}).encode(),
        json.dumps({**GOOD, "x": "1"}).encode(),
        json.dumps({**GOOD, "x": 1e9}).encode(),
        json.dumps({**GOOD, "scale": 0.0}).encode(),
        json.dumps({**GOOD, "x": float("nan")}).encode(),
        json.dumps({**GOOD, "bounds": [1.0]}).encode(),
        json.dumps({**GOOD, "anchor": {"kind": "fb", "uuid": "xyz"}}).encode(),
        json.dumps({**GOOD, "more": 1}).encode(),
    ],
)
def test_a_damaged_file_is_told_and_left(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    told: list[str] = []
    keeper = RoomKeeper(path, "stage", tell=told.append)
    assert not keeper.searching and len(told) == 1 and str(path) in told[0]
    assert path.read_bytes() == data
    keeper.keep(SPOT)
    assert near(RoomKeeper(path, "stage").found(), SPOT)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    RoomKeeper(tmp_path / "file" / "place.json", "stage", tell=told.append).keep(SPOT)
    assert len(told) == 2


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "place.json"
    path.write_bytes(data)
    with pytest.raises(PlaceError):
        read_place(path)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-3.1, 3.1), st.floats(0.1, 1.5))
def test_a_spot_is_that_of_its_pose(x: float, z: float, yaw: float, scale: float) -> None:
    assert near(spot_of(Spot(x, z, yaw).model(), scale), Spot(x, z, yaw, scale))
