"""Whether what a training needs is installed; everything else here says what it needs by importing it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from assets.errors import TrainError

NEEDED: Final = ("torch", "fast_simplification", "onnx")


def require() -> None:
    """Raise TrainError where the extra `train` is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise TrainError(f"Training needs {missing[0]}, which is not here: pip install 'visavis[train]' brings it.")
