"""A rigged character (`.glb`, `.gltf`, `.vrm`) as an avatar: discs bound to its mesh, its joints, its face.

Materials that want light are lit by the forge's studio, with the shadows that the character throws on itself; unlit and
toon materials keep their colours.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, Skeleton
from assets.errors import AvatarError
from assets.forge.layer import Layer, Surface, albedo_of, albedo_sh, bind, falling_importance, merge
from assets.forge.light import lit
from assets.forge.studio import Studio
from assets.importers.cloud import RefusedError
from assets.importers.edges import STRETCH
from assets.importers.expressions import MOUTH, Faces, Table, faces_of
from assets.importers.gltf import Gltf, read_gltf
from assets.importers.gltf_model import read_model
from assets.importers.humanoid import arms_down, eyes_sorted, is_whole, standing, turned_to_front, with_roles
from assets.importers.materials import Material, Placed, load_texture
from assets.importers.model import Model
from assets.importers.surface import OVERLAP, THICKNESS, Discs, discs_on
from assets.importers.texture import Texture
from assets.importers.vrm import Vrm, read_vrm
from assets.progress import Progress, SilentProgress

SUFFIXES: Final = (".glb", ".gltf", ".vrm")
GAUSSIANS: Final = 200_000
_LARGEST_FILE: Final = 1 << 30
_LEVELS: Final = (20_000, 50_000, 100_000, 150_000)
_INSET: Final = 0.35
"""By so much of their middle deviation discs lie under the surface: at a silhouette they are seen one behind the other,
and what fades there together reaches farther than each alone."""
_WHITE: Final = 0.8
"""What the whitest lit surface reflects: painted as 1, it would clip under the studio's key light."""


@dataclass(frozen=True)
class Options:
    """What may be asked of an import."""

    gaussians: int = GAUSSIANS
    name: str | None = None
    table: Table | None = None
    """Entries of the table of expressions that replace those found (expressions.py)."""
    height: float | None = None
    """Metres, where the file's units are not to be believed."""
    relight: bool = True
    """Whether materials that want light are lit; otherwise all show their plain colours."""
    seed: int = 1


@dataclass(frozen=True)
class Imported:
    """An avatar, and in one sentence each what its file does not have or what was guessed."""

    avatar: Avatar
    notes: tuple[str, ...]


def read_rigged(path: Path, options: Options | None = None, progress: Progress | None = None) -> Imported:
    """The character in a file; raises AvatarError."""
    options = options or Options()
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise AvatarError(f"{path} is refused: it is {size} bytes long, and {_LARGEST_FILE} is the most.")
        blob = path.read_bytes()
    except FileNotFoundError:
        raise AvatarError(f"There is no file at {path}; name a {', '.join(SUFFIXES)} that is there.") from None
    except OSError as error:
        raise AvatarError(f"{path} cannot be opened ({error.strerror}); name another file.") from None
    try:
        return _imported(path, blob, options, progress or SilentProgress())
    except RefusedError as reason:
        raise AvatarError(f"{path} cannot be imported: {reason}.") from None


def read_table(path: Path) -> Table:
    """A table of expressions from a JSON file, in the form of expressions.py; raises AvatarError."""
    try:
        table = json.loads(path.read_text("utf-8"))
        return {
            str(shape): {str(source): float(weight) for source, weight in sources.items()}
            for shape, sources in table.items()
        }
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        raise AvatarError(
            f'{path} is no map of expressions; write JSON such as {{"jawOpen": {{"aa": 0.9}}}}.'
        ) from None


def set_up(file: Gltf, vrm: Vrm | None, height: float | None) -> tuple[Model, list[str]]:
    """The character of a file in an avatar's axes, units and rest, and what had to be guessed; raises RefusedError."""
    model = with_roles(read_model(file, vrm.roles if vrm else {}))
    model = turned_to_front(model, vrm is not None and vrm.version == 0)
    model, notes = standing(eyes_sorted(model), height)
    return arms_down(model), notes


