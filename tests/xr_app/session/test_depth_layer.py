"""Depth beside the colour: pictures that are drawn with depth, and a runtime that is given it."""

from collections.abc import Iterator

import numpy as np
import pytest

from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.renderer import AvatarRenderer
from tests.xr_app.session.pump import run
from xr_app.errors import XrError
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import DEPTH_EXTENSION, XrSession
from xr_app.session.swapchain import (
    GL_DEPTH24_STENCIL8,
    GL_DEPTH_COMPONENT16,
    GL_DEPTH_COMPONENT32F,
    GL_SRGB8_ALPHA8,
    choose_depth_format,
)

SIZE = (48, 32)
RANGE = (0.05, 100.0)


@pytest.fixture
def session(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> Iterator[XrSession]:
    """A session with depth in which no call broke the specification."""
    with XrSession(monado.environment, eye_size=SIZE, depth_range=RANGE, layers=[CORE_VALIDATION]) as session:
        yield session
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def depth_of(frame: Frame, eye: int) -> np.ndarray:
    return np.frombuffer(frame.targets[eye].read(components=1, attachment=-1, dtype="f4"), np.float32)


def test_targets_keep_depth_and_the_session_stays_valid(session: XrSession) -> None:
    assert session.depth_range == RANGE
    seen = []

    def draw(frame: Frame) -> None:
        for eye, target in enumerate(frame.targets):
            assert target.depth_mask and target.size == SIZE
            target.clear(0.1, 0.2, 0.3, 1.0, depth=0.25 + 0.5 * eye)
        seen.append([depth_of(frame, eye) for eye in (0, 1)])
        assert session.ctx.error == "GL_NO_ERROR"

    run(session, 12, draw)
    assert len(seen) >= 9  # more than the pairs of pictures that three and three make
    assert np.abs(np.array(seen)[:, 0] - 0.25).max() < 1e-4
    assert np.abs(np.array(seen)[:, 1] - 0.75).max() < 1e-4


def test_the_runtime_looks_at_the_depth_it_is_given(monado: MonadoService) -> None:
    # The specification forbids a range without length, and Monado holds callers to it.
    with pytest.raises(XrError), XrSession(monado.environment, eye_size=SIZE, depth_range=(1.0, 1.0)) as session:
        run(session, 10)


def test_an_avatar_gives_its_depth(session: XrSession) -> None:
    cloud = make_cloud(500)
    renderer = AvatarRenderer(session.ctx, cloud, depth_range=session.depth_range)
    renderer.set_keys(rest_key(cloud), rest_key(cloud))
    metres = []

    def draw(frame: Frame) -> None:
        model = in_front_of(frame.head)
        renderer.draw(frame.views, frame.targets, head=frame.head, model=model, alpha=0.0, background=None)
        depth = depth_of(frame, 0)
        metres.append(1 / (1 / RANGE[0] - depth[depth < 1] * (1 / RANGE[0] - 1 / RANGE[1])))
        assert session.ctx.error == "GL_NO_ERROR"

    run(session, 3, draw)
    assert all(len(each) > 20 and each.min() > 0.5 and each.max() < 4 for each in metres)


@pytest.mark.parametrize("without", [[DEPTH_EXTENSION], []])
def test_no_depth_where_it_is_not_offered_or_not_wanted(monado: MonadoService, without: list[str]) -> None:
    wanted = RANGE if without else None
    with XrSession(monado.environment, eye_size=SIZE, depth_range=wanted, without=without) as session:
        assert session.depth_range is None
        drawn = []
        run(session, 8, lambda frame: drawn.extend(target.depth_mask for target in frame.targets))
        assert drawn and not any(drawn)


def test_the_finest_format_that_is_offered() -> None:
    offered = [GL_SRGB8_ALPHA8, GL_DEPTH_COMPONENT16, GL_DEPTH_COMPONENT32F, GL_DEPTH24_STENCIL8]
    assert choose_depth_format(offered) == GL_DEPTH_COMPONENT32F
    assert choose_depth_format([GL_DEPTH_COMPONENT16, GL_DEPTH24_STENCIL8]) == GL_DEPTH24_STENCIL8
    assert choose_depth_format([GL_SRGB8_ALPHA8]) is None
