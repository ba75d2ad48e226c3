"""The writer of all panels' tests, with the font that set-up brings."""

import pytest

from xr_app.panels.fonts import find_typeface
from xr_app.panels.text import Writer


@pytest.fixture(scope="session")
def writer() -> Writer:
    return Writer(find_typeface())
