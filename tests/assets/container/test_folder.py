"""Avatars as folders: unpacked, edited, packed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from assets.avatar import Avatar
from assets.container import PREVIEW, load, read_folder, read_manifest, read_preview, save, write_folder
from assets.errors import AvatarError
from assets.stages import STANDARD, StageSpec
from tests.assets.container.made_up import make_avatar, same_arrays
from tests.networks import mlp, model_of


@pytest.fixture
def whole(tmp_path: Path) -> Avatar:
    """With a network and an array of its own."""
    model, _ = model_of(mlp(12, 8, 1, 4), tmp_path)
    stages = (
        StageSpec("net", "model", ["pose"], ["weights"], "key", {"model": "net", "inputs": ["x"], "outputs": ["y"]}),
        StageSpec("bend", "blend", ["weights", "basis"], ["offsets"], "key"),
        STANDARD[0],
        StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
        *STANDARD[2:],
    )
    basis = np.random.default_rng(0).normal(0, 1e-3, (4, 3000, 3)).astype(np.float16)
    basis[1, 300:] = 0
    tensors = {"pose": np.ones((1, 12), np.float32), "basis": basis}
    return replace(make_avatar(3000), stages=stages, models={"net": model}, tensors=tensors)


def test_unpacked_and_packed_again_it_is_the_same_file(whole: Avatar, tmp_path: Path) -> None:
    save(whole, tmp_path / "a.avatar", b"\x89PNG\r\n\x1a\n")
    write_folder(load(tmp_path / "a.avatar"), tmp_path / "folder", read_preview(tmp_path / "a.avatar"))
    avatar, preview = read_folder(tmp_path / "folder")
    save(avatar, tmp_path / "b.avatar", preview)
    assert (tmp_path / "b.avatar").read_bytes() == (tmp_path / "a.avatar").read_bytes()
    assert load(tmp_path / "b.avatar").programs.keys() == {"net"}


def test_a_folder_is_an_avatar_too(whole: Avatar, tmp_path: Path) -> None:
    write_folder(whole, tmp_path / "folder", b"png")
    names = {path.name for path in (tmp_path / "folder").iterdir()}
    assert names == {"manifest.json", "mesh.safetensors", "gaussians.safetensors", "tensors.safetensors", "net.mnn",
                     PREVIEW}  # fmt: skip
    same_arrays(load(tmp_path / "folder"), whole)
    assert read_manifest(tmp_path / "folder").models == ["net"]
    assert read_preview(tmp_path / "folder") == b"png"
    plain = safetensors.numpy.load((tmp_path / "folder" / "gaussians.safetensors").read_bytes())
    assert plain["rotation"].dtype == np.float32 and plain["rotation"].shape == (3000, 4)


def test_what_is_edited_counts(whole: Avatar, tmp_path: Path) -> None:
    """Fewer Gaussians, of other types than before, another name."""
    folder = tmp_path / "folder"
    write_folder(replace(whole, stages=STANDARD, models={}, tensors={}, levels=()), folder)
    path = folder / "gaussians.safetensors"
    arrays = {name: array[:7] for name, array in safetensors.numpy.load(path.read_bytes()).items()}
    arrays |= {"scale": arrays["scale"].astype(np.float16), "triangle": arrays["triangle"].astype(np.int64)}
    path.write_bytes(safetensors.numpy.save(arrays))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"name": "other"}))
    avatar, preview = read_folder(folder)
    assert (len(avatar.gaussians), avatar.name, preview) == (7, "other", None)
    np.testing.assert_allclose(avatar.gaussians.scale, whole.gaussians.scale[:7], rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "array", "why"),
    [
        ("triangle", np.full(3000, 1 << 40), "not what it holds"),
        ("triangle", np.ones(3000, np.float32), "not what it holds"),
        ("opacity", np.ones(2999, np.float32), "shape"),
        ("opacity", np.full(3000, np.inf, np.float64), "not a number"),
    ],
)
def test_what_was_edited_badly_is_told(whole: Avatar, tmp_path: Path, name: str, array: np.ndarray, why: str) -> None:
    folder = tmp_path / "folder"
    write_folder(whole, folder)
    path = folder / "gaussians.safetensors"
    path.write_bytes(safetensors.numpy.save({**safetensors.numpy.load(path.read_bytes()), name: array}))
    with pytest.raises(AvatarError, match=why):
        read_folder(folder)


def test_what_lacks_is_told(whole: Avatar, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_folder(whole, folder)
    (folder / "net.mnn").unlink()
    with pytest.raises(AvatarError, match=r"net\.mnn cannot be read"):
        load(folder)
    (folder / "mesh.safetensors").write_bytes(b"\x08")
    with pytest.raises(AvatarError, match="plain safetensors"):
        load(folder)
    with pytest.raises(AvatarError, match="not empty"):
        write_folder(whole, folder)
