"""A language model as its makers publish it → a folder for MNN.llm, and what the model itself answers to some texts.

A program of its own, because torch and transformers belong to no running conversation: it is started by its path with
any Python that has the extra `making`, imports nothing of visavis, and takes its orders as one JSON argument (see
`Orders` in language_model.py). In the scratch folder it leaves `report.json` with what it used, and `reference.npz`:
for text number i its tokens `ids_i` (n,), and the model's logits `logits_i` (n, vocabulary), float32, after each.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LONGEST = 128
"""Tokens of a text that are compared."""


def main(orders: dict[str, Any]) -> None:
    """Convert, and answer the texts."""
    os.environ |= dict.fromkeys(("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TQDM_DISABLE"), "1")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    # As soon as MNN's converter finds this module, it installs a package and reports to a server.
    sys.modules["MNN.tools.utils.log"] = None  # type: ignore[assignment]
    source, scratch, out = Path(orders["source"]), Path(orders["scratch"]), Path(orders["out"])
    folder = scratch / "model"
    tell("reading")
    model, tokenizer = read(source, orders["lora"])
    reference(model, tokenizer, orders["texts"], scratch / "reference.npz")
    # The exporter runs whatever code a folder brings: it gets one that was written here and has none.
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    del model
    tell("converting")
    with messages_in(scratch / "export.log"):
        export(folder, out, orders["bits"], orders["block"])
    used = {name: version(name) for name in ("torch", "transformers", "llmexport", "MNN")}
    (scratch / "report.json").write_text(json.dumps({"made_with": used}))


def read(source: Path, lora: str | None) -> tuple[Any, Any]:
    """The model in float32, its LoRA merged into it, and its tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {}
    if source.is_file():
        from transformers import GgufConfig

        where = {"gguf_file": source.name, "quantization_config": GgufConfig(dequantize=True)}
    home = source.parent if source.is_file() else source
    model = AutoModelForCausalLM.from_pretrained(home, dtype=torch.float32, use_safetensors=True, **where)
    where.pop("quantization_config", None)
    tokenizer = AutoTokenizer.from_pretrained(home, **where)
    # What was stored in blocks of few bits is plain numbers now.
    model.hf_quantizer = None
    for name in ("quantization_config", "auto_map"):
        if hasattr(model.config, name):
            delattr(model.config, name)
    if lora:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, lora).merge_and_unload()
    return model.eval(), tokenizer


def reference(model: Any, tokenizer: Any, texts: list[str], file: Path) -> None:
    """The model's own logits."""
    import numpy as np
    import torch

    arrays = {}
    for number, text in enumerate(texts):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"][:LONGEST]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].float().numpy()
        arrays[f"ids_{number}"], arrays[f"logits_{number}"] = np.array(ids, np.int32), logits
    np.savez(file, **arrays)  # type: ignore[arg-type]


def export(folder: Path, out: Path, bits: int, block: int) -> None:
    """By MNN's exporter, which finds its own modules only where its folder is on the path."""
    found = find_spec("llmexport")
    assert found is not None and found.submodule_search_locations
    sys.path.insert(0, found.submodule_search_locations[0])
    arguments = ["--path", str(folder), "--export", "mnn", "--dst_path", str(out)]
    sys.argv = ["llmexport", *arguments, "--quant_bit", str(bits), "--quant_block", str(block)]
    import llmexport  # now the module of that name inside the package

    llmexport.main()


@contextlib.contextmanager
def messages_in(file: Path) -> Iterator[None]:
    """What the exporter and the converter say, in a file."""
    sys.stdout.flush()
    saved = os.dup(1)
    with file.open("w") as log:
        os.dup2(log.fileno(), 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(saved, 1)
            os.close(saved)


def tell(what: str) -> None:
    """One line for whoever started this."""
    print(f"step {what}", flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
