"""A streaming transducer of icefall or sherpa-onnx as .mnn files: `python -m assets.convert.transducer SOURCE OUT`.

SOURCE holds `*encoder*.onnx`, `*decoder*.onnx`, `*joiner*.onnx` in float32 and `tokens.txt`; quantised ONNX (`int8` in
the name) has operators that MNN lacks. Weights become 8 bit unless `bits` is 0.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

import onnx

from assets.convert.mnn import convert_onnx
from assets.errors import ConversionError, VisavisError

PARTS: Final = ("encoder", "decoder", "joiner")
_LARGEST: Final = (2 << 30) - 1
"""Bytes; protobuf holds no more."""
_TABLES: Final = ("tokens.txt", "bpe.vocab")


def convert_transducer(source: Path, out: Path, *, bits: int = 8) -> None:
    """Write encoder.mnn, decoder.mnn, joiner.mnn and the tables of `source` into the folder `out`; ConversionError."""
    files = {part: _find(source, part) for part in PARTS}
    if not (source / _TABLES[0]).is_file():
        raise ConversionError(f"{source} has no tokens.txt: get the whole model again.")
    out.mkdir(parents=True, exist_ok=True)
    for part, path in files.items():
        try:
            model = onnx.load(path, load_external_data=False)
        except Exception as error:  # protobuf's own, which onnx does not name
            raise ConversionError(f"{path} is damaged ({error}): get the model again.") from None
        # A token's embedding is looked up, not multiplied: the decoder is small and stays as it is.
        convert_onnx(model, out / f"{part}.mnn", weight_bits=bits if bits and part != "decoder" else None)
    for name in _TABLES:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def _find(source: Path, part: str) -> Path:
    found = sorted(path for path in source.glob(f"*{part}*.onnx") if "int8" not in path.name)
    if not found:
        raise ConversionError(f"{source} has no float32 *{part}*.onnx: get the model that is not quantised.")
    if found[0].stat().st_size > _LARGEST:
        raise ConversionError(f"{found[0]} is larger than 2 GiB, which ONNX files cannot be: get the model again.")
    return found[0]


if __name__ == "__main__":
    try:
        convert_transducer(Path(sys.argv[1]), Path(sys.argv[2]))
    except IndexError:
        sys.exit(__doc__)
    except VisavisError as error:
        sys.exit(str(error))
