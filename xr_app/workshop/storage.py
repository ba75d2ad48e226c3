"""What avatars take on disk, what that loses of the picture, and how much each array has of both."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.avatar import Avatar
from assets.container import facts, load, save
from assets.container.quantise import arrays_of, coded_parts
from assets.progress import Progress
from xr_app.workshop.standard_views import Pictures, Views, picture_loss, pictures_of, views_of

MOST_BYTES: Final = 60_000_000
"""Of a person of 250,000 Gaussians with blend shapes."""
LEAST_DB: Final = 45.0
_PACK_LEVEL: Final = 7


def bench_storage(avatars: Sequence[Avatar], size: int, progress: Progress) -> dict[str, Any]:
    """Of every avatar, by name: gaussians, harmonics, shapes, compact_bytes, full_bytes (every bit kept), fp32_bytes
    (unpacked, four bytes a number), bytes_per_gaussian, packed_before (then nothing more is lost, and decibels say
    little), worst_db, and tables: parts (bytes unpacked and packed), views (decibels of the compact one to the one
    given, in pictures `size` pixels wide and high) and arrays (codec, bits, bytes, and decibels where only this one is
    coded, from the view that shows it most)."""
    with progress.step("Avatars on disk", len(avatars) * 10) as step:
        return {
            "pixels": size,
            "wanted_db": LEAST_DB,
            "wanted_bytes": MOST_BYTES,
            "avatars": {avatar.name: _bench(avatar, size, step.advance) for avatar in avatars},
        }


def _bench(avatar: Avatar, size: int, advance: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        compact, full = Path(name) / "compact.avatar", Path(name) / "full.avatar"
        save(avatar, compact)
        save(avatar, full, precision="full")
        full_bytes, packed, coded = full.stat().st_size, facts(compact), load(compact)
    advance()
    views = views_of(avatar)
    whole = pictures_of(avatar, views, size)
    advance()
    losses = _losses(whole, coded, views, size)
    advance()
    alone: dict[str, float] = {}
    for what, only in _one_by_one(avatar, coded).items():
        alone[what] = min(loss["on_avatar_db"] for loss in _losses(whole, only, views, size).values())
        advance()
    plain = {file: {name: 4 * array.size for name, array in held.items()} for file, held in arrays_of(avatar).items()}
    plain |= {f"{name}.mnn": {"": len(model)} for name, model in avatar.models.items()}
    parts = [
        {"part": file, "fp32_bytes": sum(plain.get(file, {}).values()), "packed_bytes": part["packed"]}
        for file, part in packed["parts"].items()
    ]
    return {
        "gaussians": len(avatar.gaussians),
        "harmonics": avatar.gaussians.sh.shape[1],
        "shapes": sum(len(array) for array in avatar.tensors.values() if array.ndim == 3),
        "fp32_bytes": sum(part["fp32_bytes"] for part in parts),
        "full_bytes": full_bytes,
        "compact_bytes": packed["bytes"],
        "bytes_per_gaussian": round(packed["bytes_per_gaussian"], 2),
        "packed_before": _same(avatar, coded),
        "worst_db": min(loss["on_avatar_db"] for loss in losses.values()),
        "parts": parts,
        "views": [{"view": view, **loss} for view, loss in losses.items()],
        "arrays": _arrays(avatar, plain, alone),
    }


def _same(a: Avatar, b: Avatar) -> bool:
    return all(np.array_equal(array, getattr(b.gaussians, name)) for name, array in vars(a.gaussians).items())


def _arrays(avatar: Avatar, plain: dict[str, dict[str, int]], alone: dict[str, float]) -> list[dict[str, Any]]:
    """The table of arrays, those of the mesh alone all with the decibels of the mesh."""
    rows = []
    for file, held in coded_parts(avatar, "compact").items():
        for name, (coding, stored) in held.items():
            deflated = sum(len(zlib.compress(array.tobytes(), _PACK_LEVEL)) for array in stored.values())
            row = {"array": name, "codec": coding.codec, "bits": coding.bits, "fp32_bytes": plain[file][name]}
            rows.append(row | {"packed_bytes": deflated, "alone_db": alone.get(name)})
    return rows


def _one_by_one(avatar: Avatar, coded: Avatar) -> dict[str, Avatar]:
    """The avatar with one of its arrays at a time from the coded one; those of the mesh together, as `vertices`."""
    made = {"vertices": replace(avatar, mesh=coded.mesh)}
    for name, array in vars(coded.gaussians).items():
        if name != "triangle":
            made[name] = replace(avatar, gaussians=replace(avatar.gaussians, **{name: array}))
    for name, array in coded.tensors.items():
        if array.ndim == 3:
            made[name] = replace(avatar, tensors={**avatar.tensors, name: array})
    return made


def _losses(whole: Pictures, coded: Avatar, views: Views, size: int) -> dict[str, dict[str, float]]:
    pictures = pictures_of(coded, views, size)
    return {name: picture_loss(picture, pictures[name]) for name, picture in whole.items()}
