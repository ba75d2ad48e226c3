"""Starting again on the libraries that the simulated headset needs, where the system's are too old for it.

Where Monado could not be built, set-up unpacks newer packages beside the system (packaging/get_monado.sh). Their OpenXR
library needs their C library, and a process cannot change that once it runs: it has to start through `with-monado`.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from assets import paths
from xr_app.runtime.discovery import find_manifest

_DONE: Final = "VISAVIS_LIBRARIES"
"""Set by `with-monado`."""


def relaunch_for_simulated_headset(*, simulated: bool = False) -> None:
    """Replace this process by itself under `with-monado` where a session will need that; else return at once.

    simulated: as `open_runtime` will be told. To be called before anything is started or written.
    """
    launcher = paths.monado_dir() / "bin" / "with-monado"
    needed = simulated or find_manifest() is None
    if needed and launcher.is_file() and _DONE not in os.environ:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(launcher, [str(launcher), sys.executable, *sys.orig_argv[1:]])
