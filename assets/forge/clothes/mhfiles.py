"""Reads MakeHuman's asset files: `.mhclo` (a binding to the base mesh), its `.obj` and its `.mhmat`.

They are text: a line begins with a word and its values, or goes on with the section above it. Files are bounded before
they are read, and a path in one may only name a file beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from assets.errors import ForgeError
from assets.forge.source import F32, F64, I32
from assets.pictures import FORMATS, read_picture

MOST_BYTES: Final = 64 << 20
"""Of one text file; the largest hair pieces that people share have about a fifth of it."""
_FARTHEST: Final = 1e6
"""Of any number of a mesh or a binding; base meshes are some decimetres large."""
_PICTURES: Final = (*FORMATS, "BMP", "TGA", "TIFF")
_MOST_VERTICES: Final = 1_000_000
"""Of a base mesh; hm08 has 19,158."""


@dataclass(frozen=True)
class Binding:
    """What an .mhclo says."""

    name: str
    corners: I32
    """(V, 3) base-mesh vertices that each vertex hangs on; one three times where it lies on that one."""
    weights: F64
    """(V, 3), rows sum to about 1."""
    offsets: F64
    """(V, 3) in the units of the base mesh where it was made."""
    scales: dict[int, tuple[int, int, float]]
    """Axis 0 to 2 -> two base-mesh vertices and their distance along it where it was made."""
    deleted: I32
    """(D,) base-mesh vertices that the piece hides."""
    depth: int
    """Layer: a piece of a higher one is worn over the lower."""
    tags: frozenset[str]
    """Words that its maker put on it, in small letters."""
    mesh: Path
    material: Path | None


@dataclass(frozen=True)
class Mesh:
    """What an .obj holds."""

    vertices: F64
    """(V, 3)."""
    triangles: I32
    """(F, 3)."""
    uv: F32
    """(F, 3, 2) of the triangles' corners, v upwards; 0 where the file has none."""


@dataclass(frozen=True)
class Material:
    """What an .mhmat says of colour."""

    colour: tuple[float, float, float]
    """sRGB, 0 to 1."""
    opacity: float
    texture: Path | None
    """Its colours; None where the file names none or it is not there."""


def read_binding(path: Path) -> Binding:
    """An .mhclo; raises ForgeError where it is none, too large, or damaged."""
    name, texts = path.stem, {"obj_file": "", "material": "", "basemesh": "hm08", "z_depth": "50"}
    scales: dict[int, tuple[int, int, float]] = {}
    bound: list[tuple[float, ...]] = []
    deleted: list[str] = []
    tags: set[str] = set()
    section = ""
    try:
        for words in _lines(path):
            key = words[0]
            if key[0].isalpha():
                if key in ("verts", "weights", "delete_verts"):  # other words may stand within a section
                    section = key
                elif key == "name":
                    name = " ".join(words[1:])
                elif key == "tag":
                    tags.add(" ".join(words[1:]).lower())
                elif key in texts:
                    texts[key] = " ".join(words[1:])
                elif key in ("x_scale", "y_scale", "z_scale"):
                    scales["xyz".index(key[0])] = (int(words[1]), int(words[2]), float(words[3]))
            elif section == "verts":
                if len(words) not in (1, 9):
                    raise ValueError(f"a vertex has {len(words)} numbers")
                bound.append(tuple(map(float, words)) if len(words) == 9 else (float(key),) * 3 + (1.0,) + (0.0,) * 5)
            elif section == "delete_verts":
                deleted += words
        numbers = np.array(bound, np.float64).reshape(-1, 9)
        if not len(numbers) or not (np.abs(numbers) < _FARTHEST).all() or not texts["obj_file"]:
            raise ValueError("it binds no vertices of an .obj")
        if numbers[:, :3].min() < 0 or numbers[:, :3].max() >= _MOST_VERTICES:
            raise ValueError("it names a vertex that no mesh has")
        named = [vertex for first, second, _ in scales.values() for vertex in (first, second)]
        if not all(0 <= vertex < _MOST_VERTICES for vertex in named):
            raise ValueError("it is measured by a vertex that no mesh has")
        if not all(abs(made) < _FARTHEST for _, _, made in scales.values()):
            raise ValueError("a distance is not a number")
        depth = int(texts["z_depth"])
        hidden = _ranges(deleted)
    except (ValueError, IndexError, OverflowError) as error:
        raise ForgeError(f"{path} is no sound .mhclo file ({error}); get it again.") from None
    if texts["basemesh"] != "hm08":
        raise ForgeError(f"{path} is made for the mesh {texts['basemesh']}, but this body is MakeHuman's hm08.")
    return Binding(
        name=name,
        corners=numbers[:, :3].astype(np.int32),
        weights=numbers[:, 3:6],
        offsets=numbers[:, 6:],
        scales=scales,
        deleted=hidden,
        depth=depth,
        tags=frozenset(tags),
        mesh=_beside(path, texts["obj_file"]),
        material=_beside(path, texts["material"]) if texts["material"] else None,
    )


