"""A streaming Zipformer transducer with random weights: the graphs that icefall's export-onnx-streaming.py writes.

Names, shapes and metadata of every input and output are those of a real export (model_type zipformer2), and so are the
parts, from the published model (Yao et al., "Zipformer", ICLR 2024; icefall's egs/librispeech/ASR/zipformer): Swoosh
activations, BiasNorm, attention weights shared by two self-attentions and a non-linear attention, chunk-causal
convolutions, stacks at lower frame rates. Only the widths are small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from assets.convert.graph import Graph

FEATURES, CHANNELS, PADDING = 80, 128, 13
BANDS = ((FEATURES - 1) // 2 - 1) // 2
JOINER, CONTEXT = 24, 2


@dataclass(frozen=True)
class Size:
    """Of each stack: layers, width and so on, in the order of the encoder."""

    layers: tuple[int, ...] = (1, 2, 1)
    downsampling: tuple[int, ...] = (1, 2, 4)
    width: tuple[int, ...] = (24, 32, 24)
    feed_forward: tuple[int, ...] = (32, 48, 32)
    heads: tuple[int, ...] = (4, 4, 4)
    query: int = 8
    value: int = 6
    position: int = 4
    position_width: int = 16
    kernels: tuple[int, ...] = (15, 7, 7)
    chunk: int = 16
    left: int = 32
    vocabulary: int = 40
    seed: int = 5

    @property
    def frames(self) -> int:
        """T: what one run takes of the features."""
        return 2 * self.chunk + PADDING


@dataclass
class Encoder:
    """Builds the encoder's graph; sequences are (time, batch, width), as in the source."""

    size: Size
    graph: Graph = field(default_factory=lambda: Graph("encoder"))

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.size.seed)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.graph.op(kind, *inputs, **attributes)

    def const(self, value: Any) -> str:
        return self.graph.constant(np.asarray(value))

    def weights(self, *shape: int, gain: float = 1.0) -> NDArray[np.float32]:
        fan_in = int(np.prod(shape[1:])) or 1
        return (gain * self.random.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)

    def linear(self, x: str, out: int, width: int, gain: float = 1.0) -> str:
        return self.graph.linear(x, self.weights(out, width, gain=gain), 0.1 * self.weights(out))

    def conv(self, x: str, out: int, inside: int, kernel: Sequence[int], **attributes: Any) -> str:
        weight = self.const(self.weights(out, inside, *kernel))
        return self.op("Conv", x, weight, self.const(0.1 * self.weights(out)), **attributes)

    def swoosh(self, x: str, shift: float, down: float) -> str:
        """log(1 + exp(x - shift)) - 0.08 x - down: SwooshL (4, 0.035), SwooshR (1, 0.313261687)."""
        log = self.op("Softplus", self.op("Sub", x, self.const(shift)))
        slope = self.op("Mul", x, self.const(0.08))
        return self.op("Sub", self.op("Sub", log, slope), self.const(down))

    def left(self, x: str) -> str:
        return self.swoosh(x, 4.0, 0.035)

    def right(self, x: str) -> str:
        return self.swoosh(x, 1.0, 0.313261687)

    def bias_norm(self, x: str, width: int) -> str:
        off = self.op("Sub", x, self.const(0.1 * self.weights(width)))
        power = self.op("ReduceMean", self.op("Mul", off, off), axes=[-1])
        return self.op("Mul", x, self.op("Div", self.const(np.exp(0.2)), self.op("Sqrt", power)))

    def bypass(self, before: str, after: str, width: int) -> str:
        scale = self.const(self.random.uniform(0.4, 0.9, width))
        return self.op("Add", before, self.op("Mul", self.op("Sub", after, before), scale))

    def slice(self, x: str, start: int, end: int, axis: int, step: int = 1) -> str:
        return self.op("Slice", x, *(self.const([value]) for value in (start, end, axis, step)))

    def cached(self, name: str, x: str, axis: int, shape: Sequence[int]) -> str:
        """`x` after its cache, along `axis`; the end of that is the new cache."""
        cache = self.graph.input(name, self._free(name, shape))
        both = self.op("Concat", cache, x, axis=axis)
        new = self.slice(both, -shape[axis], 1 << 30, axis)
        self.graph.output(new, f"new_{name}", self._free(name, shape))
        return both

    def _free(self, name: str, shape: Sequence[int]) -> list[int | str]:
        batch = 0 if "conv" in name or "embed" in name else 1
        return [*shape[:batch], "N", *shape[batch + 1 :]]

    def embed(self, x: str) -> str:
        """Features → frames at 50 Hz: three convolutions and a ConvNeXt block with 3 frames of look-ahead."""
        chunk, width = self.size.chunk, self.size.width[0]
        x = self.op("Unsqueeze", x, self.const([1]))
        x = self.right(self.conv(x, 8, 1, (3, 3), pads=[0, 1, 0, 1]))
        x = self.right(self.conv(x, 32, 8, (3, 3), strides=[2, 2]))
        x = self.right(self.conv(x, CHANNELS, 32, (3, 3), strides=[1, 2]))
        through = self.slice(x, 0, chunk, 2)
        cache = self.graph.input("embed_states", ["N", CHANNELS, 3, BANDS])
        both = self.op("Concat", cache, x, axis=2)
        self.graph.output(self.slice(both, chunk, chunk + 3, 2), "new_embed_states", ["N", CHANNELS, 3, BANDS])
        x = self.conv(both, CHANNELS, 1, (7, 7), pads=[0, 3, 0, 3], group=CHANNELS)
        x = self.left(self.conv(x, 2 * CHANNELS, CHANNELS, (1, 1)))
        x = self.op("Add", through, self.conv(x, CHANNELS, 2 * CHANNELS, (1, 1)))
        x = self.graph.reshape(self.op("Transpose", x, perm=[0, 2, 1, 3]), [1, chunk, CHANNELS * BANDS])
        x = self.bias_norm(self.linear(x, width, CHANNELS * BANDS, gain=4), width)
        return self.op("Transpose", x, perm=[1, 0, 2])

    def layer(self, x: str, index: int, stack: int, mask: str) -> str:
        """One layer of a stack; `mask` (1, left + chunk) is true where nothing was heard yet."""
        size = self.size
        width, heads = size.width[stack], size.heads[stack]
        left, hidden = size.left // size.downsampling[stack], 3 * width // 4
        values = size.value * heads
        before = x
        weights = self.attention_weights(x, index, stack, mask)
        x = self.op("Add", x, self.feed_forward(x, stack, 0.75))
        s, inside, gate = self.graph.split(self.linear(x, 3 * hidden, width), 3, axis=-1)
        inside = self.op("Mul", inside, self.op("Tanh", s))
        inside = self.op("Unsqueeze", self.op("Transpose", inside, perm=[1, 0, 2]), self.const([0]))
        both = self.cached(f"cached_nonlin_attn_{index}", inside, 2, (1, 1, left, hidden))
        mixed = self.op("MatMul", self.slice(weights, 0, 1, 0), both)
        mixed = self.op("Transpose", self.op("Squeeze", mixed, self.const([0])), perm=[1, 0, 2])
        x = self.op("Add", x, self.linear(self.op("Mul", mixed, gate), width, hidden))
        x = self.op("Add", x, self.attention(x, weights, f"cached_val1_{index}", stack, left, values))
        x = self.op("Add", x, self.convolution(x, f"cached_conv1_{index}", stack))
        x = self.op("Add", x, self.feed_forward(x, stack, 1.0))
        x = self.bypass(before, x, width)
        x = self.op("Add", x, self.attention(x, weights, f"cached_val2_{index}", stack, left, values))
        x = self.op("Add", x, self.convolution(x, f"cached_conv2_{index}", stack))
        x = self.op("Add", x, self.feed_forward(x, stack, 1.25))
        return self.bypass(before, self.bias_norm(x, width), width)

    def attention_weights(self, x: str, index: int, stack: int, mask: str) -> str:
        """(heads, 1, chunk, left + chunk) by content and by distance."""
        size = self.size
        heads, chunk = size.heads[stack], size.chunk // size.downsampling[stack]
        left, keys = size.left // size.downsampling[stack], size.query * heads
        mixed = self.linear(x, 2 * keys + size.position * heads, size.width[stack], gain=0.7)
        query, key = self.slice(mixed, 0, keys, 2), self.slice(mixed, keys, 2 * keys, 2)
        place = self.slice(mixed, 2 * keys, 1 << 30, 2)
        key = self.cached(f"cached_key_{index}", key, 0, (left, 1, keys))
        query = self.op("Transpose", self.graph.reshape(query, [chunk, 1, heads, size.query]), perm=[2, 1, 0, 3])
        key = self.op("Transpose", self.graph.reshape(key, [left + chunk, 1, heads, size.query]), perm=[2, 1, 3, 0])
        place = self.op("Transpose", self.graph.reshape(place, [chunk, 1, heads, size.position]), perm=[2, 1, 0, 3])
        table = distances(left + chunk, size.position_width)[: left + 2 * chunk - 1]
        far = self.linear(self.const(table), size.position * heads, size.position_width)
        far = self.graph.reshape(far, [1, left + 2 * chunk - 1, heads, size.position])
        by_place = self.op("MatMul", place, self.op("Transpose", far, perm=[2, 0, 3, 1]))
        shift = np.arange(chunk - 1, -1, -1)[:, None] + np.arange(left + chunk)
        flat = self.graph.reshape(by_place, [heads * chunk, left + 2 * chunk - 1])
        by_place = self.op("GatherElements", flat, self.const(np.tile(shift, (heads, 1))), axis=1)
        by_place = self.graph.reshape(by_place, [heads, 1, chunk, left + chunk])
        scores = self.op("Add", self.op("MatMul", query, key), by_place)
        hidden = self.op("Unsqueeze", mask, self.const([1]))
        return self.op("Softmax", self.op("Where", hidden, self.const(-1000.0), scores), axis=-1)

    def attention(self, x: str, weights: str, cache: str, stack: int, left: int, values: int) -> str:
        size = self.size
        heads, chunk, width = size.heads[stack], size.chunk // size.downsampling[stack], size.width[stack]
        both = self.cached(cache, self.linear(x, values, width), 0, (left, 1, values))
        both = self.op("Transpose", self.graph.reshape(both, [-1, 1, heads, size.value]), perm=[2, 1, 0, 3])
        mixed = self.op("Transpose", self.op("MatMul", weights, both), perm=[2, 1, 0, 3])
        return self.linear(self.graph.reshape(mixed, [chunk, 1, values]), width, values)

    def feed_forward(self, x: str, stack: int, share: float) -> str:
        width, hidden = self.size.width[stack], int(self.size.feed_forward[stack] * share)
        return self.linear(self.left(self.linear(x, hidden, width)), width, hidden)

    def convolution(self, x: str, cache: str, stack: int) -> str:
        """Causal over chunks: what lies ahead counts within the chunk only."""
        width, kernel = self.size.width[stack], self.size.kernels[stack]
        chunk, half = self.size.chunk // self.size.downsampling[stack], kernel // 2
        x, gate = self.graph.split(self.linear(x, 2 * width, width), 2, axis=-1)
        x = self.op("Transpose", self.op("Mul", x, self.op("Sigmoid", gate)), perm=[1, 2, 0])
        both = self.cached(cache, x, 2, (1, width, half))
        past = self.conv(both, width, 1, (half + 1,), group=width)
        inside = self.conv(x, width, 1, (kernel,), pads=[half, half], group=width)
        edge = 1 + 0.1 * self.weights(width, chunk)
        x = self.op("Add", self.op("Mul", inside, self.const(edge)), past)
        return self.linear(self.right(self.op("Transpose", x, perm=[2, 0, 1])), width, width)

    def downsample(self, x: str, times: int, frames: int, width: int) -> str:
        share = self.op("Softmax", self.const(self.random.standard_normal((times, 1, 1))), axis=0)
        grouped = self.graph.reshape(x, [frames // times, times, 1, width])
        return self.op("ReduceSum", self.op("Mul", grouped, share), self.const([1]), keepdims=0)

    def upsample(self, x: str, times: int, frames: int, width: int) -> str:
        spread = self.op("Expand", self.op("Unsqueeze", x, self.const([1])), self.const([frames, times, 1, width]))
        return self.graph.reshape(spread, [frames * times, 1, width])

    def channels(self, x: str, have: int, want: int) -> str:
        if have >= want:
            return self.slice(x, 0, want, 2)
        return self.op("Concat", x, self.const(np.zeros((self.size.chunk, 1, want - have))), axis=2)

    def build(self) -> onnx.ModelProto:
        """The graph of one chunk."""
        size, graph = self.size, self.graph
        x = self.embed(graph.input("x", ["N", size.frames, FEATURES]))
        done = graph.input("processed_lens", ["N"], integer=True)
        graph.output(self.op("Add", done, self.const([size.chunk])), "new_processed_lens", ["N"], integer=True)
        new = self.op("LessOrEqual", self.op("Unsqueeze", done, self.const([1])), self.const([np.arange(size.left)]))
        new = self.slice(new, -1, -(1 << 30), 1, step=-1)
        none = self.op("Cast", self.const(np.zeros((1, size.chunk))), to=onnx.TensorProto.BOOL)
        mask = self.op("Concat", new, none, axis=1)
        index, have, outputs = 0, size.width[0], []
        for stack, times in enumerate(size.downsampling):
            width = size.width[stack]
            x = before = self.channels(x, have, width)
            have = width
            if times > 1:
                x = self.downsample(x, times, size.chunk, width)
            hidden = self.slice(mask, 0, 1 << 30, 1, step=times)
            for _ in range(size.layers[stack]):
                x = self.layer(x, index, stack, hidden)
                index += 1
            if times > 1:
                x = self.bypass(before, self.upsample(x, times, size.chunk // times, width), width)
            outputs.append((x, width))
        pieces, reached = [outputs[-1][0]], outputs[-1][1]
        for output, width in reversed(outputs[:-1]):
            if width > reached:
                pieces.append(self.slice(output, reached, width, 2))
                reached = width
        x = self.downsample(self.op("Concat", *pieces, axis=2), 2, size.chunk, reached)
        out = self.linear(self.op("Transpose", x, perm=[1, 0, 2]), JOINER, reached, gain=2)
        graph.output(out, "encoder_out", ["N", size.chunk // 2, JOINER])
        return self.described(in_order(graph.model()))

    def described(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """With the metadata that readers of such models rely on."""
        size = self.size

        def row(values: Sequence[int]) -> str:
            return ",".join(map(str, values))

        stacks = len(size.layers)
        props = {"model_type": "zipformer2", "version": "1", "model_author": "k2-fsa",
                 "comment": "streaming zipformer2",
                 "decode_chunk_len": str(2 * size.chunk), "T": str(size.frames), "encoder_dims": row(size.width),
                 "num_encoder_layers": row(size.layers), "cnn_module_kernels": row(size.kernels),
                 "left_context_len": row([size.left // times for times in size.downsampling]),
                 "query_head_dims": row([size.query] * stacks), "value_head_dims": row([size.value] * stacks),
                 "num_heads": row(size.heads)}  # fmt: skip
        onnx.helper.set_model_props(model, props)
        return model


def distances(length: int, width: int) -> NDArray[np.float32]:
    """(2 length - 1, width) of icefall's CompactRelPositionalEncoding, from far ahead to far behind."""
    far = np.arange(-(length - 1), length)[:, None].astype(np.float64)
    root = np.sqrt(width)
    squeezed = root * np.sign(far) * (np.log(np.abs(far) + root) - np.log(root))
    angle = np.arctan(squeezed / (width / (2 * np.pi))) * (1 + np.arange(width // 2))
    table = np.empty((len(far), width))
    table[:, 0::2], table[:, 1::2] = np.cos(angle), np.sin(angle)
    table[:, -1] = 1
    return table.astype(np.float32)


def in_order(model: onnx.ModelProto) -> onnx.ModelProto:
    """Inputs and outputs in the order of the exporter: x, each layer's six caches, embed_states, processed_lens."""
    kinds = ("key", "nonlin_attn", "val1", "val2", "conv1", "conv2")

    def place(value: onnx.ValueInfoProto) -> tuple[int, int, int]:
        name = value.name.removeprefix("new_")
        if not name.startswith("cached_"):
            return {"x": 0, "encoder_out": 0, "embed_states": 2, "processed_lens": 3}[name], 0, 0
        kind, _, layer = name.removeprefix("cached_").rpartition("_")
        return 1, int(layer), kinds.index(kind)

    for values in (model.graph.input, model.graph.output):
        ordered = sorted(values, key=place)
        del values[:]
        values.extend(ordered)
    return model


def decoder(size: Size) -> onnx.ModelProto:
    """y (N, 2) → decoder_out (N, joiner): embeddings of the last two tokens, convolved, projected."""
    random = np.random.default_rng(size.seed + 1)
    graph = Graph("decoder")
    y = graph.input("y", ["N", CONTEXT], integer=True)
    zero = graph.constant(np.array(0))
    x = graph.op("Gather", graph.constant(random.standard_normal((size.vocabulary, 32))), graph.op("Max", y, zero))
    there = graph.op("Cast", graph.op("GreaterOrEqual", y, zero), to=onnx.TensorProto.FLOAT)  # -1: before the first
    x = graph.op("Mul", x, graph.op("Unsqueeze", there, graph.constant(np.array([-1]))))
    weight = graph.constant(random.standard_normal((32, 4, CONTEXT)) / np.sqrt(8))
    x = graph.op("Relu", graph.op("Conv", graph.op("Transpose", x, perm=[0, 2, 1]), weight, group=8))
    x = graph.op("Squeeze", x, graph.constant(np.array([2])))
    graph.output(graph.linear(x, random.standard_normal((JOINER, 32)) / 4), "decoder_out", ["N", JOINER])
    model = graph.model()
    onnx.helper.set_model_props(model, {"context_size": str(CONTEXT), "vocab_size": str(size.vocabulary)})
    return model


def joiner(size: Size, blank: float = 6.0) -> onnx.ModelProto:
    """logit (N, vocabulary) of tanh(encoder_out + decoder_out); `blank`: how much likelier the blank is made."""
    random = np.random.default_rng(size.seed + 2)
    graph = Graph("joiner")
    both = graph.op("Add", graph.input("encoder_out", ["N", JOINER]), graph.input("decoder_out", ["N", JOINER]))
    bias = np.zeros(size.vocabulary)
    bias[0] = blank
    weight = random.standard_normal((size.vocabulary, JOINER)) / 2
    graph.output(graph.linear(graph.op("Tanh", both), weight, bias), "logit", ["N", size.vocabulary])
    model = graph.model()
    onnx.helper.set_model_props(model, {"joiner_dim": str(JOINER)})
    return model


def tokens(size: Size) -> list[str]:
    """Blank, two special tokens, then Chinese characters and pieces of English words."""
    pieces = ["▁THE", "▁A", "S", "ING", "▁OF", "E", "▁CAT", "T", "▁", "ER", "▁IN", "D"]
    characters = "的一是不了人我在有他这中大来上国个到说们"
    table = ["<blk>", "<sos/eos>", "<unk>", *characters, *pieces]
    return [*table, *(f"▁W{i}" for i in range(size.vocabulary - len(table)))][: size.vocabulary]


def write(folder: Path, size: Size | None = None) -> Path:
    """encoder.onnx, decoder.onnx, joiner.onnx and tokens.txt, as a release of icefall has them."""
    size = size or Size()
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in (("encoder", Encoder(size).build()), ("decoder", decoder(size)), ("joiner", joiner(size))):
        onnx.save(model, folder / f"{name}-epoch-99-avg-1.onnx")
    lines = [f"{token} {index}" for index, token in enumerate(tokens(size))]
    (folder / "tokens.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
