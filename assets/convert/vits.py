"""A VITS voice as Piper exports it (one .onnx) → text.mnn and voice.mnn.

The exported graph draws two random tensors and repeats each phoneme's mean and variance for as many frames as it lasts.
It is cut there: `text` ends with lengths, means and deviations, the host repeats and draws, `voice` begins with frames.
The cuts are found by what the nodes are and not by their names, which change with the exporter. `voice`, nine tenths of
the work, then runs as a Session; `text` keeps shapes that depend on numbers and needs a Module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import onnx
from onnx import TensorProto, helper, numpy_helper

from assets.convert.dequantise import cut
from assets.convert.mnn import convert_onnx
from assets.errors import ConversionError

INPUTS: Final = {"input", "input_lengths", "scales"}
SPEAKER: Final = "sid"


class Vits:
    """The places of a VITS graph where it is cut; ConversionError where it is none of Piper's."""

    def __init__(self, source: onnx.ModelProto) -> None:
        self.source = source
        self._nodes = {name: node for node in source.graph.node for name in node.output}
        names = {one.name for one in source.graph.input} - {tensor.name for tensor in source.graph.initializer}
        if not INPUTS <= names <= INPUTS | {SPEAKER} or len(source.graph.output) != 1:
            raise _foreign(f"it takes {', '.join(sorted(names))}")
        self.speakers = SPEAKER in names
        try:
            self._find()
        except (KeyError, StopIteration, ValueError, IndexError) as error:
            raise _foreign("its parts are joined otherwise") from error

    def _find(self) -> None:
        graph = self.source.graph
        rounded = next(node for node in graph.node if node.op_type == "Ceil")
        self.durations = rounded.input[0]
        draws = [node for node in graph.node if node.op_type in ("RandomNormalLike", "RandomNormal")]
        frames = next(node for node in draws if node.input and self._behind_a_product(node.input[0]))
        self.noises = [node.output[0] for node in draws if node is not frames]
        deviation, self.latent = self._sampled(frames.output[0])
        self.means, self.deviations = (self._before_repeating(name) for name in (frames.input[0], deviation))
        channels = numpy_helper.to_array(self._first_weight(self.latent)).shape[1]
        self.channels = 2 * int(channels)  # a coupling layer of the flow looks at half of them
        late = self._depending_on(rounded.output[0])
        behind = self._depending_on(self.latent)
        after = [node for node in graph.node if node.output[0] in behind - {self.latent}]
        (self.mask,) = {name for node in after for name in node.input if name in late - behind}

    def text_graph(self) -> onnx.ModelProto:
        """input (1, L), input_lengths (1), scales (3), noise (1, 2, L), [sid (1)] → durations (1, 1, L) in frames, not
        rounded; means and deviations (1, L, C), the latter as logarithms."""
        integers, floats = TensorProto.INT64, TensorProto.FLOAT
        inputs = {
            "input": helper.make_tensor_value_info("input", integers, [1, "L"]),
            "input_lengths": helper.make_tensor_value_info("input_lengths", integers, [1]),
            "scales": helper.make_tensor_value_info("scales", floats, [3]),
            **{noise: helper.make_tensor_value_info("noise", floats, [1, 2, "L"]) for noise in self.noises},
        }
        outputs = {
            self.durations: helper.make_tensor_value_info("durations", floats, [1, 1, "L"]),
            self.means: helper.make_tensor_value_info("means", floats, [1, "L", self.channels]),
            self.deviations: helper.make_tensor_value_info("deviations", floats, [1, "L", self.channels]),
        }
        return cut(self.source, inputs | self._speaker(), outputs)

    def voice_graph(self) -> onnx.ModelProto:
        """latent (1, C, T), mask (1, 1, T) of ones, [sid (1)] → sound (1, 1, 1, samples)."""
        floats = TensorProto.FLOAT
        inputs = {
            self.latent: helper.make_tensor_value_info("latent", floats, [1, self.channels, "T"]),
            self.mask: helper.make_tensor_value_info("mask", floats, [1, 1, "T"]),
        }
        sound = helper.make_tensor_value_info("sound", floats, [1, 1, 1, "N"])
        return cut(self.source, inputs | self._speaker(), {self.source.graph.output[0].name: sound})

    def _speaker(self) -> dict[str, onnx.ValueInfoProto]:
        return {SPEAKER: helper.make_tensor_value_info(SPEAKER, TensorProto.INT64, [1])} if self.speakers else {}

    def _behind_a_product(self, name: str) -> bool:
        node = self._nodes[name]
        return str(node.op_type) == "Transpose" and str(self._nodes[node.input[0]].op_type) == "MatMul"

    def _sampled(self, noise: str) -> tuple[str, str]:
        """means + noise · exp(deviations) · scale: the repeated deviations, and the sum."""
        scaled = self._reader(noise, "Mul")
        exponent = next(name for name in scaled.input if name != noise)
        latent = self._reader(self._reader(scaled.output[0], "Mul").output[0], "Add")
        return self._nodes[exponent].input[0], latent.output[0]

    def _before_repeating(self, name: str) -> str:
        """Transpose(MatMul(alignment, x)) → x, (1, L, C)."""
        return str(self._nodes[self._nodes[name].input[0]].input[1])

    def _reader(self, name: str, kind: str) -> onnx.NodeProto:
        return next(node for node in self.source.graph.node if name in node.input and node.op_type == kind)

    def _first_weight(self, name: str) -> onnx.TensorProto:
        """The weight of the first convolution behind `name`."""
        weights = {tensor.name: tensor for tensor in self.source.graph.initializer}
        behind = self._depending_on(name)
        node = next(node for node in self.source.graph.node if node.op_type == "Conv" and node.output[0] in behind)
        return weights[node.input[1]]

    def _depending_on(self, name: str) -> set[str]:
        """Every value that is computed from `name`, and `name`; nodes come in order of their use."""
        found = {name}
        for node in self.source.graph.node:
            if not found.isdisjoint(node.input):
                found.update(node.output)
        return found


def convert_voice(path: Path, out: Path) -> None:
    """Write text.mnn, voice.mnn (half floats) and voice.json of a Piper voice `NAME.onnx` with its `NAME.onnx.json`."""
    settings = path.with_name(path.name + ".json")
    if not settings.is_file():
        raise ConversionError(f"{path.name} comes without {settings.name}, which says how to read text: put it beside.")
    vits = Vits(_loaded(path))
    convert_onnx(vits.text_graph(), out / "text.mnn")
    convert_onnx(vits.voice_graph(), out / "voice.mnn", half=True)
    (out / "voice.json").write_bytes(settings.read_bytes())


def _loaded(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own errors have no common root
        raise ConversionError(f"{path} is not an ONNX file: choose the .onnx of a Piper voice.") from error


def _foreign(why: str) -> ConversionError:
    return ConversionError(f"This is not a VITS voice as Piper exports it ({why}): choose another .onnx.")
