"""Whom an avatar is placed by."""

from __future__ import annotations

import pytest

from tests.xr_app.placement.people import User, place_of
from xr_app.placement.placing import Placement


@pytest.fixture
def user() -> User:
    return User(Placement())


@pytest.fixture
def met(user: User) -> User:
    """Someone whose avatar stands two metres before them."""
    user.put_down(0.0, -2.0)
    assert place_of(user.shown[-1]) == pytest.approx((0.0, -2.0), abs=0.02)
    user.shown.clear()
    return user
