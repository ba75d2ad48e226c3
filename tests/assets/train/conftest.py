"""Tests of the trainer need the extra `train`, which the set-up does not bring."""

from importlib.util import find_spec

NEEDS_TORCH = (
    "test_export.py", "test_gpu.py", "test_losses.py", "test_networks.py", "test_raster.py", "test_sampling.py",
    "test_surface.py", "test_teacher.py", "test_trainer.py",
)  # fmt: skip

if any(find_spec(name) is None for name in ("torch", "fast_simplification")):
    collect_ignore = list(NEEDS_TORCH)
