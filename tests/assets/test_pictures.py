"""Pictures that others made: decoded as they are, or refused with the reason and before they take memory."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.pictures import read_picture


def png(size: tuple[int, int] = (5, 4)) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def sized(width: int, height: int) -> bytes:
    """A PNG that says so, under a right checksum."""
    header = png()[12:16] + struct.pack(">II", width, height) + png()[24:29]
    return png()[:12] + header + struct.pack(">I", zlib.crc32(header)) + png()[33:]


def test_a_picture_is_read_in_the_mode_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    for source in (tmp_path / "a.png", io.BytesIO(png())):
        found = read_picture(source, "RGBA", size=(5, 4))
        assert (found.size, found.mode) == ((5, 4), "RGBA")
        np.testing.assert_array_equal(np.asarray(found)[..., :3], np.asarray(Image.open(io.BytesIO(png()))))


def test_what_is_none_or_another_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (2, 2)).save(stream, "BMP")
    for blob, reason in (
        (sized(20_000, 20_000), "more than 67108864 pixels large"),
        (sized(8193, 8192), "8193 x 8192 pixels large"),
        (png()[:60], "no whole PNG"),
        (b"hello", "no whole PNG"),
        (stream.getvalue(), "no whole PNG"),
    ):
        with pytest.raises(ValueError, match=reason):
            read_picture(io.BytesIO(blob), "RGB")
    with pytest.raises(ValueError, match="5 x 4 pixels large, and 4 x 5 were expected"):
        read_picture(io.BytesIO(png()), "RGB", size=(4, 5))
    with pytest.raises(ValueError, match="No such file"):
        read_picture(tmp_path / "gone.png", "RGB")
    assert read_picture(io.BytesIO(stream.getvalue()), "L", formats=("BMP",)).mode == "L"


def test_a_chunk_that_says_it_is_long_gets_no_room(tmp_path: Path) -> None:
    path = tmp_path / "liar.png"
    Image.new("RGB", (24, 24), (9, 8, 7)).save(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = (200 << 20).to_bytes(4, "big")
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with contextlib.suppress(ValueError):
            read_picture(path, "RGB")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
