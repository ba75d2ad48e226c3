"""An encoder with the signature of the first streaming Zipformer (icefall's pruned_transducer_stateless7_streaming).

Names, shapes, types and metadata of inputs and outputs are those of its export; inside, only enough that every state
counts in what comes out.
"""

from __future__ import annotations

import numpy as np
import onnx

from assets.convert.graph import Graph
from tests.conversation.engines.asr.zipformer_graph import FEATURES, JOINER

CHUNK, AHEAD = 32, 7
LAYERS, WIDTH, ATTENTION, LEFT, KERNEL = 2, 16, 12, 8, 5


def encoder(seed: int = 3) -> onnx.ModelProto:
    """x (1, 39, 80) and seven states of one stack → encoder_out (1, 8, joiner)."""
    random = np.random.default_rng(seed)
    graph = Graph("encoder")
    x = graph.input("x", ["N", CHUNK + AHEAD, FEATURES])

    def part(value: str, start: int, end: int, axis: int) -> str:
        return graph.op("Slice", value, *(graph.constant(np.array([one])) for one in (start, end, axis)))

    def dense(value: str, width: int, out: int, gain: float = 1.0) -> str:
        return graph.linear(value, gain * random.standard_normal((out, width)) / np.sqrt(width))

    said = dense(
        graph.reshape(part(x, AHEAD, AHEAD + CHUNK, 1), [1, CHUNK // 4, 4 * FEATURES]), 4 * FEATURES, WIDTH, 0.3
    )
    said = graph.op("Tanh", said)
    done = graph.input("cached_len_0", [LAYERS, "N"], integer=True)
    moved = graph.op("Add", done, graph.constant(np.array(CHUNK // 2)))
    outputs = [("cached_len_0", moved, [LAYERS, "N"], True)]
    age = graph.op("Cast", graph.op("ReduceMax", done, keepdims=0), to=onnx.TensorProto.FLOAT)
    heard = graph.op("Sin", graph.op("Mul", age, graph.constant(np.array(0.1))))
    shapes = {
        "cached_avg_0": [LAYERS, "N", WIDTH],
        "cached_key_0": [LAYERS, LEFT, "N", ATTENTION],
        "cached_val_0": [LAYERS, LEFT, "N", ATTENTION // 2],
        "cached_val2_0": [LAYERS, LEFT, "N", ATTENTION // 2],
        "cached_conv1_0": [LAYERS, "N", WIDTH, KERNEL - 1],
        "cached_conv2_0": [LAYERS, "N", WIDTH, KERNEL - 1],
    }
    for name, shape in shapes.items():
        state = graph.input(name, shape)
        size = int(np.prod([1 if one == "N" else one for one in shape]))
        flat = graph.reshape(state, [1, 1, size])
        said = graph.op("Add", said, graph.op("Tanh", dense(flat, size, WIDTH)))
        fresh = dense(graph.reshape(said, [1, 1, CHUNK // 4 * WIDTH]), CHUNK // 4 * WIDTH, size)
        kept = graph.op("Mul", flat, graph.constant(np.array(0.5)))
        new = graph.reshape(graph.op("Tanh", graph.op("Add", kept, fresh)), [1 if one == "N" else one for one in shape])
        outputs.append((name, new, shape, False))
    said = graph.op("Add", said, heard)
    graph.output(dense(said, WIDTH, JOINER, 2.0), "encoder_out", ["N", CHUNK // 4, JOINER])
    for name, value, shape, integer in outputs:
        graph.output(value, f"new_{name}", shape, integer=integer)
    model = graph.model()
    props = {"model_type": "zipformer", "version": "1", "decode_chunk_len": CHUNK, "T": CHUNK + AHEAD,
             "num_encoder_layers": LAYERS, "encoder_dims": WIDTH, "attention_dims": ATTENTION,
             "cnn_module_kernels": KERNEL, "left_context_len": LEFT}  # fmt: skip
    onnx.helper.set_model_props(model, {name: str(value) for name, value in props.items()})
    return model
