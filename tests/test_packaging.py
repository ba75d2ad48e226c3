"""What the set-up installs is what the code needs: what only happens to be there would be missing elsewhere."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"assets", "conversation", "render", "xr_app", "tests"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


RUN = names(PROJECT["dependencies"])
CONVERT = RUN | names(PROJECT["optional-dependencies"]["convert"])
BENCH = RUN | names(PROJECT["optional-dependencies"]["bench"])
TRAIN = CONVERT | names(PROJECT["optional-dependencies"]["train"]) | names(PROJECT["optional-dependencies"]["gpu"])
MAKING = RUN | names(PROJECT["optional-dependencies"]["making"])
DEV = CONVERT | names(PROJECT["optional-dependencies"]["dev"])
ELSEWHERE = {
    ROOT / "render/measure/peers/open3d_script.py",
    *(ROOT / "conversation/measure/peers").glob("*_script.py"),
}
"""Each run by an environment that the bench makes for it."""


def third_party(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", ["assets", "conversation", "render", "xr_app", "tests"])
def test_every_import_is_declared(folder: str) -> None:
    distributions = packages_distributions()
    for path in sorted({*(ROOT / folder).rglob("*.py")} - ELSEWHERE):
        allowed = DEV if folder == "tests" else CONVERT if "convert" in path.parts else RUN
        if "measure" in path.parts:
            allowed = allowed | BENCH
        if "making" in path.parts:
            allowed = allowed | MAKING
        if "train" in path.parts:
            allowed = allowed | TRAIN
        for module in third_party(path):
            # What the set-up does not install is called as it is imported.
            owners = {normal(owner) for owner in distributions.get(module, [module])}
            assert owners & allowed, f"{path.relative_to(ROOT)} imports {module}, which pyproject.toml does not declare"


def test_every_package_of_ours_is_packaged() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for folder in OURS - {"tests"}
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert there == listed


def test_set_up_needs_no_torch() -> None:
    assert not any("torch" in requirement for requirement in DEV)


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "packaging").glob("*.sh")))
def test_scripts_are_shell(script: str) -> None:
    subprocess.run(["bash", "-n", str(ROOT / "packaging" / script)], check=True)


def test_set_up_names_no_address() -> None:
    """Packages come through the machine's own pip and apt, wherever these are told to look; only a model that a user
    asks for by name is looked for at a hub."""
    for path in [ROOT / "Makefile", *(ROOT / "packaging").rglob("*"), *(ROOT / "assets").rglob("*.py")]:
        if ROOT / "assets" / "hub" in path.parents:
            continue
        if path.is_file() and path.suffix in {".sh", ".py", ".apt", ".patch", ".txt", ""}:
            assert not re.search(r"https?://", path.read_text(errors="ignore")), path.name
