"""manifest.json: what an avatar file says about itself and about each of its parts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from assets.avatar import Antialiasing, Blending
from assets.errors import AvatarError
from assets.stages import STANDARD, StageSpec

FORMAT: Final = 2
READ: Final = (1, 2)
"""Formats that are read; FORMAT is written."""
MANIFEST: Final = "manifest.json"
PREVIEW: Final = "preview.png"
MESH: Final = "mesh.safetensors"
GAUSSIANS: Final = "gaussians.safetensors"
TENSORS: Final = "tensors.safetensors"
"""What the avatar's own stages read, where there is something."""

MAX_MANIFEST: Final = 256 << 10
MAX_PART: Final = 512 << 20
"""Bytes of one part, unpacked."""
MAX_GAUSSIANS: Final = 8 << 20
MAX_NAMES: Final = 4096
"""Joints, or expressions."""

Dtype = Literal["F32", "F16", "I32", "U16"]
Codec = Literal["plain", "integer", "range", "quaternion"]
Curve = Literal["linear", "exp", "square"]
Size = Annotated[int, msgspec.Meta(ge=0, le=1 << 30)]


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one array is kept in its part; docs/container.md has the formulas."""

    shape: Annotated[tuple[Size, ...], msgspec.Meta(min_length=1, max_length=4)]
    """Of the array, decoded."""
    dtype: Dtype
    """Of the array, decoded, as safetensors names it."""
    codec: Codec = "plain"
    bits: Annotated[int, msgspec.Meta(ge=0, le=32)] = 0
    """Of one code; 0 for plain."""
    curve: Curve = "linear"
    """Of a range: from evenly spaced numbers to values."""
    rows: Literal[0, 1] = 0
    """The axis that counts rows; it stands last where the array is coded."""
    kept: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] | None = None
    """How many rows are kept where rows of zeros are skipped; None where all are."""

    @property
    def bytes(self) -> int:
        """Of the array, decoded."""
        return math.prod(self.shape) * {"F32": 4, "F16": 2, "I32": 4, "U16": 2}[self.dtype]


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file inside the container."""

    bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_PART)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    tensors: dict[str, Coding] = {}
    """The arrays in a .safetensors part, by name."""


class Manifest(msgspec.Struct, frozen=True):
    """manifest.json; units, axes and colour are fixed in this format and stated for other readers."""

    format: Annotated[int, msgspec.Meta(ge=1)]
    name: str
    licence: str
    gaussians: Annotated[int, msgspec.Meta(ge=1, le=MAX_GAUSSIANS)]
    levels: list[int]
    """Prefixes of the Gaussians that make good levels of detail, ascending."""
    joints: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_NAMES)]
    expressions: Annotated[list[str], msgspec.Meta(max_length=MAX_NAMES)]
    parts: dict[str, Part] = {}
    """Every other file, by name."""
    provenance: dict[str, Any] = {}
    """Where the avatar comes from: tool, seed, options, sources with their licences."""
    stages: tuple[StageSpec, ...] = STANDARD
    antialiasing: Antialiasing = "dilation"
    blending: Blending = "linear"
    models: list[str] = []
    """Networks: NAME.mnn, and NAME.program where it could be lowered."""
    not_lowered: dict[str, str] = {}
    """Why a network of that name has no program: it is run as a session."""
    units: str = "metre"
    axes: str = "y up, facing +z"
    colour: str = "linear"


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON, the same bytes for the same manifest."""
    head = json.dumps(msgspec.to_builtins(manifest), indent=1, sort_keys=True, ensure_ascii=False)
    return head.encode() + b"\n"


def decode(blob: bytes, path: Path) -> Manifest:
    """A manifest that is whole in itself; raises AvatarError, which names the file `path`."""
    if len(blob) > MAX_MANIFEST:
        raise AvatarError(f"{path} is refused: its manifest is {len(blob)} bytes long; {MAX_MANIFEST} are allowed.")
    try:
        version = msgspec.json.decode(blob, type=_Version).format
        if version not in READ:
            raise AvatarError(
                f"{path} has avatar format {version}; this release reads {READ[0]} to {READ[-1]}: "
                "update visavis, or make the avatar again."
            )
        manifest = msgspec.json.decode(blob, type=Manifest)
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise AvatarError(f"{path} is damaged: its manifest cannot be read ({_one_line(error)}).") from None
    levels = manifest.levels
    if any(not 0 < level <= manifest.gaussians for level in levels) or sorted(set(levels)) != levels:
        raise AvatarError(f"{path} is damaged: its levels of detail {levels[:8]} are no ascending prefixes.")
    if len(set(manifest.models)) != len(manifest.models):
        raise AvatarError(f"{path} is damaged: its manifest names a network twice.")
    return manifest


def schema() -> dict[str, Any]:
    """The JSON schema of `manifest.json`."""
    return msgspec.json.schema(Manifest)


class _Version(msgspec.Struct):
    format: int


def _one_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
