"""Losses against formulas written again with numpy and scipy."""

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate1d

from assets.train.capture import to_linear
from assets.train.losses import encode, reconstruction, ssim


def known_ssim(a: np.ndarray, b: np.ndarray) -> float:
    place = np.arange(-5, 6)
    window = np.exp(-(place**2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(x: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(x, window, 0, mode="constant"), window, 1, mode="constant")

    ma, mb = blur(a), blur(b)
    va, vb, ab = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    c1, c2 = 1e-4, 9e-4
    return float(((2 * ma * mb + c1) * (2 * ab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean())


def test_ssim_is_wang_s() -> None:
    random = np.random.default_rng(0)
    a = random.uniform(0, 1, (30, 41, 3))
    b = np.clip(a + random.normal(0, 0.2, a.shape), 0, 1)
    assert float(ssim(torch.as_tensor(a), torch.as_tensor(b))) == pytest.approx(known_ssim(a, b), abs=1e-9)
    assert float(ssim(torch.as_tensor(a), torch.as_tensor(a))) == pytest.approx(1.0)


def test_its_gradient_is_that_of_differences() -> None:
    random = np.random.default_rng(1)
    a, b = (torch.as_tensor(random.uniform(0, 1, (13, 17, 3))) for _ in range(2))
    assert torch.autograd.gradcheck(lambda x: ssim(x, b), a.requires_grad_(), fast_mode=True)


def test_srgb_there_and_back() -> None:
    values = np.arange(256, dtype=np.uint8)
    back = encode(torch.as_tensor(to_linear(values))).numpy()
    np.testing.assert_allclose(back * 255, values, atol=0.01)


def test_pixels_that_do_not_count_do_not() -> None:
    random = np.random.default_rng(2)
    a, b = (torch.as_tensor(random.uniform(0, 1, (20, 20, 3))) for _ in range(2))
    counts = torch.zeros(20, 20, dtype=torch.float64)
    counts[:10] = 1
    other = b.clone()
    other[10:] = 0.5
    assert float(reconstruction(a, b, counts)) == pytest.approx(float(reconstruction(a, other, counts)))
    known = float((a - b)[:10].abs().mean()) + 0.1 * (1 - float(ssim(a * counts[..., None], b * counts[..., None])))
    assert float(reconstruction(a, b, counts)) == pytest.approx(known)
