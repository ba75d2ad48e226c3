"""Smaller pictures in the same swapchains, which the runtime enlarges."""

from collections.abc import Iterator

import numpy as np
import pytest

from render.measure.cloud import make_cloud
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.emulated import SimulatedLayer
from xr_app.emulated.display import Rects
from xr_app.placement import in_front_of
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (96, 64)
SHARES = (1.0, 0.5, 0.68, 1.0)


@pytest.fixture(autouse=True)
def valid(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No call of the app broke the specification."""
    yield
    said = "".join(capfd.readouterr())
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def sized(share: float) -> tuple[int, int]:
    return round(SIZE[0] * share), round(SIZE[1] * share)


@pytest.mark.parametrize("depth_range", [None, (0.05, 100.0)])
def test_the_runtime_is_shown_the_part_that_was_drawn(
    monado: MonadoService, depth_range: tuple[float, float] | None
) -> None:
    drawn = []
    with SimulatedLayer(rects := Rects()) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with XrSession(monado.environment, eye_size=SIZE, depth_range=depth_range, layers=layers) as session:
            for frame in session.frames():
                with frame:
                    if frame.should_render:
                        share = SHARES[len(drawn) % len(SHARES)]
                        assert frame.shrink(share) == 1.0
                        for view, target in zip(frame.views, frame.targets, strict=True):
                            assert (view.width, view.height) == target.size == sized(share)
                            assert target.depth_mask == (depth_range is not None)
                            target.clear(0.1, 0.2, 0.3, 1.0)
                        assert session.ctx.error == "GL_NO_ERROR"
                        drawn.append(share)
                if frame.index == 20:
                    session.request_exit()
    kinds = 2 if depth_range else 1
    assert rects.seen == [[sized(share)] * 2 * kinds for share in drawn]
    assert len(drawn) > 12


def test_an_avatar_is_drawn_into_the_part_as_into_a_picture_of_its_size(monado: MonadoService) -> None:
    cloud = make_cloud(400)
    seen: list[tuple[Frame, np.ndarray, np.ndarray]] = []
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION]) as session:
        renderer = AvatarRenderer(session.ctx, cloud)
        renderer.set_keys(rest_key(cloud), rest_key(cloud))
        for frame in session.frames():
            with frame:
                if frame.should_render:
                    frame.shrink(SHARES[len(seen) % len(SHARES)])
                    model = in_front_of(frame.head)
                    renderer.draw(
                        frame.views, frame.targets, head=frame.head, model=model, alpha=0.0, background=(0, 0, 0, 1)
                    )
                    pixels = np.frombuffer(frame.targets[1].read(components=4), np.uint8)
                    seen.append((frame, pixels.reshape(*frame.targets[1].size[::-1], 4), model))
            if frame.index == 12:
                session.request_exit()
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, cloud)
        renderer.set_keys(rest_key(cloud), rest_key(cloud))
        for frame, pixels, model in seen[:6]:
            targets = [offscreen.target(view.width, view.height) for view in frame.views]
            renderer.draw(frame.views, targets, head=frame.head, model=model, alpha=0.0, background=(0, 0, 0, 1))
            expected = np.frombuffer(targets[1].read(components=4), np.uint8).reshape(pixels.shape)
            assert np.abs(pixels.astype(int) - expected.astype(int)).max() <= 1
            assert pixels[..., :3].max() > 60


def test_who_shows_whole_pictures_alone_has_them_enlarged_by_whoever_draws() -> None:
    class Owner:
        def acquire(self) -> list:
            return []

        def end(self, frame: Frame, *, with_picture: bool) -> None:
            pass

    frame = Frame(
        Owner(),
        index=0,
        xr_time=0,
        display_time_ns=0,
        period_ns=1,
        skipped=0,
        head=np.eye(4),
        views=[],
        should_render=True,
        recentred=False,
        begun_ns=0,
        cpu_begun_ns=0,
    )
    assert frame.shrink(0.5) == 0.5
