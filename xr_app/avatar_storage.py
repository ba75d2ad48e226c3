"""What avatars take on disk, what that loses of the picture, and how much each array has of both."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.container import facts, load, save
from assets.container.quantise import coded_parts
from assets.progress import Progress
from render.measure.prefixes import measure_prefixes
from xr_app.avatar_compare import VIEWS, picture_loss, view_of

Pictures = dict[str, NDArray[np.uint8]]


def bench_storage(avatars: list[Avatar], size: int, progress: Progress) -> dict[str, Any]:
    """Of every avatar, by name: gaussians, harmonics, shapes, compact_bytes, full_bytes, bytes_per_gaussian, parts
    (bytes of the file), views (decibels of the compact one to the full one, in pictures `size` pixels wide and high),
    arrays (bits, bytes when deflated, decibels where only this one is coded, from the view that shows it most) and
    prefixes (as `visavis avatar inspect --levels`)."""
    with progress.step("Avatars on disk", len(avatars) * 10) as step:
        return {"avatars": {avatar.name: _bench(avatar, size, step.advance) for avatar in avatars}}


def _bench(avatar: Avatar, size: int, advance: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        compact, full = Path(name) / "compact.avatar", Path(name) / "full.avatar"
        save(avatar, compact)
        save(avatar, full, precision="full")
        sizes, parts, coded = full.stat().st_size, facts(compact), load(compact)
    advance()
    whole = _pictures(avatar, size)
    advance()
    views = _losses(whole, _pictures(coded, size))
    arrays: dict[str, Any] = {}
    for what, only in _one_by_one(avatar, coded).items():
        arrays[what] = {"on_avatar_db": min(v["on_avatar_db"] for v in _losses(whole, _pictures(only, size)).values())}
        advance()
    for held in coded_parts(avatar, "compact").values():
        for what, (coding, stored) in held.items():
            packed = sum(len(zlib.compress(array.tobytes(), 7)) for array in stored.values())
            arrays.setdefault(what, {}).update(codec=coding.codec, bits=coding.bits, bytes=packed)
    shapes = [len(array) for array in avatar.tensors.values() if array.ndim == 3]
    return {
        "gaussians": len(avatar.gaussians),
        "harmonics": avatar.gaussians.sh.shape[1],
        "shapes": sum(shapes),
        "compact_bytes": parts["bytes"],
        "full_bytes": sizes,
        "bytes_per_gaussian": parts["bytes_per_gaussian"],
        "parts": {file: part["packed"] for file, part in parts["parts"].items()},
        "views": views,
        "arrays": arrays,
        "prefixes": measure_prefixes(avatar, size),
    }


def _one_by_one(avatar: Avatar, coded: Avatar) -> dict[str, Avatar]:
    """The avatar with one of its arrays at a time from the coded one; those of the mesh together."""
    made = {"vertices": replace(avatar, mesh=coded.mesh)}
    for name, array in vars(coded.gaussians).items():
        if name != "triangle":
            made[name] = replace(avatar, gaussians=replace(avatar.gaussians, **{name: array}))
    for name, array in coded.tensors.items():
        if array.ndim == 3:
            made[name] = replace(avatar, tensors={**avatar.tensors, name: array})
    return made


def _pictures(avatar: Avatar, size: int) -> Pictures:
    return {name: view_of(avatar, size, **view) for name, view in VIEWS.items()}


def _losses(whole: Pictures, coded: Pictures) -> dict[str, dict[str, float]]:
    return {name: picture_loss(picture, coded[name]) for name, picture in whole.items()}
