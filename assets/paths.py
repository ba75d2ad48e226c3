"""Where things live on the user's machine: the platform's own folders, each movable by one variable.

`VISAVIS_HOME`, where set, holds everything (models, avatars, runtime, settings) in one folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def _home() -> Path | None:
    home = os.environ.get("VISAVIS_HOME")
    return Path(home).expanduser() if home else None


def data_dir() -> Path:
    """Models and avatars: what took time to make and is worth keeping."""
    return _home() or Path(platformdirs.user_data_dir("visavis", appauthor=False))


def cache_dir() -> Path:
    """Downloads, the OpenXR runtime that set-up built, tuned parameters: what can be made again."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir("visavis", appauthor=False))


def settings_file() -> Path:
    """What the user chose; it need not be there."""
    return (_home() or Path(platformdirs.user_config_dir("visavis", appauthor=False))) / "visavis.toml"


def models_dir() -> Path:
    """One folder a model, named as in the catalogue."""
    return data_dir() / "models"


def avatars_dir() -> Path:
    """The user's own `NAME.avatar` files."""
    return data_dir() / "avatars"


def shipped_avatars_dir() -> Path:
    """The `NAME.avatar` files that come with visavis."""
    return Path(__file__).parent / "data" / "avatars"


def packages_dir() -> Path:
    """Verified packages whose weights models are made from."""
    return cache_dir() / "packages"


def monado_dir() -> Path:
    """The OpenXR runtime with simulated devices that set-up builds."""
    return cache_dir() / "monado"


def memory_file() -> Path:
    """What the avatar remembers of the user: one SQLite file."""
    return data_dir() / "memory.sqlite"


def place_file() -> Path:
    """Where the avatar stands in the user's room."""
    return data_dir() / "place.json"
