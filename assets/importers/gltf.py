"""glTF 2.0 files (`.glb`, `.vrm`, `.gltf` with its data inside): the JSON checked against a schema, and the buffers.

Chosen over a library: pygltflib neither checks types nor sizes, and those checks are most of the work. The schema here
is msgspec's to enforce; accessors.py checks what numbers mean. (Khronos, glTF 2.0 specification, §3.6, §4.4, §5.)
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

import msgspec

from assets.importers.cloud import RefusedError

_LONGEST_JSON: Final = 1 << 26
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_READ: Final = frozenset({
    "KHR_mesh_quantization", "KHR_materials_unlit", "KHR_texture_transform", "EXT_texture_webp",
    "KHR_materials_emissive_strength", "VRM", "VRMC_vrm", "VRMC_materials_mtoon", "VRMC_springBone",
    "VRMC_node_constraint", "VRMC_materials_hdr_emissiveMultiplier",
})  # fmt: skip
"""Extensions that a file may require."""

T = TypeVar("T")
Index = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Vec3 = tuple[float, float, float]
Vec4 = tuple[float, float, float, float]


class _Struct(msgspec.Struct, rename="camel", frozen=True):
    extensions: dict[str, Any] = {}


class SparseIndices(_Struct, kw_only=True, frozen=True):
    buffer_view: Index
    component_type: int
    byte_offset: Index = 0


class SparseValues(_Struct, kw_only=True, frozen=True):
    buffer_view: Index
    byte_offset: Index = 0


class Sparse(_Struct, kw_only=True, frozen=True):
    count: Index
    indices: SparseIndices
    values: SparseValues


class Accessor(_Struct, kw_only=True, frozen=True):
    component_type: int
    count: Index
    type: str
    buffer_view: Index | None = None
    byte_offset: Index = 0
    normalized: bool = False
    sparse: Sparse | None = None


class BufferView(_Struct, kw_only=True, frozen=True):
    buffer: Index
    byte_length: Index
    byte_offset: Index = 0
    byte_stride: Index = 0


class Buffer(_Struct, kw_only=True, frozen=True):
    byte_length: Index
    uri: str | None = None


class Image(_Struct, kw_only=True, frozen=True):
    buffer_view: Index | None = None
    uri: str | None = None


class Texture(_Struct, kw_only=True, frozen=True):
    source: Index | None = None
    sampler: Index | None = None


class Sampler(_Struct, kw_only=True, frozen=True):
    wrap_s: int = 10497
    wrap_t: int = 10497


class TextureInfo(_Struct, kw_only=True, frozen=True):
    index: Index
    tex_coord: Index = 0


class Metallic(_Struct, kw_only=True, frozen=True):
    base_color_factor: Vec4 = (1.0, 1.0, 1.0, 1.0)
    base_color_texture: TextureInfo | None = None


class Material(_Struct, kw_only=True, frozen=True):
    name: str = ""
    pbr_metallic_roughness: Metallic = Metallic()
    emissive_factor: Vec3 = (0.0, 0.0, 0.0)
    emissive_texture: TextureInfo | None = None
    alpha_mode: str = "OPAQUE"
    alpha_cutoff: float = 0.5
    double_sided: bool = False


class Primitive(_Struct, kw_only=True, frozen=True):
    attributes: dict[str, Index]
    indices: Index | None = None
    material: Index | None = None
    mode: int = 4
    targets: list[dict[str, Index]] = []
    extras: Any = None


class Mesh(_Struct, kw_only=True, frozen=True):
    primitives: list[Primitive]
    name: str = ""
    extras: Any = None


class Node(_Struct, kw_only=True, frozen=True):
    name: str = ""
    children: list[Index] = []
    mesh: Index | None = None
    skin: Index | None = None
    matrix: Annotated[list[float], msgspec.Meta(min_length=16, max_length=16)] | None = None
    translation: Vec3 = (0.0, 0.0, 0.0)
    rotation: Vec4 = (0.0, 0.0, 0.0, 1.0)
    scale: Vec3 = (1.0, 1.0, 1.0)


class Skin(_Struct, kw_only=True, frozen=True):
    joints: list[Index]
    inverse_bind_matrices: Index | None = None


class Scene(_Struct, kw_only=True, frozen=True):
    nodes: list[Index] = []


class Asset(_Struct, kw_only=True, frozen=True):
    version: str
    copyright: str = ""
    generator: str = ""


class Document(_Struct, kw_only=True, frozen=True):
    """The JSON of a file, as far as an avatar needs it."""

    asset: Asset
    accessors: list[Accessor] = []
    buffer_views: list[BufferView] = []
    buffers: list[Buffer] = []
    images: list[Image] = []
    textures: list[Texture] = []
    samplers: list[Sampler] = []
    materials: list[Material] = []
    meshes: list[Mesh] = []
    nodes: list[Node] = []
    skins: list[Skin] = []
    scenes: list[Scene] = []
    scene: Index | None = None
    extensions_required: list[str] = []


@dataclass(frozen=True)
class Gltf:
    """A file taken apart; nothing that its numbers point to is checked yet."""

    document: Document
    buffers: tuple[memoryview, ...]
    size: int
    """Bytes of the whole file."""

    def view(self, index: int) -> memoryview:
        """The bytes of a buffer view; raises RefusedError."""
        view = pick(self.document.buffer_views, index, "buffer view")
        buffer = pick(self.buffers, view.buffer, "buffer")
        if view.byte_offset + view.byte_length > len(buffer):
            raise RefusedError(f"its buffer view {index} reaches past the end of its buffer")
        return buffer[view.byte_offset : view.byte_offset + view.byte_length]


def pick(items: Sequence[T], index: int, what: str) -> T:
    """One of the file's numbered parts; raises RefusedError where it has none of that number."""
    if not 0 <= index < len(items):
        raise RefusedError(f"it points to a {what} number {index}, and has {len(items)}")
    return items[index]


