"""Supertonic-MNN, the English voice of MNN-TaoAvatar: a folder that the user brings.

It reads letters, with no phonemes between: `duration_predictor` tells how many seconds a text takes, `text_encoder`
what it says, `vector_estimator` turns noise into a compressed sound in a few steps (flow matching), and `vocoder` makes
it audible. All run as Sessions. The folder is as ModelScope has it: `mnn_models/` with `tts.json`,
`unicode_indexer.json`, `voice_styles/NAME.json` and the networks in a folder for each precision.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from conversation.engines.base import F32
from conversation.engines.json_file import read_json
from conversation.engines.net import Net
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.errors import EngineError

PRECISIONS: Final = ("fp16", "fp32", "int8")
"""Folders of networks, the first that is there is taken."""
STEPS: Final = 5
LONGEST_S: Final = 60.0
"""More than any sentence takes: what a damaged network might ask for."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_ENDS: Final = ".!?;:,'\")]}…"
_LETTERS: Final = str.maketrans({**dict.fromkeys("–‑—", "-"), **dict.fromkeys("“”", '"'), **dict.fromkeys("‘’´`", "'")})
_SPACES: Final = str.maketrans(dict.fromkeys("¯_[]|/#→←", " "))


_GET: Final = "get Supertonic-MNN from ModelScope again"
_Point = Annotated[int, msgspec.Meta(ge=0, le=sys.maxunicode)]
"""Of Unicode."""


class _Ae(msgspec.Struct):
    sample_rate: int
    base_chunk_size: int


class _Ttl(msgspec.Struct):
    chunk_compress_factor: int
    latent_dim: int


class _Config(msgspec.Struct):
    """tts.json."""

    ae: _Ae
    ttl: _Ttl


class _Tensor(msgspec.Struct):
    data: list[list[list[float]]]

    @property
    def array(self) -> NDArray[np.float32]:
        return np.array(self.data, np.float32)


class _Style(msgspec.Struct):
    """A voice: how it sounds and how fast it speaks."""

    style_ttl: _Tensor
    style_dp: _Tensor


class Supertonic(Voice):
    """`steps`: of the flow matching, more sound better; `seed` fixes the noise that it starts from."""

    def __init__(
        self,
        folder: Path | str,
        *,
        threads: int = 1,
        steps: int = STEPS,
        speed: float = 1.0,
        volume: float = 1.0,
        voice: str = "",
        seed: int = 0,
    ) -> None:
        home = Path(folder).expanduser() / "mnn_models"
        self._config: _Config = read_json(home / "tts.json", _Config, _GET)
        self._indexer = _indexer(home / "unicode_indexer.json")
        self._folder, self._styles = home / "voice_styles", dict[str, _Style]()
        self.find_voices()
        nets = next((home / name for name in PRECISIONS if (home / name).is_dir()), home)
        if not self._styles or not (nets / "vocoder.mnn").is_file():
            raise EngineError(f"{home} is no Supertonic-MNN: get it from ModelScope, and name the folder around it.")
        self._duration, self._text, self._estimator, self._vocoder = (
            Net(nets / f"{name}.mnn", threads=threads)
            for name in ("duration_predictor", "text_encoder", "vector_estimator", "vocoder")
        )
        self._steps, self._seed = steps, seed
        self.sample_rate = self._config.ae.sample_rate
        super().__init__(VoiceSettings(speed, volume, voice))

    def find_voices(self) -> None:
        """Those of its folder; new ones come last, so that the first stays, and one that has gone from there stays."""
        files = sorted(path for path in self._folder.glob("*.json") if path.stem not in self._styles)
        self._styles = self._styles | {path.stem: read_json(path, _Style, _GET) for path in files}
        self.voices = tuple(self._styles)

    def pieces(self, text: str) -> Iterator[str]:
        """Its sentences."""
        return filter(str.strip, _SENTENCE.split(text))

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """A sentence, spoken."""
        ids = self.ids(piece)
        if not len(ids):
            return np.zeros(0, np.float32)
        style = self._styles[settings.voice or self.voices[0]]
        read = {"text_ids": ids[None], "text_mask": np.ones((1, 1, len(ids)), np.float32)}
        seconds = float(_only(self._duration(style_dp=style.style_dp.array, **read)).ravel()[0]) / settings.speed
        if not 0 < seconds <= LONGEST_S:
            raise EngineError(f"Supertonic wants to speak a sentence for {seconds:.0f} s: fetch its folder again.")
        meaning = _only(self._text(style_ttl=style.style_ttl.array, **read))
        chunk = self._config.ae.base_chunk_size * self._config.ttl.chunk_compress_factor
        length = max(1, -(-int(seconds * self.sample_rate) // chunk))
        size = (1, self._config.ttl.latent_dim * self._config.ttl.chunk_compress_factor, length)
        latent: NDArray[Any] = np.random.default_rng(self._seed).standard_normal(size, np.float32)
        for step in range(self._steps):
            latent = _only(
                self._estimator(
                    noisy_latent=latent,
                    text_emb=meaning,
                    style_ttl=style.style_ttl.array,
                    latent_mask=np.ones((1, 1, length), np.float32),
                    text_mask=read["text_mask"],
                    current_step=np.array([step], np.float32),
                    total_step=np.array([self._steps], np.float32),
                )
            )
        samples: F32 = _only(self._vocoder(latent=latent)).ravel()[: int(seconds * self.sample_rate)]
        return samples

    def ids(self, text: str) -> NDArray[np.int32]:
        """The numbers of its letters, with a stop at the end; empty where nothing can be said."""
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS).translate(_SPACES))
        text = " ".join(text.split())
        if not any(map(str.isalnum, text)):
            return np.zeros(0, np.int32)
        text = text if text[-1] in _ENDS else f"{text}."
        return np.array([self._indexer[letter] for letter in text if letter in self._indexer], np.int32)


def _only(outputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    (output,) = outputs.values()
    return output


def _indexer(path: Path) -> dict[str, int]:
    """Letters to numbers: the file is a list by code point, -1 for unknown ones, or a table of code points."""
    found = read_json(path, list[int] | dict[_Point, int], _GET)
    items = enumerate(found[: sys.maxunicode + 1]) if isinstance(found, list) else found.items()
    return {chr(point): number for point, number in items if number >= 0}
