"""What training leaves behind: the network as ONNX and the sheet that says what goes in and what comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from network import LOOK_AHEAD, LOOK_BACK, Mouth

from assets.arkit import INDEX
from conversation.engines.asr.mel import BANDS
from conversation.phonetics.mouth import CHANNELS, FRAME_RATE
from conversation.phonetics.phones import PHONES


def write(folder: Path, mouth: Mouth, training: Mapping[str, object], figures: Mapping[str, object]) -> None:
    """Write `a2bs.onnx` and its sheet `a2bs.json`.

    The network: `mel` (1, bands, look_back + t + look_ahead) -> `mouth` (1, channels, t).
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "a2bs.onnx"
    example = torch.zeros(1, BANDS, LOOK_BACK + 100 + LOOK_AHEAD)
    torch.onnx.export(
        mouth.eval(), (example,), str(model), input_names=["mel"], output_names=["mouth"],
        dynamic_axes={"mel": {2: "padded"}, "mouth": {2: "frames"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    sheet = {
        "frame_rate": FRAME_RATE,
        "bands": BANDS,
        "look_back": LOOK_BACK,
        "look_ahead": LOOK_AHEAD,
        "channels": [_arkit(name) for name in CHANNELS],
        "onnx_sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "parameters": sum(p.numel() for p in mouth.parameters()),
        "training": {**training, "phones": len(PHONES)},
        "figures": figures,
        "licence": "Apache-2.0",
    }
    (folder / "a2bs.json").write_text(json.dumps(sheet, indent=1) + "\n")


def _arkit(channel: str) -> list[str]:
    """The ARKit names that one output drives."""
    return [channel] if channel in INDEX else [channel + "Left", channel + "Right"]
