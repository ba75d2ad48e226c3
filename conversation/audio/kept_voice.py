"""Voice activity that outlives its engine: where that crashes, all is silence until it is loaded again."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from assets.errors import VisavisError
from conversation.engines.base import VoiceActivity
from conversation.errors import EngineError
from conversation.processes.supervision import Clock, Restarts, Supervision

F32 = npt.NDArray[np.float32]


class KeptVoice:
    """A VoiceActivity. Loading takes a moment in which the caller waits: sound is delivered late, and none is lost.

    `failed` hears, once for each time, that it crashed. Raises what `load` raises the first time.
    """

    def __init__(
        self,
        load: Callable[[], VoiceActivity],
        supervision: Supervision,
        failed: Callable[[EngineError], None],
        clock: Clock = time.monotonic,
    ) -> None:
        self._load = load
        self._failed = failed
        self._clock = clock
        self._restarts = Restarts(supervision, clock)
        self._engine: VoiceActivity | None = load()
        self._again_at: float | None = None
        self.window = self._engine.window
        """Samples that one call takes."""

    def __call__(self, samples: F32) -> float:
        """As VoiceActivity; 0 while there is no engine."""
        try:
            engine = self._running()
            return 0.0 if engine is None else engine(samples)
        except Exception as error:  # whatever a model's library raises must not end the audio process
            self._lose(error)
            return 0.0

    def reset(self) -> None:
        """As VoiceActivity."""
        if self._engine is not None:
            self._engine.reset()

    def _running(self) -> VoiceActivity | None:
        if self._engine is None and self._again_at is not None and self._clock() >= self._again_at:
            self._engine = self._load()
        return self._engine

    def _lose(self, error: Exception) -> None:
        delay_s = self._restarts.take()
        self._engine = None
        self._again_at = None if delay_s is None else self._clock() + delay_s
        why = str(error).rstrip(".") if isinstance(error, VisavisError) else f"{type(error).__name__}: {error}"
        then = (
            "the avatar hears nothing any more; start the conversation again"
            if delay_s is None
            else ("it is being started again")
        )
        self._failed(EngineError(f"The detector of speech stopped working ({why}); {then}."))
