"""What is in a folder of Bert-VITS2-MNN: `config.json`, the sound's network, Chinese BERT, and tables of the text.

The tables are as MNN's C++ wrote them: lengths are 64-bit, numbers 32-bit, little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from assets.errors import LoweringError
from assets.lower.flat import read_net
from conversation.engines.json_file import decode_json, read_json
from conversation.errors import EngineError

_TABLES: Final = Path("common/text_processing_jsons")
BERT: Final = "common/mnn_models/chinese_bert.mnn"
_GET: Final = "run `visavis models get bert-vits2`, or get it from a hub again"


class Config(msgspec.Struct):
    """config.json; what MNN's own does not say has the values that Bert-VITS2 speaks with by itself."""

    model_path: str
    sample_rate: int
    asset_folder: str = "."
    spk2id: dict[str, int] = {}
    sdp_ratio: float = 0.2
    noise_scale: float = 0.6
    noise_scale_w: float = 0.8
    length_scale: float = 1.0


class _LightWords(msgspec.Struct):
    must_neural_tone_words: list[str] = []


@dataclass(frozen=True)
class Folder:
    """What was read, and where the networks are."""

    config: Config
    generator: Path
    bert: Path
    tokens: dict[str, int]
    """BERT's number of a character."""
    syllables: dict[str, tuple[str, ...]]
    """The phones of a syllable such as "hao"."""
    light: frozenset[str]
    """Words whose last syllable is light."""


def read_folder(path: Path) -> Folder:
    """Raises EngineError, one sentence, for the first thing that is missing or damaged."""
    config: Config = read_json(path / "config.json", Config, _GET)
    if not 8000 <= config.sample_rate <= 96_000 or config.length_scale <= 0:
        raise EngineError(f"{path / 'config.json'} has numbers that cannot be right: {_GET}.")
    assets = path / config.asset_folder
    assets = assets if (assets / "common").is_dir() else path
    tables = assets / _TABLES
    folder = Folder(
        config=config,
        generator=path / config.model_path,
        bert=assets / BERT,
        tokens=_tokens(tables / "cn_bert_token.bin"),
        syllables=_syllables(tables / "pinyin_to_symbol_map.bin"),
        light=_light(tables / "default_tone_words.json"),
    )
    for network in (folder.generator, folder.bert):
        if not network.is_file():
            raise EngineError(f"The network {network} of Bert-VITS2 is missing: {_GET}.")
    return folder


def inputs_of(network: Path, needed: frozenset[str], output: str) -> list[str]:
    """What an .mnn file takes; EngineError where it takes or gives other things than `needed` and `output`."""
    try:
        net = read_net(network.read_bytes())
    except (LoweringError, OSError) as error:
        raise EngineError(f"{network} cannot be read ({error}): {_GET}.") from None
    inputs = [node.name for node in net.nodes if node.operator == "Input"]
    if not needed <= set(inputs) or output not in net.outputs:
        takes, gives = ", ".join(inputs) or "nothing", ", ".join(net.outputs) or "nothing"
        raise EngineError(f"{network} is no network of Bert-VITS2-MNN (it makes {gives} of {takes}): {_GET}.")
    return inputs


def _tokens(path: Path) -> dict[str, int]:
    """How many, then the length of each word, the word, its number."""
    data = _bytes(path)
    try:
        (count,) = struct.unpack_from("<Q", data)
        if count * 12 > len(data):
            raise ValueError("it is cut off")
        tokens, at = {}, 8
        for _ in range(count):
            (length,) = struct.unpack_from("<Q", data, at)
            word = data[at + 8 : at + 8 + length].decode(errors="replace")
            (tokens[word],) = struct.unpack_from("<i", data, at + 8 + length)
            at += 12 + length
    except (struct.error, ValueError, OverflowError) as error:
        raise _unreadable(path, error) from None
    return tokens


def _syllables(path: Path) -> dict[str, tuple[str, ...]]:
    """The length of a JSON text, and the text: "hao" → "h ao"."""
    table: dict[str, str] = decode_json(_bytes(path)[8:], dict[str, str], path, _GET)
    return {syllable: tuple(phones.split()) for syllable, phones in table.items()}


def _light(path: Path) -> frozenset[str]:
    words: _LightWords = read_json(path, _LightWords, _GET)
    return frozenset(words.must_neural_tone_words)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> EngineError:
    return EngineError(f"{path} cannot be read ({error}): {_GET}.")
