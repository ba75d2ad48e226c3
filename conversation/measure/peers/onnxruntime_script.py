"""hibari as its package runs it, on ONNX Runtime: reads one JSON a line, answers with one JSON a line.

onnxruntime_script.py ABOUT      ABOUT is {"threads": number}
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import hibari
import onnxruntime


def main(about: dict[str, Any]) -> None:
    """Say each {"say": text} until the input ends: {"rtf": [seconds, seconds of sound]}."""
    voice = hibari.Hibari(threads=about["threads"])
    voice("Hello.")
    answer({"version": onnxruntime.__version__})
    for line in sys.stdin:
        text = json.loads(line)["say"]
        began = time.perf_counter()
        samples = voice(text, seed=0)
        answer({"rtf": [time.perf_counter() - began, len(samples) / voice.sample_rate]})


def answer(value: dict[str, Any]) -> None:
    """One line to whoever asked."""
    print(ANSWER + json.dumps(value), flush=True)


ANSWER = "visavis: "
"""Begins every answer."""

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
