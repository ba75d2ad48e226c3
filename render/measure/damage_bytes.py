"""Damage to any file: bytes, numbers in text, values in JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np

_ODD: Final[tuple[Any, ...]] = (
    -1, 0, 1, 7, 255, 1 << 31, 1 << 40, 1 << 63, 1 << 70, 1e308, -0.0, 0.5, None, True, "", "x", "\n\u202e\x00",
    "../x", "a" * 5000, [], {}, [[]], ["x"] * 300, {"x": {"x": {}}}, [1 << 20] * 4, "range", "quaternion", "F16", "U16",
)  # fmt: skip
_WORDS: Final = tuple(map(bytes.fromhex, (
    "00000000", "ffffffff", "ffffff7f", "00000080", "0000c07f", "0000807f", "ffff7f7f", "01000000", "00000001",
)))  # fmt: skip
"""Whole numbers at their ends, and floats that are none, endless, or nearly so."""
_NUMBERS: Final = (
    b"-1", b"0", b"1", b"3", b"255", b"65536", b"4294967295", b"99999999999", b"1e39", b"1e400", b"nan", b"-inf", b"x",
    b"", b"9" * 400,
)  # fmt: skip


def flip_bits(blob: bytes, rng: np.random.Generator) -> bytes:
    """A few bits anywhere."""
    damaged = bytearray(blob)
    for at in rng.integers(0, 8 * len(blob), rng.integers(1, 9)):
        damaged[at // 8] ^= 1 << (at % 8)
    return bytes(damaged)


def change_bytes(blob: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes, half of the time among the first, where headers are."""
    damaged = bytearray(blob)
    end = len(blob) if rng.integers(2) else min(96, len(blob))
    for _ in range(rng.integers(1, 6)):
        damaged[rng.integers(end)] = rng.integers(256)
    return bytes(damaged)


def cut(blob: bytes, rng: np.random.Generator) -> bytes:
    """The end gone."""
    return blob[: rng.integers(0, len(blob))]


def garble(blob: bytes, rng: np.random.Generator) -> bytes:
    """A run of bytes gone, doubled, emptied, made noise, or more behind the end."""
    kind = rng.integers(5)
    a, b = sorted(int(n) for n in rng.integers(0, len(blob), 2))
    noise = rng.bytes(min(b - a, 4096))
    middle = (b"", blob[a:b] * 2, bytes(b - a), noise, blob[a:b])[kind]
    return blob[:a] + middle + blob[b:] + (noise if kind == 4 else b"")


def odd_words(blob: bytes, rng: np.random.Generator) -> bytes:
    """Runs of four bytes that are extreme numbers, half of the time among the first 256 bytes."""
    damaged = bytearray(blob)
    end = max((len(blob) if rng.integers(2) else min(256, len(blob))) - 4, 1)
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(end)) & ~3
        damaged[at : at + 4] = _WORDS[rng.integers(len(_WORDS))]
    return bytes(damaged)


def odd_numbers(blob: bytes, rng: np.random.Generator) -> bytes:
    """Numbers written as text replaced, half of the time among the first 512 bytes."""
    found = [match.span() for match in re.finditer(rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", blob)]
    if not found:
        return change_bytes(blob, rng)
    first = [span for span in found if span[1] <= 512]
    chosen = first if first and rng.integers(2) else found
    picked = sorted({int(n) for n in rng.integers(0, len(chosen), rng.integers(1, 4))}, reverse=True)
    for number in picked:
        start, end = chosen[number]
        blob = blob[:start] + _NUMBERS[rng.integers(len(_NUMBERS))] + blob[end:]
    return blob


def odd(rng: np.random.Generator) -> Any:
    """A value that nobody expects."""
    return _ODD[rng.integers(len(_ODD))]


def odd_json(value: Any, rng: np.random.Generator) -> None:
    """Make values anywhere in a list or object odd, or take them away."""
    for _ in range(rng.integers(1, 4)):
        here: Any = value
        while here:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            key = keys[rng.integers(len(keys))]
            if isinstance(here[key], dict | list) and here[key] and rng.random() < 0.85:
                here = here[key]
                continue
            if rng.random() < 0.15:
                del here[key]
            else:
                here[key] = odd(rng)
            break


def odd_json_text(text: bytes, rng: np.random.Generator) -> bytes:
    """The same for JSON as it is written, or such as never ends."""
    if rng.integers(16) == 0:
        return (b"[" * 100_000, b'{"a":' * 50_000, b"[]," * 80_000, b"")[rng.integers(4)]
    value = json.loads(text)
    odd_json(value, rng)
    return json.dumps(value).encode()
