"""A display that goes away, and the talk that goes on: it is opened again as soon as it is back.

    opened → (lost) → waiting, trying again ever less often → opened → … → left

Only a display that was there once is waited for: what cannot be opened at the start is told at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeVar

from xr_app.errors import GraphicsError, SessionLostError, XrError
from xr_app.texts import tr

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 8.0
STEADY_S: Final = 10.0
"""After which what was opened again counts as being back for good."""
_GLANCE_S: Final = 0.05
"""Between two looks at what else happens, while waiting."""

D = TypeVar("D")


@dataclass(frozen=True)
class Clock:
    """Time as it passes; tests bring their own."""

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def keep_open(
    open_display: Callable[[], AbstractContextManager[D]],
    run: Callable[[D], None],
    *,
    goes_on: Callable[[], bool],
    say: Callable[[str], None],
    away: Callable[[bool], None] = lambda gone: None,
    clock: Clock | None = None,
) -> XrError | None:
    """Open a display and `run` on it until `run` returns, however often the display is lost meanwhile.

    goes_on: asked while waiting, whether to wait on; say: shows a sentence; away: told that there is no
    display (True), or one again. Gives what the display was lost by where
    `goes_on` said no, None where `run` returned. Raises what `run` and the first opening raise, SessionLostError
    excepted.
    """
    clock = clock or Clock()
    lost: XrError | None = None
    wait_s = FIRST_WAIT_S
    while True:
        opened_s = None
        try:
            with open_display() as display:
                opened_s = clock.now_s()
                if lost is not None:
                    say(tr("The headset is back.", "头显已恢复。"))
                    away(False)
                run(display)
                return None
        except XrError as error:
            if isinstance(error, GraphicsError) or not (isinstance(error, SessionLostError) or lost):
                raise
            if opened_s is not None:
                if lost is None or clock.now_s() - opened_s > STEADY_S:
                    wait_s = FIRST_WAIT_S
                say(
                    tr(
                        "The headset or its runtime went away; the avatar waits here until it is back.",
                        "头显或其运行时已断开；形象会在此等待其恢复。",
                    )
                )
                away(True)
            lost = error
        deadline = clock.now_s() + wait_s
        while clock.now_s() < deadline:
            if not goes_on():
                return lost
            clock.sleep(_GLANCE_S)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