def _imported(path: Path, blob: bytes, options: Options, progress: Progress) -> Imported:
    with progress.step("Import", total=4) as step:
        step.say("reading")
        file = read_gltf(blob)
        vrm = read_vrm(file)
        model, notes = set_up(file, vrm, options.height)
        faces = faces_of(model, vrm.expressions if vrm else {}, options.table)
        step.advance()
        step.say("Gaussians")

        @lru_cache(maxsize=1)
        def load(placed: Placed, material: Material) -> Texture:
            cutoff = material.cutoff if material.alpha == "MASK" else None
            return load_texture(file, placed, alpha=material.alpha != "OPAQUE", cutoff=cutoff)

        discs = discs_on(model, options.gaussians, options.seed, load)
        if not len(discs.triangle):
            raise RefusedError("nothing of it can be seen: all its surfaces are transparent")
        layer = _layer(model, faces, discs)
        step.advance()
        if options.relight and layer.lit.any():
            step.say("light")
            shown = np.where(layer.lit[:, None] > 0, _WHITE, 1.0) * albedo_of(layer.gaussians)
            layer = replace(layer, gaussians=replace(layer.gaussians, sh=albedo_sh(shown)))
            head = model.roles.get("neck", model.roles.get("head"))
            above = float(model.rest[head, 1, 3]) if head is not None else float(model.vertices[:, 1].max()) - 0.35
            layer = lit([layer], Studio(), options.seed, head_above=above)[0]
        layer = _glowing(layer, discs)
        step.advance()
        notes += _missing(model, faces)
        name = options.name or (vrm.title if vrm else "") or path.stem
        skeleton = Skeleton(model.names, model.parents.astype(np.int32), model.rest.astype(np.float32))
        avatar = merge(
            [layer],
            skeleton,
            name=name,
            licence=vrm.licence if vrm else file.document.asset.copyright[:200] or "unknown",
            levels=[level for level in _LEVELS if level < len(discs.triangle)],
            provenance=_provenance(path, blob, options, faces, notes),
        )
        avatar = replace(avatar, antialiasing="mip", tensors={"facing_limits": _sides(model, discs)})
        step.advance()
    return Imported(avatar, tuple(notes))


def _layer(model: Model, faces: Faces, discs: Discs) -> Layer:
    surface = Surface(
        model.vertices,
        model.triangles.astype(np.int32),
        model.skin_joints.astype(np.uint16),
        model.skin_weights.astype(np.float32),
        faces.shapes,
    )
    radius = OVERLAP * discs.spacing
    across = discs.across - np.einsum("nc,nc->n", discs.across, discs.normal)[:, None] * discs.normal
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    gaussians = bind(
        surface,
        discs.triangle.astype(np.int32),
        discs.barycentric,
        np.stack([discs.normal, across, np.cross(discs.normal, across)], axis=2),
        np.stack([THICKNESS * radius, radius / discs.stretch, radius * np.minimum(discs.stretch, STRETCH)], axis=1),
        discs.colour,
        opacity=discs.opacity,
    )
    offset = gaussians.offset.copy()
    offset[:, 0] -= _INSET * np.median(gaussians.scale, axis=1)
    gaussians = replace(gaussians, offset=offset)
    unlit = np.array([material.unlit for material in model.materials])
    count = len(discs.triangle)
    return Layer(
        surface,
        gaussians,
        discs.shading.astype(np.float32),
        falling_importance(count),
        (~unlit[model.material[discs.triangle]]).astype(np.float32),
        np.zeros(count, np.float32),
    )


def _sides(model: Model, discs: Discs) -> NDArray[np.float32]:
    """(N,) the facing from which each disc is seen: one-sided surfaces have no back."""
    both = np.array([material.double_sided for material in model.materials])
    return np.where(both[model.material[discs.triangle]], -1, 0).astype(np.float32)


def _glowing(layer: Layer, discs: Discs) -> Layer:
    return replace(layer, gaussians=replace(layer.gaussians, sh=albedo_sh(albedo_of(layer.gaussians) + discs.glow)))


def _missing(model: Model, faces: Faces) -> list[str]:
    notes = []
    if not faces.table:
        notes.append("It has no shapes for a face, so it will not move its lips or eyes.")
    elif not any(shape in faces.table for shape in MOUTH):
        notes.append("It has no shapes for the mouth that are known here, so its lips will not move; see --map.")
    elif len(faces.table) < 10:
        notes.append(f"Only {len(faces.table)} of the 52 ARKit shapes could be made of what it has; see --map.")
    if not model.skinned:
        notes.append("It has no skeleton, so it moves as one piece.")
    elif not is_whole(model):
        notes.append("Its bones have no names that are known here, so its body will stand still.")
    return notes


def _provenance(path: Path, blob: bytes, options: Options, faces: Faces, notes: list[str]) -> dict[str, Any]:
    return {
        "tool": "visavis import",
        "source": path.name,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "seed": options.seed,
        "expressions": faces.table,
        "shapes": list(faces.sources),
        "notes": notes,
    }
