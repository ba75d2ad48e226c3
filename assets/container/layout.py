"""What a part must hold, told from the manifest alone: every stored array with its type, its size and its rule.

Nothing of a part is allocated before its header says just this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets.container.manifest import GAUSSIANS, MESH, TENSORS, Coding, Dtype, Manifest, Part

StoredDtype = Literal["F32", "F16", "I32", "U16", "U32", "U8"]
ITEM_BYTES: Final[Mapping[str, int]] = {"F32": 4, "F16": 2, "I32": 4, "U16": 2, "U32": 4, "U8": 1}
MAX_COLUMNS: Final = 1 << 16
"""Of an array that is coded as ranges: each has parameters."""


_LARGEST: Final = {
    ("F32", "linear"): 1e30, ("F32", "square"): 1e15, ("F32", "exp"): 80.0,
    ("F16", "linear"): 6e4, ("F16", "square"): 240.0, ("F16", "exp"): 11.0,
}  # fmt: skip
"""Of what goes into a curve: a little more, and the value has no place in its type."""

_LARGEST_ORIGIN: Final = {"F32": 1e30, "F16": 5e3}


class Rule(NamedTuple):
    """What the numbers of a stored array have to be."""

    finite: bool = False
    low: float = -math.inf
    high: float = math.inf
    """Both inclusive."""
    below_place: bool = False
    """Every number is smaller than its own index."""
    tail: int = 0
    """So many numbers at the end are at most `tail_high`."""
    tail_high: int = 0
    bits: int | None = None
    """So many ones in rows of `row_bits` bits, each row filled up with zeros to whole bytes."""
    row_bits: int = 8


class Stored(NamedTuple):
    """One array of a .safetensors part."""

    dtype: StoredDtype
    shape: tuple[int, ...]
    rule: Rule

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


class _Wanted(NamedTuple):
    """What an array of the avatar is, decoded; a size of None is free."""

    shape: tuple[int | None, ...]
    dtype: Dtype
    below: int | None = None
    """Whole numbers are smaller than this."""
    least: int = 0
    """-1 where the numbers are parents, which stand before their children."""


class LayoutError(ValueError):
    """A manifest that contradicts itself; the message goes into a sentence."""


def check_tensors(manifest: Manifest, file: str) -> None:
    """Raise LayoutError where the arrays that the manifest states for a part are not those of such an avatar."""
    codings = manifest.parts[file].tensors
    for name, wanted in _wanted(manifest, file).items():
        coding = codings.get(name)
        if coding is None:
            raise LayoutError(f"lacks {name}")
        fits = len(coding.shape) == len(wanted.shape) and all(
            w is None or w == s for w, s in zip(wanted.shape, coding.shape, strict=True)
        )
        if not fits or coding.dtype != wanted.dtype:
            raise LayoutError(f"has {name} of {coding.dtype} {list(coding.shape)}")
    if file == MESH and not (codings["vertices"].shape[0] and codings["triangles"].shape[0]):
        raise LayoutError("has no surface")
    if file == GAUSSIANS and codings["sh"].shape[1] not in (1, 4, 9, 16):
        raise LayoutError(f"has {codings['sh'].shape[1]} harmonics a Gaussian")
    if file != TENSORS and len(codings) > len(_wanted(manifest, file)):
        raise LayoutError("has arrays that no avatar has")
    if file == TENSORS and any(coding.dtype not in ("F32", "F16") for coding in codings.values()):
        raise LayoutError("has an array that is not of floats")


def stored_arrays(manifest: Manifest, file: str) -> dict[str, Stored]:
    """Every array in a .safetensors part, by its name there; raises LayoutError."""
    wanted, found = _wanted(manifest, file), dict[str, Stored]()
    for name, coding in manifest.parts[file].tensors.items():
        for suffix, stored in _stored(coding, wanted.get(name)).items():
            if name + suffix in found:
                raise LayoutError(f"states {name + suffix} twice")
            found[name + suffix] = stored
    return found


def check_range(coding: Coding, step: NDArray[np.float32], start: NDArray[np.int32]) -> None:
    """Raise LayoutError where a code of a range would decode to what its type cannot hold."""
    furthest = np.maximum(np.abs(start.astype(np.float64)), np.abs(start.astype(np.float64) + (1 << coding.bits)))
    if (furthest * step).max(initial=0.0) > _LARGEST[coding.dtype, coding.curve]:
        raise LayoutError("has a range without an end")


def decoded_bytes(part: Part) -> int:
    """What the arrays of a part take in memory."""
    return sum(coding.bytes for coding in part.tensors.values())


def _wanted(manifest: Manifest, file: str) -> dict[str, _Wanted]:
    joints, count = len(manifest.joints), manifest.gaussians
    mesh = manifest.parts[MESH].tensors if MESH in manifest.parts else {}
    vertices = mesh["vertices"].shape[0] if "vertices" in mesh else 0
    triangles = mesh["triangles"].shape[0] if "triangles" in mesh else 0
    if file == MESH:
        return {
            "vertices": _Wanted((None, 3), "F32"),
            "triangles": _Wanted((None, 3), "I32", vertices),
            "skin_joints": _Wanted((vertices, 4), "U16", joints),
            "skin_weights": _Wanted((vertices, 4), "F32"),
            "shapes": _Wanted((len(manifest.expressions), vertices, 3), "F16"),
            "joint_parents": _Wanted((joints,), "I32", joints, least=-1),
            "joint_rest": _Wanted((joints, 4, 4), "F32"),
        }
    if file == GAUSSIANS:
        return {
            "triangle": _Wanted((count,), "I32", triangles),
            "barycentric": _Wanted((count, 2), "F32"),
            "offset": _Wanted((count, 3), "F32"),
            "rotation": _Wanted((count, 4), "F32"),
            "scale": _Wanted((count, 3), "F32"),
            "opacity": _Wanted((count,), "F32"),
            "sh": _Wanted((count, None, 3), "F32"),
        }
    return {}


def _stored(coding: Coding, wanted: _Wanted | None) -> dict[str, Stored]:
    """The arrays that one array is stored as, by suffix."""
    shape, whole = coding.shape, coding.dtype in ("I32", "U16")
    if coding.rows >= len(shape) or (coding.kept is not None and (len(shape) != 3 or coding.rows != 1)):
        raise LayoutError("has an array whose rows are nowhere")
    numbers = Rule(finite=not whole)
    if wanted is not None and wanted.below is not None:
        numbers = Rule(low=wanted.least, high=wanted.below - 1, below_place=wanted.least < 0)
    columns = shape[: coding.rows] + shape[coding.rows + 1 :]
    lead, rows = (columns, shape[coding.rows]) if coding.kept is None else ((shape[2],), coding.kept)
    found: dict[str, Stored] = {}
    if coding.kept is not None:
        mask = Rule(bits=coding.kept, row_bits=shape[1])
        found[".mask"] = Stored("U8", (shape[0], -(-shape[1] // 8)), mask)
    if coding.codec == "plain":
        found[""] = Stored(coding.dtype, shape if coding.kept is None else (*lead, rows), numbers)
    elif coding.codec == "integer" and whole and coding.kept is None and coding.bits in (16, 32):
        if coding.bits == 32 and numbers.high == math.inf:
            raise LayoutError("has whole numbers without an end")
        found[""] = Stored("U16" if coding.bits == 16 else "U32", (*lead, rows), numbers)
    elif coding.codec == "range" and not whole and 1 <= coding.bits <= 24 and math.prod(columns) <= MAX_COLUMNS:
        found[""] = _planes(coding.bits, (*lead, rows))
        found[".step"] = Stored("F32", columns, Rule(finite=True, low=0.0))
        found[".start"] = Stored("I32", columns, Rule(low=-(1 << 24), high=1 << 24))
        origin = _LARGEST_ORIGIN[coding.dtype]
        found[".origin"] = Stored("F32", columns, Rule(finite=True, low=-origin, high=origin))
    elif coding.codec == "quaternion" and shape[1:] == (4,) and coding.kept is None and 2 <= coding.bits <= 24:
        found[""] = _planes(coding.bits, (3, rows))
        found[".largest"] = Stored("U8", (rows,), Rule(high=3))
    else:
        raise LayoutError(f"has an array coded in an unknown way ({coding.codec}, {coding.bits} bits)")
    return found


def _planes(bits: int, shape: tuple[int, ...]) -> Stored:
    """Codes of so many bits; their highest plane has the bits that are left."""
    planes = -(-bits // 8)
    top = Rule(tail=math.prod(shape), tail_high=(1 << (bits - 8 * (planes - 1))) - 1)
    return Stored("U8", (planes, *shape), top)
