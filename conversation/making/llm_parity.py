"""Texts through a converted language model, against the logits of its source: a program of its own, JSON on its last
line (see language_model.make_language_model)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.engines.llm.mnn_llm import MnnLlm

F64 = NDArray[np.float64]


def compare(folder: Path, reference: Path) -> dict[str, Any]:
    """The report."""
    with np.load(reference, allow_pickle=False) as arrays:
        texts = [(arrays[f"ids_{i}"], arrays[f"logits_{i}"].astype(np.float64)) for i in range(len(arrays.files) // 2)]
    report: dict[str, Any] = {"tokens": sum(len(ids) for ids, _ in texts)}
    report["perplexity"] = {"source": _perplexity(texts)}
    for way, exact in (("exact", True), ("fast", False)):
        model = MnnLlm(folder, exact=exact)
        got = [_logits(model, ids, wanted.shape[1]) for ids, wanted in texts]
        pairs = list(zip(np.concatenate([wanted for _, wanted in texts]), np.concatenate(got), strict=True))
        report["perplexity"][way] = _perplexity([(ids, mine) for (ids, _), mine in zip(texts, got, strict=True)])
        cosines = [_cosine(wanted - wanted.mean(), mine - mine.mean()) for wanted, mine in pairs]
        report[way] = {
            "logit_cosine": float(np.mean(cosines)),
            "same_choice": float(np.mean([a.argmax() == b.argmax() for a, b in pairs])),
        }
    return report


def _cosine(a: F64, b: F64) -> float:
    # What all logits have in common says nothing: it was taken out before.
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _logits(model: MnnLlm, ids: NDArray[np.int32], vocabulary: int) -> F64:
    """(n, vocabulary) after each token; a vocabulary that the exporter padded is cut to the source's."""
    model.rewind(0)
    return np.array([model.feed([int(token)])[:vocabulary] for token in ids], np.float64)


def _perplexity(texts: list[tuple[NDArray[np.int32], F64]]) -> float:
    losses = []
    for ids, logits in texts:
        shifted = logits[:-1] - logits[:-1].max(axis=1, keepdims=True)
        chosen = shifted[np.arange(len(ids) - 1), ids[1:]]
        losses.append(np.log(np.exp(shifted).sum(axis=1)) - chosen)
    return float(np.exp(np.concatenate(losses).mean()))


if __name__ == "__main__":
    try:
        result = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as error:
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
    print("\n" + json.dumps(result))
