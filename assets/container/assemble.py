"""From decoded parts to an avatar."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.container.manifest import GAUSSIANS, MESH, Manifest
from assets.errors import AvatarError
from assets.lower import Program

Arrays = Mapping[str, NDArray[Any]]


def avatar_of(
    manifest: Manifest,
    mesh: Arrays,
    gaussians: Arrays,
    tensors: Arrays,
    models: Mapping[str, bytes],
    programs: Mapping[str, Program],
    path: Path,
) -> Avatar:
    """An avatar of its decoded parts; raises AvatarError where one lacks, or where they do not fit together."""
    of_mesh = ("vertices", "triangles", "skin_joints", "skin_weights", "shapes")
    of_gaussians = ("triangle", "barycentric", "offset", "rotation", "scale", "opacity", "sh")
    for file, held, names in (
        (MESH, mesh, (*of_mesh, "joint_parents", "joint_rest")),
        (GAUSSIANS, gaussians, of_gaussians),
    ):
        if missing := [name for name in names if name not in held]:
            raise AvatarError(f"{path} is damaged: {file} lacks {', '.join(missing)}; get the avatar again.")
    return Avatar(
        name=manifest.name,
        licence=manifest.licence,
        skeleton=Skeleton(tuple(manifest.joints), mesh["joint_parents"], mesh["joint_rest"]),
        mesh=TemplateMesh(**{name: mesh[name] for name in of_mesh}),
        gaussians=Gaussians(**{name: gaussians[name] for name in of_gaussians}),
        expressions=tuple(manifest.expressions),
        levels=tuple(manifest.levels),
        antialiasing=manifest.antialiasing,
        blending=manifest.blending,
        stages=manifest.stages,
        models=models,
        programs=programs,
        tensors=tensors,
        provenance=manifest.provenance,
    )
