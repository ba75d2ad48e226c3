"""Panels as layers of a real runtime, under its validation; what their chains hold is read back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xr
from PIL import Image

from tests.xr_app.panels.heads import head_at
from tests.xr_app.session.pump import run
from xr_app.panels.follow import facing
from xr_app.panels.hud import Figures
from xr_app.panels.menu import Choices
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.panels import Panels
from xr_app.panels.quad_layer import QuadLayers
from xr_app.panels.status import Status
from xr_app.panels.text import Painting, Writer
from xr_app.runtime.monado import MonadoService
from xr_app.session.frame import Frame
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession


@pytest.fixture
def session(monado: MonadoService, capfd: pytest.CaptureFixture[str]) -> Iterator[XrSession]:
    """A session in which no call broke the specification."""
    with XrSession(monado.environment, eye_size=(32, 32), layers=[CORE_VALIDATION]) as session:
        yield session
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


def striped(name: str, size: tuple[int, int] = (40, 20)) -> Panel[int]:
    """The upper half as bright as the content says, the lower one empty."""

    def paint(content: int, picture: Image.Image) -> Painting:
        picture.paste((content, content, content, 255), (0, 0, size[0], size[1] // 2))
        yield

    return Panel(name, size, paint, 0)


def shown(panel: Panel[int], place: tuple[float, float, float] = (0.3, 1.2, -1.0), opacity: float = 1.0) -> Shown:
    return Shown(panel, facing(np.array(place), head_at()), (0.4, 0.2), opacity)


def test_layers_come_move_fade_and_go(session: XrSession) -> None:
    one, two = striped("one"), striped("two", (64, 16))
    with QuadLayers(session, [one]) as layers:

        def draw(frame: Frame) -> None:
            one.show(100 + frame.index // 3, 1.0)
            two.show(50, 1.0)
            seen = [shown(one, (0.1 * frame.index, 1.2, -1.0)), shown(two, opacity=1 - frame.index / 20)]
            session.over[:] = layers.of(seen[: frame.index % 3])
            assert session.ctx.error == "GL_NO_ERROR"

        assert len(run(session, 14, draw)) >= 14
    assert session.over == []


def test_all_panels_of_a_talk(session: XrSession, writer: Writer) -> None:
    panels = Panels(Choices(figures=True, muted=True, passthrough=True), writer)
    panels.say(Status("Wait", 0.5))
    panels.measure(Figures(scale=1.0))
    panels.open_menu()
    most = 0
    with QuadLayers(session, panels.every) as layers:

        def draw(frame: Frame) -> None:
            nonlocal most
            panels.settle(frame.head, frame.index * 40_000_000)
            panels.paint()
            session.over[:] = layers.of(panels.shown())
            most = max(most, len(session.over))

        run(session, 20, draw)
    assert most == 4


def test_a_layer_says_where_it_is_and_how_it_blends(session: XrSession) -> None:
    panel = striped("one")
    panel.show(80, 1.0)
    seen = shown(panel)
    said = []

    def draw(frame: Frame) -> None:
        layers = QuadLayers(session)
        (layer,) = layers.of([seen])
        q, p = layer.pose.orientation, layer.pose.position
        said.append(((p.x, p.y, p.z), (q.x, q.y, q.z, q.w), (layer.size.width, layer.size.height), layer.layer_flags))
        layers.close()

    run(session, 6, draw)
    position, (x, y, z, w), size, flags = said[0]
    assert position == pytest.approx((0.3, 1.2, -1.0)) and size == pytest.approx((0.4, 0.2))
    # The third column of a quaternion's matrix: where the panel's front looks.
    front = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
    assert front == pytest.approx(seen.pose[:3, 2].tolist(), abs=1e-6)
    assert flags == xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT  # so what is in it is premultiplied


def test_the_picture_is_brought_once_and_the_right_way_up(session: XrSession) -> None:
    panel = striped("one")
    held, acquired = [], []

    def draw(frame: Frame) -> None:
        panel.show(200 if frame.index < 6 else 90, 1.0)
        session.over[:] = layers.of([shown(panel)])
        layers.bring([shown(panel)])
        quad = layers._quads["one"]
        if not acquired or acquired[-1] != quad.holds:
            acquired.append(quad.holds)
            # The picture that was brought is in one of the chain's textures; GL's rows go upwards.
            textures = [np.frombuffer(each.read(components=4), np.uint8) for each in quad.framebuffers]
            held.append(max((each.reshape(20, 40, 4)[::-1] for each in textures), key=lambda each: int(each[0].max())))

    with QuadLayers(session) as layers:
        run(session, 12, draw)
    assert [version for version, _ in acquired] == [1, 2]
    assert held[0][:10].tolist() == [[[200, 200, 200, 255]] * 40] * 10
    assert held[0][10:].max() == 0
