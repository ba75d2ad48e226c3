"""A .gguf or a Hugging Face folder → a language model for MNN in the models' folder, and what the way there cost."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from assets import paths
from assets.catalogue import OWN, RECORD, ModelRecord, files_of
from assets.errors import ConversionError
from assets.place import need_room, put_in_place
from assets.progress import Progress, Step
from conversation.engines.llm.llm_folder import NEEDED
from conversation.making.onnx_file import EXTRA
from conversation.making.source import hashes_of

MODULES: Final = ("torch", "transformers", "llmexport", "MNN")
TEXTS: Final = (
    "The capital of France is Paris, and the capital of Italy is Rome. Both cities are more than a thousand years old.",
    "Leaves fall in autumn because trees save water and energy for the winter, when days are short and soil is cold.",
    '"How do you feel today?" she asked. "Much better, thank you," he said, and put the letter back on the table.',
    "今天天气很好，我们去公园散步吧。路上可以买两杯热茶，再给妈妈打个电话。",
)
"""Plain language, as it is spoken here."""
WORST: Final = 1.5
"""A model whose perplexity on these grew by more than this is broken, not rounded."""
_WORKER: Final = Path(__file__).with_name("llm_worker.py")
_LEFT_OVER: Final = ("llm.mnn.json", "export_args.json")
"""Of the exporter, of no use to a conversation."""


@dataclass(frozen=True)
class Orders:
    """What llm_worker.py is told."""

    source: str
    scratch: str
    out: str
    lora: str | None
    bits: int
    block: int
    texts: tuple[str, ...] = TEXTS


def make_language_model(
    source: Path, name: str, *, bits: int, block: int, lora: Path | None, python: Path, progress: Progress
) -> dict[str, Any]:
    """Put the model `name` into the models' folder and return the report, which `parity.json` there holds too.

    `bits` of a weight: 4, 8 or 16; one scale every `block` weights. `lora`: a PEFT adapter's folder, merged into the
    weights. `python`: the one that has the extra `making`. The report: `perplexity` of `source` and of MNN's two ways
    to compute (`exact`, and `fast`, as a conversation runs it), and of each `logit_cosine` and `same_choice` (how often
    the likeliest next token is the source's). Raises ConversionError; then there is no model of that name.
    """
    _check_extra(python, lora)
    home = paths.models_dir()
    home.mkdir(parents=True, exist_ok=True)
    size = source.stat().st_size if source.is_file() else sum(f.stat().st_size for f in source.rglob("*.safetensors"))
    need_room(home, size * (8 if source.is_file() else 3))
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=home) as folder:
        scratch, out = Path(folder), Path(folder) / name
        orders = Orders(str(source), str(scratch), str(out), str(lora) if lora else None, bits, block)
        with progress.step(f"Converting {source.name}") as step:
            made_with = _exported(orders, python, step)
        for file in NEEDED:
            if not (out / file).is_file():
                raise ConversionError(f"The exporter made no {file} of {source.name}: please report this model.")
        _write_record(out, name, source, lora)
        with progress.step("Comparing with the source"):
            compared = _compared(out, scratch / "reference.npz")
        report = {"bits": bits, "block": block, "lora": lora is not None, **made_with, **compared}
        _check(compared, source)
        (out / "parity.json").write_text(json.dumps(report, indent=2))
        _write_record(out, name, source, lora)
        put_in_place(out, home / name)
    return {"model": name, **report}


def _check_extra(python: Path, lora: Path | None) -> None:
    modules = [*MODULES, *(["peft"] if lora else [])]
    code = "import sys; from importlib.util import find_spec; print(*[m for m in sys.argv[1:] if not find_spec(m)])"
    try:
        done = subprocess.run([python, "-c", code, *modules], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConversionError(f"{python} is no Python that runs ({error}): give another --python.") from None
    if missing := done.stdout.split():
        raise ConversionError(
            f"Converting a language model needs {', '.join(missing)}: {EXTRA}, or give --python of one that has it."
        )


def _exported(orders: Orders, python: Path, step: Step) -> dict[str, Any]:
    scratch = Path(orders.scratch)
    errors = scratch / "errors.txt"
    command = [str(python), str(_WORKER), json.dumps(asdict(orders))]
    with (
        errors.open("w") as file,
        subprocess.Popen(command, cwd=scratch, stdout=subprocess.PIPE, stderr=file, text=True) as worker,
    ):
        assert worker.stdout is not None
        for line in worker.stdout:
            if line.startswith("step "):
                step.say(line.removeprefix("step ").strip())
    if worker.returncode:
        said = (errors.read_text(errors="replace").strip().splitlines() or [f"exit code {worker.returncode}"])[-1]
        raise ConversionError(f"{Path(orders.source).name} could not be converted ({said}).")
    for left in _LEFT_OVER:
        (Path(orders.out) / left).unlink(missing_ok=True)
    result: dict[str, Any] = json.loads((scratch / "report.json").read_bytes())
    return result


def _compared(folder: Path, reference: Path) -> dict[str, Any]:
    # A model that MNN cannot run ends the process with a signal.
    run = [sys.executable, "-m", "conversation.making.llm_parity", str(folder), str(reference)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ConversionError(f"MNN cannot run what was made ({said}): please report this model.")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _check(compared: dict[str, Any], source: Path) -> None:
    perplexity = compared["perplexity"]
    if not perplexity["exact"] <= WORST * perplexity["source"]:
        raise ConversionError(
            f"What was made of {source.name} speaks worse than it (perplexity {perplexity['exact']:.1f} instead of "
            f"{perplexity['source']:.1f}): try more --bits."
        )


def _write_record(out: Path, name: str, source: Path, lora: Path | None) -> None:
    (out / RECORD).unlink(missing_ok=True)
    origin = hashes_of(source) | (hashes_of(lora) if lora else {})
    record = ModelRecord(name, 1, "that of its source", origin, files_of(out), OWN)
    (out / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
