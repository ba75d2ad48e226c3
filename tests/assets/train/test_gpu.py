"""Where gsplat draws on a GPU, it draws what our own rasteriser draws, and learns the same from it."""

from importlib.util import find_spec

import pytest
import torch

from assets.train.gpu import rasteriser_for
from assets.train.raster import rasterise

SIZE = 70, 50


def splats() -> tuple[torch.Tensor, ...]:
    """Nearest first, some of them beyond the picture's edges."""
    random = torch.Generator().manual_seed(2)
    count = 300
    centres = torch.rand(count, 2, generator=random) * torch.tensor([90.0, 70.0]) - 10
    axes = torch.randn(count, 2, 2, generator=random) * 4
    spread = axes @ axes.transpose(1, 2)
    covariances = torch.stack([spread[:, 0, 0] + 0.3, spread[:, 0, 1], spread[:, 1, 1] + 0.3], 1)
    return centres, covariances, torch.rand(count, generator=random) * 0.98, torch.rand(count, 3, generator=random)


def test_without_a_gpu_our_own_draws() -> None:
    assert rasteriser_for(torch.device("cpu")) is rasterise


@pytest.mark.skipif(
    not torch.cuda.is_available() or find_spec("gsplat") is None, reason="there is no CUDA device, or no gsplat"
)
def test_gsplat_draws_the_same_and_so_are_its_gradients() -> None:
    found = []
    for device in (torch.device("cpu"), torch.device("cuda")):
        given = [tensor.to(device).requires_grad_() for tensor in splats()]
        light, cover = rasteriser_for(device)(*given, *SIZE)
        weights = torch.linspace(-1, 1, SIZE[0], device=device)
        gradients = torch.autograd.grad((light.sum(2) * weights + cover).sum(), given)
        found.append([tensor.detach().cpu() for tensor in (light, cover, *gradients)])
    for ours, theirs in zip(*found, strict=True):
        # gsplat lets no splat hide more than 0.999, and stops where 1e-4 of what is behind is left.
        assert (ours - theirs).norm() < 0.01 * ours.norm()
