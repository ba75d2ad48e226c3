"""The made-up person with all that an avatar may hold: blend shapes of places and light, and a network."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, rest_places
from assets.stages import STANDARD, StageSpec
from render.measure.cloud import make_cloud

POSE: tuple[int, ...] = (12, 16, 16)
"""Inputs and hidden layers of the network."""


def make_subject(gaussians: int, *, shapes: int, degree: int = 1, network: bool = False, seed: int = 0) -> Avatar:
    """The cloud with so many `shapes` of places (a few millimetres) and of light, three in ten of their rows zero, as
    smooth as wrinkles and as rough as what a fit leaves; and, where wanted, a network that weighs them, which needs the
    extra `convert`."""
    rng = np.random.default_rng(seed)
    avatar = make_cloud(gaussians, degree)
    places = rest_places(avatar.mesh, avatar.gaussians)
    tensors: dict[str, NDArray[Any]] = {
        "place_shapes": _shapes(places, shapes, 0.03, rng),
        "light_shapes": _shapes(places, shapes, 0.02, rng),
    }
    weigh: tuple[StageSpec, ...] = ()
    models: dict[str, bytes] = {}
    if network:
        tensors["pose"] = rng.uniform(-1, 1, (1, POSE[0])).astype(np.float32)
        options = {"model": "pose", "inputs": ["x"], "outputs": ["y"]}
        weigh = (StageSpec("weigh", "model", ["pose"], ["weights"], "key", options),)
        models["pose"] = _network((*POSE, shapes), rng)
    else:
        tensors["weights"] = rng.normal(0, 0.7, shapes).astype(np.float32)
    stages = (
        *weigh,
        StageSpec("wrinkles", "blend", ["weights", "place_shapes"], ["offsets"], "key"),
        StageSpec("shade", "blend", ["weights", "light_shapes"], ["light"], "key"),
        STANDARD[0],
        StageSpec("align", "align", ["vertices", "offsets"], ["placed"], "key", {"reach": 0.05}),
        STANDARD[2],
        StageSpec("colour", "harmonics", ["world", "light"], ["colours"], "frame"),
        *STANDARD[4:],
    )
    levels = tuple(count for count in (5_000, 20_000, 70_000) if count < gaussians)
    return replace(avatar, stages=stages, tensors=tensors, models=models, levels=levels)


def _shapes(places: NDArray[np.float64], count: int, size: float, rng: np.random.Generator) -> NDArray[np.float16]:
    out = np.empty((count, len(places), 3), np.float16)
    for shape in out:
        wave = np.sin(places @ rng.normal(0, 8, 3) + rng.uniform(0, 6))[:, None]
        rough = rng.laplace(0, 0.3, (len(places), 3))
        shape[:] = np.where(np.abs(wave) < 0.45, 0, size * (wave * rng.normal(0, 1, 3) + rough))
    return out


def _network(widths: tuple[int, ...], rng: np.random.Generator) -> bytes:
    from assets.convert.graph import Graph
    from assets.convert.mnn import convert_onnx

    graph = Graph("pose")
    value = graph.input("x", ["n", widths[0]])
    for inputs, outputs in itertools.pairwise(widths):
        weight = rng.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float32)
        value = graph.op("Tanh", graph.linear(value, weight, np.zeros(outputs, np.float32)))
    graph.output(value, "y", ["n", widths[-1]])
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "pose.mnn"
        convert_onnx(graph.model(), path)
        return path.read_bytes()
