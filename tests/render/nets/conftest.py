"""Networks converted once for all tests of the folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import onnx
import pytest

from assets.convert.graph import Graph
from tests.networks import model_of

Converted = tuple[bytes, onnx.ModelProto]


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[], Graph]], Converted]:
    """The .mnn and the ONNX model of a graph."""
    return cache(lambda make: model_of(make(), tmp_path_factory.mktemp("network")))
