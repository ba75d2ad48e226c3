"""Where tests find MakeHuman's asset files, which are not part of the repository."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("VISAVIS_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "makehuman"


def asset(name: str) -> Path:
    """`clothes/shoes01` and the like -> its .mhclo; skips the test where it is not there."""
    found = sorted((DATA / name).glob("*.mhclo"))
    if not found:
        pytest.skip(f"{DATA / name} is not here; VISAVIS_TEST_DATA says where the files of others lie")
    return found[0]
