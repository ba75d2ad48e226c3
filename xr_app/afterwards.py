"""What is made of a talk when it is over: captions, a film, and how well the lips followed the voice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from assets.avatar import Avatar
from assets.catalogue import model_dir
from assets.lips import lip_opening
from assets.progress import shown_on
from conversation.audio.recording import Recording
from conversation.engines.a2bs.learned import A2bs
from conversation.settings import ConversationSettings
from xr_app.av_offset import SILENT, Curve, Offset, envelope, measure
from xr_app.captions import CaptionLine, CaptionLog, as_subtitles
from xr_app.film import FilmFacts, Look, Track, draw_film
from xr_app.film_sound import placed
from xr_app.frame_log import FrameLog

LIPS_AFTER_SOUND_S: Final = -0.003
"""Lag of lips against envelope that the face network has by itself (docs/a2bs.md)."""
QUESTION_GAIN: Final = 0.8
"""Of the question in the film's sound, against the answer."""
LEAD_IN_NS: Final = 1_000_000_000
"""Film before the first word of the first question."""


class Afterwards:
    """Of one talk: its avatar, what was shown, and the folder of its recording, if there is one."""

    def __init__(self, avatar: Avatar, log: FrameLog, folder: Path | None, look: Look | None = None) -> None:
        """look: of the film."""
        self._look = look or Look()
        self._avatar, self._log = avatar, log
        self.recording: Recording | None = None
        """What was said and heard."""
        if folder is not None and (folder / "recording.json").exists() and log.frames:
            self.recording = Recording.load(folder)

    def captions(self, log: CaptionLog) -> list[CaptionLine]:
        """What was heard, in the film's time."""
        recording = self.recording
        if recording is None:
            return []
        begin_ns = self.begin_ns(recording)
        return log.lines(lambda sample: (recording.time_of(sample) - begin_ns) / 1e9)

    def film(
        self, path: Path, captions: list[CaptionLine], *, rows: int, sound: ConversationSettings
    ) -> tuple[Path, FilmFacts] | None:
        """Draw the film, if anything was seen and heard; `rows` pixels high. Raises FilmError."""
        recording, log = self.recording, self._log
        if recording is None:
            return None
        voice = _track(recording.speaker_wav, round(recording.time_of(0)), 1.0)
        tracks = [
            _track(recording.microphone_wav, recording.microphone_start_ns, QUESTION_GAIN),
            placed(voice, log, room=sound.room) if sound.spatial else voice,
        ]
        with shown_on() as progress:
            facts = draw_film(
                log,
                lambda ns, ahead=0.0: recording.face.at(recording.heard_at(ns) + ahead * recording.face.rate),
                self._avatar,
                tracks,
                path,
                begin_ns=self.begin_ns(recording),
                end_ns=log.frames[-1].seen_ns,
                rows=rows,
                captions=as_subtitles(captions),
                look=self._look,
                progress=progress,
            )
        return path, facts

    def offset(self) -> Offset:
        """Lips that were shown against the voice that was heard."""
        recording = self.recording
        if recording is None:
            return SILENT
        samples, rate = soundfile.read(recording.speaker_wav, dtype="float32")
        if not samples.any():
            return SILENT
        driver = A2bs(model_dir("visavis-a2bs"))
        made = lip_opening(driver(samples, rate)).astype(np.float64)
        seen = np.array([recording.heard_at(frame.seen_ns) for frame in self._log.frames]) / rate
        return measure(
            Curve(seen, self._log.lip_opening()),
            Curve(np.arange(len(made)) / driver.frame_rate, made),
            envelope(samples, rate),
            intrinsic_s=LIPS_AFTER_SOUND_S,
        )

    def begin_ns(self, recording: Recording) -> int:
        """The film's first picture."""
        begin_ns = self._log.frames[0].seen_ns
        if recording.questions and not self._look.whole:
            begin_ns = max(begin_ns, recording.questions[0].first_voiced - LEAD_IN_NS)
        return begin_ns


def _track(wav: Path, start_ns: int, gain: float) -> Track:
    samples, rate = soundfile.read(wav, dtype="float32")
    return Track(samples, rate, start_ns, gain)
