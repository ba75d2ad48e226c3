"""Sessions with input on the simulated headset, whose every call the core validation layer checks."""

from collections.abc import Callable, Iterator

import pytest

from xr_app.input.input import EXTENSIONS, XrInput
from xr_app.input.inputs import Inputs
from xr_app.runtime.monado import MonadoService
from xr_app.runtime.remote import Remote, State
from xr_app.session.instance import CORE_VALIDATION
from xr_app.session.session import XrSession

SIZE = (32, 32)
Perform = Callable[..., list[list[Inputs]]]


@pytest.fixture
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No call broke the specification, and the layer that says so was there."""
    yield
    said = "".join(capfd.readouterr())
    assert "Core Validation Layer is initialized" in said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said


@pytest.fixture
def session(monado: MonadoService, silent: None) -> Iterator[XrSession]:
    with XrSession(monado.environment, eye_size=SIZE, layers=[CORE_VALIDATION], extensions=EXTENSIONS) as session:
        yield session


@pytest.fixture
def remote(monado: MonadoService) -> Iterator[Remote]:
    with Remote(monado.port) as remote:
        yield remote
        remote.send(State())


@pytest.fixture
def perform(session: XrSession, remote: Remote) -> Perform:
    """Has the user do one thing after another, and gives what was read in the frames of each.

    The first frames of each may still show the one before.
    """

    def act(*states: State, frames: int = 12, **settings: object) -> list[list[Inputs]]:
        user = XrInput(session, **settings)  # type: ignore[arg-type]
        assert user.refused == ()
        read: list[list[Inputs]] = [[] for _ in states]
        for waited, frame in enumerate(session.frames()):
            with frame:
                pass
            inputs = user.read(frame)
            act = next((number for number, each in enumerate(read) if len(each) < frames), None)
            if act is None:
                return read
            if not read[act]:
                remote.send(states[act])
            if session.state.name == "FOCUSED":
                read[act].append(inputs)
            assert waited < 500 + frames * len(states), "the session has no focus"
        raise AssertionError("the session ended")

    return act
