"""How good an avatar under training is on pictures that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from assets.train.capture import Capture, Pair
from assets.train.losses import encode, ssim
from assets.train.model import Model
from assets.train.photos import Photos
from assets.train.surface import eye_of


def splits(capture: Capture) -> dict[str, list[Pair]]:
    """The kinds of pictures that are measured apart, without those that the capture has none of."""
    kinds = {
        "new view and pose": capture.pairs(new_view=True, new_pose=True),
        "new view": capture.pairs(new_view=True),
        "new pose": capture.pairs(new_pose=True),
        "trained on": capture.pairs(),
    }
    return {kind: found for kind, found in kinds.items() if found}


def drawn(model: Model, capture: Capture, pair: Pair) -> NDArray[np.float32]:
    """(H, W, 3) sRGB values of the avatar before black, as the picture `pair` shows her."""
    with torch.no_grad():
        eye = eye_of(capture.cameras[pair.camera], model.device)
        light, _ = model.draw(model.on_device(capture.frames[pair.frame]), eye, model.rest())
        return np.asarray(encode(light).clamp(0, 1).cpu().numpy(), np.float32)


@dataclass(frozen=True)
class Likeness:
    """How near pictures are to what cameras saw: whole pictures before black, in sRGB values."""

    psnr: NDArray[np.float64]
    """(n,) decibels."""
    ssim: NDArray[np.float64]
    """(n,)."""

    def means(self) -> dict[str, float]:
        """Over the pictures."""
        return {"psnr": float(self.psnr.mean()), "ssim": float(self.ssim.mean())}


def likeness(model: Model, capture: Capture, photos: Photos, chosen: Iterable[Pair]) -> Likeness:
    """Picture by picture."""
    psnr: list[float] = []
    alike: list[float] = []
    for pair in chosen:
        made = torch.as_tensor(drawn(model, capture, pair))
        photo = photos.get(pair)
        counts = photo.counts[..., None].cpu()
        made, wanted = made * counts, encode(photo.light).clamp(0, 1).cpu() * counts
        error = float(((made - wanted) ** 2).mean())
        psnr.append(-10 * float(np.log10(max(error, 1e-10))))
        alike.append(float(ssim(made, wanted)))
    return Likeness(np.array(psnr), np.array(alike))


def measure(model: Model, capture: Capture, photos: Photos, chosen: Iterable[Pair]) -> dict[str, float]:
    """Mean PSNR (decibels) and SSIM of whole pictures before black, in sRGB values."""
    return likeness(model, capture, photos, chosen).means()
