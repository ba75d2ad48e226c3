"""A folder as bert-vits2-MNN is: its tables, and networks of its signature with a few random weights."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from assets.convert.mnn import convert_onnx
from conversation.engines.tts.bert_vits2.phones import SYMBOLS
from tests.conversation.engines.tts.vits_graph import ALIGNMENT

RATE = 44_100
WIDTH = 1024
TOKENS = {"[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "你": 872, "好": 1962, ",": 117, ".": 119, "。": 511}
VOCABULARY = 2000
HEAD = '<ir_version: 8, opset_import: ["" : 15]>'
BERT = f"""{HEAD}
bert (int64[1, N] input_ids, int64[1, N] attention_mask, int64[1, N] token_type_ids) => (float[1, N, {WIDTH}]
  hidden_states) {{
  words = Gather <axis: int = 0> (table, input_ids)
  kinds = Gather <axis: int = 0> (table, token_type_ids)
  x = Add (words, kinds)
  keys = Transpose <perm: ints = [0, 2, 1]> (x)
  scores = MatMul (x, keys)
  masked = Cast <to: int = 1> (attention_mask)
  row = Unsqueeze (masked, a1)
  seen = Mul (scores, row)
  weights = Softmax <axis: int = -1> (seen)
  around = MatMul (weights, x)
  sum = Add (x, around)
  hidden_states = Tanh (sum)
}}"""
GENERATOR = """{head}
vits (int64[1, L] phone, int64[1, L] tone, int64[1, L] lang_id, float[1, 1024, L] cn_bert, float[1, 1024, L] en_bert
  {more}) => (float[1, 1, N] audio)
<int64 i0 = {{0}}, int64 i1 = {{1}}, int64 i2 = {{2}}, int64[1] a0 = {{0}}, int64[1] a1 = {{1}}, int64[1] am = {{-1}},
 int64[2] two = {{4, 4}}, int64[2] half = {{2, 2}}, float lowest = {{1}}, int64[3] row = {{1, 1, -1}},
 int64[3] column = {{1, -1, 1}}, int64[6] before = {{0, 1, 0, 0, 0, 0}}, int64[1] ends = {{2}}>
{{
  ep = Gather <axis: int = 0> (phones, phone)
  et = Gather <axis: int = 0> (tones, tone)
  el = Gather <axis: int = 0> (languages, lang_id)
  e1 = Add (ep, et)
  e2 = Add (e1, el)
  {person}
  text = Transpose <perm: ints = [0, 2, 1]> (e3)
  bc = Conv <kernel_shape: ints = [1]> (cn_bert, wcn)
  be = Conv <kernel_shape: ints = [1]> (en_bert, wen)
  b = Add (bc, be)
  x = Add (text, b)
  m, logs = Split <axis: int = 1> (x, two)
  logw = Conv <kernel_shape: ints = [1]> (x, wdur)
  e = Exp (logw)
  {length}
  {alignment}
  mm = MatMul (m, alignment)
  za, zb = Split <axis: int = 1> (mm, half)
  c = Conv <kernel_shape: ints = [3], pads: ints = [1, 1]> (za, wflow)
  zd = Sub (zb, c)
  z = Concat <axis: int = 1> (za, zd)
  s = ConvTranspose <kernel_shape: ints = [256], strides: ints = [128], pads: ints = [64, 64]> (z, wdec)
  audio = Tanh (s)
}}"""


def bert() -> onnx.ModelProto:
    return _model(BERT, {"table": 0.3 * _random(7).standard_normal((VOCABULARY, WIDTH)), "a1": np.array([1])})


def generator(*, persons: int = 0, length: bool = False) -> onnx.ModelProto:
    """MNN's graph takes neither; Bert-VITS2's own has both."""
    random, more = _random(11), ""
    weights = {
        "phones": random.standard_normal((len(SYMBOLS), 8)),
        "tones": random.standard_normal((12, 8)),
        "languages": random.standard_normal((3, 8)),
        "wcn": 0.1 * random.standard_normal((8, WIDTH, 1)),
        "wen": 0.1 * random.standard_normal((8, WIDTH, 1)),
        "wdur": 0.3 * random.standard_normal((1, 8, 1)),
        "wflow": random.standard_normal((2, 2, 3)),
        "wdec": 0.1 * random.standard_normal((4, 1, 256)),
    }
    if persons:
        weights["people"], more = random.standard_normal((persons, 8)), more + ", int64[1] sid"
    person = "who = Gather <axis: int = 0> (people, sid)\n  one = Unsqueeze (who, a1)\n  e3 = Add (e2, one)"
    text = GENERATOR.format(
        head=HEAD,
        alignment=ALIGNMENT,
        more=more + (", float[1] length_scale" if length else ""),
        person=person if persons else "e3 = Identity (e2)",
        length="w = Mul (e, length_scale)" if length else "w = Identity (e)",
    )
    return _model(text, weights)


def syllables() -> dict[str, str]:
    """Of a few syllables, as the folder's table spells them."""
    return {
        "ni": "n i", "hao": "h ao", "shi": "sh ir", "zi": "z i0", "lv": "l v", "yu": "y v", "ai": "AA ai",
        "zhong": "zh ong", "guo": "g uo", "wo": "w o", "xi": "x i", "huan": "h uan", "yin": "y in", "er": "EE er",
    }  # fmt: skip


def write(folder: Path, network: onnx.ModelProto | None = None, **config: object) -> Path:
    """The whole folder."""
    nets, tables = folder / "common/mnn_models", folder / "common/text_processing_jsons"
    nets.mkdir(parents=True)
    tables.mkdir(parents=True)
    convert_onnx(network or generator(), folder / "tts_generator_int8.mnn")
    convert_onnx(bert(), nets / "chinese_bert.mnn")
    told = {"model_type": "bertvits", "model_path": "tts_generator_int8.mnn", "asset_folder": "./", "sample_rate": RATE}
    (folder / "config.json").write_text(json.dumps(told | config))
    words = [(word.encode(), number) for word, number in TOKENS.items()]
    packed = b"".join(struct.pack("<Q", len(word)) + word + struct.pack("<i", number) for word, number in words)
    (tables / "cn_bert_token.bin").write_bytes(struct.pack("<Q", len(words)) + packed)
    text = json.dumps(syllables()).encode()
    (tables / "pinyin_to_symbol_map.bin").write_bytes(struct.pack("<Q", len(text)) + text)
    light = {"must_neural_tone_words": ["东西", "朋友"], "must_not_neural_tone_words": []}
    (tables / "default_tone_words.json").write_text(json.dumps(light))
    return folder


def _random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _model(text: str, weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    made = onnx.parser.parse_model(text)
    for name, array in weights.items():
        kept = array if np.issubdtype(array.dtype, np.integer) else array.astype(np.float32)
        made.graph.initializer.append(numpy_helper.from_array(kept, name))
    onnx.checker.check_model(made)
    return made
