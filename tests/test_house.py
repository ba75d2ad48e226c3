"""The rules of the house: who may import whom, and that files stay small enough to read."""

import ast
from collections.abc import Set
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "xr_app": {"xr_app", "render", "conversation", "assets"},
    "render": {"render", "assets"},
    "conversation": {"conversation", "assets"},
    "assets": {"assets"},
}
TRAINER = {
    ROOT / "assets/train" / f"{name}.py"
    for name in (
        "adam", "checkpoint", "export", "gpu", "losses", "measure", "model", "networks", "photos", "preview", "raster",
        "surface", "teacher", "trainer", "unseen",
    )
}  # fmt: skip
"""Training alone needs torch; nobody else may load these before a training is asked for."""
WITH_TORCH = TRAINER | {ROOT / "conversation/making/llm_worker.py"}
"""The other is a program of its own, which another Python may run."""
MODULES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_design(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert imported(path) & set(MAY_IMPORT) <= MAY_IMPORT[package]
    assert ("torch" in imported(path)) <= (path in WITH_TORCH)


def test_commands_start_without_torch() -> None:
    trainer = {f"assets.train.{path.stem}" for path in TRAINER} | {"assets.train.sampling"}
    for path in set(MODULES) - TRAINER - {ROOT / "assets/train/sampling.py"}:
        for node in ast.parse(path.read_text()).body:
            assert not (isinstance(node, ast.ImportFrom) and node.module in trainer), path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_a_reader(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_the_link_loads_no_engine() -> None:
    for path in (ROOT / "conversation" / "link").glob("*.py"):
        assert not imported(path) & {"MNN", "pyaudio", "onnx"}, path.name


def test_no_pickle_anywhere() -> None:
    for path in MODULES:
        assert not imported(path) & {"pickle", "marshal", "shelve", "dill"}, path.name


def test_no_module_needs_one_that_needs_it() -> None:
    """Imports within functions count too."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    left = {name: modules(path, names.keys()) - {name} for name, path in names.items()}
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"these import each other in a circle, or import one that does: {sorted(left)}"


def modules(path: Path, known: Set[str]) -> set[str]:
    """Those of the `known` modules that are imported."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                found.add(inside if inside in known else node.module)
    return found & known
