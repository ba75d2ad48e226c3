"""What is uploaded piece by piece is what was given."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from render.gl.uploads import PIECE, uploaded
from render.offscreen import Offscreen
from render.steps import at_once

WHOLE = np.random.default_rng(0).integers(0, 1 << 32, (PIECE // 4, 3), np.uint32)


@pytest.mark.parametrize(
    ("contents", "pieces"),
    [
        (WHOLE, 3),
        (WHOLE.T, 3),
        (WHOLE[: PIECE // 12].astype(np.uint16), 1),
        (WHOLE.ravel()[: PIECE // 4 + 1], 2),
        (WHOLE[::7, 1], 1),
    ],
)
def test_it_arrives_whole_in_so_many_steps(gl: Offscreen, contents: NDArray[np.generic], pieces: int) -> None:
    assert len(list(uploaded(gl.ctx, contents))) == pieces
    assert at_once(uploaded(gl.ctx, contents)).read() == contents.tobytes()


def test_nothing_is_a_buffer_too(gl: Offscreen) -> None:
    assert at_once(uploaded(gl.ctx, np.zeros((0, 3), np.float32))).size >= 4
