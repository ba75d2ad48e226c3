"""The faster rasteriser is found by the clock, kept, and found again where what was kept is no good."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from render.measure import choice
from render.measure.choice import draw_times, faster_rasteriser
from render.measure.store import Choices
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS, RasteriserName, candidates
from tests.render.stepwise import in_steps

WORK = 300
SIZE = (64, 48)


def rigged(monkeypatch: pytest.MonkeyPatch, faster: RasteriserName) -> list[tuple[int, tuple[int, int]]]:
    """Let timings come out as told; gives what was asked to be timed."""
    asked: list[tuple[int, tuple[int, int]]] = []

    def times(
        ctx: object, gaussians: int, size: tuple[int, int], clock: Callable[[], float]
    ) -> dict[RasteriserName, float]:
        asked.append((gaussians, size))
        return {name: 1.0 if name == faster else 2.0 for name in RASTERISERS}

    monkeypatch.setattr(choice, "_timing", in_steps(times))
    return asked


def test_all_are_timed_by_the_clock_that_is_given(gl: Offscreen) -> None:
    ticks = iter(range(100_000))
    times = draw_times(gl.ctx, WORK, SIZE, lambda: float(next(ticks)))
    assert times == dict.fromkeys(candidates(gl.ctx), 1000.0), (
        "one tick of a second between a stage's start and its end"
    )


def test_a_choice_is_made_once(gl: Offscreen, tmp_path: Path) -> None:
    store = tmp_path / "new" / "choices.json"
    first = faster_rasteriser(gl.ctx, Choices(store), gaussians=WORK, size=SIZE)
    assert first in RASTERISERS
    (name, kept), = json.loads(store.read_text()).items()  # fmt: skip
    assert kept == first
    assert str(gl.ctx.info["GL_RENDERER"]) in name and str(gl.ctx.info["GL_VERSION"]) in name

    def never() -> float:
        raise AssertionError("timed again")

    assert faster_rasteriser(gl.ctx, Choices(store), gaussians=WORK + 1, size=SIZE, clock=never) == first


@pytest.mark.parametrize("faster", RASTERISERS)
def test_the_faster_is_chosen_for_each_class_of_work(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faster: RasteriserName
) -> None:
    store, asked = tmp_path / "choices.json", rigged(monkeypatch, faster)
    for gaussians, size in ((300, SIZE), (310, SIZE), (3000, SIZE), (300, (640, 480))):
        assert faster_rasteriser(gl.ctx, Choices(store), gaussians=gaussians, size=size) == faster
    assert len(asked) == 3
    assert len(json.loads(store.read_text())) == 3


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b'{"NAME": "triangles"}', b'{"NAME": ["tiles"]}'])
def test_a_damaged_file_is_as_good_as_none(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    store, asked = tmp_path / "choices.json", rigged(monkeypatch, "quads")
    faster_rasteriser(gl.ctx, Choices(store), gaussians=WORK, size=SIZE)
    (name,) = json.loads(store.read_text())
    store.write_bytes(damage.replace(b"NAME", json.dumps(name)[1:-1].encode()))
    assert faster_rasteriser(gl.ctx, Choices(store), gaussians=WORK, size=SIZE) == "quads"
    assert len(asked) == 2
    assert json.loads(store.read_text())[name] == "quads"


def test_a_file_that_cannot_be_written_costs_only_time(
    gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rigged(monkeypatch, "quads")
    (tmp_path / "file").write_text("not a folder")
    store = tmp_path / "file" / "choices.json"
    assert [faster_rasteriser(gl.ctx, Choices(store), gaussians=WORK, size=SIZE) for _ in range(2)] == [
        "quads",
        "quads",
    ]
    assert len(asked) == 2


def test_a_software_gpu_is_given_little_to_draw(gl: Offscreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rigged(monkeypatch, "tiles")
    for software in (True, False):
        monkeypatch.setattr(choice, "is_software", lambda ctx, software=software: software)
        faster_rasteriser(gl.ctx, Choices(tmp_path / f"{software}.json"), gaussians=250_000, size=(2000, 1000))
    assert asked == [(choice.SOFTWARE_GAUSSIANS, (choice.SOFTWARE_SIDE,) * 2), (250_000, (2000, 1000))]


def test_what_was_timed_does_not_stay_on_the_gpu(gl: Offscreen) -> None:
    egl = ctypes.CDLL("libEGL.so.1")
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    is_buffer = ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)(egl.eglGetProcAddress(b"glIsBuffer"))
    mode = gl.ctx.gc_mode
    held = gl.ctx.buffer(reserve=16)
    draw_times(gl.ctx, WORK, SIZE)
    last = gl.ctx.buffer(reserve=16)
    assert last.glo > held.glo + 20, "buffers were made, under names that rise"
    assert is_buffer(held.glo) and is_buffer(last.glo)
    assert not any(is_buffer(name) for name in range(held.glo + 1, last.glo))
    assert gl.ctx.gc_mode == mode
