"""Nobody is there at first: what is seen then, in which frames, and how somebody comes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.avatar import Avatar
from assets.container import save
from assets.errors import AvatarError
from render.gl.targets import read_srgb
from render.measure.cloud import make_cloud
from render.steps import Sliced
from tests.xr_app.unseen_live import alone_on, standing
from xr_app.arrival import arriving
from xr_app.desktop.stage import Stage
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.desktop.window import WindowDisplay
from xr_app.display import Board
from xr_app.displays import Shown
from xr_app.herald import ARRIVAL_NS, Herald
from xr_app.likeness import Likeness, MakeMeter
from xr_app.live import Live
from xr_app.meter import Meter
from xr_app.pace import Pace
from xr_app.placement import in_front_of
from xr_app.reading import Reading
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import USUAL

SIZE = (160, 90)
Display = UnseenDisplay | WindowDisplay


class Watched:
    """A board after which the pictures are remembered."""

    def __init__(self, board: Board) -> None:
        self._board, self.bring, self.close, self.painted = board, board.bring, board.close, board.painted
        self.pictures: list[np.ndarray] = []
        self.lines: list[str] = []

    def show(self, frame: Frame, shown: Any) -> None:
        self._board.show(frame, shown)
        self.pictures.append(read_srgb(frame.targets[0])[..., :3].astype(int))
        self.lines.append(",".join(each.panel.name for each in shown))


def shown_on(display: Display) -> Shown:
    """As far as `arriving` looks at it."""
    nothing: Any = None
    return Shown(display, nothing, nothing, nothing, display, nothing, nothing, attended=False)


def arrival_on(display: Display, read: Callable[[], Avatar], pool: ThreadPoolExecutor) -> Sliced[Likeness]:
    make_meter: MakeMeter = Meter
    steps = arriving(shown_on(display), read, lambda: None, gaussians=None, make_pace=Pace, make_meter=make_meter)
    return Sliced(steps, pool)


def empty_stage(display: Display) -> np.ndarray:
    """The picture of a stage on which nothing stands yet."""
    from xr_app.herald import nobody_on

    stage = Stage(display, USUAL)
    for frame in display.frames():
        with frame:
            stage.draw(frame, nobody_on(0.0, in_front_of(frame.head)))
            picture = read_srgb(frame.targets[0])[..., :3].astype(int)
        break
    stage.close()
    return picture


def hold(display: Display, frames_alone: int) -> tuple[Live, Watched, list[int]]:
    """A session in which the avatar's file can be read only after so many frames; it ends a second after the avatar
    came. Gives in which frame that was, too."""
    readable, came = threading.Event(), [0]
    encounter = standing()

    def read() -> Avatar:
        assert readable.wait(30)
        return make_cloud(300)

    def on_frame() -> bool:
        if live.pictures >= frames_alone:
            readable.set()
        if live.likeness is None and arrival.go_on(live.spare_s):
            live.meet(arrival.result)
            encounter.wait_for("")
            came.append(live.pictures)
        log = live.log.frames
        return not (log and log[-1].seen_ns > log[0].seen_ns + 1.2 * ARRIVAL_NS)

    with ThreadPoolExecutor(1) as pool:
        arrival = arrival_on(display, read, pool)
        live = alone_on(display, encounter, on_frame, watch=Watched)
        encounter.wait_for("Loading somebody …")
        live.run()
    board: Any = live._board
    return live, board, came


@pytest.fixture(params=["none", "window"])
def opened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "none":
        return UnseenDisplay(SIZE)
    monkeypatch.setenv("DISPLAY", request.getfixturevalue("display"))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return WindowDisplay(SIZE)


def test_a_figure_stands_there_from_the_first_picture_until_somebody_comes(opened: Any) -> None:
    with opened as display:
        bare = empty_stage(display)
    with type(opened)(SIZE) as display:
        live, board, came = hold(display, 12)
    pictures = board.pictures
    figure = np.abs(pictures[0] - bare).max(axis=2)
    assert (figure > 15).mean() > 0.01, "it is in the first picture"
    assert (pictures[0].max(axis=2) > 30).all(), "and nothing is black"
    assert figure[:, : SIZE[0] // 4].max() <= 2, "beside it is the stage"
    assert came[1] >= 12 and live.pictures == len(pictures) == came[1] + len(live.log.frames)
    moved = [int(np.abs(a - b).max()) for a, b in pairwise(pictures[:12])]
    assert min(moved) > 0, "it moves in every picture while the avatar is waited for"
    assert "status" in board.lines[came[1] - 1]


def test_the_avatar_comes_gently(tmp_path: Path) -> None:
    with UnseenDisplay(SIZE) as display:
        live, board, came = hold(display, 2)
    opacities = [frame.veil.opacity for frame in live.log.frames]
    assert 0 < opacities[0] < 0.1 and opacities[-1] == 1.0
    assert np.all(np.diff(opacities) >= 0)
    # What is seen changes by little from one picture to the next, though all of it changes.
    pictures = [picture.astype(float) for picture in board.pictures[came[1] - 1 :]]
    steps = [float(np.abs(a - b).mean()) for a, b in pairwise(pictures)]
    assert max(steps) < 0.6 * sum(steps)


def test_who_is_there_at_once_is_not_announced() -> None:
    with UnseenDisplay(SIZE) as display:
        herald = Herald(display.ctx)
        assert herald.arrived(5) == 1.0
        herald.announce()
        assert 0 < herald.arrived(10) < herald.arrived(10 + ARRIVAL_NS // 2) < 1
        assert herald.arrived(10 + ARRIVAL_NS) == herald.arrived(11 + ARRIVAL_NS) == 1.0
        herald.close()


def test_an_avatar_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.avatar"
    broken.write_bytes(b"none")
    with Reading(broken) as reading, UnseenDisplay(SIZE) as display:
        arrival = arrival_on(display, reading.result, reading.pool)
        while not arrival.go_on(0.01):
            pass
        with pytest.raises(AvatarError, match=r"broken\.avatar"):
            _ = arrival.result
        with pytest.raises(AvatarError, match=r"broken\.avatar"):
            reading.check()
    with pytest.raises(AvatarError, match="nobody"):
        Reading(Path("nobody"))


def test_who_is_read_beside(tmp_path: Path) -> None:
    save(make_cloud(50), tmp_path / "cloud.avatar", None)
    with Reading(tmp_path / "cloud.avatar") as reading:
        assert len(reading.result().gaussians) == 50
        reading.check()
