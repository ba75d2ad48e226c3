"""Another app that comes in front, as the headset's own does when it is laid aside: a session of its own, in a process
of its own, for as long as its standard input is open.

Monado's simulated headset does not know whether it is worn (no XR_EXT_user_presence), and is never switched off; but of
two apps it shows the newer one. What the older one is told then is what it is told of a headset that was taken off.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

_PREFIX: Final = "VISAVIS_ASIDE_"
_SIZE: Final = (32, 32)


class Aside:
    """The process; in front once it has begun its session."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """environment: of the runtime (`HeadsetRuntime.environment`)."""
        ours = {**os.environ, **{_PREFIX + name: value for name, value in environment.items()}}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "xr_app.visit.aside"], env=ours, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def go(self) -> None:
        """Ask it to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def close(self) -> None:
        """Have it ended."""
        self.go()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> None:
    """Be in front."""
    import select

    from xr_app.session.session import XrSession

    environment = {name.removeprefix(_PREFIX): value for name, value in os.environ.items() if name.startswith(_PREFIX)}
    with XrSession(environment, eye_size=_SIZE) as session:
        leaving = False
        for frame in session.frames():
            with frame:
                pass
            if not leaving and select.select([sys.stdin], [], [], 0)[0]:
                leaving = True
                session.request_exit()


if __name__ == "__main__":
    main()
