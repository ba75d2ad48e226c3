"""The same Gaussians written in every format, from the formats' descriptions, not from the readers."""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass

import numpy as np
import zstandard
from numpy.typing import NDArray
from scipy.special import logit

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """Trained Gaussians in the axes of a .ply (y down): places, deviations, unit quaternions w x y z, opacities,
    harmonics (N, 16, 3) of display values."""

    positions: F64
    scales: F64
    rotations: F64
    opacities: F64
    sh: F64

    def __len__(self) -> int:
        return len(self.positions)


def made_up(count: int = 400, seed: int = 5) -> Scene:
    """Ellipsoids of many colours around (0.4, -1, 3), in a cloud about two wide, fewer upward and to the right."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(count, 3)) * (0.5, 0.7, 0.4)
    places[:, 1] -= 0.3 * np.abs(places[:, 0])
    turns = rng.normal(size=(count, 4))
    sh = rng.normal(size=(count, 16, 3)) * 0.12
    sh[:, 0] = rng.uniform(-1.2, 1.2, (count, 3))
    return Scene(
        places + np.array((0.4, -1.0, 3.0)),
        np.exp(rng.normal(-2.7, 0.4, (count, 3))),
        turns / np.linalg.norm(turns, axis=1, keepdims=True),
        rng.uniform(0.05, 0.98, count),
        sh.clip(-0.9, 0.9),
    )


def ply(scene: Scene, degree: int = 3, layout: str = "binary_little_endian") -> bytes:
    """Kerbl et al. 2023, scene/gaussian_model.py: save_ply."""
    rest = scene.sh[:, 1 : (degree + 1) ** 2].transpose(0, 2, 1).reshape(len(scene), -1)
    columns = {
        **{name: scene.positions[:, k] for k, name in enumerate("xyz")},
        **{f"n{name}": np.zeros(len(scene)) for name in "xyz"},
        **{f"f_dc_{k}": scene.sh[:, 0, k] for k in range(3)},
        **{f"f_rest_{k}": rest[:, k] for k in range(rest.shape[1])},
        "opacity": logit(scene.opacities),
        **{f"scale_{k}": np.log(scene.scales[:, k]) for k in range(3)},
        **{f"rot_{k}": scene.rotations[:, k] for k in range(4)},
    }
    head = ["ply", f"format {layout} 1.0", "comment made up", f"element vertex {len(scene)}"]
    head += [f"property float {name}" for name in columns] + ["end_header", ""]
    table = np.stack(list(columns.values()), axis=1)
    if layout == "ascii":
        body = "".join(" ".join(f"{value:.7g}" for value in row) + "\n" for row in table).encode()
    else:
        body = table.astype("<f4" if layout == "binary_little_endian" else ">f4").tobytes()
    return "\n".join(head).encode() + body


def splat(scene: Scene) -> bytes:
    """antimatter15/splat, convert.py; what is above the constant harmonic is lost."""
    colour = 0.5 + 0.28209479177387814 * scene.sh[:, 0]
    rgba = (np.column_stack([colour, scene.opacities]) * 255).clip(0, 255).astype(np.uint8)
    turn = (scene.rotations * 128 + 128).clip(0, 255).astype(np.uint8)
    floats = np.column_stack([scene.positions, scene.scales]).astype("<f4")
    return b"".join(floats[i].tobytes() + rgba[i].tobytes() + turn[i].tobytes() for i in range(len(scene)))


def spz(scene: Scene, version: int = 3, degree: int = 3, flags: int = 0, extensions: bytes = b"") -> bytes:
    """nianticlabs/spz, load-spz.cc: from right, down, front (.ply) to right, up, back; 8 bits a harmonic."""
    flip = np.array((1, -1, -1))
    odd = ["y", "z", "x", "xy", "yz", "1", "xz", "1", "y", "xyz", "y", "z", "x", "z", "x"]
    signs = np.array([np.prod([{"x": 1, "y": -1, "z": -1}.get(letter, 1) for letter in name]) for name in odd])
    xyzw = np.column_stack([scene.rotations[:, 1:] * (flip[1] * flip[2], flip[0] * flip[2], flip[0] * flip[1]),
                            scene.rotations[:, 0]])  # fmt: skip
    if version == 1:
        positions = (scene.positions * flip).astype("<f2").tobytes()
    else:
        fixed = np.rint(scene.positions * flip * 4096).astype("<i4")
        positions = fixed.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    rest = scene.sh[:, 1 : (degree + 1) ** 2] * signs[: (degree + 1) ** 2 - 1, None]
    parts = [
        positions,
        _byte(scene.opacities * 255),
        _byte(scene.sh[:, 0] * 0.15 * 255 + 127.5),
        _byte((np.log(scene.scales) + 10) * 16),
        _first_three(xyzw) if version < 3 else _smallest_three(xyzw),
        _byte(rest * 128 + 128),
    ]
    head = struct.pack("<4sIIBBB", b"NGSP", version, len(scene), degree, 12, flags | (2 if extensions else 0))
    if version < 4:
        return gzip.compress(head + b"\0" + b"".join(parts) + extensions, mtime=0)
    parts = [part for part in parts if part]
    frames = [zstandard.ZstdCompressor(level=12).compress(part) for part in parts]
    table = b"".join(struct.pack("<QQ", len(f), len(p)) for f, p in zip(frames, parts, strict=True))
    head += struct.pack("<BI12x", len(parts), 32 + len(extensions))
    return head + extensions + table + b"".join(frames)


def compressed_ply(scene: Scene, degree: int = 3, colours: bool = True) -> bytes:
    """PlayCanvas engine, gsplat-data.js and SuperSplat's serializer: chunks of 256 with their ranges."""
    count = len(scene)
    logs, colour = np.log(scene.scales), 0.5 + 0.28209479177387814 * scene.sh[:, 0]
    chunks, words = [], []
    for start in range(0, count, 256):
        part = slice(start, start + 256)
        row, shares = [], []
        for values in (scene.positions[part], logs[part], colour[part] if colours else None):
            if values is None:
                shares.append(colour[part].clip(0, 1))
                continue
            low, high = values.min(axis=0), values.max(axis=0)
            row += [*low, *high]
            shares.append((values - low) / (high - low))
        chunks.append(row)
        words.append(
            np.column_stack(
                [
                    _packed(shares[0], (11, 10, 11)),
                    _largest_and_three(scene.rotations[part]),
                    _packed(shares[1], (11, 10, 11)),
                    _packed(np.column_stack([shares[2], scene.opacities[part]]), (8, 8, 8, 8)),
                ]
            )
        )
    names = [f"{end}_{p}{axis}" for p, axes in (("", "xyz"), ("scale_", "xyz"), ("", "rgb")) for end in ("min", "max")
             for axis in axes][: 18 if colours else 12]  # fmt: skip
    rest = scene.sh[:, 1 : (degree + 1) ** 2].transpose(0, 2, 1).reshape(count, -1)
    head = ["ply", "format binary_little_endian 1.0", f"element chunk {len(chunks)}"]
    head += [f"property float {name}" for name in names] + [f"element vertex {count}"]
    head += [f"property uint packed_{name}" for name in ("position", "rotation", "scale", "color")]
    if degree:
        head += [f"element sh {count}"] + [f"property uchar f_rest_{k}" for k in range(rest.shape[1])]
    body = np.array(chunks, "<f4").tobytes() + np.concatenate(words).astype("<u4").tobytes()
    body += np.floor((rest / 8 + 0.5) * 256).clip(0, 255).astype(np.uint8).tobytes() if degree else b""
    return "\n".join([*head, "end_header", ""]).encode() + body


