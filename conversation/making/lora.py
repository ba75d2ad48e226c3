"""A PEFT adapter and a language model for MNN → a LoRA that is loaded with the model, and switched while it talks.

No torch: the model's graph is read as JSON, beside every matrix that the adapter changes two small ones are added, and
the result is a graph over the model's own weights.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np

from assets.errors import ConversionError
from assets.mnn_file import settled
from assets.progress import Progress
from conversation.engines.llm.lora_graph import mark, model_graph
from conversation.making.adapter import Matrices, read_adapter

_PLACE: Final = re.compile(r'"@(\d+)@"')
"""Where an array of numbers belongs in the JSON, which is written apart: there may be millions."""


def make_lora(adapter: Path, model_dir: Path, out: Path, *, progress: Progress) -> dict[str, Any]:
    """Write the file `out`; a report of `layers`, `rank` and `mb`. Raises ConversionError; then there is no `out`."""
    if out.exists():
        raise ConversionError(f"{out} exists already: give another --out, or remove it.")
    changes = read_adapter(adapter)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with (
        progress.step(f"Putting {adapter.name} beside {model_dir.name}") as step,
        tempfile.TemporaryDirectory(prefix=".lora-", dir=out.absolute().parent) as folder,
    ):
        scratch = Path(folder)
        step.say("reading")
        _convert("MNN", model_graph(model_dir), "--JsonFile", scratch / "model.json")
        graph = json.loads((scratch / "model.json").read_bytes())
        arrays = _added(graph, changes, model_dir)
        with (scratch / "lora.json").open("w") as file:
            _write(graph, arrays, file)
        step.say("writing")
        _convert("JSON", scratch / "lora.json", "--MNNModel", scratch / "lora.mnn", "--bizCode", mark(model_dir))
        made = settled((scratch / "lora.mnn").read_bytes())
        (scratch / "lora.mnn").write_bytes(made)
        step.say("trying")
        _try(scratch / "lora.mnn", model_dir)
        (scratch / "lora.mnn").rename(out)
    rank = max(change.down.shape[0] for change in changes.values())
    return {"lora": str(out), "layers": len(changes), "rank": rank, "mb": round(len(made) / 1e6, 1)}


def _added(graph: dict[str, Any], changes: dict[str, Matrices], model_dir: Path) -> list[np.ndarray]:
    """Change the graph; the arrays that belong into it."""
    graph["bizCode"] = mark(model_dir)
    names, operators, arrays = graph["tensorName"], list[dict[str, Any]](), list[np.ndarray]()
    left, instead = dict(changes), dict[int, int]()
    for operator in graph["oplists"]:
        if "inputIndexes" in operator:
            operator["inputIndexes"] = [instead.get(index, index) for index in operator["inputIndexes"]]
        operators.append(operator)
        found = re.fullmatch(r"/layers\.(\d+)/(\w+)/(\w+)/Linear", operator["name"])
        change = left.pop("/".join(found.groups()), None) if found and operator["type"] == "Convolution" else None
        if change is None:
            continue
        _check_sizes(operator, change)
        first = len(names)
        names += [f"{operator['name']}/{part}" for part in ("down", "up", "changed")]
        (source,), (result,) = operator["inputIndexes"], operator["outputIndexes"]
        operators += [
            _matrix(operator, names[first], source, first, change.down, arrays),
            _matrix(operator, names[first + 1], first, first + 1, change.up, arrays),
            _sum(names[first + 2], result, first + 1, first + 2),
        ]
        instead[result] = first + 2
    if left:
        raise ConversionError(f"The adapter changes {next(iter(left))}, which {model_dir.name} does not have.")
    graph["oplists"] = operators
    return arrays


def _check_sizes(operator: dict[str, Any], change: Matrices) -> None:
    common = operator["main"]["common"]
    if (change.up.shape[0], change.down.shape[1]) != (common["outputCount"], common["inputCount"]):
        raise ConversionError(
            f"The adapter changes {change.up.shape[0]} × {change.down.shape[1]} numbers of {operator['name']}, which "
            f"has {common['outputCount']} × {common['inputCount']}: it was made for another model."
        )


def _matrix(
    like: dict[str, Any], name: str, source: int, result: int, weight: np.ndarray, arrays: list[np.ndarray]
) -> dict[str, Any]:
    outputs, inputs = weight.shape
    arrays += [weight.ravel(), np.zeros(outputs, np.float32)]
    common = like["main"]["common"] | {"outputCount": outputs, "inputCount": inputs}
    return like | {
        "name": name,
        "inputIndexes": [source],
        "outputIndexes": [result],
        "main": {"common": common, "weight": f"@{len(arrays) - 2}@", "bias": f"@{len(arrays) - 1}@"},
    }


def _sum(name: str, first: int, second: int, result: int) -> dict[str, Any]:
    return {
        "type": "BinaryOp",
        "name": name,
        "inputIndexes": [first, second],
        "outputIndexes": [result],
        "main_type": "BinaryOp",
        "main": {"opType": "ADD", "T": "DT_FLOAT", "activationType": 0},
        "defaultDimentionFormat": "NHWC",
    }


def _write(graph: dict[str, Any], arrays: list[np.ndarray], file: TextIO) -> None:
    for number, part in enumerate(_PLACE.split(json.dumps(graph))):
        if number % 2 == 0:
            file.write(part)
        else:
            file.write(f"[{','.join(f'{value:.9g}' for value in arrays[int(part)].tolist())}]")


def _convert(kind: str, source: Path, option: str, out: Path, *options: str) -> None:
    arguments = ["-f", kind, "--modelFile", str(source), option, str(out), *options]
    command = [sys.executable, "-m", "assets.convert.mnn", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not out.is_file():
        said = " ".join((done.stdout + done.stderr).split())[-300:]
        raise ConversionError(f"MNN could not read or write {source.name} (the converter said: {said}).")


def _try(file: Path, model_dir: Path) -> None:
    """One token through it; what MNN cannot run ends the process with a signal."""
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from conversation.engines.llm.mnn_llm import MnnLlm\n"
        "model = MnnLlm(Path(sys.argv[1]), recorded=False); lora = model.with_lora(Path(sys.argv[2]))\n"
        "token = model.encode('a'); assert np.isfinite(change := lora.feed(token) - model.feed(token)).all()\n"
        "sys.exit(0 if change.any() else 'it changes nothing')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(model_dir), str(file)], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ConversionError(f"MNN cannot run what was made of the adapter ({said}).")
