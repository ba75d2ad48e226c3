"""Measure again what the documentation speaks of: docs/reports/NAME.json, NAME.md and curves.

    python packaging/campaign.py             everything
    python packaging/campaign.py sorting     some of it

Every report is one `visavis` command, or a module of the repository, that prints JSON; to add one, add a line to
REPORTS.
"""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reports"


@dataclass(frozen=True)
class Report:
    """What is measured, and how: `{folder}` in the command is where reports lie."""

    name: str
    title: str
    command: str
    module: str = ""
    """A module of the repository that is run in place of the command `visavis`."""
    extra: str = ""
    """What pyproject.toml calls the packages that it needs besides; they get an environment of their own."""
    tests: Sequence[str] = ()
    """Tests that need those packages, which nothing else runs: they come first, and have to pass."""


REPORTS = (
    Report("stages", "Every stage beside its floor", "bench render --stages --json"),
    Report(
        "headset",
        "Two eyes of a headset, every stage",
        "bench render --stages --stereo --size 1680x1760 --frames 10 --json",
    ),
    Report("scaling", "Many Gaussians, and near ones", "bench scaling --plot {folder}/scaling.png --json"),
    Report("peers", "The same cloud drawn by others", "bench render --peers all --json"),
    Report("sizes", "Avatars on disk", "bench storage --json"),
    Report("levels", "Levels of detail", "bench levels --plot {folder}/levels.png --json"),
    Report("people", "Mira and Anton made again", "avatar remake --json"),
    Report("damage", "Damaged avatar files", "bench damage --files 10000 --json"),
    Report("imports", "Damaged files to import", "--files 6000 --json", module="tests.assets.importers.damage"),
    Report("sorting", "Sorting on demand against sorting every frame", "bench sort --plot {folder}/sorting.png --json"),
    Report(
        "training",
        "What each part of a trained avatar is worth",
        "bench training --length 0.5 --work build/training --plot {folder}/training.png --json",
        extra="train",
        tests=(
            "tests/assets/train",
            "tests/xr_app/workshop/test_training.py",
            "tests/xr_app/workshop/test_ablation.py",
        ),
    ),
    Report(
        "converting",
        "A language model converted: from GGUF, with fewer bits, with LoRA",
        "--json",
        module="tests.conversation.making.converting",
        extra="making",
    ),
    Report(
        "talk",
        "A talk, and what else runs its models",
        "bench conversation --rounds 30 --peers all --plot {folder}/talk.png --trace {folder}/talk.trace.json --json",
    ),
    Report("duplex", "Listening while speaking, in calculated rooms", "bench duplex --json"),
    Report("isolation", "Every part of a talk broken", "--json", module="tests.conversation.isolation"),
    Report("soak", "An hour of talk", "bench soak --minutes 60 --plot {folder}/soak.png --json"),
    Report("visit", "A visit to the avatar, by a script", "visit --json"),
    Report("culling", "What may be left out of a picture", "bench culling --json"),
    Report("clothes", "Skin under clothes in motion, on several bodies", "bench clothes --json"),
)


def main(names: Sequence[str], reports: Sequence[Report] = REPORTS, folder: Path = FOLDER) -> int:
    """Make the reports of these `names`, all by default; how many failed."""
    known = [report.name for report in reports]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"There is no report {unknown[0]!r}; name some of: {', '.join(known)}.", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [report for report in reports if not names or report.name in names]
    failed = 0
    for number, report in enumerate(wanted, 1):
        print(f"[{number}/{len(wanted)}] {report.title} …", file=sys.stderr, flush=True)
        started = time.monotonic()
        done = make(report, folder)
        failed += not done
        took = f"{time.monotonic() - started:.0f} s"
        print(f"[{number}/{len(wanted)}] {report.title}: {'done' if done else 'failed'} ({took})", file=sys.stderr)
    return failed


def make(report: Report, folder: Path) -> bool:
    """Run one report's command, which shows its own progress, and write what it found; whether that went well."""
    words = shlex.split(report.command.format(folder=shlex.quote(str(folder))))
    wanted = [report.extra, *(["dev"] if report.tests else [])]
    python = _environment(wanted) if report.extra else sys.executable
    if python is None:
        return False
    if report.tests:
        tests = [python, "-m", "pytest", "-q", *report.tests]
        if subprocess.run(tests, stdout=sys.stderr, cwd=ROOT, check=False).returncode:
            return False
    program = ["-m", report.module] if report.module else ["-c", "from xr_app.cli import main; main()"]
    done = subprocess.run([python, *program, *words], stdout=subprocess.PIPE, cwd=ROOT, check=False)
    try:
        figures = json.loads(done.stdout)
    except json.JSONDecodeError:
        return False
    (folder / f"{report.name}.json").write_text(json.dumps(figures, indent=2) + "\n")
    pictures = sorted(path.name for path in folder.glob(f"{report.name}*.png"))
    (folder / f"{report.name}.md").write_text(markdown(report, figures, pictures))
    return done.returncode == 0  # what was found too bad is written down all the same


def _environment(extras: Sequence[str]) -> str | None:
    """The Python of an environment with the project and its `extras`; None where it could not be made."""
    folder = ROOT / "build" / f"venv-{extras[0]}"
    python = folder / "bin" / "python"
    steps = [] if python.exists() else [[sys.executable, "-m", "venv", str(folder)]]
    project = f"{ROOT}[{','.join(extras)}]"
    steps.append([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", project])
    made = all(subprocess.run(step, stdout=sys.stderr, check=False).returncode == 0 for step in steps)
    return str(python) if made else None


def markdown(report: Report, figures: Mapping[str, Any], pictures: Sequence[str] = ()) -> str:
    """The figures as a page: one line each, and a table for every list of rows; other lists are left to the JSON."""
    command = report.command.format(folder="docs/reports")
    lines = [
        f"# {report.title}",
        "",
        f"    {f'python -m {report.module}' if report.module else 'visavis'} {command}",
        "",
        f"{_machine()}.",
        "",
        "| figure | value |",
        "|---|---|",
    ]
    lines += [f"| {name} | {value} |" for name, value in flat(figures)]
    for name, rows in tables(figures):
        columns = list(dict.fromkeys(column for row in rows for column, _ in row))
        lines += ["", f"**{name}**", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
        lines += [f"| {' | '.join(dict(row).get(column, '') for column in columns)} |" for row in rows]
    lines += [f"\n![{report.title}]({name})" for name in pictures]
    return "\n".join(lines) + "\n"


def flat(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Dotted names and values of nested figures, lists left out."""
    lines: list[tuple[str, str]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            lines += flat(value, f"{prefix}{name}.")
        elif not isinstance(value, list):
            lines.append((f"{prefix}{name}", _told(value)))
    return lines


def tables(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """Dotted names of the lists of nested figures whose entries are figures, with each entry's own."""
    found: list[tuple[str, list[list[tuple[str, str]]]]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found += tables(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            found.append((f"{prefix}{name}", [flat(row) for row in value]))
    return found


def _told(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _machine() -> str:
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    made = f" at {commit}" if commit else ""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}{made}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
