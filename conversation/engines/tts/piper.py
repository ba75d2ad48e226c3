"""A Piper voice (VITS): text in the language that it was trained on, at its own rate.

`text` says how long each phoneme lasts and how it sounds, as means and deviations; the host repeats, draws around the
means as much as the voice's own settings say, and `voice` makes the sound. Both run through MNN, `voice` as a Session.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from assets import catalogue, paths
from assets.errors import AssetError
from conversation.engines.base import F32
from conversation.engines.json_file import read_json
from conversation.engines.module import ModuleNet
from conversation.engines.net import Net
from conversation.engines.tts.espeak import Espeak
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.errors import EngineError

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_PAD, _BEGIN, _END = "_", "^", "$"


class _Audio(msgspec.Struct):
    sample_rate: int


class _Inference(msgspec.Struct):
    noise_scale: float = 0.667
    length_scale: float = 1.0
    noise_w: float = 0.8


class _Espeak(msgspec.Struct):
    voice: str = "en-us"


class _Config(msgspec.Struct):
    """The part of a voice's .onnx.json that is used here."""

    audio: _Audio
    phoneme_id_map: dict[str, list[int]]
    inference: _Inference = msgspec.field(default_factory=_Inference)
    espeak: _Espeak = msgspec.field(default_factory=_Espeak)
    phoneme_type: str = "espeak"
    speaker_id_map: dict[str, int] = msgspec.field(default_factory=dict)


class Piper(Voice):
    """`model_dir` is what `assets.convert.vits.convert_voice` wrote; `seed` fixes what is drawn at random."""

    def __init__(
        self,
        model_dir: Path,
        *,
        threads: int = 1,
        speed: float = 1.0,
        volume: float = 1.0,
        voice: str = "",
        seed: int = 0,
    ) -> None:
        self._config: _Config = read_json(model_dir / "voice.json", _Config, "fetch the voice again")
        self.sample_rate = self._config.audio.sample_rate
        self.voices = tuple(self._config.speaker_id_map)
        speaker = ["sid"] if self.voices else []
        self._text = ModuleNet(
            model_dir / "text.mnn",
            ["input", "input_lengths", "scales", "noise", *speaker],
            ["durations", "means", "deviations"],
            threads=threads,
        )
        self._voice = Net(model_dir / "voice.mnn", threads=threads)
        self._phonemes = _reader(self._config)
        self._seed = seed
        super().__init__(VoiceSettings(speed, volume, voice))

    def pieces(self, text: str) -> Iterator[str]:
        """Its sentences, as text."""
        return filter(str.strip, _SENTENCE.split(text))

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        """A sentence, spoken."""
        phonemes = self._phonemes(piece)
        ids = self.ids(phonemes)
        if not any(map(str.isalpha, phonemes)):
            return np.zeros(0, np.float32)
        random = np.random.default_rng(self._seed)
        drawn = self._config.inference
        speaker = {"sid": np.array([self._config.speaker_id_map.get(settings.voice, 0)])} if self.voices else {}
        text = self._text(
            input=np.array([ids]),
            input_lengths=np.array([len(ids)]),
            scales=np.array([drawn.noise_scale, drawn.length_scale / settings.speed, drawn.noise_w], np.float32),
            noise=random.standard_normal((1, 2, len(ids)), np.float32),
            **speaker,
        )
        lasts = np.ceil(text["durations"][0, 0]).astype(np.int64)
        means, deviations = (np.repeat(text[name][0], lasts, axis=0).T[None] for name in ("means", "deviations"))
        noise = random.standard_normal(means.shape, np.float32)
        latent = means + noise * np.exp(deviations) * np.float32(drawn.noise_scale)
        made = self._voice(latent=latent, mask=np.ones((1, 1, latent.shape[2]), np.float32), **speaker)
        samples: F32 = made["sound"].ravel()
        return samples

    def ids(self, phonemes: str) -> list[int]:
        """What the network takes: begin, each phoneme with padding before it, end; unknown ones are left out."""
        table = self._config.phoneme_id_map
        pad = table.get(_PAD, [])
        known = [table[letter] for letter in phonemes if letter in table]
        inner = [number for numbers in known for number in (*pad, *numbers)]
        return [*table.get(_BEGIN, []), *inner, *pad, *table.get(_END, [])]


def load_piper(*, path: str, threads: int = 1, speed: float = 1.0, volume: float = 1.0, voice: str = "") -> Piper:
    """The voice of the .onnx `path`, converted the first time it is loaded, or of a folder converted before."""
    folder = _converted(Path(path).expanduser())
    return Piper(folder, threads=threads, speed=speed, volume=volume, voice=voice)


def _converted(place: Path) -> Path:
    """The folder of networks made of `place`, which is one itself or an .onnx."""
    if place.is_dir():
        return place
    if not place.is_file():
        raise EngineError(f"There is no voice {place}: set tts.piper.path to the .onnx of a Piper voice.")
    folder = paths.models_dir() / f"piper-{place.stem}-{catalogue.sha256_of(place)[:12]}"
    if not (folder / "voice.json").is_file():
        # The converter is needed but once, and its packages only here.
        from assets.convert.vits import convert_voice

        folder.mkdir(parents=True, exist_ok=True)
        try:
            convert_voice(place, folder)
        except AssetError as error:
            raise EngineError(str(error)) from error
    return folder


def _reader(config: _Config) -> Callable[[str], str]:
    if config.phoneme_type == "espeak":
        return Espeak(config.espeak.voice)
    if config.phoneme_type == "text":
        return lambda text: unicodedata.normalize("NFD", text.lower())
    raise EngineError(
        f"This voice reads text by {config.phoneme_type!r}, which is not known here: choose another voice."
    )
