"""A report is the figures of one command, as JSON and as a page."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def campaign() -> ModuleType:
    spec = importlib.util.spec_from_file_location("campaign", ROOT / "packaging" / "campaign.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["campaign"] = module
    spec.loader.exec_module(module)
    return module


def test_every_report_is_a_command_that_prints_json(campaign: ModuleType) -> None:
    names = [report.name for report in campaign.REPORTS]
    assert len(set(names)) == len(names) > 0
    assert all("--json" in report.command.split() for report in campaign.REPORTS)


def test_a_report_is_written_as_json_and_as_a_page(
    campaign: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    small = campaign.Report("small", "A small one", "bench render --gaussians 300 --size 32x16 --frames 2 --json")
    assert campaign.main([], [small], tmp_path / "new") == 0
    figures = json.loads((tmp_path / "new" / "small.json").read_text())
    assert figures["gaussians"] == 300 and figures["frame_ms"]["p50"] > 0
    page = (tmp_path / "new" / "small.md").read_text()
    assert page.startswith("# A small one\n\n    visavis bench render")
    assert "| gaussians | 300 |" in page and f"| frame_ms.p50 | {figures['frame_ms']['p50']:g} |" in page
    assert "[1/1] A small one: done" in capfd.readouterr().err


def test_a_report_may_be_of_a_module(campaign: ModuleType) -> None:
    small = campaign.Report("rows", "Rows", "--files 3", module="tests.rows")
    assert "    python -m tests.rows --files 3\n" in campaign.markdown(small, {})
    for report in campaign.REPORTS:
        assert not report.module or importlib.util.find_spec(report.module), report.name


def test_what_is_found_too_bad_is_written_down_too(
    campaign: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worrying.py").write_text("print('{\"faults\": 2}')\nraise SystemExit(1)\n")
    (tmp_path / "broken.py").write_text("raise SystemExit(1)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reports = [campaign.Report(name, name, "--json", module=name) for name in ("worrying", "broken")]
    assert campaign.main([], reports, tmp_path) == 2
    assert "| faults | 2 |" in (tmp_path / "worrying.md").read_text()
    assert not (tmp_path / "broken.md").exists()


def test_rows_become_tables(campaign: ModuleType) -> None:
    rows = [
        {"gaussians": 500, "level": True, "db": {"near": 20.5}},
        {"gaussians": 900, "db": {"near": None}, "all": [1]},
    ]
    figures = {"people": {"ada": {"gaussians": 250_000, "prefixes": rows}}, "told": ["a", "b"], "none": []}
    page = campaign.markdown(campaign.Report("levels", "Levels", "bench levels --json"), figures)
    assert "| people.ada.gaussians | 250,000 |" in page and "told" not in page and "none" not in page
    assert "**people.ada.prefixes**\n\n| gaussians | level | db.near |\n|---|---|---|\n" in page
    assert "| 500 | True | 20.5 |\n| 900 |  | – |\n" in page


def test_tests_that_come_first_have_to_pass(
    campaign: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    assert False\n")
    command = "bench render --gaussians 300 --size 32x16 --frames 2 --json"
    report = campaign.Report("small", "A small one", command, tests=(str(tmp_path / "test_it.py"),))
    assert campaign.main([], [report], tmp_path / "new") == 1
    assert "1 failed" in capfd.readouterr().err and not list((tmp_path / "new").iterdir())
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    assert campaign.main([], [report], tmp_path / "new") == 0
    assert "1 passed" in capfd.readouterr().err and (tmp_path / "new" / "small.md").exists()


def test_tests_that_need_more_are_run_where_it_is(campaign: ModuleType) -> None:
    for report in campaign.REPORTS:
        assert not report.tests or report.extra
        assert all((ROOT / path).exists() for path in report.tests)


def test_a_report_that_fails_is_told_and_the_others_are_made(
    campaign: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = campaign.Report("bad", "A bad one", "bench render --size nonsense --json")
    assert campaign.main([], [bad], tmp_path) == 1
    assert "A bad one: failed" in capfd.readouterr().err and not list(tmp_path.iterdir())
    assert campaign.main(["none"], [bad], tmp_path) == 1
    assert "name some of: bad" in capfd.readouterr().err
