"""The two constants are counts over a time; a floor is the larger of what bytes and what fragments need."""

from __future__ import annotations

from itertools import count

import pytest

from render.measure.machine import Machine, measure_machine
from render.offscreen import Offscreen


def test_a_floor_is_set_by_what_takes_longer() -> None:
    machine = Machine(bytes_per_s=1e9, fragments_per_s=1e6)
    assert machine.floor_ms(10_000_000, 0) == pytest.approx(10.0)
    assert machine.floor_ms(10_000_000, 20_000) == pytest.approx(20.0)
    assert machine.floor_ms(0, 0) == 0.0


def test_rates_are_what_was_done_over_the_time_it_took(gl: Offscreen) -> None:
    ticks = (float(n) for n in count())
    machine = measure_machine(gl.ctx, lambda: next(ticks))
    # A second from start to end of each run: the rates are then the amounts themselves.
    assert machine.bytes_per_s == 2 * (1 << 26)
    assert machine.fragments_per_s == (1 << 12) * 2048 * 8
