"""A network in an .mnn file, run by MNN's Session, which frees the GIL while it computes.

A `Net` belongs to one thread. Its inputs' shapes may change from call to call; the session is laid out again only when
they do. MNN reuses the memory of inputs and outputs for what lies between, so both are copied at every call.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.errors import ModelMissingError
from assets.quiet import c_stdout_silenced
from conversation.errors import EngineError

with c_stdout_silenced():  # it lists the processor's features
    import MNN


class Net:
    """`threads`: worker threads of the session; `compute_int8`: multiply int8 weights as they are, with activations
    quantised on the way (faster for one row at a time), instead of expanding them to float32 once."""

    def __init__(self, path: Path, *, threads: int = 1, compute_int8: bool = False) -> None:
        if not path.is_file():
            raise ModelMissingError(f"The model file {path} is missing: run `visavis models get`.")
        self._name = path.name
        config = {"backend": "CPU", "numThread": threads, "memory": 2 if compute_int8 else 0, "precision": 1}
        try:
            self._interpreter = MNN.Interpreter(str(path))
            self._session = self._interpreter.createSession(config)
            self._inputs: Mapping[str, Any] = self._interpreter.getSessionInputAll(self._session)
        except Exception as error:  # MNN raises nothing narrower
            raise EngineError(f"The model file {path} is damaged: run `visavis models get`.") from error

    @property
    def inputs(self) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        """Shape and type of each input as it stands; a dimension that the file leaves open is 1."""
        return {
            name: (tuple(max(size, 1) for size in tensor.getShape()), np.dtype(_dtype(tensor)))
            for name, tensor in self._inputs.items()
        }

    def __call__(self, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name; int64 of the source graph is int32 here."""
        if inputs.keys() != self._inputs.keys():
            raise EngineError(f"{self._name} takes {', '.join(self._inputs)}: run `visavis models get`.")
        changed = False
        for name, value in inputs.items():
            if self._inputs[name].getShape() != value.shape:
                self._interpreter.resizeTensor(self._inputs[name], value.shape)
                changed = True
        if changed:
            self._interpreter.resizeSession(self._session)
        for name, value in inputs.items():
            np.copyto(self._inputs[name].getNumpyData(), value)
        if self._interpreter.runSession(self._session):
            raise EngineError(f"{self._name} could not be run: close other programs to free memory and try again.")
        return {name: _host(tensor) for name, tensor in self._interpreter.getSessionOutputAll(self._session).items()}


def _host(tensor: Any) -> NDArray[Any]:
    # Inside a session a tensor may lie in blocks of four channels: copying to a plain tensor undoes that.
    shape, dtype = tensor.getShape(), _dtype(tensor)
    host = np.empty(shape, dtype)
    plain = MNN.Tensor(shape, tensor.getDataType(), host, MNN.Tensor_DimensionType_Caffe)
    tensor.copyToHostTensor(plain)
    return np.array(plain.getNumpyData(), dtype).reshape(shape)


def _dtype(tensor: Any) -> type[np.int32] | type[np.float32]:
    return np.int32 if tensor.getDataType() == MNN.Halide_Type_Int else np.float32
