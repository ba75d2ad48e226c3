"""JSON that comes with a model, and may be missing or damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from conversation.errors import EngineError


def read_json(path: Path, kind: Any, advice: str) -> Any:
    """The file as `kind`; EngineError with the `advice` where it cannot be read or is something else."""
    try:
        return decode_json(path.read_bytes(), kind, path, advice)
    except OSError as error:
        raise EngineError(f"{path} cannot be read ({error}): {advice}.") from None


def decode_json(content: bytes, kind: Any, path: Path, advice: str) -> Any:
    """As `read_json`, of `content` that `path` holds."""
    try:
        return msgspec.json.decode(content, type=kind)
    # msgspec hands on what Python says of letters that are no UTF-8, and of lists in lists without end.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EngineError(f"{path} cannot be read ({error}): {advice}.") from None
