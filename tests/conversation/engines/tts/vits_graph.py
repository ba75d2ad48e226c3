"""A VITS of a few random weights, joined as Piper's exporter joins them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

RATE = 22_050
HOP = 8
CHANNELS = 4
LETTERS = "_^$ abcdefghijklmnopqrstuvwxyz.,?!"

ALIGNMENT = """wc = Ceil (w)
  total = ReduceSum <keepdims: int = 0> (wc, ends)
  clipped = Clip (total, lowest)
  ylen = Cast <to: int = 7> (clipped)
  longest = ReduceMax <keepdims: int = 0> (ylen)
  steps = Range (i0, longest, i1)
  cum = CumSum (wc, i2)
  cumc = Reshape (cum, column)
  stepsf = Cast <to: int = 1> (steps)
  stepsr = Reshape (stepsf, row)
  path = Less (stepsr, cumc)
  pathf = Cast <to: int = 1> (path)
  padded = Pad (pathf, before)
  earlier = Slice (padded, a0, am, a1)
  alignment = Sub (pathf, earlier)"""
"""From `w`, how long every sound lasts, to which frame speaks which sound: both graphs of this family have it."""
GRAPH = """
<ir_version: 8, opset_import: ["" : 15]>
vits (int64[1, L] input, int64[1] input_lengths, float[3] scales{speaker}) => (float[1, 1, 1, N] output)
<int64 i0 = {{0}}, int64 i1 = {{1}}, int64 i2 = {{2}}, int64[1] a0 = {{0}}, int64[1] a1 = {{1}}, int64[1] am = {{-1}},
 int64[2] half = {{2, 2}}, int64[2] two = {{4, 4}}, float lowest = {{1}}, int64[3] row = {{1, 1, -1}},
 int64[3] column = {{1, -1, 1}}, int64[6] before = {{0, 1, 0, 0, 0, 0}}, int64[1] ends = {{2}}>
{{
  noise_scale = Gather <axis: int = 0> (scales, i0)
  length_scale = Gather <axis: int = 0> (scales, i1)
  noise_w = Gather <axis: int = 0> (scales, i2)
  rows = Gather <axis: int = 0> (table, input)
  {known}
  x = Transpose <perm: ints = [0, 2, 1]> (rows2)
  m, logs = Split <axis: int = 1> (x, two)
  lengths = Shape (input)
  count = Gather <axis: int = 0> (lengths, a1)
  pair = Concat <axis: int = 0> (a1, ends, count)
  blank = ConstantOfShape (pair)
  drawn = RandomNormalLike (blank)
  wide = Mul (drawn, noise_w)
  first, second = Split <axis: int = 1, num_outputs: int = 2> (wide)
  flat = Conv <kernel_shape: ints = [1]> (x, wdur)
  logw = Add (flat, first)
  e = Exp (logw)
  w = Mul (e, length_scale)
  {alignment}
  steps2 = Unsqueeze (steps, a0)
  less = Less (steps2, ylen)
  ym = Cast <to: int = 1> (less)
  ymask = Unsqueeze (ym, a1)
  attn = Transpose <perm: ints = [0, 2, 1]> (alignment)
  mt = Transpose <perm: ints = [0, 2, 1]> (m)
  mm = MatMul (attn, mt)
  mf = Transpose <perm: ints = [0, 2, 1]> (mm)
  lt = Transpose <perm: ints = [0, 2, 1]> (logs)
  lm = MatMul (attn, lt)
  lf = Transpose <perm: ints = [0, 2, 1]> (lm)
  noise = RandomNormalLike (mf)
  deviation = Exp (lf)
  n1 = Mul (noise, deviation)
  n2 = Mul (n1, noise_scale)
  z = Add (mf, n2)
  za, zb = Split <axis: int = 1> (z, half)
  c1 = Conv <kernel_shape: ints = [3], pads: ints = [1, 1]> (za, wflow)
  c2 = Mul (c1, ymask)
  zd = Sub (zb, c2)
  zc = Concat <axis: int = 1> (za, zd)
  {voiced}
  zm = Mul (zv, ymask)
  s = ConvTranspose <kernel_shape: ints = [16], strides: ints = [8], pads: ints = [4, 4]> (zm, wdec)
  t = Tanh (s)
  output = Unsqueeze (t, a1)
}}
"""


def model(speakers: int = 0) -> onnx.ModelProto:
    """The graph; with `speakers` it takes a `sid`."""
    known = (
        "voice = Gather <axis: int = 0> (people, sid)\n  person = Unsqueeze (voice, a1)\n  rows2 = Add (rows, person)"
    )
    voiced = "tall = Transpose <perm: ints = [0, 2, 1]> (person)\n  low, high = Split <axis: int = 1> (tall, two)\n  "
    voiced = f"{voiced}zv = Add (zc, high)" if speakers else "zv = Identity (zc)"
    text = GRAPH.format(
        alignment=ALIGNMENT,
        voiced=voiced,
        speaker=", int64[1] sid" if speakers else "",
        known=known if speakers else "rows2 = Identity (rows)",
    ).replace(", num_outputs: int = 2", "")
    made = onnx.parser.parse_model(text)
    random = np.random.default_rng(3)
    weights = {
        "table": random.standard_normal((len(LETTERS), 2 * CHANNELS)),
        "people": random.standard_normal((max(1, speakers), 2 * CHANNELS)),
        "wdur": 0.3 * random.standard_normal((1, 2 * CHANNELS, 1)),
        "wflow": random.standard_normal((2, CHANNELS // 2, 3)),
        "wdec": random.standard_normal((CHANNELS, 1, 16)),
    }
    for name, array in weights.items():
        if name != "people" or speakers:
            made.graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), name))
    onnx.checker.check_model(made)
    return made


def write(path: Path, speakers: int = 0, **changed: object) -> Path:
    """A voice in two files as Piper has it."""
    onnx.save(model(speakers), path)
    config = {
        "audio": {"sample_rate": RATE},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "phoneme_type": "text",
        "phoneme_id_map": {letter: [number] for number, letter in enumerate(LETTERS)},
        "speaker_id_map": {f"person{number}": number for number in range(speakers)},
    }
    path.with_name(path.name + ".json").write_text(json.dumps(config | changed))
    return path
