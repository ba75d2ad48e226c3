"""One real GL context, one of GLES and one made-up person for all render tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from assets.avatar import Avatar
from render.gl.context import Api
from render.measure.cloud import make_cloud
from render.offscreen import Offscreen


@pytest.fixture(scope="session")
def _offscreens() -> Iterator[Callable[[Api], Offscreen]]:
    with ExitStack() as made:
        yield cache(lambda api: made.enter_context(Offscreen(api)))


@pytest.fixture
def gl(request: pytest.FixtureRequest, _offscreens: Callable[[Api], Offscreen]) -> Iterator[Offscreen]:
    """A context of the machine's own GL; the tests fail where there is none, and where they leave an error in it. GLES
    where a test asks for it (scenes.BOTH_APIS), and for all tests where VISAVIS_TEST_API=gles."""
    offscreen = _offscreens(getattr(request, "param", os.environ.get("VISAVIS_TEST_API", "gl")))
    offscreen.use()
    yield offscreen
    offscreen.use()
    assert offscreen.ctx.error == "GL_NO_ERROR"


@pytest.fixture(scope="session")
def person() -> Avatar:
    """3,000 Gaussians with harmonics of degree 2."""
    return make_cloud(3000, degree=2)
