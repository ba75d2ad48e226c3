"""The small language model under another chat template, without copying its weights."""

from __future__ import annotations

import json
from pathlib import Path

from assets import catalogue

THINKING = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
    "{%- endif %}"
)
"""The end of Qwen3's: thoughts are switched off by an empty one."""
ALWAYS_THINKING = THINKING.partition("{%- if enable_thinking")[0] + "{{- '<think>\\n' }}{%- endif %}"
"""As QwQ and Qwen3-Thinking have it: an answer begins inside of a thought."""


def folder_with(place: Path, template: str) -> Path:
    """The model at `place`, which has no record: a folder as a user brings it."""
    source = catalogue.model_dir("smollm2-135m")
    place.mkdir()
    for name in ("config.json", "llm.mnn", "llm.mnn.weight", "tokenizer.mtok"):
        (place / name).symlink_to(source / name)
    config = json.loads((source / "llm_config.json").read_bytes())
    config["jinja"]["chat_template"] = template
    (place / "llm_config.json").write_text(json.dumps(config))
    return place
