"""Every rule of the first reading, broken in a file whose sizes and hashes are right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from assets.container import MANIFEST, load, save
from assets.container import read as second_reading
from assets.errors import AvatarError
from render.measure.damage import Whole, packed
from render.measure.subject import make_subject

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    path = tmp_path_factory.mktemp("whole") / "a.avatar"
    save(make_subject(500, shapes=3, network=False), path)
    return Whole.of(path.read_bytes())


def put(value: Any, *at: Any) -> Callable[[np.ndarray], None]:
    def change(array: np.ndarray) -> None:
        array[at or ...] = value

    return change


@pytest.mark.parametrize(
    ("part", "name", "change"),
    [
        ("gaussians", "triangle", put(60_000, 3)),
        ("gaussians", "opacity", put(2, -1, -1)),
        ("gaussians", "offset", put(16, -1, 2, 7)),
        ("gaussians", "rotation", put(8, -1, 0, 0)),
        ("gaussians", "rotation.largest", put(4, 499)),
        ("gaussians", "scale.step", put(np.inf, 1)),
        ("gaussians", "scale.step", put(-1, 1)),
        ("gaussians", "scale.step", put(9, 1)),
        ("gaussians", "scale.start", put(-(1 << 30), 0)),
        ("gaussians", "sh.origin", put(np.nan, 0, 0)),
        ("mesh", "triangles", put(60_000, 0, 0)),
        ("mesh", "skin_joints", put(15, 0, 0)),
        ("mesh", "joint_parents", put(5, 5)),
        ("mesh", "joint_parents", put(-2, 1)),
        ("mesh", "joint_rest", put(np.inf, 0, 0, 0)),
        ("mesh", "shapes", put(np.nan, 0, 0)),
        ("mesh", "shapes.mask", put(255, 0, 0)),
        ("tensors", "place_shapes.mask", put(1 << 7, 0, -1)),
        ("tensors", "light_shapes.step", put(1e5)),
        ("tensors", "weights", put(np.nan, 0)),
    ],
)
def test_a_number_that_may_not_be_is_refused_before_anything_is_kept(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, name: str, change: Any
) -> None:
    file = f"{part}.safetensors"
    arrays = {key: array.copy() for key, array in safetensors.numpy.load(whole.parts[file]).items()}
    change(arrays[name])
    path = tmp_path / "a.avatar"
    path.write_bytes(packed(whole.parts | {file: safetensors.numpy.save(arrays)}, hashed=True))
    monkeypatch.setattr(second_reading, "_arrays", lambda *_: pytest.fail("it was read"))
    with pytest.raises(AvatarError, match=rf"{part}\.safetensors (has|keeps)"):
        load(path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"shape": [500, 3, 1]}, "offset of F32"),
        ({"dtype": "F16"}, "offset of F16"),
        ({"bits": 9}, "has a number in offset"),
        ({"bits": 25}, "unknown way"),
        ({"bits": 20}, r"holds offset as U8 \[2, 3, 500\]"),
        ({"codec": "quaternion"}, "unknown way"),
        ({"codec": "integer", "bits": 16}, "unknown way"),
        ({"codec": "plain"}, "holds other arrays"),
        ({"rows": 1}, "holds offset"),
        ({"kept": 4}, "rows are nowhere"),
        ({"codec": "zip"}, "manifest cannot be read"),
        ({"shape": [1 << 40, 3]}, "manifest cannot be read"),
    ],
)
def test_a_coding_that_is_not_so_is_refused(whole: Whole, tmp_path: Path, change: dict[str, Any], why: str) -> None:
    manifest = json.loads(whole.parts[MANIFEST])
    manifest["parts"]["gaussians.safetensors"]["tensors"]["offset"] |= change
    path = tmp_path / "a.avatar"
    path.write_bytes(packed(whole.parts | {MANIFEST: json.dumps(manifest).encode()}, hashed=True))
    with pytest.raises(AvatarError, match=why):
        load(path)


@pytest.mark.parametrize("change", ["more", "fewer", "gap", "long", "behind"])
def test_a_header_that_says_otherwise_is_refused(whole: Whole, tmp_path: Path, change: str) -> None:
    blob = whole.parts["gaussians.safetensors"]
    length = int.from_bytes(blob[:8], "little")
    header, data = json.loads(blob[8 : 8 + length]), blob[8 + length :]
    if change == "more":
        header["x"] = {"dtype": "U8", "shape": [0], "data_offsets": [len(data), len(data)]}
    elif change == "fewer":
        del header["opacity"]
    elif change == "gap":
        header["opacity"]["data_offsets"] = [n + 4 for n in header["opacity"]["data_offsets"]]
    text = json.dumps(header).encode()
    size = 1 << 40 if change == "long" else len(text)
    part = size.to_bytes(8, "little") + text + data + (b"x" if change == "behind" else b"")
    path = tmp_path / "a.avatar"
    path.write_bytes(packed(whole.parts | {"gaussians.safetensors": part}, hashed=True))
    with pytest.raises(AvatarError, match=r"gaussians\.safetensors (holds|has|says)"):
        load(path)


def test_what_readers_do_not_know_yet_they_may_still_read(whole: Whole, tmp_path: Path) -> None:
    """Every coding of every array: here plain ones among coded ones."""
    part = "gaussians.safetensors"
    arrays, manifest = dict(safetensors.numpy.load(whole.parts[part])), json.loads(whole.parts[MANIFEST])
    for name in ("opacity", "opacity.step", "opacity.start", "opacity.origin"):
        del arrays[name]
    arrays["opacity"] = np.linspace(0, 1, 500, dtype=np.float32)
    manifest["parts"][part]["tensors"]["opacity"] = {"shape": [500], "dtype": "F32"}
    changed = {part: safetensors.numpy.save(arrays), MANIFEST: json.dumps(manifest).encode()}
    path = tmp_path / "a.avatar"
    path.write_bytes(packed(whole.parts | changed, hashed=True))
    np.testing.assert_array_equal(load(path).gaussians.opacity, arrays["opacity"])
