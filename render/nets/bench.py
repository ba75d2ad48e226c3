"""How long networks take by each way to run them, each run in turn with the others.

Two networks as avatars have them: a colour network of every Gaussian, and one from the pose to the mesh's offsets. Of
each way: milliseconds from run() to the result, milliseconds that run() and poll() keep the frame's thread, and the
largest error against float64, relative to the largest number.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx
from assets.lower import lower
from assets.progress import Progress
from render.nets.backends import probe_backends
from render.nets.choice import Runnable
from render.nets.lowered import lowered_stage
from render.nets.session import session_stage
from render.offscreen import Offscreen

WARM_UP: Final = 2
FEW_ROWS: Final = 256
"""Below, one invocation a row is no way to run a network."""


@dataclass(frozen=True)
class Net:
    """A perceptron: the widths of its layers, and for how many rows it runs."""

    name: str
    rows: int
    widths: tuple[int, ...]


COLOUR: Final = Net("colour", 250_000, (12, 32, 32, 12))
POSE: Final = Net("pose", 1, (101, 64, 64, 64, 64, 69_000))
"""Offsets of 23,000 vertices."""


def bench_models(runs: int, progress: Progress, nets: tuple[Net, ...] = (COLOUR, POSE)) -> dict[str, Any]:
    """Time every way for `runs` runs.

    Returns networks.NAME.{rows,widths} and networks.NAME.ways.WAY.{result_ms,call_ms}.{p50,p95} and .error, gl, and
    backends, MNN's for a GPU. Needs the extra `convert`.
    """
    networks = {}
    with Offscreen() as offscreen, progress.step("Running networks", len(nets) * (runs + WARM_UP)) as step:
        for net in nets:
            weights, model = _model(net)
            ways = _bench(offscreen.ctx, net, weights, model, runs, step.advance)
            networks[net.name] = {"rows": net.rows, "widths": list(net.widths), "ways": ways}
        info = offscreen.ctx.info
        return {
            "networks": networks,
            "backends": probe_backends(),
            "gl": {"renderer": info["GL_RENDERER"], "version": info["GL_VERSION"]},
        }


def _bench(
    ctx: moderngl.Context, net: Net, weights: list[NDArray[np.float32]], model: bytes, runs: int, advance: Any
) -> dict[str, Any]:
    numbers = np.random.default_rng(1)
    x = numbers.uniform(-1, 1, (net.rows, net.widths[0])).astype(np.float32)
    wanted = _float64(x, weights)
    stages = {name: make() for name, make in _ways(ctx, net, model).items()}
    for stage in stages.values():
        stage.inputs["x"].write(x)
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in stages}
    for _ in range(runs + WARM_UP):
        for name, stage in stages.items():
            ctx.finish()
            start = time.perf_counter()
            stage.run()
            stage.poll()
            called = time.perf_counter()
            stage.finish()
            times[name]["call_ms"].append((called - start) * 1e3)
            times[name]["result_ms"].append((time.perf_counter() - start) * 1e3)
        advance()
    figures = {}
    for name, stage in stages.items():
        error = float(np.abs(_read(ctx, stage) - wanted).max() / np.abs(wanted).max())
        figures[name] = {
            **{what: _quantiles(took[WARM_UP:]) for what, took in times[name].items()},
            "error": float(f"{error:.1e}"),
        }
        stage.release()
    return figures


def _ways(ctx: moderngl.Context, net: Net, model: bytes) -> dict[str, Callable[[], Runnable]]:
    program = lower(model)
    session = partial(session_stage, ctx, model, rows=net.rows)
    lowered = partial(lowered_stage, ctx, program, rows=net.rows)
    ways: dict[str, Callable[[], Runnable]] = {
        "session, mapped": session,
        "session, copied": partial(session, mapped=False),
    }
    ways |= {f"session on {backend}": partial(session, backend=backend) for backend in probe_backends()}
    ways["lowered by shares, float32"] = partial(lowered, way="shared")
    ways["lowered by shares, float16"] = partial(lowered, way="shared", half=True)
    if net.rows >= FEW_ROWS:
        ways["lowered by rows, float32"] = partial(lowered, way="rows")
    return ways


def _model(net: Net) -> tuple[list[NDArray[np.float32]], bytes]:
    numbers = np.random.default_rng(0)
    weights = [
        (numbers.standard_normal((wide, narrow)) * np.sqrt(2 / narrow)).astype(np.float32)
        for narrow, wide in zip(net.widths, net.widths[1:], strict=False)
    ]
    graph = Graph(net.name)
    value = graph.input("x", ["n", net.widths[0]])
    for layer in weights[:-1]:
        value = graph.op("Relu", graph.linear(value, layer, np.zeros(len(layer), np.float32)))
    graph.output(graph.linear(value, weights[-1]), "y", ["n", net.widths[-1]])
    with tempfile.TemporaryDirectory() as folder:
        convert_onnx(graph.model(), Path(folder) / "net.mnn")
        return weights, (Path(folder) / "net.mnn").read_bytes()


def _float64(x: NDArray[np.float32], weights: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    value = x.astype(np.float64)
    for layer in weights[:-1]:
        value = np.maximum(value @ layer.T.astype(np.float64), 0)
    return np.asarray(value @ weights[-1].T.astype(np.float64))


def _read(ctx: moderngl.Context, stage: Runnable) -> NDArray[np.float32]:
    # A mapped buffer cannot be mapped again to be read.
    copy = ctx.buffer(reserve=stage.outputs["y"].size)
    ctx.copy_buffer(copy, stage.outputs["y"])
    values = np.frombuffer(copy.read(), np.float32).reshape(stage.shapes["y"])
    copy.release()
    return values


def _quantiles(values: list[float]) -> dict[str, float]:
    return {f"p{round(100 * q)}": round(float(np.quantile(values, q)), 3) for q in (0.5, 0.95)}
