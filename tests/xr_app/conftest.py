"""A simulated headset for the tests: real Monado with the remote driver, one service for all that do not break it."""

from collections.abc import Iterator

import pytest

from xr_app.runtime.monado import MonadoService


@pytest.fixture(scope="session")
def monado() -> Iterator[MonadoService]:
    with MonadoService() as service:
        yield service
