"""The font of set-up comes first, then one with both languages, then any; whoever has to do without it is told."""

from pathlib import Path

import pytest

from assets.convert.noto import FONT
from xr_app.panels.fonts import Typeface, find_typeface


def test_the_font_of_set_up_comes_first() -> None:
    found = find_typeface()
    assert found.file is not None and found.file.name == FONT and not found.remark
    assert found.at(30).getname() == ("Noto Sans SC", "Regular")


def test_systems_fonts_stand_in_with_a_remark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = find_typeface().file
    assert real is not None
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    found = find_typeface([tmp_path / "none.ttf", real])
    assert found.file == real and "visavis models get noto-sans-sc" in found.remark
    plain = find_typeface([], [real])
    assert plain.file == real and "Chinese" in plain.remark
    none = find_typeface([], [])
    assert none.file is None and none.remark
    assert none.at(24).getlength("It works") > 50


def test_a_typeface_keeps_its_fonts() -> None:
    face = find_typeface()
    assert face.at(30) is Typeface(face.file).at(30)
    assert face.at(60).getlength("word") == pytest.approx(2 * face.at(30).getlength("word"), rel=0.03)
