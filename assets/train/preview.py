"""Pictures written while a training runs: above what the cameras saw, below what the avatar looks like now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from assets.train.capture import Capture, Pair
from assets.train.losses import encode
from assets.train.measure import drawn
from assets.train.model import Model
from assets.train.photos import Photos

COLUMNS: Final = 6
LARGEST: Final = 512
"""Pixels of one picture in the sheet, each way."""


def write_preview(path: Path, model: Model, capture: Capture, photos: Photos) -> None:
    """A sheet of pictures that are held out, or, where none are, of some that are trained on."""
    chosen = shown(capture)
    columns = []
    for pair in chosen:
        wanted = encode(photos.get(pair).light).clamp(0, 1).cpu().numpy()
        columns.append(_small(np.concatenate([wanted, drawn(model, capture, pair)])))
    high = max(column.shape[0] for column in columns)
    columns = [np.pad(column, ((0, high - len(column)), (0, 0), (0, 0))) for column in columns]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.rint(np.concatenate(columns, axis=1) * 255).astype(np.uint8)).save(path)


def shown(capture: Capture) -> list[Pair]:
    """The pictures of a sheet: spread over all that are held out both ways, as far as there are such."""
    found = capture.pairs(new_view=True, new_pose=True) or capture.pairs(new_view=True) or capture.pairs()
    return [found[int(i)] for i in np.unique(np.linspace(0, len(found) - 1, COLUMNS).round())]


def _small(sheet: np.ndarray) -> np.ndarray:
    step = -(-sheet.shape[1] // LARGEST)
    return sheet[::step, ::step]
