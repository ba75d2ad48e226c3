"""What the graph asks of a network, however it is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import moderngl


class ModelStage(Protocol):
    """A network between buffers of the GL context; all arrays are float32 without gaps, in the network's own shapes."""

    @property
    def inputs(self) -> Mapping[str, moderngl.Buffer]:
        """Buffers that a run reads, by the tensor's name; those that were given to it are of that name here too."""
        ...

    @property
    def outputs(self) -> Mapping[str, moderngl.Buffer]:
        """Buffers that hold the last result, by the tensor's name; an asynchronous stage may give others after
        `poll` said so."""
        ...

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Of every input and output."""
        ...

    @property
    def asynchronous(self) -> bool:
        """Whether `run` only begins, and `poll` tells when `outputs` are new."""
        ...

    def run(self) -> None:
        """Compute `outputs` from what is in `inputs`, or begin to; never waits."""
        ...

    def poll(self) -> bool:
        """Whether `outputs` have changed since the last call by a run that was begun earlier."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a run is in hand that `release` would wait for."""
        ...

    def finish(self) -> None:
        """Wait until everything that was begun is done, for `poll` to tell. Raises StageError."""
        ...

    def release(self) -> None:
        """Give back what it holds; it cannot run afterwards."""
        ...