def ksplat(scene: Scene, level: int) -> bytes:
    """mkkellogg's GaussianSplats3D, SplatBuffer.js: two sections, degree 2, buckets of 16 and the rest."""
    sections, heads = [], []
    for start in (0, 40):
        part = slice(start, start + 40)
        places = scene.positions[part]
        count = len(places)
        full, left = divmod(count, 16)
        sizes = [16] * full + [left] * (left > 0)
        bucket = np.repeat(np.arange(len(sizes)), sizes)
        centres = np.array([places[bucket == b].mean(axis=0).round(3) for b in range(len(sizes))], "<f4")
        steps = np.rint((places - centres[bucket]) / (5.0 / 2 / 32767)) + 32767
        rest = scene.sh[part, 1:9]
        bands = [rest[:, band].transpose(0, 2, 1).reshape(count, -1) for band in (np.s_[:3], np.s_[3:])]
        bands = np.concatenate(bands, axis=1)
        rgba = np.column_stack([0.5 + 0.28209479177387814 * scene.sh[part, 0], scene.opacities[part]])
        float_, sh = ("<f4", bands.astype("<f4")) if level == 0 else ("<f2", bands.astype("<f2"))
        columns = [
            places.astype("<f4") if level == 0 else steps.astype("<u2"),
            scene.scales[part].astype(float_),
            scene.rotations[part].astype(float_),
            np.rint(rgba * 255).clip(0, 255).astype(np.uint8),
            sh if level < 2 else np.rint((bands + 1) / 2 * 255).clip(0, 255).astype(np.uint8),
        ]
        rows = np.concatenate([column.view(np.uint8).reshape(count, -1) for column in columns], axis=1)
        partial = np.array(sizes[full:], "<u4").tobytes()
        sections.append(partial + centres.tobytes() + rows.tobytes())
        buckets = (full, len(sizes) - full)
        head = struct.pack("<IIIIfHHIIIIH", count, count, 16, len(sizes), 5.0, 12, 0, 32767, 0, *buckets, 2)
        heads.append(head.ljust(1024, b"\0"))
    front = struct.pack("<BBHIIIIH", 0, 1, 0, 2, 2, len(scene), len(scene), level).ljust(36, b"\0")
    return (front + struct.pack("<ff", -1, 1)).ljust(4096, b"\0") + b"".join(heads + sections)


def _byte(values: F64) -> bytes:
    return np.rint(values).clip(0, 255).astype(np.uint8).tobytes()


def _first_three(xyzw: F64) -> bytes:
    upright = xyzw * np.where(xyzw[:, 3:] < 0, -1, 1)
    return _byte(upright[:, :3] * 127.5 + 127.5)


def _smallest_three(xyzw: F64) -> bytes:
    words = []
    for q in xyzw:
        largest = int(np.abs(q).argmax())
        word = largest
        for i in range(4):
            if i != largest:
                negative = (q[i] < 0) != (q[largest] < 0)
                word = word << 10 | int(negative) << 9 | int(511 * abs(q[i]) * 2**0.5 + 0.5)
        words.append(word)
    return np.array(words, "<u4").tobytes()


def _largest_and_three(wxyz: F64) -> NDArray[np.uint32]:
    words = []
    for q in wxyz:
        largest = int(np.abs(q).argmax())
        word = largest
        for i in range(4):
            if i != largest:
                word = word << 10 | round((q[i] * np.sign(q[largest]) / 2**0.5 + 0.5) * 1023)
        words.append(word)
    return np.array(words, np.uint32)


def _packed(shares: F64, bits: tuple[int, ...]) -> NDArray[np.uint32]:
    word = np.zeros(len(shares), np.uint32)
    for column, size in zip(shares.T, bits, strict=True):
        word = word << np.uint32(size) | np.rint(column * ((1 << size) - 1)).astype(np.uint32)
    return word
