"""A language model in MNN.llm's format, reduced to what a dialogue needs: tokens in, logits out, a cache to rewind.

MNN.llm 3.6.1 trusts its files and its caller: a missing file or an empty list of tokens ends the process with a
signal. So every file is checked against `model.json` before MNN sees it, and only calls that cannot fail that way are
made. Its own loop (`response`, `generate`) holds the GIL until the answer is complete and can neither stream nor stop;
`forward` holds it for one token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from assets.catalogue import RECORD, ModelRecord
from assets.errors import ModelError, ModelMissingError
from assets.quiet import c_stdout_silenced
from conversation.errors import EngineError

NEEDED: Final = ("config.json", "llm_config.json", "llm.mnn", "llm.mnn.weight")
TOKENIZERS: Final = ("tokenizer.mtok", "tokenizer.txt")
"""One of them too: MNN's exporter writes the first since 3.6 and wrote the second before."""


class MnnLlm:
    """One loaded model and its KV cache; belongs to one thread.

    `exact` computes with weights expanded to float32, as the source model does; otherwise int8 activations multiply the
    weights as they are stored, three times as fast and within the rounding that 4-bit weights suffered anyway.
    Raises ModelMissingError or ModelError where the folder is not a complete, undamaged model.
    """

    def __init__(self, model_dir: Path, *, threads: int = 1, exact: bool = False) -> None:
        check_files(model_dir)
        with c_stdout_silenced():
            import MNN.llm

            model = MNN.llm.create(str(model_dir / "config.json"))
            model.set_config({"thread_num": threads, "memory": "normal" if exact else "low"})
            model.load()
        # The wrapper's own methods hide what is needed of the object inside.
        self._model: Any = model._c_obj
        self._length = 0

    @property
    def length(self) -> int:
        """Tokens in the KV cache."""
        return self._length

    def encode(self, text: str) -> list[int]:
        """Token numbers; the text of a special token becomes that token."""
        tokens: list[int] = self._model.tokenizer_encode(text) if text else []
        return tokens

    def decode(self, token: int) -> bytes:
        """The bytes of a token, which may be a part of a character."""
        try:
            text: str = self._model.tokenizer_decode(token)
        except UnicodeDecodeError as error:
            return error.object
        return text.encode()

    def feed(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Append tokens (at least one) to the cache; (vocabulary,) logits of what follows the last one."""
        if not tokens:
            raise ValueError("there is nothing to feed")
        with c_stdout_silenced():
            logits = self._model.forward(list(tokens))
        if logits is None:
            raise EngineError("The language model failed while it read: start the conversation again.")
        self._length += len(tokens)
        result: NDArray[np.float32] = np.array(logits.read(), np.float32).reshape(-1)
        return result

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens; MNN does it when it is fed next."""
        if length >= self._length:
            return
        with c_stdout_silenced():
            if length:
                self._model.erase_history(length, 0)
            else:
                self._model.reset()
        self._length = length


def check_files(model_dir: Path) -> None:
    """Compare every file with the size and hash in model.json (about 0.1 s)."""
    name = model_dir.name
    try:
        record = msgspec.json.decode((model_dir / RECORD).read_bytes(), type=ModelRecord)
    except OSError:
        raise ModelMissingError(
            f"There is no language model in {model_dir}: run `visavis models get {name}`."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = None
    if record is not None and _is_complete(model_dir, record):
        return
    raise ModelError(f"The language model in {model_dir} is damaged: remove it and run `visavis models get {name}`.")


def _is_complete(model_dir: Path, record: ModelRecord) -> bool:
    tokenizer = any(name in record.files for name in TOKENIZERS)
    return tokenizer and all(_is_as_recorded(model_dir, record, file) for file in {*NEEDED, *record.files})


def _is_as_recorded(model_dir: Path, record: ModelRecord, file: str) -> bool:
    entry = record.files.get(file)
    try:
        with (model_dir / file).open("rb") as data:
            return entry is not None and hashlib.file_digest(data, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False
