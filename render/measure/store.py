"""What was measured once on this machine and holds for the next start: one JSON file of choices.

The rasteriser, the sort's shape and the way a model runs are each timed at their first start; every key begins with
`device_key`, so that another device or driver is measured anew. A file that cannot be read is as good as none, and one
that cannot be written costs only the time to measure again.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import moderngl

CHOICES: Final = "choices.json"
"""What the file is called, in the folder of what can be made again."""


class Choices:
    """The choices in the file `path`, which need not be there; each call reads the file as it is then."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> object | None:
        """What was put under `key`, as JSON gives it back (check it: anyone may have written it), else None."""
        return self._read().get(key)

    def put(self, key: str, value: object) -> None:
        """Keep `value`, anything that JSON can hold; the file changes in one step and holds what others put there."""
        whole = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        text = json.dumps({**self._read(), key: value}, indent=2)
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                whole.write_text(text, "utf-8")
                whole.replace(self._path)
            finally:
                whole.unlink(missing_ok=True)

    def _read(self) -> dict[str, object]:
        try:
            known = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}


def device_key(ctx: moderngl.Context) -> str:
    """The device and the driver's version, as they call themselves: what a key of `Choices` begins with."""
    return f"{ctx.info['GL_RENDERER']} | {ctx.info['GL_VERSION']}"
