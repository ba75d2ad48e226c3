"""The differentiable rasteriser against the oracle of the renderer's tests, and its gradients against differences."""

import numpy as np
import pytest
import torch
from torch import Tensor

from assets.train.raster import rasterise
from render.view import look_at_view
from tests.render import oracle

WIDTH, HEIGHT = 37, 29


def splats(count: int, seed: int = 3) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Centres (some far outside), covariances (some needles), opacities (some too faint), colours."""
    random = np.random.default_rng(seed)
    centres = random.uniform((-12, -12), (WIDTH + 12, HEIGHT + 12), (count, 2))
    deviations = random.lognormal(0.6, 0.7, (count, 2))
    angle = random.uniform(0, np.pi, count)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    covariance = turn @ (deviations[:, :, None] ** 2 * np.eye(2)) @ turn.transpose(0, 2, 1) + 0.3 * np.eye(2)
    opacity = random.uniform(0.002, 0.999, count)
    flat = np.stack([covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]], 1)
    return tuple(torch.as_tensor(a) for a in (centres, flat, opacity, random.uniform(0, 1, (count, 3))))  # type: ignore[return-value]


@pytest.mark.parametrize("count", [1, 40, 2000])
def test_the_picture_is_the_oracle_s(count: int) -> None:
    centres, flat, opacity, colours = splats(count)
    light, cover = rasterise(centres, flat, opacity, colours, WIDTH, HEIGHT)
    covariances = flat[:, [0, 1, 1, 2]].view(-1, 2, 2).numpy()
    view = look_at_view((0, 0, 1), (0, 0, 0), 40, WIDTH, HEIGHT)
    known = oracle.composite(view, centres.numpy(), covariances, opacity.numpy(), colours.numpy(), np.arange(count))
    np.testing.assert_allclose(light.numpy(), known[..., :3], atol=2e-4)
    np.testing.assert_allclose(cover.numpy(), known[..., 3], atol=2e-4)


def test_nothing_in_sight_is_an_empty_picture() -> None:
    centres, flat, opacity, colours = splats(5)
    light, cover = rasterise(centres + 1000, flat, opacity, colours, WIDTH, HEIGHT)
    assert not light.any() and not cover.any()
    light, cover = rasterise(centres[:0], flat[:0], opacity[:0], colours[:0], WIDTH, HEIGHT)
    assert light.shape == (HEIGHT, WIDTH, 3) and not cover.any()


def test_gradients_are_those_of_differences() -> None:
    given = [value[:24].clone() for value in splats(60)]
    given[2] = given[2].clamp(0.05, 0.95)
    random = np.random.default_rng(1)
    of_light, of_cover = (torch.as_tensor(random.normal(size=s)) for s in ((HEIGHT, WIDTH, 3), (HEIGHT, WIDTH)))

    def value(parts: list[Tensor]) -> Tensor:
        light, cover = rasterise(*parts, WIDTH, HEIGHT)
        return (light * of_light).sum() + (cover * of_cover).sum()

    parts = [part.clone().requires_grad_() for part in given]
    gradients = torch.autograd.grad(value(parts), parts)
    step = 1e-7
    for which, gradient in enumerate(gradients):
        flat = gradient.reshape(-1)
        for place in random.choice(len(flat), 12, replace=False):
            moved = [part.clone() for part in given]
            moved[which].view(-1)[place] += step
            up = float(value(moved))
            moved[which].view(-1)[place] -= 2 * step
            # Where a splat falls under 1/255 the picture jumps; the step is too small to meet that often.
            assert (up - float(value(moved))) / (2 * step) == pytest.approx(float(flat[place]), rel=1e-3, abs=1e-4)


def test_single_precision_is_enough() -> None:
    given = splats(500)
    exact, _ = rasterise(*given, WIDTH, HEIGHT)
    rough, _ = rasterise(*(part.float() for part in given), WIDTH, HEIGHT)
    assert float((exact - rough).abs().max()) < 5e-3
