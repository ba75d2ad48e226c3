"""Tests of the trainer need the extra `train`, which the set-up does not bring."""

from importlib.util import find_spec

import pytest

NEEDS_TORCH = (
    "test_export.py", "test_gpu.py", "test_losses.py", "test_networks.py", "test_raster.py", "test_sampling.py",
    "test_surface.py", "test_teacher.py", "test_trainer.py",
)  # fmt: skip

collect_ignore: list[str] = []
if any(find_spec(name) is None for name in ("torch", "fast_simplification")):
    collect_ignore = list(NEEDS_TORCH)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, as pytest says it of single tests."""
    if collect_ignore:
        left_out = f"SKIPPED [{len(collect_ignore)} files] tests/assets/train"
        terminalreporter.write_line(f"{left_out}: the extra `train` is not installed (`make campaign ONLY=training`)")
