"""Ways to damage files that people bring: some know the format, and make lengths and checksums right again."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from render.measure.damage_bytes import change_bytes, cut, flip_bits, garble, odd_json_text, odd_numbers, odd_words

Files = dict[str, bytes]
Rng = np.random.Generator


def damaged(files: Files, rng: Rng) -> tuple[str, Files]:
    """What was done, and the files with one of them damaged."""
    names = list(files)
    if len(names) > 1 and rng.integers(12) == 0:
        gone = names[rng.integers(len(names))]
        return "a file missing", {name: blob for name, blob in files.items() if name != gone}
    # Few files of a folder say what the others are: those are damaged more often than pictures are.
    saying = [name for name in names if not name.endswith((".png", ".jpg"))]
    name = str(rng.choice(saying if saying and rng.integers(4) else names))
    ways = {"bits flipped": flip_bits, "bytes changed": change_bytes, "cut off": cut, "runs of bytes garbled": garble}
    ways |= {"odd words": odd_words, "odd numbers": odd_numbers}
    suffix = Path(name).suffix
    if suffix == ".json":
        ways |= {"odd JSON": odd_json_text, "odder JSON": odd_json_text}
    if suffix in (".glb", ".vrm"):
        ways |= {"odd descriptions": odd_description, "odder descriptions": odd_description, "pictures": large_picture}
    if suffix == ".npz":
        ways |= {"lying arrays": lying_array, "odd arrays": odd_array, "swollen arrays": swollen_array}
    if suffix == ".safetensors":
        ways |= {"lying headers": lying_header}
    if suffix == ".png":
        ways |= {"lying pictures": lambda blob, rng: lying_png(blob, rng)}
    how = str(rng.choice(list(ways)))
    return how, files | {name: ways[how](files[name], rng)}


def odd_description(blob: bytes, rng: Rng) -> bytes:
    """The JSON of a .glb with odd values, and lengths made right again."""
    length = struct.unpack_from("<I", blob, 12)[0]
    return with_description(blob, odd_json_text(blob[20 : 20 + length], rng))


def with_description(blob: bytes, text: bytes) -> bytes:
    length = struct.unpack_from("<I", blob, 12)[0]
    text += b" " * (-len(text) % 4)
    rest = blob[20 + length :]
    head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
    return head + text + rest


def large_picture(blob: bytes, rng: Rng) -> bytes:
    """The first picture of a .glb promises other sizes than it has, under a right checksum."""
    at = blob.find(b"\x89PNG")
    return blob if at < 0 else blob[:at] + lying_png(blob[at:], rng)


def lying_png(blob: bytes, rng: Rng) -> bytes:
    """Width, height, depth or colours of a PNG changed, its checksum made right again."""
    header = bytearray(blob[12:29])
    if rng.integers(2):
        struct.pack_into(">II", header, 4, *(int(1 << n) - 1 for n in rng.integers(0, 32, 2)))
    else:
        struct.pack_into(">II", header, 4, *(int(n) for n in rng.integers(1, 8193, 2)))
    if rng.integers(4) == 0:
        header[12:14] = rng.bytes(2)
    return blob[:12] + bytes(header) + struct.pack(">I", zlib.crc32(bytes(header))) + blob[33:]


def lying_array(blob: bytes, rng: Rng) -> bytes:
    """An array of an .npz says that it has another shape or type than its bytes."""
    arrays = members(blob)
    name = str(rng.choice(list(arrays)))
    raw = arrays[name]
    length = int.from_bytes(raw[8:10], "little")
    shapes = (
        "(9000000000, 3)",
        "(-1, 3)",
        "(3,)",
        "()",
        f"({1 << 62}, {1 << 62})",
        "(1e9,)",
        "x",
        "(3" + ", 1" * 90 + ")",
    )
    types = ("'<f8'", "'|O'", "'<c16'", "'<U900000'", "[('a', '<f4')]", "'|V8'", "'<M8[ns]'", "None", "'<f2'")
    shape, kind = shapes[rng.integers(len(shapes))], types[rng.integers(len(types))]
    head = f"{{'descr': {kind}, 'fortran_order': {bool(rng.integers(2))}, 'shape': {shape}, }}".encode()
    if rng.integers(8) == 0:
        head = b"{" * 9000
    arrays[name] = raw[:8] + struct.pack("<H", len(head)) + head + raw[10 + length :]
    return zipped(arrays)


def odd_array(blob: bytes, rng: Rng) -> bytes:
    """Numbers of an .npz made extreme, or its array another one."""
    loaded = dict(np.load(io.BytesIO(blob)))
    name = str(rng.choice(list(loaded)))
    array = loaded[name].copy()
    kind = rng.integers(5)
    if kind == 0:
        array = array[: len(array) // 2] if array.ndim else array
    elif kind == 1:
        array = array.reshape(-1)
    elif kind == 2:
        array = array.astype(rng.choice(["<f2", "<i8", "<c8", "?", "<f8", ">f4"]))
    elif array.size:
        odd = (np.nan, np.inf, -1e30, 1e308, 0) if array.dtype.kind == "f" else (-1, 1 << 31, 1 << 62, 0)
        with np.errstate(all="ignore"):
            array.reshape(-1)[rng.integers(array.size, size=3)] = odd[rng.integers(len(odd))]
    loaded[name] = array
    stream = io.BytesIO()
    np.savez(stream, **loaded)
    return stream.getvalue()


def swollen_array(blob: bytes, rng: Rng) -> bytes:
    """Much out of little: an array of zeros, deflated, or many arrays."""
    arrays = members(blob)
    if rng.integers(2):
        stream = io.BytesIO()
        np.save(stream, np.zeros((int(rng.integers(1 << 18, 1 << 22)), 3)))
        arrays[str(rng.choice(list(arrays)))] = stream.getvalue()
    else:
        arrays |= {f"{n}.npy": b"" for n in range(int(rng.integers(100, 3000)))}
    return zipped(arrays, zipfile.ZIP_DEFLATED)


def members(blob: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(arrays: Files, method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, raw in arrays.items():
            archive.writestr(zipfile.ZipInfo(name), raw, method)  # dated 1980, and not now
    return stream.getvalue()


def lying_header(blob: bytes, rng: Rng) -> bytes:
    """The header of a .safetensors with odd values, and its length made right again."""
    length = int.from_bytes(blob[:8], "little")
    text = odd_json_text(blob[8 : 8 + length], rng)
    return struct.pack("<Q", len(text)) + text + blob[8 + length :]
