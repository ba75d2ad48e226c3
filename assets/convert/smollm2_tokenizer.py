"""The tokenizer inside a GGUF → MNN's tokenizer.mtok.

Byte-level BPE. SmolLM2 reads every digit on its own (a GGUF says so only by the name "smollm"), and splits the rest as
GPT-2 does. The layout is that of llmexport 0.0.5 (`utils/tokenizer.py`, `export_mtok`): a header in text, then
little-endian parts: normaliser, splitter, vocabulary sorted by text, merges sorted by pair, decoder, special tokens,
chat template (empty: MNN takes it from llm_config.json), end token, flags, start token.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from gguf import GGUFReader

from assets.errors import ConversionError

MAGIC: Final = "430 4"
CONTROL: Final = 3
"""`tokenizer.ggml.token_type` of tokens that are never part of a text."""

NO_NORMALISER: Final = struct.pack("<B", 0)
DIGITS_THEN_BYTES: Final = struct.pack("<BI", 6, 2) + struct.pack("<BB", 2, 1) + struct.pack("<BB", 1, 1)
"""A sequence of two: every digit alone; then bytes as characters, split by GPT-2's pattern."""
BYTES_DECODER: Final = struct.pack("<B", 0)


def write_tokenizer(reader: GGUFReader, out: Path) -> None:
    """Write the file `out`; ConversionError where the GGUF holds another kind of tokenizer."""
    if (_field(reader, "model"), _field(reader, "pre")) != ("gpt2", "smollm"):
        raise ConversionError("The package holds another kind of tokenizer than SmolLM2's: please report this.")
    tokens: list[str] = _field(reader, "tokens")
    special = [number for number, kind in enumerate(_field(reader, "token_type")) if kind == CONTROL]
    start, end = _field(reader, "bos_token_id"), _field(reader, "eos_token_id")
    header = f"{MAGIC}\n{len(special)} 1 0\n{' '.join(map(str, [*special, end]))}\n".encode()
    closing = struct.pack("<I", 0) + _text(tokens[end]) + struct.pack("<B", 0) + _text(tokens[start])
    bpe = _bpe(tokens, _field(reader, "merges"))
    out.write_bytes(
        header + NO_NORMALISER + DIGITS_THEN_BYTES + bpe + BYTES_DECODER + _added(tokens, special) + closing
    )


def _bpe(tokens: list[str], merges: list[str]) -> bytes:
    numbers = {token: number for number, token in enumerate(tokens)}
    pairs = [merge.split(" ", 1) for merge in merges]
    ranked = sorted((numbers[left], numbers[right], rank) for rank, (left, right) in enumerate(pairs))
    vocabulary = (_text(token) + struct.pack("<I", number) for token, number in sorted(numbers.items()))
    # Kind 0 is BPE; it neither falls back to bytes nor maps them itself: the splitter does.
    head = struct.pack("<BIBBI", 0, len(tokens), 0, 0, len(merges))
    return head + b"".join(vocabulary) + np.array(ranked, "<u4").tobytes()


def _added(tokens: list[str], special: list[int]) -> bytes:
    # Special, and without stripping on either side.
    entries = (struct.pack("<IBBB", number, 1, 0, 0) + _text(tokens[number]) for number in special)
    return struct.pack("<I", len(special)) + b"".join(entries)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<H", len(data)) + data


def _field(reader: GGUFReader, name: str) -> Any:
    field = reader.get_field(f"tokenizer.ggml.{name}")
    if field is None:
        raise ConversionError(f"The package's tokenizer has no {name}: please report this.")
    return field.contents()
