"""The manifest: its schema, and what it may not say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from assets.container.manifest import MAX_MANIFEST, decode, encode, schema
from assets.container.write import manifest_of
from assets.errors import AvatarError
from tests.assets.container.made_up import make_avatar

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "manifest.schema.json"
PLACE = Path("a.avatar")


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    assert SCHEMA.read_text() == json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", (
        "write it anew: python -m assets.container > docs/manifest.schema.json"
    )


def test_what_is_written_is_read() -> None:
    manifest = manifest_of(make_avatar())
    assert decode(encode(manifest), PLACE) == manifest


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 3}, "format 3; this release reads 1 to 2"),
        ({"format": "2"}, "cannot be read"),
        ({"gaussians": 0}, "gaussians"),
        ({"gaussians": 1 << 40}, "gaussians"),
        ({"levels": [50, 10]}, "no ascending prefixes"),
        ({"levels": [0]}, "no ascending prefixes"),
        ({"levels": [51]}, "no ascending prefixes"),
        ({"models": ["a", "a"]}, "twice"),
        ({"joints": []}, "joints"),
        ({"antialiasing": "blur"}, "antialiasing"),
        ({"parts": {"x": {"bytes": -1, "sha256": "0" * 64}}}, "bytes"),
        ({"parts": {"x": {"bytes": 1, "sha256": "no"}}}, "sha256"),
        ({"name": None}, "name"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], why: str) -> None:
    said = msgspec.to_builtins(manifest_of(make_avatar())) | change
    with pytest.raises(AvatarError, match=why):
        decode(json.dumps(said).encode(), PLACE)


@pytest.mark.parametrize("blob", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (MAX_MANIFEST + 1)])
def test_what_is_no_manifest_is_refused(blob: bytes) -> None:
    with pytest.raises(AvatarError) as error:
        decode(blob, PLACE)
    assert "\n" not in str(error.value)
