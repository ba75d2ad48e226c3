import multiprocessing
import time

import pytest

from xr_app.errors import RuntimeFailedError
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.scripted_head import ScriptedHead


def children() -> int:
    return sum(child.name == "visavis-head" for child in multiprocessing.active_children())


def test_ends_when_closed(monado: MonadoService) -> None:
    with ScriptedHead(monado.port) as head:
        head.wait_until_standing()
        head.walk(time.monotonic_ns())
        assert children() == 1
    assert children() == 0


def test_ends_when_the_headset_goes_away() -> None:
    with MonadoService() as service:
        head = ScriptedHead(service.port)
        head.wait_until_standing()
    deadline = time.monotonic() + 10.0
    while children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children() == 0
    head.close()


def test_no_headset_to_move() -> None:
    with ScriptedHead(1) as head, pytest.raises(RuntimeFailedError, match="could not reach"):
        head.wait_until_standing()
