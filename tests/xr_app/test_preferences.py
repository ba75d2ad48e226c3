"""What the file prefers is what the app hears of, and what is not right names its line."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.errors import SettingsError
from render.load import Quality
from render.measure.cloud import make_cloud
from tests.xr_app.unseen_live import alone_on, likeness_on, standing
from xr_app.desktop.unseen import UnseenDisplay
from xr_app.pace import Pace
from xr_app.preferences import SETTINGS, Preferences, chosen_preferences
from xr_app.session.frame import Frame
from xr_app.user_settings import flags, user_settings
from xr_app.user_settings.sections import chosen_entries

OTHERWISE = """\
[panels]
text_size = 1.25
captions = false
[input]
hand = "left"
[placement]
detent = false
fade = 0.9
[display]
dynamic_resolution = false
least_scale = 0.7
foveation = "low"
mirror = true
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    return tmp_path / "visavis.toml"


def test_without_a_file_all_is_as_usual(file: Path) -> None:
    assert chosen_preferences(user_settings().values) == Preferences()


def test_every_preference_of_the_file_is_heard(file: Path) -> None:
    file.write_text(OTHERWISE)
    entries = chosen_entries(user_settings().values)
    assert entries.preferences == Preferences(1.25, "left", False, 0.9, False, 0.7, "low", True)
    assert not entries.captions and not entries.figures
    usual = Preferences()
    assert all(getattr(entries.preferences, name) != getattr(usual, name) for name in SETTINGS)


@pytest.mark.parametrize(
    "wrong",
    [
        "panels.text_size = 3", "panels.text_size = 0.5", 'input.hand = "both"', "placement.detent = 1",
        "placement.fade = 0.1", "placement.fade = 2.0", 'display.dynamic_resolution = "on"',
        "display.least_scale = 0.2", "display.least_scale = 1.1", 'display.foveation = "most"',
        "display.foveation = true", 'display.mirror = "yes"', "display.mirrored = true",
    ],
)  # fmt: skip
def test_a_value_that_is_not_right_names_its_line(file: Path, wrong: str) -> None:
    setting, _, value = wrong.partition(" = ")
    section, _, name = setting.partition(".")
    file.write_text(f"# mine\n\n[{section}]\n{name} = {value}\n")
    with pytest.raises(SettingsError, match=rf"visavis\.toml, line 4: .*{section}\.{name}"):
        user_settings()


def test_what_the_command_line_says_of_the_mirror_goes_before_the_file(file: Path) -> None:
    file.write_text(OTHERWISE)

    def wanted(mirror: bool | None) -> bool:
        given = flags({}, llm_url=None, llm_model=None, others=None, mirror=mirror)
        return chosen_preferences(user_settings(given).values).mirror

    assert [wanted(each) for each in (None, False, True)] == [True, False, True]


def test_a_resolution_that_is_not_dynamic_is_full() -> None:
    assert Preferences(least_scale=0.7).lowest_scale == 0.7
    assert replace(Preferences(least_scale=0.7), dynamic_resolution=False).lowest_scale == 1.0


def test_how_finely_frames_are_drawn_follows_what_is_preferred_in_each() -> None:
    asked: list[float] = []

    class Asked(Pace):
        def drawing(self, frame: Frame, least_scale: float = 0.0) -> AbstractContextManager[Quality]:
            asked.append(least_scale)
            return super().drawing(frame, least_scale)

    def on_frame() -> bool:
        preferences = Preferences(dynamic_resolution=len(asked) < 3, least_scale=0.7)
        encounter.panels.choices = replace(encounter.panels.choices, preferences=preferences)
        return len(asked) < 5

    encounter = standing()
    with UnseenDisplay((32, 32)) as display:
        live = alone_on(display, encounter, on_frame)
        live.meet(likeness_on(display, make_cloud(100), make_pace=Asked))
        live.run()
    assert asked == [0.4, 0.7, 0.7, 1.0, 1.0]
