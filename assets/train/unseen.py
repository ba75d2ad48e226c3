"""Leaving out what a training could not learn: what next to no picture shows keeps whatever colour it got."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from assets.train.capture import Capture
from assets.train.model import Model
from assets.train.surface import eye_of

LEAST_LIGHT: Final = 0.1
"""Pixels' worth of its colour that a Gaussian adds to a picture, at least, for the picture to show it."""
LEAST_SHARE: Final = 0.1
"""Of the pictures, that have to show it."""
PICTURES: Final = 60
"""As many are looked at, spread over the capture."""


def drop_unseen(model: Model, capture: Capture) -> int:
    """Take the Gaussians that were hardly seen out of `model`; returns how many."""
    seen = shares_seen(model, capture)
    keep = np.flatnonzero(seen >= LEAST_SHARE)
    model.keep(keep if len(keep) else np.arange(len(seen)))
    return len(seen) - len(model.strewn.parent)


def shares_seen(model: Model, capture: Capture) -> NDArray[np.float64]:
    """(N,) in which share of the training's pictures each Gaussian is to be seen."""
    pairs = capture.pairs()
    pairs = pairs[:: -(-len(pairs) // PICTURES)]
    harmonics = model.params["gaussians.sh"]
    shown = torch.zeros(len(harmonics), device=model.device)
    harmonics.requires_grad_()
    for pair in pairs:
        eye = eye_of(capture.cameras[pair.camera], model.device)
        light, _ = model.draw(model.on_device(capture.frames[pair.frame]), eye, model.rest())
        # The picture is linear in the colours: its gradient is how much of each it holds.
        (held,) = torch.autograd.grad(light[..., 0].sum(), harmonics)
        shown += (held[:, 0, 0] > LEAST_LIGHT * _Y0).float()
    harmonics.requires_grad_(False)
    return np.asarray((shown / len(pairs)).cpu().numpy(), np.float64)


_Y0: Final = 0.28209479177387814