def is_glb(blob: bytes) -> bool:
    """Whether a file begins as .glb and .vrm do."""
    return blob[:4] == b"glTF"


def read_gltf(blob: bytes) -> Gltf:
    """Take a file apart; raises RefusedError."""
    text, binary = _chunks(blob) if is_glb(blob) else (memoryview(blob), None)
    if len(text) > _LONGEST_JSON:
        raise RefusedError(f"its description alone is {len(text)} bytes long")
    try:
        document = msgspec.json.decode(text, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(f"its description is damaged ({_short(str(error))})") from None
    if not document.asset.version.startswith("2."):
        raise RefusedError(f"it is glTF of version {_short(document.asset.version)}, and 2 is read")
    unread = sorted({_short(name) for name in document.extensions_required} - _READ)
    if unread:
        raise RefusedError(f"it cannot do without {', '.join(unread[:3])}, which is not read; export it without that")
    return Gltf(document, tuple(_buffer(b, k, binary) for k, b in enumerate(document.buffers)), len(blob))


def from_uri(uri: str) -> bytes:
    """The bytes of a data URI; other addresses are never followed. Raises RefusedError."""
    head, comma, data = uri.partition(",")
    if not (head.startswith("data:") and head.endswith(";base64") and comma):
        raise RefusedError(f"a part of it is in another file ({_short(uri)}); export it as one .glb")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("a part of it is no base64") from None


def _chunks(blob: bytes) -> tuple[memoryview, memoryview | None]:
    if len(blob) < 20:
        raise RefusedError("it ends early")
    _, version, length = struct.unpack_from("<III", blob)
    if version != 2 or length > len(blob):
        raise RefusedError("it ends early" if version == 2 else f"it is .glb of version {version}, and 2 is read")
    found: dict[int, memoryview] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", blob, at)
        at += 8
        if at + size > length:
            raise RefusedError("it ends early")
        found.setdefault(kind, memoryview(blob)[at : at + size])
        at += size + -size % 4
    if _JSON not in found:
        raise RefusedError("it holds no description")
    return found[_JSON], found.get(_BIN)


def _buffer(buffer: Buffer, index: int, binary: memoryview | None) -> memoryview:
    data = binary if buffer.uri is None else memoryview(from_uri(buffer.uri))
    if data is None or (buffer.uri is None and index != 0):
        raise RefusedError(f"its buffer {index} is not in it; export it as one .glb")
    if buffer.byte_length > len(data):
        raise RefusedError("it ends early")
    return data[: buffer.byte_length]


def _short(text: str) -> str:
    """Foreign text for a sentence: one short line."""
    return "".join(c if c.isprintable() else " " for c in text[:80])
