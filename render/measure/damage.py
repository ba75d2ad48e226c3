"""Avatar files, damaged: by accident, and by somebody who knows the format and makes all hashes right again."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.container import MANIFEST
from render.measure.damage_bytes import change_bytes, cut, flip_bits, garble, odd, odd_json

Parts = dict[str, bytes]
_OPAQUE: Final = (".mnn", ".program", ".png")


@dataclass(frozen=True)
class Whole:
    """A sound file to damage."""

    blob: bytes
    parts: Parts
    """Unpacked, the manifest among them."""

    @staticmethod
    def of(blob: bytes) -> Whole:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            return Whole(blob, {name: archive.read(name) for name in archive.namelist()})


def packed(parts: Mapping[str, bytes], *, hashed: bool) -> bytes:
    """A zip of these parts; `hashed` lets the manifest state their sizes and hashes as they are."""
    parts = dict(parts)
    if hashed:
        manifest = json.loads(parts[MANIFEST])
        for name, part in manifest["parts"].items():
            if name in parts:
                part |= {"bytes": len(parts[name]), "sha256": hashlib.sha256(parts[name]).hexdigest()}
        parts[MANIFEST] = json.dumps(manifest).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            method = zipfile.ZIP_STORED if name.endswith(_OPAQUE) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), part, method, 1)
    return stream.getvalue()


def flip_in_lists(whole: Whole, rng: np.random.Generator) -> bytes:
    """Where the zip says what it holds, and in the manifest."""
    blob = bytearray(whole.blob)
    starts = [blob.rfind(b"PK\x01\x02"), blob.find(b"PK\x01\x02"), blob.rfind(b"PK\x05\x06"), 0]
    start = starts[rng.integers(4)]
    for _ in range(rng.integers(1, 4)):
        blob[min(start + int(rng.integers(0, 90)), len(blob) - 1)] = rng.integers(256)
    return bytes(blob)


def swap_parts(whole: Whole, rng: np.random.Generator) -> bytes:
    parts = dict(whole.parts)
    a, b = rng.choice([name for name in parts if name != MANIFEST], 2, replace=False)
    parts[a], parts[b] = parts[b], parts[a]
    return packed(parts, hashed=bool(rng.integers(2)))


def drop_part(whole: Whole, rng: np.random.Generator) -> bytes:
    parts = dict(whole.parts)
    del parts[rng.choice(list(parts))]
    return packed(parts, hashed=False)


def hostile_manifest(whole: Whole, rng: np.random.Generator) -> bytes:
    """Values anywhere in it made odd, lacking, or those of other places."""
    manifest = json.loads(whole.parts[MANIFEST])
    odd_json(manifest, rng)
    return packed(whole.parts | {MANIFEST: json.dumps(manifest).encode()}, hashed=False)


def broken_json(whole: Whole, rng: np.random.Generator) -> bytes:
    text = change_bytes(whole.parts[MANIFEST], rng)
    deep = (b'{"format":2,"provenance":' + b"[" * 100_000, b'{"a":' * 50_000, b"[]," * 80_000, text)
    return packed(whole.parts | {MANIFEST: deep[min(int(rng.integers(12)), 3)]}, hashed=False)


def bomb(whole: Whole, rng: np.random.Generator) -> bytes:
    """Much out of little: honest about it, or not."""
    parts, kind = dict(whole.parts), rng.integers(4)
    name = str(rng.choice([name for name in parts if name != MANIFEST]))
    if kind == 0:
        parts[MANIFEST] = parts[MANIFEST][:-2] + b" " * int(rng.integers(1, 1 << 25)) + b"}"
        return packed(parts, hashed=False)
    if kind == 1:
        return packed(parts | {f"{n}.png": b"" for n in range(int(rng.integers(200, 3000)))}, hashed=False)
    zeros = bytes(int(rng.integers(1 << 20, 1 << 25)))
    manifest = json.loads(parts[MANIFEST])
    if kind == 2 and (tensors := manifest["parts"][name].get("tensors")):
        # As long as it must be, if only there were so many Gaussians.
        for coding in tensors.values():
            coding["shape"] = [1 << int(rng.integers(20, 31)) if n > 1000 else n for n in coding["shape"]]
        manifest["gaussians"] = 1 << int(rng.integers(20, 24))
    return packed(parts | {name: parts[name] + zeros, MANIFEST: json.dumps(manifest).encode()}, hashed=True)


def lying_header(whole: Whole, rng: np.random.Generator) -> bytes:
    """Of a .safetensors part: lengths, types, shapes, places and names that are not so, under a right hash."""
    name = str(rng.choice([name for name in whole.parts if name.endswith((".safetensors", ".program"))]))
    blob = whole.parts[name]
    length = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + length])
    entries = [key for key in header if key != "__metadata__"]
    entry = header[entries[rng.integers(len(entries))]]
    kind = rng.integers(5)
    if kind == 0:
        entry["shape"] = [odd(rng)] if rng.integers(2) else [n * 2 for n in entry["shape"]]
    elif kind == 1:
        entry["dtype"] = ("F64", "BOOL", "U8", "F8_E4M3", "", 7)[rng.integers(6)]
    elif kind == 2:
        entry["data_offsets"] = [int(n) for n in rng.integers(0, 1 << int(rng.integers(1, 63)), 2)]
    elif kind == 3:
        del header[entries[rng.integers(len(entries))]]
    text = json.dumps(header, separators=(",", ":")).encode()
    count = len(text) if kind < 4 else int(rng.integers(0, 1 << int(rng.integers(1, 63))))
    return packed(whole.parts | {name: struct.pack("<Q", count) + text + blob[8 + length :]}, hashed=True)


def hostile_numbers(whole: Whole, rng: np.random.Generator) -> bytes:
    """Any bytes in the arrays, under a right hash."""
    name = str(rng.choice([name for name in whole.parts if name.endswith(".safetensors")]))
    blob = bytearray(whole.parts[name])
    start = 8 + int.from_bytes(blob[:8], "little")
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(start, len(blob)))
        run = min(int(rng.integers(1, 64)), len(blob) - at)
        blob[at : at + run] = (bytes(run), b"\xff" * run, b"\x00\x00\xc0\x7f" * 16, rng.bytes(run))[rng.integers(4)][
            :run
        ]
    return packed(whole.parts | {name: bytes(blob)}, hashed=True)


def damaged_networks(whole: Whole, rng: np.random.Generator) -> bytes:
    """Bytes of a network or its program changed, under a right hash or not."""
    name = str(rng.choice([name for name in whole.parts if name.endswith((".mnn", ".program"))]))
    blob = bytearray(whole.parts[name])
    for _ in range(rng.integers(1, 20)):
        blob[rng.integers(len(blob))] = rng.integers(256)
    end = int(rng.integers(1, len(blob))) if rng.integers(4) == 0 else len(blob)
    return packed(whole.parts | {name: bytes(blob[:end])}, hashed=bool(rng.integers(4)))


Damage = Callable[[Whole, np.random.Generator], bytes]
ACCIDENTS: Final[dict[str, Damage]] = {
    "bits flipped": lambda whole, rng: flip_bits(whole.blob, rng),
    "lists of the zip changed": flip_in_lists,
    "cut off": lambda whole, rng: cut(whole.blob, rng),
    "runs of bytes garbled": lambda whole, rng: garble(whole.blob, rng),
}
"""After these a file is refused, or it is what it was."""
ATTACKS: Final[dict[str, Damage]] = {
    "parts swapped": swap_parts,
    "a part missing": drop_part,
    "hostile manifests": hostile_manifest,
    "broken JSON": broken_json,
    "bombs": bomb,
    "lying headers": lying_header,
    "hostile numbers": hostile_numbers,
    "damaged networks": damaged_networks,
}
"""After these it is refused, or a sound avatar, though another."""
