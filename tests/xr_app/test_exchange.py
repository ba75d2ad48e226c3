"""Another avatar is chosen in a session that runs: loaded from its file, drawn in the same place, the old one gone."""

from __future__ import annotations

import gc
import shutil
import threading
import weakref
from collections.abc import Callable
from ctypes import c_ubyte, c_uint
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets import paths
from assets.container import save
from conversation.link.events import Failure, StateChanged
from render.gl.raw import gl_function
from render.measure.cloud import make_cloud
from render.motion.score import Mood
from tests.xr_app.unseen_live import live_on, standing
from xr_app import avatar_list
from xr_app.avatar_files import known
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.encounter import Encounter
from xr_app.exchange import Exchange, height_of
from xr_app.live import Live
from xr_app.panels.status import Status


class Evening:
    """A session of the avatar "one", in which "two" can be chosen, and what became of it."""

    def __init__(self, home: Path) -> None:
        paths.avatars_dir().mkdir(parents=True)
        self.one, self.two = make_cloud(100), make_cloud(150)
        mesh = replace(self.two.mesh, vertices=self.two.mesh.vertices * np.float32(0.5))
        self.two = replace(self.two, mesh=mesh)
        for name, avatar in (("one", self.one), ("two", self.two)):
            save(avatar, paths.avatars_dir() / f"{name}.avatar", None)
        (paths.avatars_dir() / "broken.avatar").write_bytes(b"none")
        self.encounter: Encounter = standing()
        self.kept: list[tuple[str, str]] = []
        self.failures: list[Failure] = []
        self.lines: list[str] = []
        self.buffers: list[int] = []

    def hold(self, then: Callable[[Evening, Live, Exchange, int], bool]) -> Live:
        """Run until `then`, called between two frames with their number, says that it is enough."""
        said = self.encounter.panels.say

        def say(status: Status | None) -> None:
            self.lines.append(status.text if status else "")
            said(status)

        self.encounter.panels.say = say  # type: ignore[method-assign]
        with (
            UnseenDisplay((64, 36)) as display,
            Exchange(
                self.one,
                Path("one"),
                self.encounter,
                networks=lambda avatar: None,
                keep=lambda name, value: self.kept.append((name, value)),
                fail=self.failures.append,
            ) as exchange,
        ):
            is_buffer = gl_function(display.ctx, "glIsBuffer", c_ubyte, c_uint)
            frames, leaving = 0, False

            def on_frame() -> bool:
                nonlocal frames, leaving
                frames += 1
                before = exchange.avatar
                exchange.step(live)
                leaving |= exchange.avatar is not before
                if leaving and not live.leaving:
                    leaving = False
                    self.buffers.append(sum(bool(is_buffer(name)) for name in range(1, 4000)))
                assert display.ctx.error == "GL_NO_ERROR"
                return then(self, live, exchange, frames) and frames < 600

            live = live_on(display, self.one, self.encounter, on_frame)
            live.run()
        return live


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evening:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setenv("VISAVIS_LANG", "en")
    return Evening(tmp_path)


def test_the_one_that_is_chosen_takes_the_place_of_the_other(evening: Evening) -> None:
    seen: list[np.ndarray] = []
    old: list[weakref.ref] = []
    exchanged: list[int] = []

    def then(evening: Evening, live: Live, exchange: Exchange, frames: int) -> bool:
        if frames == 3:
            assert live.renderer.gaussians == 100
            assert {"one", "two", "broken"} <= {key for key, _ in evening.encounter.panels.choices.avatars}
            assert evening.encounter.panels.choices.avatar == "one"
            live.take(StateChanged("speaking", 0), 0)
            seen.append(live.log.frames[-1].model)
            old.extend(weakref.ref(each) for each in (live.renderer, live.log, live.kept.animator))
            exchange.choose("two")
        if exchange.avatar is not evening.one and not exchanged:
            exchanged.append(frames)
        return not exchanged or frames < exchanged[0] + 5

    gc.disable()
    try:
        live = evening.hold(then)
        assert [each() for each in old] == [None] * 3, "without the collector, which would take a frame's time"
    finally:
        gc.enable()
    assert live.renderer.gaussians == 150
    assert [frame.quality.gaussians for frame in live.log.frames] == [150] * len(live.log.frames) and live.log.frames
    assert np.allclose(live.log.frames[-1].model, seen[0]), "in the same place"
    assert live.kept.placed and live.kept.log is live.log
    states = [entry.state for entry in live.log.score.entries if isinstance(entry, Mood)]
    assert states == ["speaking"], "in the midst of what it does"
    assert evening.encounter.placement.height == pytest.approx(height_of(evening.two)) != height_of(evening.one)
    assert evening.kept == [("avatar.name", "two")] and not evening.failures
    assert evening.encounter.panels.choices.avatar == "two"
    assert evening.lines[0].startswith("two") and evening.lines[-1] == ""


def test_the_last_one_that_was_chosen_comes_whatever_the_display_does_meanwhile(evening: Evening) -> None:
    def then(evening: Evening, live: Live, exchange: Exchange, frames: int) -> bool:
        if frames == 3:
            exchange.choose("broken")
            exchange.choose("two")
        if frames in (4, 6):
            exchange.pause()
        return exchange.avatar is evening.one

    live = evening.hold(then)
    assert live.renderer.gaussians == 150
    assert evening.kept == [("avatar.name", "two")] and not evening.failures


def test_one_that_cannot_be_loaded_changes_nothing(evening: Evening) -> None:
    def then(evening: Evening, live: Live, exchange: Exchange, frames: int) -> bool:
        if frames == 3:
            evening.encounter.chose("broken")  # as the menu has it, once it is pressed
            exchange.choose("broken")
        return not evening.failures

    live = evening.hold(then)
    assert live.renderer.gaussians == 100 and not evening.kept
    assert "broken" in evening.failures[0].message and evening.failures[0].message.endswith(".")
    assert evening.encounter.panels.choices.avatar == "one"


def test_to_and_fro_nothing_is_left_on_the_gpu(evening: Evening) -> None:
    def then(evening: Evening, live: Live, exchange: Exchange, frames: int) -> bool:
        done = len(evening.buffers)
        if done == len(asked) < 4 and frames > 2:
            asked.append("one" if done % 2 else "two")
            exchange.choose(asked[-1])
        return done < 4

    asked: list[str] = []
    evening.hold(then)
    two, one, again, once_more = evening.buffers
    assert (two, one) == (again, once_more)


def test_who_came_since_the_start_is_listed_when_somebody_is_about_to_choose(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    def read() -> dict[str, Path]:
        threads.add(threading.get_ident())
        return known()

    def listed() -> list[str]:
        return [title for _, title in evening.encounter.panels.choices.avatars]

    monkeypatch.setattr(avatar_list, "known", read)
    new = paths.avatars_dir() / "new.avatar"

    def then(evening: Evening, live: Live, exchange: Exchange, frames: int) -> bool:
        if frames == 1:
            threads.clear()
            shutil.copy(paths.avatars_dir() / "two.avatar", new)
            (paths.avatars_dir() / "broken.avatar").unlink()
        if frames == 3:
            assert "new" not in listed()
            evening.encounter.chose("two")  # as the menu has it, once it is pressed
            exchange.look()
        return "new" not in listed()

    evening.hold(then)
    assert "broken" not in listed() and {"one", "two", "new"} <= set(listed())
    assert evening.encounter.panels.choices.avatar == "two", "what was chosen stays so"
    assert threads and threading.get_ident() not in threads, "no frame waits for the folder"
