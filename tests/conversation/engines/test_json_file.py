"""Files that come with a model, in every state but a good one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conversation.engines.json_file import read_json
from conversation.errors import EngineError


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", dict),
        (b'{"a": 1', dict),
        (b"[1]", dict),
        (b'{"a": "\xff"}', dict[str, str]),
        (b"[" * 100_000, Any),
        (None, dict),
    ],
)
def test_what_cannot_be_read_is_told_with_the_advice(tmp_path: Path, content: bytes | None, kind: Any) -> None:
    file = tmp_path / "table.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(EngineError, match=r"table\.json cannot be read \(.+\): get it again\."):
        read_json(file, kind, "get it again")


def test_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text('{"1": ["a"]}')
    assert read_json(tmp_path / "table.json", dict[int, tuple[str]], "") == {1: ("a",)}
