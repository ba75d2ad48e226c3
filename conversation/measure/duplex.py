"""`visavis bench duplex`: does the avatar hear the user while it speaks, and never itself?

In each of several calculated rooms the avatar talks alone, plays music, talks beside somebody else's music, is
interrupted by recorded speech again and again, by sounds too short to be speech, and talks through an interruption
that nobody obeys. A voice's onset is the first voiced sample of the recording by its energy, where it arrives at the
microphone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.signal import correlate

from assets.progress import Progress
from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.ear import Ear
from conversation.audio.files import read_question
from conversation.audio.levels import voiced_span
from conversation.errors import ConversationError
from conversation.link.audio_events import SpeechSustained
from conversation.measure.booth import Booth, Cut, looped
from conversation.measure.monologue import monologue
from conversation.measure.music import music
from conversation.measure.room import ROOMS, Room, RoomPlan, active_level
from conversation.settings import ConversationSettings, Engines

F32 = npt.NDArray[np.float32]

DATA: Final = "VISAVIS_TEST_DATA"
"""Variable with the folder that holds speech/**/*.wav; without it, that folder lies beside the checkout."""
_LENGTHS_S: Final = (1.0, 2.0, 3.0)
_CAUGHT: Final = 0.95
_SILENT_MS: Final = 200.0
_REST_MS: Final = 300.0
_SOFT_DB: Final = -12.0
_RADIO_DB: Final = -45.0
_SETTLE_S: Final = 5.0
_MOVES_S: Final = 15
_AFTER_S: Final = 1.5
BLOCK: Final = MICROPHONE_RATE // 100
_AUDIBLE: Final = 1e-7
"""Mean square of a frame of echo that counts: -70 dBFS."""


@dataclass(frozen=True)
class Plan:
    """How much of everything, in each room."""

    rooms: Sequence[RoomPlan] = ROOMS
    alone_s: float = 200.0
    music_s: float = 30.0
    double_s: float = 20.0
    interruptions: int = 24
    short_sounds: int = 8


SHORT: Final = Plan(ROOMS[:1], alone_s=24.0, music_s=4.0, double_s=6.0, interruptions=5, short_sounds=1)


@dataclass(frozen=True)
class Clip:
    """A recording and its first voiced sample; (n,) at MICROPHONE_RATE."""

    samples: F32
    onset: int


def bench_duplex(plan: Plan, speech: Path | None, progress: Progress) -> dict[str, Any]:
    """Measure; keys: minutes, realtime, self_interruptions, interruptions, caught, caught_share, short_sounds,
    short_sounds_cut, barge_in_ms, undisturbed_ms, duck_ms, decision_to_silence_ms, decision_to_rest_ms (p50, p95, max
    each), erle_db, kept_db (of what is listened to), aec3_erle_db, aec3_kept_db, rooms.

    `speech`: folder with recordings; without one, that of the tests. Raises ConversationError where there is none, or
    a package or model is missing.
    """
    clips = recordings(speech)
    engines = Engines()
    with progress.step("The avatar's voice"):
        said = monologue(engines.synthesiser.load(), max(plan.alone_s, 60.0))
    rooms: list[dict[str, Any]] = []
    times: dict[str, list[float]] = {name: [] for name in _TIMES}
    began = time.perf_counter()
    with progress.step("Rooms", len(plan.rooms)) as step:
        for seed, place in enumerate(plan.rooms):
            step.say(place.name)
            voices = engines.voice_activity.load(), engines.voice_activity.load()
            visit = _Visit(Room(place, seed), voices, said, clips, seed)
            try:
                rooms.append(visit.run(plan))
            finally:
                visit.booth.close()
            for name, values in visit.times.items():
                times[name] += values
            step.advance()
    took = time.perf_counter() - began
    sums = {name: sum(room[name] for room in rooms) for name in rooms[0] if name in _SUMMED}
    return {
        "minutes": round(sums["seconds"] / 60, 2),
        "realtime": round(sums["seconds"] / took, 1),
        **{name: value for name, value in sums.items() if name != "seconds"},
        "caught_share": round(sums["caught"] / max(1, sums["interruptions"]), 4),
        "barge_in_ms": _spread(times["barge_in"]),
        "undisturbed_ms": _spread(times["undisturbed"]),
        "duck_ms": _spread(times["duck"]),
        "decision_to_silence_ms": _spread(times["silence"]),
        "decision_to_rest_ms": _spread(times["rest"]),
        **{name: round(float(np.mean([room[name] for room in rooms])), 1) for name in _AVERAGED},
        "rooms": rooms,
    }


def missed(figures: Mapping[str, Any]) -> bool:
    """Whether these figures fall short of what is asked for."""
    return bool(
        figures["self_interruptions"]
        or figures["music_cuts"]
        or figures["caught_share"] < _CAUGHT
        or figures["decision_to_silence_ms"]["p95"] > _SILENT_MS
        or figures["decision_to_rest_ms"]["p95"] > _REST_MS
    )


_TIMES: Final = ("barge_in", "undisturbed", "duck", "silence", "rest")
_AVERAGED: Final = ("erle_db", "kept_db", "aec3_erle_db", "aec3_kept_db")
_SUMMED: Final = (
    "seconds", "talked_alone_s", "self_interruptions", "false_ducks", "music_cuts", "interruptions", "caught",
    "short_sounds", "short_sounds_cut",
)  # fmt: skip


def recordings(folder: Path | None) -> list[Clip]:
    """The recorded speech of this folder in order of names; raises ConversationError where there is none."""
    where = folder or Path(os.environ.get(DATA, "../shared/data")) / "speech"
    paths = sorted(where.glob("**/*.wav"))
    if not paths:
        raise ConversationError(f"{where} holds no recorded speech to interrupt with; name a folder of WAV files.")
    questions = [read_question(path) for path in paths]
    clips = [Clip(question.samples, question.first_voiced) for question in questions]
    return [clip for clip in clips if _clear(clip)]


def _clear(clip: Clip) -> bool:
    """Whether it begins as loud as it goes on: a breath or a meeting's noise is no onset that could be labelled."""
    begins = clip.samples[clip.onset : clip.onset + round(0.3 * MICROPHONE_RATE)]
    return active_level(begins) > 10 ** (_SOFT_DB / 20) * active_level(clip.samples)


