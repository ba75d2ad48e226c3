"""One real GL context and one made-up person for all render tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assets.avatar import Avatar
from render.measure.cloud import make_cloud
from render.offscreen import Offscreen


@pytest.fixture(scope="session")
def gl() -> Iterator[Offscreen]:
    """A context of the machine's own GL; the tests fail where there is none."""
    with Offscreen() as offscreen:
        yield offscreen


@pytest.fixture(scope="session")
def person() -> Avatar:
    """3,000 Gaussians with harmonics of degree 2."""
    return make_cloud(3000, degree=2)
