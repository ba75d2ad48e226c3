"""The file of a tape: what was written is read, and nothing that is damaged or made up is played."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from conversation.link.events import StateChanged
from render.measure.cloud import make_cloud
from xr_app.errors import TapeError
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.input.joints import Joints
from xr_app.panels.menu import Choices
from xr_app.recording.notes import Header, Told
from xr_app.recording.recorder import recording
from xr_app.recording.rows import INPUTS, STREAMS, inputs_of, put_inputs
from xr_app.recording.streams import Notes, Stream
from xr_app.recording.tape import FORMAT, SOUND, Tape, TapeWriter

F64 = NDArray[np.float64]
HEADER = Header(
    format=FORMAT, visavis="1", avatar="mira", avatar_sha256="0" * 64, seed=1, height=1.7, attended=False, voice=True,
    push_to_talk=False, choices=Choices(), frames=3, complete=True, members={},
)  # fmt: skip


def write(path: Path, rows: int = 300) -> None:
    writer = TapeWriter(path)
    heard, notes = Stream(writer, "heard"), Notes(writer)
    for n in range(rows):
        into, row = heard.next(n)
        into["sample"][row] = n / 3
        notes.add(Told(frame=n, now_ns=n, event=StateChanged("idle", n)))
    heard.flush()
    notes.flush()
    writer.drain()
    writer.close(HEADER)
    assert not writer.failed


def read(path: Path) -> tuple[list[float], int]:
    with Tape(path) as tape:
        return [float(row["sample"]) for row in tape.rows("heard")], len(list(tape.notes()))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.visit"
    write(path)
    assert read(path) == ([n / 3 for n in range(300)], 300)
    assert [file.name for file in tmp_path.iterdir()] == ["a.visit"]
    with zipfile.ZipFile(path) as opened:
        assert len([name for name in opened.namelist() if name.startswith("heard/")]) == 3  # in chunks


def test_the_sound_goes_in_and_comes_out(tmp_path: Path) -> None:
    path, folder, out = tmp_path / "a.visit", tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    writer = TapeWriter(path)
    writer.drain()
    for n, name in enumerate(SOUND):
        (folder / name).write_bytes(bytes(range(256)) * (n * 5000))
        writer.add(f"sound/{name}", folder / name)
    writer.close(HEADER)
    with Tape(path) as tape:
        assert tape.has_sound
        tape.unpack_sound(out)
    assert all((folder / name).read_bytes() == (out / name).read_bytes() for name in SOUND)


def placed(seed: int) -> F64:
    rng, pose = np.random.default_rng(seed), np.eye(4)
    pose[:3, :3], pose[:3, 3] = Rotation.random(random_state=seed).as_matrix(), rng.normal(size=3)
    return pose


pose = st.integers(0, 999).map(placed)
hand = st.builds(
    Hand, st.sampled_from([s for s in Source if s is not Source.ABSENT]), aim=st.none() | pose, grip=st.none() | pose,
    select=st.booleans(), held_s=st.floats(0, 9), released=st.booleans(), grab=st.booleans(),
    select_value=st.floats(0, 1), stick=st.tuples(st.floats(-1, 1), st.floats(-1, 1)), palm_up=st.booleans(),
    joints=st.none() | st.integers(0, 99).map(
        lambda seed: Joints(np.random.default_rng(seed).normal(size=(26, 7)).astype(np.float32))
    ),
)  # fmt: skip
inputs = st.builds(
    Inputs, st.just(Hand()) | hand, hand, gaze=st.none() | pose, menu=st.booleans(), call=st.booleans(),
    mute=st.booleans(), talk=st.booleans(),
)  # fmt: skip


@given(inputs)
@settings(max_examples=60, deadline=None)
def test_inputs_come_back(given_: Inputs) -> None:
    rows = np.zeros(2, INPUTS)
    put_inputs(rows, 1, given_)
    again = inputs_of(np.frombuffer(rows.tobytes(), INPUTS)[1])
    for a, b in [(given_, again), *zip(given_.hands, again.hands, strict=True)]:
        for name, value in vars(a).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(value, getattr(b, name))
            elif isinstance(value, Joints):
                np.testing.assert_array_equal(value.poses, getattr(b, name).poses)
            elif not isinstance(value, Hand):
                assert value == getattr(b, name), name


@given(st.binary(min_size=INPUTS.itemsize, max_size=INPUTS.itemsize))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_are_an_input_or_refused(data: bytes) -> None:
    try:
        found = inputs_of(np.frombuffer(data, INPUTS)[0])
    except ValueError:
        return
    for each in found.hands:
        assert each.aim is None or np.isfinite(each.aim).all()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("tape") / "a.visit"
    write(path, 140)
    return path.read_bytes()


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damage_is_found(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    del damaged[data.draw(st.integers(len(whole) // 2, len(whole))) :]
    path = tmp_path / "b.visit"
    path.write_bytes(damaged)
    expected = [n / 3 for n in range(140)], 140
    try:
        assert read(path) == expected  # what nobody reads may be damaged
    except TapeError as error:
        assert str(error).count("\n") == 0


def remade(whole: bytes, path: Path, **changes: object) -> Path:
    """The tape with another header, and members named in `changes` as bytes."""
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name == "tape.json":
                header = json.loads(old.read(name)) | {k: v for k, v in changes.items() if not isinstance(v, bytes)}
                new.writestr(name, json.dumps(header))
            else:
                content = changes.get(name)
                new.writestr(name, content if isinstance(content, bytes) else old.read(name))
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {"format": FORMAT + 1},
        {"format": "1"},
        {"frames": []},
        {"members": {"heard/000000": {"size": 1 << 60, "sha256": ""}}},
        {"members": {"heard/000000": {"size": -1, "sha256": ""}}},
        {"members": {"../../outside": {"size": 0, "sha256": ""}}},
        {"members": {"sound/../../outside": {"size": 0, "sha256": ""}}},
        {"members": {"heard/999999": {"size": 16, "sha256": ""}}},
        {"heard/000000": bytes(16)},
        {"heard/000000": bytes(128 * STREAMS["heard"].itemsize)},
        {"notes/000000": b"{}"},
    ],
)
def test_made_up_tapes_are_refused_in_one_sentence(whole: bytes, tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(TapeError) as told:
        read(remade(whole, tmp_path / "c.visit", **changes))
    assert len(str(told.value)) < 600 and "c.visit" in str(told.value)


def test_no_zip_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "d.visit").write_bytes(b"RIFF" * 100)
    for name in ("d.visit", "missing.visit", "."):
        with pytest.raises(TapeError) as told:
            Tape(tmp_path / name)
        assert "Errno" not in str(told.value) and "visavis run --keep" in str(told.value)
    with pytest.raises(TapeError):
        TapeWriter(tmp_path / "no" / "folder.visit")


def test_a_disk_that_is_too_slow_ends_the_tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    gate = threading.Event()
    real = zipfile.ZipFile.writestr

    def slow(self: zipfile.ZipFile, *args: object) -> None:
        gate.wait()
        real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(zipfile.ZipFile, "writestr", slow)
    writer = TapeWriter(tmp_path / "a.visit")
    for _ in range(200):
        writer.put("notes", b"")
    assert writer.failed  # what waits is bounded
    gate.set()
    writer.drain()
    writer.close(HEADER)
    with Tape(tmp_path / "a.visit") as tape:
        assert list(tape.notes()) == []


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.visit.part").symlink_to("/dev/full")
    told: list[str] = []
    with recording(
        tmp_path / "a.visit", hashes=False, voice=True, push_to_talk=False, choices=Choices(), sound=None,
        say=told.append,
    ) as tape:  # fmt: skip
        tape.avatar = make_cloud(50)
        heard = tape.heard_at(lambda time_ns: time_ns / 7)
        assert [heard(n) for n in range(70_000)][-1] == 69_999 / 7
    assert len(told) == 1 and "a.visit" in told[0]
    assert not (tmp_path / "a.visit").exists()
