"""The project's own A2BS network, committed as ONNX → a2bs.mnn, and the sheet that says what its channels are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import onnx

from assets.convert.mnn import convert_onnx
from assets.errors import ConversionError
from assets.progress import Step

SHEET = "a2bs.json"


def source_folder() -> Traversable:
    """Where `a2bs.onnx` and its sheet lie: data of this package, written by `packaging/a2bs/train.py`."""
    return resources.files("assets") / "data" / "visavis-a2bs"


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write a2bs.mnn and a2bs.json; needs no package.

    The network: mel (1, bands, look_back + t + look_ahead) → mouth (1, channels, t). Raises ConversionError where
    network and sheet do not belong together.
    """
    _convert(source_folder(), out)


def _convert(folder: Traversable, out: Path) -> None:
    network, sheet = (folder / "a2bs.onnx").read_bytes(), (folder / SHEET).read_bytes()
    if hashlib.sha256(network).hexdigest() != json.loads(sheet)["onnx_sha256"]:
        raise ConversionError(f"a2bs.onnx is not the network that {SHEET} describes: install Visavis again.")
    convert_onnx(onnx.load_model_from_string(network), out / "a2bs.mnn")
    (out / SHEET).write_bytes(sheet)
