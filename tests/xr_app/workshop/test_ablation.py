"""What `visavis bench training` measures, on a person of ellipsoids."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from assets.errors import TrainError
from assets.progress import SilentProgress
from assets.train import extra
from assets.train.options import TrainOptions
from assets.train.template import template_of
from tests.assets.train.captures import person
from xr_app.cli import app
from xr_app.workshop.ablation import TAUGHT, VARIANTS, Subject, ablate
from xr_app.workshop.capture import StudioOptions


def test_each_variant_leaves_one_thing_out() -> None:
    given = TrainOptions(seed=4)
    whole = VARIANTS[0].options(given)
    assert whole == given
    for variant in (*VARIANTS[1:], TAUGHT):
        options = variant.options(given)
        kept = options.fit_template, options.mesh_network, options.blend_shapes, not variant.bare
        assert 1 <= kept.count(False) + options.teacher <= 2 and options.steps == given.steps and options.seed == 4
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["bench", "training", "--json"])
    assert isinstance(result.exception, TrainError) and "visavis[train]" in str(result.exception)


@pytest.mark.skipif(any(find_spec(name) is None for name in extra.NEEDED), reason="the extra `train` is not installed")
def test_every_variant_is_trained_measured_and_drawn(tmp_path: Path) -> None:
    subject = Subject(person(), template_of(person()))
    studio = StudioOptions(cameras=5, size=32, frames=6)
    options = TrainOptions(
        gaussians=300,
        vertices=300,
        steps={"template": 2, "static": 3, "teacher": 2, "mesh": 2, "blend": 2},
        teacher=True,
    )
    figures = ablate(subject, tmp_path / "work", tmp_path / "sheet.png", studio, options, SilentProgress())
    rows = figures["variants"]
    assert [row["avatar"] for row in rows] == [variant.name for variant in (*VARIANTS, TAUGHT)]
    for found in rows:
        assert found["runtime_against_trainer_db"] >= 40
        assert found["new view and pose"]["psnr"] > 5
        assert (tmp_path / "work" / f"{found['avatar'].replace(',', '').replace(' ', '-')}.avatar").is_file()
    assert (figures["pictures_trained_on"], figures["pictures_measured"]) == (4 * 5, 1 * 1)
    assert all(row["full is nearer in"] in ("0%", "100%") for row in rows[1:])  # of one picture
    again = ablate(subject, tmp_path / "work", None, studio, options, SilentProgress())["variants"]
    assert "wall_s" not in again[0] and again[0]["new view"] == rows[0]["new view"]
    json.dumps(figures)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape == (18 + 3 * 2 * 32, 6 * 32, 3)
    assert not sheet[18 + 32 : 18 + 64, :32].any() and sheet[18 : 18 + 32, :32].any()  # the truth is not off
