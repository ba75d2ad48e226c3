"""A whole session in GLES on the real Monado. The core validation layer of Linux was built without GLES: it takes the
images of a swapchain for a mistake, and cannot watch."""

from collections.abc import Iterator

import numpy as np
import pytest

from render.gl.context import is_es
from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from tests.xr_app.session.pump import run
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.gl_binding import GL_EXTENSION
from xr_app.session.session import XrSession

SIZE = (64, 48)


@pytest.fixture
def session(monado: MonadoService) -> Iterator[XrSession]:
    with XrSession(monado.environment, eye_size=SIZE, depth_range=(0.05, 100.0), without=[GL_EXTENSION]) as session:
        yield session


def test_pictures_are_srgb_of_the_linear_colour(session: XrSession) -> None:
    assert is_es(session.ctx)
    pixels = []

    def draw(frame: Frame) -> None:
        for target in frame.targets:
            target.clear(0.5, 0.2, 0.05, 0.5)
            pixels.append(np.frombuffer(target.read(components=4), np.uint8)[:4])

    run(session, 12, draw)
    linear = np.array((0.5, 0.2, 0.05))
    expected = np.append(255 * (1.055 * linear ** (1 / 2.4) - 0.055), 127.5)  # IEC 61966-2-1; alpha is linear
    assert len(pixels) >= 10
    assert np.abs(np.array(pixels) - expected).max() <= 1


def test_an_avatar_is_drawn_as_by_gl(session: XrSession) -> None:
    cloud = make_cloud(400)
    renderer = AvatarRenderer(session.ctx, cloud, depth_range=session.depth_range)
    renderer.set_keys(rest_key(cloud), rest_key(cloud))
    seen = []

    def draw(frame: Frame) -> None:
        frame.shrink(1.0 if frame.index % 2 else 0.5)
        model = in_front_of(frame.head)
        renderer.draw(frame.views, frame.targets, head=frame.head, model=model, alpha=0.0, background=(0, 0, 0, 1))
        pixels = np.frombuffer(frame.targets[0].read(components=4), np.uint8)
        seen.append((frame.views, frame.head, model, pixels))

    run(session, 8, draw)
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, cloud)
        renderer.set_keys(rest_key(cloud), rest_key(cloud))
        for views, head, model, pixels in seen[:4]:
            targets = [offscreen.target(view.width, view.height) for view in views]
            renderer.draw(views, targets, head=head, model=model, alpha=0.0, background=(0, 0, 0, 1))
            expected = np.frombuffer(targets[0].read(components=4), np.uint8)
            assert pixels.max() > 60
            assert np.abs(pixels.astype(int) - expected.astype(int)).max() <= 2
