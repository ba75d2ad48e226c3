"""A network in an .mnn file whose shapes depend on computed numbers, run by MNN's Module.

A Session cannot compute such shapes. A Module holds the GIL while it runs: it is for small networks alone; what takes
longer is a `Net`, or runs in a `ModuleProcess`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.errors import ModelMissingError
from assets.quiet import c_stdout_silenced
from conversation.errors import EngineError

with c_stdout_silenced():  # it lists the processor's features
    import MNN.expr
    import MNN.nn


class ModuleNet:
    """`inputs` and `outputs` name what it takes and gives, in an order of the caller's choice; `low_memory`: weights
    stay integers where the file has them so."""

    def __init__(
        self,
        path: Path,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        threads: int = 1,
        low_memory: bool = False,
    ) -> None:
        if not path.is_file():
            raise ModelMissingError(f"The model file {path} is missing: make or fetch it again.")
        self._name, self._inputs, self._outputs = path.name, list(inputs), list(outputs)
        memory = "low" if low_memory else "normal"
        config = ({"backend": "CPU", "numThread": threads, "precision": "high", "memory": memory},)
        try:
            with c_stdout_silenced():
                self._runtime = MNN.nn.create_runtime_manager(config)
            self._module = MNN.nn.load_module_from_file(
                str(path), self._inputs, self._outputs, runtime_manager=self._runtime
            )
        except Exception as error:  # MNN raises nothing narrower
            raise EngineError(f"The model file {path} is damaged: make or fetch it again.") from error

    def __call__(self, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name, integers as int32."""
        variables = []
        for name in self._inputs:
            whole = np.issubdtype(inputs[name].dtype, np.integer)
            value = np.ascontiguousarray(inputs[name], np.int32 if whole else np.float32)
            kind = MNN.expr.int if whole else MNN.expr.float
            variables.append(MNN.expr.const(value, list(value.shape), MNN.expr.NCHW, kind))
        try:
            made = self._module.onForward(variables)
            return {name: np.array(one.read(), copy=True) for name, one in zip(self._outputs, made, strict=True)}
        except Exception as error:  # as above
            raise EngineError(f"{self._name} could not be run ({error}): make or fetch it again.") from error
