"""A small avatar with everything an avatar may have, and files of it in both formats."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh


def make_avatar(gaussians: int = 50, **further: Any) -> Avatar:
    rng = np.random.default_rng(0)
    quaternion = rng.standard_normal((gaussians, 4))
    return Avatar(
        name="probe",
        licence="CC0-1.0",
        skeleton=Skeleton(
            ("root", "head"), np.array([-1, 0], np.int32), np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
        ),
        mesh=TemplateMesh(
            vertices=rng.random((9, 3), np.float32),
            triangles=rng.permutation(9).reshape(3, 3).astype(np.int32),
            skin_joints=np.zeros((9, 4), np.uint16),
            skin_weights=np.tile(np.float32([1, 0, 0, 0]), (9, 1)),
            shapes=rng.standard_normal((52, 9, 3)).astype(np.float16),
        ),
        gaussians=Gaussians(
            triangle=rng.integers(0, 3, gaussians).astype(np.int32),
            barycentric=rng.random((gaussians, 2), np.float32) / 2,
            offset=rng.random((gaussians, 3), np.float32),
            rotation=(quaternion / np.linalg.norm(quaternion, axis=1, keepdims=True)).astype(np.float32),
            scale=rng.random((gaussians, 3), np.float32),
            opacity=rng.random(gaussians, np.float32),
            sh=rng.standard_normal((gaussians, 4, 3)).astype(np.float32),
        ),
        levels=(10, 50),
        provenance={"tool": "test"},
        **further,
    )


def same_arrays(read: Avatar, written: Avatar) -> None:
    """Assert that both hold the same numbers."""
    for part in ("mesh", "gaussians"):
        for name, array in vars(getattr(written, part)).items():
            np.testing.assert_array_equal(getattr(getattr(read, part), name), array)


def write_format_1(avatar: Avatar, path: Path, **changes: Any) -> None:
    """As releases before format 2 wrote it; `changes` are of the manifest."""
    mesh, gs, skeleton = avatar.mesh, avatar.gaussians, avatar.skeleton
    blobs = {
        "mesh.safetensors": safetensors.numpy.save(
            {**vars(mesh), "joint_parents": skeleton.parents, "joint_rest": skeleton.rest}
        ),
        "gaussians.safetensors": safetensors.numpy.save(dict(vars(gs))),
    }
    manifest = {
        "format": 1, "name": avatar.name, "licence": avatar.licence, "gaussians": len(gs),
        "levels": list(avatar.levels), "joints": list(skeleton.names), "expressions": list(avatar.expressions),
        "parts": {f: {"bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for f, b in blobs.items()},
    }  # fmt: skip
    write_zip(path, {"manifest.json": json.dumps(manifest | changes).encode(), **blobs})


def write_zip(path: Path, parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, blob in parts.items():
            archive.writestr(name, blob)
