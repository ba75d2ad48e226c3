"""Arrays out of .npz: as numpy has them, and nothing taken for what a header states alone."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from assets.npz import read_npz

ARRAYS = {
    "plain": np.arange(12.0).reshape(3, 4), "columns": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
    "one": np.float32(3), "none": np.zeros((0, 3)), "big": np.arange(4, dtype=">i4"),
}  # fmt: skip


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_as_numpy_reads_them(save: object, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save(path, **ARRAYS)  # type: ignore[operator]
    found = read_npz(path, [*ARRAYS, "missing"])
    assert found.keys() == ARRAYS.keys()
    with np.load(path) as numpys:
        for name, array in found.items():
            np.testing.assert_array_equal(array, numpys[name])
            assert array.dtype == numpys[name].dtype and array.shape == numpys[name].shape
    assert read_npz(path, ["one"]).keys() == {"one"}


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (900000000000, 3), }"), "not as large as it says"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"), "not as large as it says"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + bytes(8), "no plain numbers"),
        (header("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }") + bytes(8), "no plain numbers"),
        (header("{'descr': '<f8', 'shape': 7}"), "damaged header"),
        (header("{" * 5000), "damaged header"),
        (b"\x93NUMPY\x07\x00", "version 7.0"),
        (b"hello", "magic string"),
    ],
)
def test_what_a_header_states_is_not_believed(member: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", member)
    tracemalloc.start()
    with pytest.raises(ValueError, match=reason):
        read_npz(path, ["x"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000


def test_much_out_of_little_and_no_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(3_000_000))
    with pytest.raises(ValueError, match="say that they unpack to"):
        read_npz(path, ["x"])
    blob = io.BytesIO()
    np.savez(blob, x=np.arange(100.0))
    for damaged in (b"", b"no zip", blob.getvalue()[:-40], blob.getvalue()[:60] + b"?" + blob.getvalue()[61:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"."):
            read_npz(path, ["x"])
    with pytest.raises(FileNotFoundError):
        read_npz(tmp_path / "gone.npz", ["x"])
