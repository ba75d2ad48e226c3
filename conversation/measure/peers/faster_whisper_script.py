"""faster-whisper, run by the Python that has it: reads one JSON a line, answers with one JSON a line.

faster_whisper_script.py ABOUT      ABOUT is {"model": folder, "threads": number, "language": code or null}

Greedy and without timestamps, as Visavis decodes; int8, which is its own advice for processors.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import faster_whisper


def main(about: dict[str, Any]) -> None:
    """Transcribe each {"sound": file} until the input ends: {"rtf": [seconds, seconds of sound], "text": …}."""
    model = faster_whisper.WhisperModel(
        about["model"], device="cpu", compute_type="int8", cpu_threads=about["threads"], num_workers=1
    )
    answer({"version": faster_whisper.__version__, "precision": "int8"})
    for line in sys.stdin:
        samples = faster_whisper.decode_audio(json.loads(line)["sound"])
        began = time.perf_counter()
        segments, _ = model.transcribe(
            samples, language=about["language"], beam_size=1, without_timestamps=True, condition_on_previous_text=False
        )
        text = "".join(segment.text for segment in segments).strip()
        answer({"rtf": [time.perf_counter() - began, len(samples) / 16_000], "text": text})


def answer(value: dict[str, Any]) -> None:
    """One line to whoever asked."""
    print(ANSWER + json.dumps(value), flush=True)


ANSWER = "visavis: "
"""Begins every answer."""

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
