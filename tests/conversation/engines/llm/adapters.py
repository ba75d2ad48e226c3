"""LoRAs for the small language model, of random numbers that are large enough to change what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

SIZES = {"self_attn.q_proj": (576, 576), "self_attn.v_proj": (192, 576), "mlp.down_proj": (576, 1536)}
"""Outputs and inputs."""
RANK, ALPHA = 4, 8
LAYERS = 30


def adapter(place: Path, *, seed: int = 0, size: float = 0.08, **config: Any) -> Path:
    """A PEFT folder; `config`: more of adapter_config.json."""
    place.mkdir()
    random, weights = np.random.default_rng(seed), {}
    for layer in range(LAYERS):
        for part, (outputs, inputs) in SIZES.items():
            name = f"base_model.model.model.layers.{layer}.{part}"
            weights[f"{name}.lora_A.weight"] = random.standard_normal((RANK, inputs)).astype(np.float32) / inputs**0.5
            weights[f"{name}.lora_B.weight"] = random.standard_normal((outputs, RANK)).astype(np.float32) * size
    save_file(weights, place / "adapter_model.safetensors")
    about = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "bias": "none", "task_type": "CAUSAL_LM"}
    (place / "adapter_config.json").write_text(json.dumps(about | config))
    return place
