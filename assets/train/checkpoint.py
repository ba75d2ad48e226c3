"""A training that can be taken up again: everything it holds, as one safetensors file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from assets.errors import TrainError
from assets.train.adam import Adam
from assets.train.model import Model
from assets.train.options import TrainOptions

VERSION: Final = "1"


def write_checkpoint(path: Path, model: Model, optimiser: Adam, options: TrainOptions, done: int) -> None:
    """Write where the training stands after `done` steps; an interrupted write leaves the last one whole."""
    tensors = {f"params/{name}": value for name, value in model.params.items()}
    tensors |= {f"means/{name}": value for name, value in optimiser.means.items()}
    tensors |= {f"squares/{name}": value for name, value in optimiser.squares.items()}
    head = {"version": VERSION, "done": str(done), "steps": str(optimiser.steps), "of": _of(model, options)}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, str(partial), head)
    os.replace(partial, path)


def read_checkpoint(path: Path, model: Model, optimiser: Adam, options: TrainOptions) -> int:
    """Take up the training where `path` left it; returns the steps done. Raises TrainError where it is another's."""
    try:
        with safe_open(str(path), "pt") as file:
            head = file.metadata() or {}
            # Copied: sums in another alignment of memory may round differently.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise TrainError(f"{path} cannot be read ({error}); delete it to begin anew.") from None
    if head.get("version") != VERSION or head.get("of") != _of(model, options):
        raise TrainError(
            f"{path} belongs to a training with other options or another capture; delete it to begin anew."
        )
    params = {name.removeprefix("params/"): value for name, value in tensors.items() if name.startswith("params/")}
    if {n: v.shape for n, v in params.items()} != {n: v.shape for n, v in model.params.items()}:
        raise TrainError(f"{path} is damaged; delete it to begin anew.")
    model.load(params)
    optimiser.forget()
    optimiser.steps = int(head["steps"])
    for kind, moments in (("means", optimiser.means), ("squares", optimiser.squares)):
        for name in model.params:
            if f"{kind}/{name}" in tensors:
                moments[name] = tensors[f"{kind}/{name}"].to(model.device)
    return int(head["done"])


def _of(model: Model, options: TrainOptions) -> str:
    """What the checkpoint belongs to."""
    digest = hashlib.sha256(msgspec.json.encode(options))
    mesh, strewn = model.template.mesh, model.strewn
    for array in (mesh.vertices, mesh.triangles, strewn.parent, strewn.barycentric):
        digest.update(array.tobytes())
    return f"{digest.hexdigest()} torch {torch.__version__.split('+')[0]}"
