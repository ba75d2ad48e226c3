"""Sound files of every kind that people bring, small: what is damaged."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save

from tests.assets.forge.test_makehuman import MHCLO, MHMAT, OBJ
from tests.assets.importers import writers
from tests.assets.importers.gltf_files import person as rigged_person
from tests.assets.importers.test_flame import write as write_head
from tests.assets.train.captures import ring, write_capture, write_colmap, write_smplx
from tests.assets.train.test_smplx import numbers

Files = dict[str, bytes]


def sound() -> dict[tuple[str, str], Files]:
    """Whole files of every kind, small."""
    scene, few = writers.made_up(40), writers.made_up(70)
    scenes = {
        "plain.ply": writers.ply(scene), "ascii.ply": writers.ply(scene, degree=0, layout="ascii"),
        "big.ply": writers.ply(scene, degree=1, layout="binary_big_endian"),
        "compressed.ply": writers.compressed_ply(scene), "row.splat": writers.splat(scene),
        **{f"v{version}.spz": writers.spz(scene, version) for version in (2, 3, 4)},
        **{f"{level}.ksplat": writers.ksplat(few, level) for level in (0, 1, 2)},
    }  # fmt: skip
    rigs = {"one.vrm": rigged_person(1).blob(), "nought.vrm": rigged_person(0).blob()}
    rigs["one.glb"] = rigs["one.vrm"]
    found = {("scene", name): {name: blob} for name, blob in scenes.items()}
    found |= {("rig", name): {name: blob} for name, blob in rigs.items()}
    found |= {("head", name): files for name, files in _heads().items()}
    found["piece", "square"] = _square()
    return found | {("capture", name): files for name, files in _captures().items()}


def _heads() -> dict[str, Files]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_head(folder)
        npz = contents(folder)
        arrays = dict(np.load(folder / "flame.npz"))
    other = {name: blob for name, blob in npz.items() if name != "flame.npz"} | {"flame.safetensors": save(arrays)}
    return {"npz": npz, "safetensors": other}


def _square() -> Files:
    stream = io.BytesIO()
    Image.fromarray(np.full((16, 16, 4), 200, np.uint8)).save(stream, "PNG")
    text = {"square.mhclo": MHCLO, "square.obj": OBJ, "square.mhmat": MHMAT}
    return {name: words.encode() for name, words in text.items()} | {"square.png": stream.getvalue()}


def _captures() -> dict[str, Files]:
    found: dict[str, Files] = {}
    with tempfile.TemporaryDirectory() as name:
        own = Path(name) / "own"
        write_capture(own, cameras=2, frames=3, size=24)
        found["own"] = contents(own)
        views = {f"{c}.png": view for c, view in enumerate(ring(3, 24))}
        for end, binary in (("bin", True), ("txt", False)):
            place = Path(name) / end
            write_colmap(place / "sparse" / "0", views, binary=binary, to_avatar=np.eye(4))
            (place / "to_avatar.json").write_text(json.dumps(np.eye(4).tolist()))
            for picture in views:
                for kind, mode in (("images", "RGB"), ("masks", "L")):
                    (place / kind).mkdir(exist_ok=True)
                    Image.new(mode, (24, 24), 90).save(place / kind / picture)
            found[f"colmap {end}"] = contents(place)
        write_smplx(Path(name) / "smplx", {"22": ring(2, 24)[0], "33": ring(2, 24)[1]}, numbers(), 6)
        found["smplx"] = contents(Path(name) / "smplx")
    return found


def contents(folder: Path) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
