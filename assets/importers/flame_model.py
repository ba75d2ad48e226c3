"""The user's own FLAME model (Li et al. 2017), and the motions that it has.

It has a licence of its own and is never shipped: the user names a file with its arrays, `.npz` or `.safetensors`
(docs/avatars.md says how to write it):

    v_template (V, 3), faces (F, 3), shapedirs (V, 3, S + E), J_regressor (5, V), lbs_weights (V, 5)

of which the last 100 directions are expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load as load_safetensors
from scipy.spatial.transform import Rotation

from assets.errors import AvatarError
from assets.npz import LARGEST, read_npz

F64 = NDArray[np.float64]

EXPRESSIONS: Final = 100
_FARTHEST: Final = np.float32(1e5)
"""Of any number of the model, whose faces are numbers of vertices and whose places are metres."""
JAW_JOINT: Final = 2
EYE_JOINTS: Final = (3, 4)
"""Left and right."""
JAW: Final = {"jaw_open": (0.35, 0.0, 0.0), "jaw_left": (0.0, 0.12, 0.0), "jaw_right": (0.0, -0.12, 0.0)}
"""Rotations of the jaw, radians about x, y, z, that are shapes here."""


@dataclass(frozen=True)
class Flame:
    """The user's own model."""

    vertices: F64
    triangles: NDArray[np.int64]
    directions: F64
    """(V, 3, S + E)."""
    regressor: F64
    """(5, V)."""
    weights: F64
    """(V, 5)."""


def read_flame(path: Path) -> Flame:
    """The user's FLAME; raises AvatarError."""
    needed = ("v_template", "faces", "shapedirs", "J_regressor", "lbs_weights")
    arrays = arrays_of(path, needed)
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise AvatarError(f"{path} lacks {', '.join(missing)}; write it as the documentation of avatars says.")
    count, faces = len(arrays["v_template"]), arrays["faces"]
    wanted = {"v_template": (count, 3), "J_regressor": (5, count), "lbs_weights": (count, 5)}
    fits = all(arrays[name].shape == shape for name, shape in wanted.items())
    fits &= arrays["shapedirs"].ndim == 3 and arrays["shapedirs"].shape[:2] == (count, 3)
    fits &= faces.ndim == 2 and faces.shape[1] == 3 and faces.dtype.kind in "iu" and len(faces) > 0
    if not fits or faces.min() < 0 or faces.max() >= count:
        raise AvatarError(f"{path} is no FLAME model: its arrays do not fit together.")
    if not all((np.abs(arrays[name]) < _FARTHEST).all() for name in needed):
        raise AvatarError(f"{path} is no FLAME model: it holds a value that is not a number, or far too large.")
    return Flame(
        arrays["v_template"].astype(np.float64),
        faces.astype(np.int64),
        arrays["shapedirs"].astype(np.float64),
        arrays["J_regressor"].astype(np.float64),
        arrays["lbs_weights"].astype(np.float64),
    )


def motions(flame: Flame, vertices: F64, jaw: F64) -> dict[str, F64]:
    """Offsets (V, 3) of every motion that the model has, by name: the jaw's, and `expr_0`, `expr_1` ...; the head's
    own `vertices` (V, 3) turn about its `jaw` (3,)."""
    found: dict[str, F64] = {}
    for name, turn in JAW.items():
        away = vertices - jaw
        found[name] = flame.weights[:, JAW_JOINT : JAW_JOINT + 1] * (Rotation.from_rotvec(turn).apply(away) - away)
    count = min(EXPRESSIONS, flame.directions.shape[2])
    first = flame.directions.shape[2] - count
    for k in range(count):
        found[f"expr_{k}"] = flame.directions[..., first + k]
    return found


def arrays_of(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Those arrays of an .npz or .safetensors file that are there; pickles are never opened."""
    try:
        if path.suffix.lower() != ".safetensors":
            return read_npz(path, names)
        if path.stat().st_size > LARGEST:
            raise AvatarError(f"{path} is refused: it is larger than {LARGEST} bytes.")
        return {key: value for key, value in load_safetensors(path.read_bytes()).items() if key in names}
    except FileNotFoundError:
        raise AvatarError(f"There is no file at {path}; name the arrays of your own FLAME model.") from None
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise AvatarError(
            f"{path} cannot be read ({str(error)[:200]}); write it as .npz of numbers, or .safetensors."
        ) from None
