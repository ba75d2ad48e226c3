"""A visit by a script, every part real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conversation.settings import ConversationSettings
from xr_app.talk_options import TalkOptions
from xr_app.visit.checks import NAMES
from xr_app.visit.notes import Step
from xr_app.visit.visit import Visit, visit

pytestmark = pytest.mark.timeout(240)

STEPS = (Step.PLACE, Step.MENU, Step.TAKE_OFF, Step.LEAVE)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Visit, Path]:
    report = tmp_path_factory.mktemp("visit") / "visit.json"
    small = TalkOptions(gaussians=2000, eye_size=96, settings=ConversationSettings())
    return visit(small, report=report, steps=STEPS, pace=2.5), report


def test_everything_that_was_done_is_checked_and_holds(short: tuple[Visit, Path]) -> None:
    done, _ = short
    names = [name for step in (*STEPS, None) for name in NAMES.get(step, ())]
    assert [check.name for check in done.checks] == names
    wrong = [(check.name, check.told) for check in done.checks if not check.ok]
    assert [(name, told) for name, told in wrong if name != "frames_in_time"] == [], "whatever else this machine does"


def test_the_report_says_it_all(short: tuple[Visit, Path]) -> None:
    done, report = short
    told = json.loads(report.read_text("utf-8"))
    assert told["ok"] is done.ok and len(told["checks"]) == len(done.checks)
    assert all(set(check) == {"name", "ok", "told"} for check in told["checks"])
    times = list(told["steps_s"].values())
    assert times == sorted(times) and {"placed", "captions off", "put on again", "leave?"} <= told["steps_s"].keys()
    assert "Monado" in told["talk"]["runtime"]["name"]
