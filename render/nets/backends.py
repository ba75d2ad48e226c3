"""Which backends the installed MNN really has.

A session asked for one that is not there runs on the processor and says nothing; only creating the runtime tells.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from assets.quiet import c_stdout_silenced
from render.nets.tensors import interpreter

BACKENDS: Final = ("METAL", "CUDA", "OPENCL", "VULKAN", "OPENGL")
"""By MNN's names, the likeliest to be fast first."""
_SMALLEST: Final = b64decode(
    "HAAAAAAAFgAUAAAAAAAAABAADAAAAAAACAAEABYAAAABAAAADAAAAAgAAAAMAAAAAQAAAGAAAAABAAAAFAAAABAAGAAAABcAEAAMAAgABAAQ"
    "AAAAIgAAABAAAAA4AAAAHAAAAAAAABUBAAAAAAAAAAAACgAQAAwACAAHAAoAAAAAAAAAAQAAAAQAAAABAAAAAQAAAAEAAAB4AAAA"
)
"""A model of one input and nothing else: what a runtime needs to be created."""


def probe_backends() -> list[str]:
    """The GPU backends that this MNN has and whose runtime starts here; the wheels for Linux and Windows have none."""
    with c_stdout_silenced():
        model = interpreter(_SMALLEST)
        return [name for name in BACKENDS if model.createRuntime(({"backend": name},))[1][0]]
