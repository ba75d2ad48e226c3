"""Checks that do not hold, where what was met is not as it should be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from render.load import Quality
from render.stages.compose import Veil
from render.view import View, look_at_pose
from xr_app.av_offset import SILENT
from xr_app.frame_log import FrameLog, ShownFrame
from xr_app.placement.spot import Spot, facing
from xr_app.report import Measured
from xr_app.visit.checks import NAMES, check_all
from xr_app.visit.heard import Heard
from xr_app.visit.script import SWING, TARGET, Notes, Step

SECOND = 1_000_000_000
EYES = look_at_pose((0.0, 1.6, 0.0), (TARGET[0], 1.5, TARGET[2]))


def log(distance: float = 1.6, opacity: float = 0.5) -> FrameLog:
    model = np.eye(4)
    model[2, 3] = -distance
    views = (View(EYES, (-0.6, 0.6, 0.6, -0.6), 64, 64),) * 2
    face = np.zeros(52, np.float32)
    frames = [
        ShownFrame(k * SECOND // 10, EYES, views, face, True, False, 1.0, Quality(100, 1.0), model, Veil(opacity))
        for k in range(50)
    ]
    return FrameLog(0, 1, frames)


def notes() -> Notes:
    """Of a visit in which all went well."""
    stood = facing(TARGET[0], TARGET[2], EYES)
    found = Notes(ghosts=[True])
    for number, name in enumerate(("ghost", "pointed", "placed", "before the grab", "moved", "smaller", "let go"), 1):
        found.at[name], found.spots[name] = number * SECOND // 2, stood
        found.heads[name] = found.hands[name] = EYES
    # Round the hand, as far as the pointer turned to the right.
    x, z = stood.x, stood.z
    c, s = math.cos(SWING), math.sin(SWING)
    found.spots["moved"] = Spot(c * x - s * z, s * x + c * z)
    found.spots["smaller"] = Spot(scale=0.65)
    return found


def checks(met: Notes, shown: FrameLog, *, heard: Heard | None = None, validation: str | None = "") -> dict[str, bool]:
    measured = Measured(renderer="llvmpipe")
    found = check_all(
        met, shown, heard or Heard(), None, measured.report(shown, SILENT, None), [], validation,  # type: ignore[arg-type]
        (Step.PLACE, Step.GRAB, Step.SCALE),
    )  # fmt: skip
    return {check.name: check.ok for check in found}


def changed(**spots: Spot) -> Notes:
    met = notes()
    met.spots |= {name.replace("_", " "): spot for name, spot in spots.items()}
    return met


def test_a_good_visit_has_nothing_wrong() -> None:
    found = checks(notes(), log())
    assert list(found) == [name for step in (Step.PLACE, Step.GRAB, Step.SCALE, None) for name in NAMES[step]]
    assert [name for name, ok in found.items() if not ok] == []


@pytest.mark.parametrize(
    ("name", "met", "shown", "more"),
    [
        ("ghost_first", notes(), log(opacity=1.0), {}),
        ("ghost_first", notes(), log(opacity=0.0), {}),
        ("stands_where_pointed", changed(placed=facing(TARGET[0] + 0.2, TARGET[2], EYES)), log(), {}),
        ("faces_the_user", changed(placed=Spot(TARGET[0], TARGET[2], 1.5)), log(), {}),
        ("moved_by_the_hand", changed(moved=notes().spots["before the grab"]), log(), {}),
        ("grew_smaller", changed(smaller=Spot()), log(), {}),
        ("caught_at_human_size", changed(let_go=Spot(scale=1.03)), log(), {}),
        ("arms_length", notes(), log(distance=0.5), {}),
        ("no_failure", notes(), log(), {"heard": Heard(failures=["The microphone is gone."])}),
        ("validation_silent", notes(), log(), {"validation": None}),
        ("validation_silent", notes(), log(), {"validation": "[VALID_ERROR | VUID-xrEndFrame] wrong\n"}),
        ("whole_visit", Notes(stuck="a ghost"), log(), {}),
        ("moved_by_the_hand", Notes(), log(), {}),
    ],
)
def test_what_is_wrong_is_found(name: str, met: Notes, shown: FrameLog, more: dict[str, Any]) -> None:
    assert checks(met, shown, **more)[name] is False