class _Visit:
    """All passages in one room."""

    def __init__(self, room: Room, voices: tuple[Any, Any], said: list[F32], clips: Sequence[Clip], seed: int) -> None:
        self._room = room
        self._clips = clips
        self._rng = np.random.default_rng(seed)
        turn = seed * len(said) // 3
        self._voice = looped(said[turn:] + said[:turn])
        self.booth = Booth(room, voices[0])
        self._undisturbed = voices[1]
        self.times: dict[str, list[float]] = {name: [] for name in _TIMES}

    def run(self, plan: Plan) -> dict[str, Any]:
        """Everything of the plan; the room's figures."""
        began = self.booth.now_ns
        found: dict[str, Any] = {"name": self._room.plan.name, "talked_alone_s": plan.alone_s}
        found |= self._alone(plan.alone_s)
        found |= self._music(plan.music_s)
        found |= self._interrupted(plan.interruptions)
        found |= self._short(plan.short_sounds)
        found |= self._double(plan.double_s)
        found["seconds"] = round((self.booth.now_ns - began) * 1e-9, 1)
        found["barge_in_ms"] = _spread(self.times["barge_in"])
        delay = self.booth.delay_s
        found["delay_ms"] = None if delay is None else round(delay * 1000, 1)
        return found

    def _alone(self, seconds: float) -> dict[str, Any]:
        """The avatar talks and nobody else: what is cut or ducked is its own fault.

        In the second half of the time the microphone moves, again and again.
        """
        taken = self.booth.begin()
        cuts, ducks = len(self.booth.cuts), len(self.booth.ducks)
        found: dict[str, Any] = {}
        for second in range(round(seconds)):
            before = len(self.booth.cuts)
            if second >= seconds / 2:
                found = found or {
                    "erle_db": erle(taken.echo, taken.left),
                    "aec3_erle_db": erle(taken.echo, taken.clean),
                }
                if second % _MOVES_S == 0:
                    self.booth.move()
            self._quiet(1.0)
            self._again(before)
        return found | {
            "self_interruptions": len(self.booth.cuts) - cuts,
            "false_ducks": len(self.booth.ducks) - ducks,
        }

    def _music(self, seconds: float) -> dict[str, Any]:
        """Music from the avatar's loudspeaker, then from elsewhere while the avatar talks."""
        cuts = len(self.booth.cuts)
        self.booth.fall_silent()
        self.booth.next_turn()
        self.booth.play(looped([music(seconds, 24_000, seed=1)]), self._nothing(seconds))
        self.booth.fall_silent()
        self.booth.next_turn()
        self.booth.play(self._voice, self._room.aired(music(seconds, MICROPHONE_RATE, seed=2), _RADIO_DB))
        self._again(cuts)
        return {"music_cuts": len(self.booth.cuts) - cuts}

    def _interrupted(self, count: int) -> dict[str, Any]:
        """Recorded speech into the avatar's."""
        caught = 0
        for number in range(count):
            self._quiet(2.0 + self._rng.random())
            before, ducks = len(self.booth.cuts), len(self.booth.ducks)
            clip = self._clip(number, _LENGTHS_S[number % len(_LENGTHS_S)])
            onset_ns = self.booth.now_ns + clip.onset * 1_000_000_000 // MICROPHONE_RATE
            self.booth.play(self._voice if len(self.booth.cuts) == before else None, clip.samples)
            if len(self.booth.cuts) > before:
                caught += 1
                self.booth.play(None, self._nothing(_AFTER_S))
                self._note(onset_ns, self.booth.cuts[before], self.booth.ducks[ducks:])
            self._again(before)
            alone = undisturbed(self._undisturbed, clip, self._room.plan.noise_db)
            self.times["undisturbed"] += [] if alone is None else [alone]
        return {"interruptions": count, "caught": caught}

    def _short(self, count: int) -> dict[str, Any]:
        """Sounds of 0.2 s, a fifth of a second of somebody's speech: no interruption."""
        cuts = len(self.booth.cuts)
        for number in range(count):
            self._quiet(2.0)
            clip = self._clip(number, 0.2)
            before = len(self.booth.cuts)
            self.booth.play(self._voice, np.concatenate([clip.samples, self._nothing(1.0)]))
            self._again(before)
        return {"short_sounds": count, "short_sounds_cut": len(self.booth.cuts) - cuts}

    def _double(self, seconds: float) -> dict[str, Any]:
        """Both talk, and nobody gives way: what is left of the user?"""
        taken = self.booth.begin()
        self.booth.obeys = False
        number, left = 0, seconds
        while left > 0:
            clip = self._clip(number, 3.0)
            self.booth.play(self._voice, clip.samples)
            left -= len(clip.samples) / MICROPHONE_RATE
            number += 1
        self.booth.obeys = True
        return {"kept_db": kept(taken.near, taken.left), "aec3_kept_db": kept(taken.near, taken.clean)}

    def _note(self, onset_ns: int, cut: Cut, ducks: list[int]) -> None:
        self.booth.settle(cut)
        self.times["barge_in"].append((cut.silent - onset_ns) * 1e-6)
        self.times["silence"].append((cut.silent - cut.time) * 1e-6)
        self.times["rest"].append((cut.at_rest - cut.time) * 1e-6)
        self.times["duck"] += [(ducks[0] - onset_ns) * 1e-6] if ducks else []

    def _again(self, cuts: int) -> None:
        """After a cut, the avatar's next turn, once the user is done."""
        if len(self.booth.cuts) > cuts:
            self.booth.play(None, self._nothing(_AFTER_S))
            self.booth.next_turn()

    def _quiet(self, seconds: float) -> None:
        self.booth.play(self._voice, self._nothing(seconds))

    def _nothing(self, seconds: float) -> F32:
        return np.zeros(round(seconds * 100) * (MICROPHONE_RATE // 100), np.float32)

    def _clip(self, number: int, seconds: float) -> Clip:
        """The recording of this number at the microphone: `seconds` from its first voiced sample on."""
        clip = self._clips[number % len(self._clips)]
        first = max(0, clip.onset - MICROPHONE_RATE // 20)
        dry = clip.samples[first : clip.onset + round(seconds * MICROPHONE_RATE)].copy()
        fade = MICROPHONE_RATE // 50
        dry[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        wet = self._room.spoken(dry)
        span = voiced_span(wet, MICROPHONE_RATE)
        return Clip(wet, span[0] if span else 0)


def undisturbed(voice: Any, clip: Clip, noise_db: float) -> float | None:
    """Milliseconds from the onset to the same decision where the avatar makes no sound; None: none is made.

    What a recording takes by itself: breath and soft consonants before its voice, and pauses between its first words.
    """
    settings = ConversationSettings()
    voice.reset()
    ear = Ear(voice, settings.endpoint, settings.barge_in, None, settings.tail_s)
    hiss = np.random.default_rng(clip.onset).normal(size=MICROPHONE_RATE + len(clip.samples)) * 10 ** (noise_db / 20)
    heard = hiss.astype(np.float32)
    heard[MICROPHONE_RATE:] += clip.samples
    onset_ns = (MICROPHONE_RATE + clip.onset) * 1_000_000_000 // MICROPHONE_RATE
    for first in range(0, len(heard) - BLOCK + 1, BLOCK):
        told = ear.hear(heard[first : first + BLOCK], first * 1_000_000_000 // MICROPHONE_RATE, busy=True)
        if sustained := next((message for message in told if isinstance(message, SpeechSustained)), None):
            return (sustained.time - onset_ns) * 1e-6
    return None


def erle(echo: list[F32], left: list[F32]) -> float:
    """Echo return loss enhancement in dB, from five seconds on: echo that came over what is left of it."""
    first = round(_SETTLE_S * 100)
    came, stays = _together(echo, left)
    loud = np.mean(came**2, axis=1) > _AUDIBLE
    loud[:first] &= len(loud) <= 2 * first
    ratio = np.mean(came[loud] ** 2) / max(float(np.mean(stays[loud] ** 2)), 1e-12)
    return round(float(10 * np.log10(ratio)), 1)


def kept(near: list[F32], left: list[F32]) -> float:
    """Level in dB at which the user comes through while both talk: the share of `near` in `left`, by projection of
    every 40 ms of it."""
    user, stays = (part.reshape(-1) for part in _together(near, left))
    size = MICROPHONE_RATE // 25
    lags = correlate(stays, user, "full", "fft")[len(user) - 1 :][:size]
    lag = int(np.argmax(np.abs(lags)))
    count = (len(user) - lag) // size
    spoken = user[: count * size].reshape(count, size).astype(np.float64)
    through = stays[lag : lag + count * size].reshape(count, size).astype(np.float64)
    power = np.sum(spoken**2, axis=1)
    active = power > power.max() * 1e-3
    gain = np.sum(spoken * through, axis=1)[active] / power[active]
    return round(float(10 * np.log10(np.sum(gain**2 * power[active]) / np.sum(power[active]))), 1)


def _together(one: list[F32], other: list[F32]) -> tuple[F32, F32]:
    count = min(len(one), len(other))
    return np.stack(one[:count]), np.stack(other[:count])


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "max": round(max(values), 1)}
