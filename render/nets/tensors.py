"""An MNN session on memory of our choice.

MNN's Python interface gives a tensor's memory but takes none. The pointer to it is a field of the C++ tensor, which the
Python object points to; where both are found where MNN 3.6.1 on CPython has them, the field is exchanged for the time
of a run and the network reads and writes our memory itself. That is tried once, against a run that copies, before it
is relied on. Everywhere else, inputs and outputs are copied.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.quiet import c_stdout_silenced
from render.errors import StageError

with c_stdout_silenced():  # it lists the processor's features
    import MNN

F32 = NDArray[np.float32]
Shape = tuple[int, ...]
Reshape = Callable[[Mapping[str, Shape]], Mapping[str, Shape]]

_POINTER_VERSION: Final = "3.6.1"
_OBJECT_TENSOR: Final = 16
"""Bytes from the start of a Python object to its C++ tensor's address: behind the reference count and the type."""
_TENSOR_HOST: Final = 16
"""Bytes from the start of the C++ tensor (a halide_buffer_t) to its memory's address."""
_BLOCKS_OF_FOUR: Final = 2
"""getDimensionType() of tensors that lie in blocks of four channels."""


class Network:
    """One session of a model; it belongs to one thread at a time.

    `reshape` makes the inputs' shapes out of the model's own. `shapes` then are those of inputs and outputs, all
    float32. Raises StageError where the model is damaged or has others.
    """

    def __init__(self, model: bytes, reshape: Reshape, *, backend: str = "CPU", threads: int = 1) -> None:
        self._cpu = backend == "CPU"
        try:
            with c_stdout_silenced():
                self._interpreter = interpreter(model)
                self._session = self._interpreter.createSession(
                    {"backend": backend, "numThread": threads, "precision": "high"}
                )
                self._inputs: dict[str, Any] = dict(self._interpreter.getSessionInputAll(self._session))
                own = {name: tuple(tensor.getShape()) for name, tensor in self._inputs.items()}
                for name, shape in reshape(own).items():
                    self._interpreter.resizeTensor(self._inputs[name], shape)
                self._interpreter.resizeSession(self._session)
                self._inputs = dict(self._interpreter.getSessionInputAll(self._session))
                self._outputs: dict[str, Any] = dict(self._interpreter.getSessionOutputAll(self._session))
        except Exception as error:  # MNN raises nothing narrower
            raise StageError(f"MNN cannot load a model ({error}); make the .mnn file again.") from None
        tensors = {**self._inputs, **self._outputs}
        if any(t.getDataType() != MNN.Halide_Type_Float for t in tensors.values()):
            raise StageError("A model reads or writes numbers that are not float32; convert it with float inputs.")
        self.shapes: dict[str, Shape] = {name: tuple(t.getShape()) for name, t in tensors.items()}

    @property
    def inputs(self) -> list[str]:
        return list(self._inputs)

    @property
    def outputs(self) -> list[str]:
        return list(self._outputs)

    def run(self, arrays: Mapping[str, F32], *, in_place: bool) -> None:
        """Compute the outputs from the inputs, all in `arrays` by name, flat; `in_place`: without copies."""
        if in_place:
            self._run_in_place(arrays)
            return
        for name, tensor in self._inputs.items():
            self._fill(tensor, arrays[name].reshape(self.shapes[name]))
        self._run()
        for name, tensor in self._outputs.items():
            np.copyto(arrays[name].reshape(self.shapes[name]), self._read(tensor, self.shapes[name]))

    def runs_in_place(self, arrays: Mapping[str, F32]) -> bool:
        """Whether a run in place gives what a run with copies gives, tried on made-up numbers, which overwrite
        `arrays`."""
        tensors = {**self._inputs, **self._outputs}
        if not (self._cpu and all(_is_where_we_think(t, arrays[n].nbytes) for n, t in tensors.items())):
            return False
        numbers = np.random.default_rng(0)
        for name in self._inputs:
            arrays[name][:] = numbers.uniform(-1, 1, arrays[name].size)
        self.run(arrays, in_place=False)
        wanted = {name: arrays[name].copy() for name in self._outputs}
        kept = {name: arrays[name].copy() for name in self._inputs}
        for name in self._outputs:
            arrays[name][:] = np.nan
        self.run(arrays, in_place=True)
        return all(np.array_equal(arrays[n], a, equal_nan=True) for n, a in {**wanted, **kept}.items())

    def _run_in_place(self, arrays: Mapping[str, F32]) -> None:
        fields = {name: _host(tensor) for name, tensor in {**self._inputs, **self._outputs}.items()}
        own = {name: field.value for name, field in fields.items()}
        try:
            for name, field in fields.items():
                field.value = arrays[name].ctypes.data
            self._run()
        finally:
            for name, field in fields.items():
                field.value = own[name]

    def _run(self) -> None:
        if self._interpreter.runSession(self._session):
            raise StageError("A model could not be run: close other programs to free memory and try again.")

    def _fill(self, tensor: Any, values: F32) -> None:
        if self._cpu and tensor.getDimensionType() != _BLOCKS_OF_FOUR:
            np.copyto(tensor.getNumpyData(), values)
        else:
            tensor.copyFromHostTensor(_plain(np.ascontiguousarray(values)))

    def _read(self, tensor: Any, shape: Shape) -> F32:
        if self._cpu and tensor.getDimensionType() != _BLOCKS_OF_FOUR:
            return np.asarray(tensor.getNumpyData(), np.float32).reshape(shape)
        plain = _plain(np.empty(shape, np.float32))
        tensor.copyToHostTensor(plain)
        return np.array(plain.getNumpyData(), np.float32).reshape(shape)


def interpreter(model: bytes) -> Any:
    """MNN's interpreter of a model."""
    # MNN's Python interface loads from files only, all at once.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.mnn"
        path.write_bytes(model)
        return MNN.Interpreter(str(path))


def _plain(values: F32) -> Any:
    return MNN.Tensor(values.shape, MNN.Halide_Type_Float, values, MNN.Tensor_DimensionType_Caffe)


def _host(tensor: Any) -> ctypes.c_void_p:
    """The field with the address of a tensor's memory."""
    inner = ctypes.c_void_p.from_address(id(tensor) + _OBJECT_TENSOR).value or 0
    return ctypes.c_void_p.from_address(inner + _TENSOR_HOST)


def _is_where_we_think(tensor: Any, size: int) -> bool:
    if sys.implementation.name != "cpython" or MNN.version() != _POINTER_VERSION:
        return False
    if tensor.getDimensionType() == _BLOCKS_OF_FOUR:
        return False
    memory = tensor.getNumpyData()
    return bool(memory.nbytes == size and _host(tensor).value == memory.ctypes.data)
