"""Damaged and hostile rigged files: one sentence, nothing allocated that the file cannot fill, never a crash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assets.errors import AvatarError
from assets.importers.rigged import Options, read_rigged
from tests.assets.importers.gltf_files import GlbWriter, person


def _edited(**changes: object) -> GlbWriter:
    w = person(1)
    w.json.update(changes)
    return w


def _endless() -> GlbWriter:
    w = person(1)
    w.json["accessors"].append({"componentType": 5126, "count": 1 << 30, "type": "VEC3"})
    for primitive in w.json["meshes"][-1]["primitives"]:
        primitive["attributes"]["POSITION"] = len(w.json["accessors"]) - 1
    return w


def _cyclic() -> GlbWriter:
    w = person(1)
    w.json["nodes"][-1]["children"] = [w.json["scenes"][0]["nodes"][0]]
    return w


def _bomb() -> GlbWriter:
    w = person(1, picture=np.zeros((1 << 13, (1 << 13) + 1), np.uint8))
    return w


@pytest.mark.parametrize(
    ("writer", "reason"),
    [
        (_edited(extensionsRequired=["KHR_draco_mesh_compression"]), "KHR_draco_mesh_compression, which is not read"),
        (_edited(asset={"version": "1.0"}), "glTF of version 1.0"),
        (_edited(images=[{"uri": "https://example.org/a.png"}]), "in another file"),
        (_edited(meshes=[]), "points to a mesh number"),
        (_edited(nodes=[]), "points to a node number"),
        (_edited(scenes=[{"nodes": []}]), "shows no surface"),
        (_endless(), "asks for 1073741824 elements"),
        (_cyclic(), "form no tree"),
        (_bomb(), "it is 8193 x 8192 pixels large; make it smaller"),
    ],
)
def test_the_reason_is_told(writer: GlbWriter, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "it.vrm"
    path.write_bytes(writer.blob())
    with pytest.raises(AvatarError, match="cannot be imported") as error:
        read_rigged(path, Options(gaussians=200))
    assert reason in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="There is no file"):
        read_rigged(tmp_path / "gone.glb")
    (tmp_path / "text.gltf").write_text("hello")
    with pytest.raises(AvatarError, match="its description is damaged"):
        read_rigged(tmp_path / "text.gltf")
    (tmp_path / "deep.gltf").write_text('{"asset":{"version":"2.0"},"extras":' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(AvatarError):
        read_rigged(tmp_path / "deep.gltf")
