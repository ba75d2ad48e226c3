"""From an .mnn file to a program."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from assets.errors import LoweringError
from assets.lower.flat import DAMAGED, Net, Node, read_net
from assets.lower.program import Program
from assets.lower.rules import RULES
from assets.lower.trace import RefusalError, Tensor, Trace

_FLOAT: Final = 1
"""DT_FLOAT of MNN's schema."""


def lower(model: bytes, *, shared: Collection[str] = ()) -> Program:
    """The program of an .mnn file; raises LoweringError, which names the operator that cannot be lowered.

    The first axis of every input counts rows that do not know of each other, except in the inputs named in `shared`,
    which serve all rows alike. Where the graph holds for its own shapes only, these make one row.
    """
    net = read_net(model)
    try:
        try:
            return _run(net, False, shared)
        except LoweringError as error:
            try:
                return _run(net, True, ())
            except LoweringError:
                raise error from None
    except DAMAGED as error:
        raise LoweringError(f"A model is damaged ({error}); make the .mnn file again.") from None


def input_shapes(model: bytes) -> dict[str, tuple[int, ...]]:
    """The inputs of an .mnn file and their shapes, open ends as 1; raises LoweringError."""
    try:
        return {node.name: _dims(node) for node in read_net(model).nodes if node.operator == "Input"}
    except DAMAGED as error:
        raise LoweringError(f"A model is damaged ({error}); make the .mnn file again.") from None


def _run(net: Net, single: bool, shared: Collection[str]) -> Program:
    trace = Trace(single)
    tensors: dict[int, Tensor] = {}
    for node in net.nodes:
        try:
            if node.operator == "Input":
                results = [_input(node, trace, single or node.name in shared)]
            elif node.operator in RULES:
                results = RULES[node.operator](node, [tensors[i] for i in node.inputs], trace)
            else:
                raise RefusalError("no counterpart on the GPU")
        except RefusalError as reason:
            raise LoweringError(
                f"The operator {node.operator} ({node.name}) cannot be lowered ({reason}); "
                "the model still runs as a session."
            ) from None
        except KeyError:
            raise LoweringError(f"The operator {node.operator} ({node.name}) reads what nothing writes.") from None
        tensors.update(zip(node.outputs, results, strict=False))
    names = {name: i for i, name in enumerate(net.tensors)}
    try:
        return trace.program({name: tensors[names[name]] for name in net.outputs})
    except RefusalError as reason:
        raise LoweringError(f"The model cannot be lowered: it has {reason}; it still runs as a session.") from None
    except KeyError as missing:
        raise LoweringError(f"A model is damaged: nothing writes {missing}; make the .mnn file again.") from None


def _input(node: Node, trace: Trace, whole: bool) -> Tensor:
    dims = _dims(node)
    if node.main.integer(1, 1) != _FLOAT:
        raise RefusalError("an input that is not of numbers")
    return trace.input(node.name, dims if whole else (1, *dims[1:]), None if whole else 0)


def _dims(node: Node) -> tuple[int, ...]:
    return tuple(max(size, 1) for size in node.main.integers(0)) or (1,)
