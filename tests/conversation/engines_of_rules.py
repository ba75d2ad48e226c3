"""Engines that follow simple rules instead of models: they implement the Protocols, so that processes, turns and
failures are tested in seconds. What models do is tested with models."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from conversation.engines.base import F32, Cancelled, LanguageModelStats, Speech, Transcript, never
from conversation.engines.tts.voice import Voice, VoiceSettings
from conversation.errors import EngineError
from conversation.history.dialogue import Turn
from conversation.settings import Engines, EngineSpec

HERE = __name__


class LoudnessActivity:
    """Speech is what is louder than -40 dBFS."""

    window = 512

    def __call__(self, samples: F32) -> float:
        return 1.0 if np.sqrt(np.mean(samples**2)) > 0.01 else 0.0

    def reset(self) -> None:
        pass


class LengthRecogniser:
    """Hears how many tenths of a second were loud."""

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        blocks = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
        loud = int(np.sum(np.sqrt(np.mean(blocks**2, axis=1)) > 0.01)) if len(blocks) else 0
        text = f"I heard {loud} tenths." if loud else ""
        return Transcript(text, "en", loud, len(samples) / 16_000)


class EchoModel:
    """Repeats the question, then tells how often it was asked; `words` more words make an answer long."""

    def __init__(self, words: int = 0, seconds_per_piece: float = 0.0, fails_on_turn: int | None = None) -> None:
        self.stats = LanguageModelStats()
        self.history: list[tuple[str, str]] = []
        self._words = words
        self._pause = seconds_per_piece
        self._fails_on_turn = fails_on_turn

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        self.history = []

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        number = len(self.history) + 1
        if number == self._fails_on_turn:
            self.history.append((user_text, ""))
            raise EngineError("The model lost its thread; ask again.")
        text = f"You said: {user_text} This is answer {number}." + " And one more word." * self._words
        said = ""
        for word in text.split(" "):
            if cancelled():
                break
            time.sleep(self._pause)
            said += word + " "
            yield word + " "
        self.history.append((user_text, said))

    def truncate_last_reply(self, heard_text: str) -> None:
        if self.history:
            self.history[-1] = (self.history[-1][0], heard_text)

    def take_back(self) -> None:
        if self.history:
            self.history.pop()

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        return None

    def resume(self, turns: Sequence[Turn]) -> None:
        self.history = [(turn.question, turn.heard) for turn in turns]

    def close(self) -> None:
        pass


class SettledEcho(EchoModel):
    """An EchoModel for a process of its own."""

    def __init__(self, model_dir: Path) -> None:
        super().__init__()

    def settle(self, *, cancelled: Cancelled = never) -> None:
        pass


class StuckEcho(SettledEcho):
    """Says one word of each answer, and then nothing for ever."""

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        yield "Well, "
        time.sleep(600)


class ToneVoice:
    """A tone, 60 ms for each character."""

    sample_rate = 24_000

    def synthesise(self, text: str, *, cancelled: Cancelled = never) -> Speech:
        time_s = np.arange(round(0.06 * len(text) * self.sample_rate)) / self.sample_rate
        return Speech((0.3 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32), self.sample_rate)


class TwoVoices(Voice):
    """A tone of 0.2 s for each word, an octave apart."""

    sample_rate = 24_000
    voices = ("low", "high")

    def __init__(self, settings: VoiceSettings | None = None) -> None:
        super().__init__(settings or VoiceSettings())

    def pieces(self, text: str) -> Iterator[str]:
        yield from text.split()

    def say(self, piece: str, settings: VoiceSettings) -> F32:
        pitch = 400 if settings.voice == "high" else 200
        time_s = np.arange(round(0.2 * self.sample_rate / settings.speed)) / self.sample_rate
        return np.sin(2 * np.pi * pitch * time_s).astype(np.float32)


class OpenMouth:
    """jawOpen is 0.5 as long as there is sound."""

    frame_rate = 50.0
    past_s = future_s = 0.0

    def curve(self, samples: F32, sample_rate: int) -> F32:
        frames = np.zeros((round(len(samples) / sample_rate * self.frame_rate), 52), np.float32)
        frames[:, 17] = 0.5
        return frames


class BrokenVoice(ToneVoice):
    """Fails at everything but the first word it is given when it is loaded."""

    def synthesise(self, text: str, *, cancelled: Cancelled = never) -> Speech:
        if text != "Hello.":
            raise EngineError("The voice is hoarse; ask again.")
        return super().synthesise(text)


def refuse(*_: Path) -> None:
    """An engine that cannot be loaded."""
    raise EngineError("The model is damaged; run `visavis models get`.")


def rules(**changed: EngineSpec) -> Engines:
    """Engines without models; name a stage to change it."""
    specs = {
        "voice_activity": EngineSpec(f"{HERE}:LoudnessActivity"),
        "recogniser": EngineSpec(f"{HERE}:LengthRecogniser"),
        "language_model": EngineSpec(f"{HERE}:EchoModel"),
        "synthesiser": EngineSpec(f"{HERE}:ToneVoice"),
        "face_driver": EngineSpec(f"{HERE}:OpenMouth"),
    }
    return Engines(**(specs | changed))
