"""llama-cpp-python, run by the Python that has it: reads one JSON a line, answers with one JSON a line.

llama_cpp_script.py ABOUT      ABOUT is {"model": GGUF file, "threads": number, "context": tokens}
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import llama_cpp


def main(about: dict[str, Any]) -> None:
    """Read each {"prompt": text, "most": tokens} from its beginning and write on, greedily, until the input ends:
    {"prefill_tok_s": [tokens, seconds], "decode_tok_s": [tokens, seconds], "text": …}."""
    model = llama_cpp.Llama(
        model_path=about["model"],
        n_ctx=about["context"],
        n_threads=about["threads"],
        n_threads_batch=about["threads"],
        verbose=False,
    )
    answer({"version": llama_cpp.__version__})
    for line in sys.stdin:
        work = json.loads(line)
        tokens = model.tokenize(work["prompt"].encode(), add_bos=False, special=True)
        model.reset()
        began = time.perf_counter()
        model.eval(tokens)
        read = time.perf_counter()
        written: list[int] = []
        # Choosing a token is not counted, as it is not in ours.
        wrote = 0.0
        while len(written) < work["most"]:
            token = model.sample(temp=0.0)
            if token == model.token_eos():
                break
            written.append(token)
            start = time.perf_counter()
            model.eval([token])
            wrote += time.perf_counter() - start
        text = model.detokenize(written).decode("utf-8", "replace")
        answer(
            {
                "prefill_tok_s": [len(tokens), read - began],
                "decode_tok_s": [len(written), wrote],
                "text": text.strip(),
            }
        )


def answer(value: dict[str, Any]) -> None:
    """One line to whoever asked."""
    print(ANSWER + json.dumps(value), flush=True)


ANSWER = "visavis: "
"""Begins every answer; llama.cpp writes lines of its own between them."""

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