def read_mesh(path: Path) -> Mesh:
    """A Wavefront .obj, its polygons cut into triangles (fans); raises ForgeError."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = [[0.0, 0.0]]
    corners: list[tuple[int, int]] = []
    try:
        for words in _lines(path):
            match words[0]:
                case "v":
                    vertices.append([float(x) for x in words[1:4]])
                case "vt":
                    texture.append([float(x) for x in words[1:3]])
                case "f":
                    polygon = [_corner(word) for word in words[1:]]
                    for k in range(1, len(polygon) - 1):
                        corners += [polygon[0], polygon[k], polygon[k + 1]]
        places = np.array(vertices, np.float64).reshape(-1, 3)
        index = np.array(corners, np.int64).reshape(-1, 3, 2)
        uv = np.array(texture, np.float64).reshape(-1, 2)
        if not len(index) or index[..., 0].min() < 0 or index[..., 0].max() >= len(places):
            raise ValueError("its faces are not of its vertices")
        if index[..., 1].min() < 0 or index[..., 1].max() >= len(uv):
            raise ValueError("its faces are not of its texture coordinates")
        if not (np.abs(places) < _FARTHEST).all() or not (np.abs(uv) < _FARTHEST).all():
            raise ValueError("a coordinate is not a number")
    except (ValueError, OverflowError) as error:
        raise ForgeError(f"{path} is no sound .obj file ({error}); get it again.") from None
    return Mesh(places, index[..., 0].astype(np.int32), uv.astype(np.float32)[index[..., 1]])


def read_material(path: Path | None) -> Material:
    """An .mhmat; white where there is none. Raises ForgeError where it is damaged."""
    colour, opacity, texture = (1.0, 1.0, 1.0), 1.0, None
    if path is None or not path.is_file():
        return Material(colour, opacity, texture)
    try:
        for words in _lines(path):
            match words[0]:
                case "diffuseColor":
                    red, green, blue = (min(max(float(x), 0.0), 1.0) for x in words[1:4])
                    colour = (red, green, blue)
                case "opacity":
                    opacity = min(max(float(words[1]), 0.0), 1.0)
                case "diffuseTexture":
                    texture = _beside(path, " ".join(words[1:]))
    except (ValueError, IndexError) as error:
        raise ForgeError(f"{path} is no sound .mhmat file ({error}); get it again.") from None
    return Material(colour, opacity, texture if texture is not None and texture.is_file() else None)


def read_texture(path: Path) -> F32:
    """(H, W, 4) sRGB and alpha from 0 to 1, first row on top; raises ForgeError where it is no picture."""
    try:
        return np.asarray(read_picture(path, "RGBA", formats=_PICTURES), np.float32) / np.float32(255)
    except ValueError as error:
        raise ForgeError(f"{path} is no picture that can be read ({error}); get it again.") from None


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ForgeError(f"{path} is larger than {MOST_BYTES >> 20} MiB; that is no piece of clothing.")
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                words = line.split()
                if words and words[0][0] not in "#/":
                    yield words
    except OSError as error:
        raise ForgeError(f"{path} cannot be read ({error.strerror}); is the whole folder of the asset there?") from None


def _beside(path: Path, name: str) -> Path:
    """The file `name` in the folder of `path` or under it."""
    inside = Path(name.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts:
        raise ForgeError(f"{path} names {name!r}, a file outside its own folder; it is not followed.")
    return path.parent / inside


def _corner(word: str) -> tuple[int, int]:
    vertex, _, rest = word.partition("/")
    texture = rest.partition("/")[0]
    return int(vertex) - 1, int(texture) if texture else 0


def _ranges(words: list[str]) -> I32:
    """The vertices of `3 5 - 8 11`."""
    found: list[int] = []
    for k, word in enumerate(words):
        if word == "-":
            first, last = found[-1], int(words[k + 1])
            if not first <= last < _MOST_VERTICES:
                raise ValueError("a range of vertices runs backwards or on and on")
            found += range(first + 1, last)
        else:
            found.append(int(word))
    return np.array(sorted(set(found)), np.int32)
