"""Writes small rigged files: what the importers read, put together from the specification."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_KINDS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class GlbWriter:
    """One file under construction; `json` is its description, to be added to."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": []}]}
        self._data = bytearray()

    def add(self, what: str, item: dict[str, Any]) -> int:
        """The number of a new item of a list of the description."""
        self.json.setdefault(what, []).append(item)
        return len(self.json[what]) - 1

    def view(self, data: bytes, **more: Any) -> int:
        self._data += b"\0" * (-len(self._data) % 4)
        start = len(self._data)
        self._data += data
        return self.add("bufferViews", {"buffer": 0, "byteOffset": start, "byteLength": len(data), **more})

    def accessor(self, values: NDArray[Any], **more: Any) -> int:
        flat = np.ascontiguousarray(values).reshape(len(values), -1)
        view = self.view(flat.tobytes())
        return self.add(
            "accessors",
            {"bufferView": view, "componentType": _KINDS[flat.dtype.str[1:]], "count": len(flat),
             "type": _SHAPES[flat.shape[1]], **more},
        )  # fmt: skip

    def texture(self, picture: NDArray[np.uint8]) -> int:
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "PNG")
        image = self.add("images", {"bufferView": self.view(stream.getvalue()), "mimeType": "image/png"})
        return self.add("textures", {"source": image})

    def node(self, *, top: bool = True, **item: Any) -> int:
        index = self.add("nodes", item)
        if top:
            self.json["scenes"][0]["nodes"].append(index)
        return index

    def blob(self) -> bytes:
        """The file."""
        data = bytes(self._data) + b"\0" * (-len(self._data) % 4)
        self.json["buffers"] = [{"byteLength": len(data)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(data), 0x004E4942) + data
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def ball(rings: int = 24, radius: float = 0.1) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Vertices (V, 3), texture coordinates (V, 2) and triangles (F, 3) of a sphere; the picture's middle is at +z."""
    v, u = np.meshgrid(np.linspace(0, 1, rings + 1), np.linspace(0, 1, 2 * rings + 1), indexing="ij")
    latitude, longitude = (0.5 - v) * np.pi, (u - 0.5) * 2 * np.pi
    x, z = np.cos(latitude) * np.sin(longitude), np.cos(latitude) * np.cos(longitude)
    vertices = radius * np.stack([x, np.sin(latitude), z], axis=-1).reshape(-1, 3)
    row = 2 * rings + 1
    a = (np.arange(rings)[:, None] * row + np.arange(2 * rings)[None]).reshape(-1)
    triangles = np.concatenate([np.stack([a, a + row, a + 1], 1), np.stack([a + 1, a + row, a + row + 1], 1)])
    return (
        vertices.astype(np.float32),
        np.stack([u, v], -1).reshape(-1, 2).astype(np.float32),
        triangles.astype(np.uint16),
    )


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Vertices (8, 3) and triangles (12, 3) of a box."""
    corners = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)], np.float32)
    sides = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))]
    return corners, np.array(triangles, np.uint16)


def face_picture(size: int = 512) -> NDArray[np.uint8]:
    """(size, size, 3) skin with eyes, brows and a mouth, as on a toon's texture."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    picture = np.empty((size, size, 3))
    picture[:] = (0.93, 0.76, 0.66)
    picture[..., 0] -= 0.1 * (y - 0.5)
    for side in (-1, 1):
        at = 0.5 + side * 0.06
        picture[((x - at) / 0.03) ** 2 + ((y - 0.45) / 0.03) ** 2 < 1] = (1, 1, 1)
        picture[((x - at) / 0.015) ** 2 + ((y - 0.45) / 0.022) ** 2 < 1] = (0.1, 0.25, 0.5)
        picture[(abs(x - at) < 0.03) & (abs(y - 0.40) < 0.004)] = (0.2, 0.12, 0.1)
    picture[((x - 0.5) / 0.05) ** 2 + ((y - 0.58) / 0.012) ** 2 < 1] = (0.7, 0.2, 0.25)
    picture[y < 0.3] = (0.25, 0.15, 0.1)
    return (255 * picture).round().astype(np.uint8)


BONES = {
    # bone: (the bone it hangs from, place in a T-pose for someone who faces +z)
    "hips": ("", (0, 0.9, 0)), "spine": ("hips", (0, 1.0, 0)), "chest": ("spine", (0, 1.15, 0)),
    "neck": ("chest", (0, 1.4, 0)), "head": ("neck", (0, 1.48, 0)),
    "leftEye": ("head", (0.03, 1.6, 0.08)), "rightEye": ("head", (-0.03, 1.6, 0.08)),
    **{
        f"{side}{bone}": (parent if parent in ("chest", "hips") else f"{side}{parent}", (sign * x, y, 0))
        for side, sign in (("left", 1), ("right", -1))
        for bone, parent, x, y in (
            ("Shoulder", "chest", 0.05, 1.35), ("UpperArm", "Shoulder", 0.15, 1.35),
            ("LowerArm", "UpperArm", 0.4, 1.35),
            ("Hand", "LowerArm", 0.62, 1.35), ("UpperLeg", "hips", 0.1, 0.88), ("LowerLeg", "UpperLeg", 0.1, 0.48),
            ("Foot", "LowerLeg", 0.1, 0.08),
        )
    },
}  # fmt: skip
LIMBS = {
    # bone that moves it: box of a T-pose
    "hips": ((-0.16, 0.85, -0.1), (0.16, 1.05, 0.1)), "chest": ((-0.18, 1.05, -0.1), (0.18, 1.4, 0.1)),
    "neck": ((-0.05, 1.4, -0.05), (0.05, 1.5, 0.05)),
    "leftUpperArm": ((0.18, 1.31, -0.04), (0.4, 1.39, 0.04)),
    "rightUpperArm": ((-0.4, 1.31, -0.04), (-0.18, 1.39, 0.04)),
    "leftLowerArm": ((0.4, 1.31, -0.04), (0.7, 1.39, 0.04)), "rightLowerArm": ((-0.7, 1.31, -0.04), (-0.4, 1.39, 0.04)),
    "leftUpperLeg": ((0.02, 0.48, -0.06), (0.16, 0.85, 0.06)),
    "rightUpperLeg": ((-0.16, 0.48, -0.06), (-0.02, 0.85, 0.06)),
    "leftLowerLeg": ((0.02, 0, -0.06), (0.16, 0.48, 0.06)), "rightLowerLeg": ((-0.16, 0, -0.06), (-0.02, 0.48, 0.06)),
}  # fmt: skip
MORPHS = ("A", "U", "Blink", "Joy")
"""What the head can do: the jaw drops, the mouth goes ahead, the lids close, the corners of the mouth rise."""


def morphs(head: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Offsets (V, 3) of the head's vertices (V, 3, around its own middle, facing +z) for each of MORPHS."""
    ahead = head[:, 2:] > 0.05
    mouth = ahead & (head[:, 1:2] < -0.02)
    eyes = ahead & (head[:, 1:2] > 0.0)
    return {
        "A": mouth * np.float32([0, -0.03, 0]),
        "U": mouth * np.float32([0, 0, 0.02]),
        "Blink": eyes * np.float32([0, -0.01, 0]),
        "Joy": mouth * np.float32([0, 0.02, 0]) + eyes * np.float32([0, 0.004, 0]),
    }


def person(version: int, *, picture: NDArray[np.uint8] | None = None) -> GlbWriter:
    """A .vrm of boxes with a ball for a head, in a T-pose: version 0 faces -z and 1 faces +z."""
    w = GlbWriter()
    turn = np.float32([-1, 1, -1] if version == 0 else [1, 1, 1])
    places = {bone: turn * np.float32(place) for bone, (_, place) in BONES.items()}
    nodes: dict[str, int] = {}
    for bone, (parent, _) in BONES.items():
        away = places[bone] - (places[parent] if parent else 0)
        nodes[bone] = w.node(top=not parent, name=f"J_{bone}", translation=[float(a) for a in away])
    for bone, (parent, _) in BONES.items():
        if parent:
            w.json["nodes"][nodes[parent]].setdefault("children", []).append(nodes[bone])
    order = list(BONES)
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(order), 1, 1))
    inverse[:, 3, :3] = [-places[bone] for bone in order]  # columns first
    skin = w.add(
        "skins", {"joints": [nodes[b] for b in order], "inverseBindMatrices": w.accessor(inverse.reshape(-1, 16))}
    )
    painted = w.texture(face_picture(128) if picture is None else picture)
    look = {"baseColorTexture": {"index": painted}}
    w.add("materials", {"pbrMetallicRoughness": look, "extensions": {"KHR_materials_unlit": {}}})
    w.add(
        "materials",
        {"pbrMetallicRoughness": {"baseColorFactor": [0.2, 0.3, 0.6, 1]}, "extensions": {"KHR_materials_unlit": {}}},
    )

    def bound(count: int, bone: str) -> dict[str, int]:
        joints = np.zeros((count, 4), np.uint8)
        joints[:, 0] = order.index(bone)
        return {"JOINTS_0": w.accessor(joints), "WEIGHTS_0": w.accessor(np.tile(np.float32([1, 0, 0, 0]), (count, 1)))}

    primitives = []
    for bone, (low, high) in LIMBS.items():
        corners, sides = box(low, high)
        primitives.append({
            "attributes": {"POSITION": w.accessor(corners * turn), **bound(8, bone)},
            "indices": w.accessor(sides.reshape(-1)), "material": 1,
        })  # fmt: skip
    w.node(mesh=w.add("meshes", {"primitives": primitives}), skin=skin)
    head, uv, sides = ball(16, 0.12)
    primitive = {
        "attributes": {
            "POSITION": w.accessor((head + np.float32([0, 1.6, 0])) * turn), "TEXCOORD_0": w.accessor(uv),
            **bound(len(head), "head"),
        },
        "indices": w.accessor(sides.reshape(-1)), "material": 0,
        "targets": [{"POSITION": w.accessor(offsets * turn)} for offsets in morphs(head).values()],
    }  # fmt: skip
    face = w.add("meshes", {"primitives": [primitive], "extras": {"targetNames": [f"Face_{m}" for m in MORPHS]}})
    face_node = w.node(mesh=face, skin=skin)
    if version == 0:
        groups = [
            {"name": m, "presetName": m.lower(), "binds": [{"mesh": face, "index": k, "weight": 100}]}
            for k, m in enumerate(MORPHS)
        ]
        w.json["extensions"] = {"VRM": {
            "meta": {"title": "Boxer", "licenseName": "CC0"},
            "humanoid": {"humanBones": [{"bone": bone, "node": node} for bone, node in nodes.items()]},
            "blendShapeMaster": {"blendShapeGroups": groups},
        }}  # fmt: skip
    else:
        presets = {
            name: {"morphTargetBinds": [{"node": face_node, "index": k, "weight": 1.0}]}
            for k, name in enumerate(("aa", "ou", "blink", "happy"))
        }
        w.json["extensions"] = {"VRMC_vrm": {
            "specVersion": "1.0", "meta": {"name": "Boxer", "licenseUrl": "https://vrm.dev/licenses/1.0/"},
            "humanoid": {"humanBones": {bone: {"node": node} for bone, node in nodes.items()}},
            "expressions": {"preset": presets},
        }}  # fmt: skip
    return w
