"""Damaged and hostile files: one sentence, nothing allocated that the file cannot fill, never a crash."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import zstandard

from assets.errors import AvatarError
from assets.importers.scene import read_cloud, read_scene
from tests.assets.importers import writers
from tests.assets.importers.writers import made_up

SCENE = made_up(40)
FILES = {
    "plain.ply": writers.ply(SCENE),
    "ascii.ply": writers.ply(SCENE, degree=0, layout="ascii"),
    "compressed.ply": writers.compressed_ply(SCENE),
    "row.splat": writers.splat(SCENE),
    "v2.spz": writers.spz(SCENE, 2),
    "v3.spz": writers.spz(SCENE, 3),
    "v4.spz": writers.spz(SCENE, 4),
    "buckets.ksplat": writers.ksplat(made_up(70), 1),
}


def _with_count(blob: bytes, count: int) -> bytes:
    return blob[:8] + struct.pack("<I", count) + blob[12:]


def _regzipped(count: int, more: bytes = b"") -> bytes:
    return gzip.compress(_with_count(gzip.decompress(FILES["v3.spz"]), count) + more)


def _ksplat(at: int, number: int) -> bytes:
    blob = FILES["buckets.ksplat"]
    return blob[:at] + struct.pack("<I", number) + blob[at + 4 :]


def _hostile_frame() -> bytes:
    """A first frame that says it holds 2^60 bytes, in a table that says what is expected."""
    blob = bytearray(FILES["v4.spz"])
    frame = zstandard.ZstdCompressor().compress(bytes(360))
    assert zstandard.frame_content_size(frame) == 360
    at = 32 + 16 * 6
    blob[at : at + 13] = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 1 << 60)
    return bytes(blob)


LIES: dict[str, tuple[str, bytes, str]] = {
    "rows": ("a.ply", FILES["plain.ply"].replace(b"ex 40", b"ex 9999999"), "ends before the 9999999 rows"),
    "empty rows": ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 99999999999\nend_header\n", "ends before"),
    "rows of nothing": ("a.ply", b"ply\nformat binary_big_endian 1.0\nelement v 999999999\nend_header\n", "lack x"),
    "ascii rows": ("a.ply", FILES["ascii.ply"].replace(b"ex 40", b"ex 9999999"), "ends before"),
    "spz 3, far too many": ("a.spz", _regzipped(1 << 24), "too short"),
    "spz 3, some too many": ("a.spz", _regzipped(900), "ends early"),
    "spz 3, too few": ("a.spz", _regzipped(40, bytes(50 << 20)), "more than its header"),
    "spz 3, none": ("a.spz", _regzipped(0), "holds 0 Gaussians"),
    "spz 4, far too many": ("a.spz", _with_count(FILES["v4.spz"], 1 << 24), "too short"),
    "spz 4, one too many": ("a.spz", _with_count(FILES["v4.spz"], 41), "table of streams"),
    "spz 4, more than any": ("a.spz", _with_count(FILES["v4.spz"], (1 << 24) + 1), "can be drawn"),
    "spz 4, a frame": ("a.spz", _hostile_frame(), "cannot be unpacked|ends early"),
    "ksplat, count": ("a.ksplat", _ksplat(16, 65535), "do not hold the 65535"),
    "ksplat, sections": ("a.ksplat", _ksplat(4, 65535), "before its 65535 sections"),
    "ksplat, rows": ("a.ksplat", _ksplat(4096 + 4, 1 << 31), "ends within a section"),
    "ksplat, buckets": ("a.ksplat", _ksplat(4096 + 32, 1 << 31), "contradicts itself"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_the_header_says_is_not_believed(tmp_path: Path, lie: str) -> None:
    name, blob, reason = LIES[lie]
    path = tmp_path / name
    path.write_bytes(blob)
    read_cloud(_whole(tmp_path))  # whatever is loaded once
    tracemalloc.start()
    with pytest.raises(AvatarError, match=reason):
        read_cloud(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The unpackers' own room is a quarter of a megabyte.
    assert peak < 2 * len(blob) + 300_000


def _whole(folder: Path) -> Path:
    path = folder / "whole.spz"
    path.write_bytes(FILES["v4.spz"])
    return path


@pytest.mark.parametrize(
    ("name", "blob", "reason"),
    [
        ("mesh.ply", b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n", "no Gaussians"),
        ("empty.ply", b"", "begins as none"),
        ("empty.splat", b"", "holds 0"),
        ("odd.splat", bytes(33), "multiple of 32"),
        ("open.ply", b"ply\nformat ascii 1.0\n", "no end"),
        ("pdp.ply", b"ply\nformat binary_middle_endian 1.0\nend_header\n", "binary_middle_endian"),
        ("words.ply", FILES["ascii.ply"].replace(b"0.", b"zero", 1), "no number"),
        ("short.ply", FILES["ascii.ply"].rsplit(b" ", 1)[0], "not 40 whole rows"),
        ("twice.ply", b"ply\nformat ascii 1.0\nelement a 1\nproperty int x\nproperty int x\nend_header\n", "twice"),
        ("v9.spz", gzip.compress(b"NGSP" + struct.pack("<IIBBBB", 9, 1, 0, 12, 0, 0)), "version 1 to 4"),
        ("gzip.spz", gzip.compress(b"hello, this is no scene at all"), "no .spz"),
        ("scene.obj", b"v 0 0 0", "begins as none"),
        ("nan.splat", np.full(8, np.nan, "<f4").tobytes(), "none of its 1 Gaussians"),
    ],
)
def test_refused_with_the_reason(tmp_path: Path, name: str, blob: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(blob)
    with pytest.raises(AvatarError, match=reason) as caught:
        read_scene(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_and_one_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="no file at"):
        read_scene(tmp_path / "nothing.ply")
    with pytest.raises(AvatarError, match="cannot be opened"):
        read_scene(tmp_path)


def test_gaussians_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    rows = bytearray(writers.splat(SCENE))
    rows[0:4] = struct.pack("<f", np.nan)
    rows[32 + 12 : 32 + 16] = struct.pack("<f", np.inf)
    rows[64:68] = struct.pack("<f", 1e30)
    path = tmp_path / "scene.splat"
    path.write_bytes(rows)
    avatar = read_scene(path)
    assert len(avatar.gaussians) == 37 and avatar.provenance["dropped"] == 3
