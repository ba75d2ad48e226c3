"""`visavis run`: the runtime, the avatar, the conversation and the frame loop together; then film and report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from assets.avatar import Avatar
from assets.catalogue import model_dir
from assets.lips import lip_opening
from assets.paths import cache_dir
from assets.progress import shown_on
from conversation.audio.devices import device_names
from conversation.audio.files import read_question
from conversation.audio.recording import Recording
from conversation.audio.sound import Source
from conversation.conversation import Conversation
from conversation.engines.a2bs.learned import A2bs
from conversation.link.events import StateChanged
from conversation.settings import ConversationSettings
from render.gl.context import is_software, standalone_context
from render.measure.choice import faster_rasteriser
from render.measure.costs import device_costs
from render.measure.store import CHOICES, Choices
from render.measure.tuning import tuned_sort
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from xr_app.attendance import Attendance
from xr_app.av_offset import SILENT, Curve, Offset, envelope, measure
from xr_app.avatars import find_avatar
from xr_app.captions import CaptionLine, CaptionLog, as_subtitles
from xr_app.encode import require_ffmpeg
from xr_app.film import FilmFacts, Track, draw_film
from xr_app.film_sound import placed
from xr_app.frame_log import FrameLog
from xr_app.interview import Interview
from xr_app.live import Live
from xr_app.minutes import Minutes, write_transcript
from xr_app.reconnect import keep_open
from xr_app.report import Measured, Report, Turn
from xr_app.runtime.headset_runtime import HeadsetRuntime
from xr_app.session.session import XrSession
from xr_app.surroundings.ways import EXTENSIONS
from xr_app.terminal import Terminal

SOFTWARE_GAUSSIANS: Final = 20_000
SOFTWARE_EYE: Final = 320
"""What a software GPU draws beside the conversation at more than 8 stereo frames a second on two cores."""
DEPTH_RANGE: Final = (0.05, 100.0)
"""Metres at which depth is 0 and 1. A software GPU is spared it: nobody looks through one."""
LIPS_AFTER_SOUND_S: Final = -0.003
"""Lag of lips against envelope that the face network has by itself (docs/a2bs.md)."""
QUESTION_GAIN: Final = 0.8
"""Of the question in the film's sound, against the answer."""
LEAD_IN_NS: Final = 1_000_000_000
"""Film before the first word of the first question."""


@dataclass(frozen=True)
class TalkOptions:
    """What was asked for on the command line; None leaves the choice to the machine."""

    avatar: Path | None = None
    questions: tuple[Path, ...] = ()
    film: Path | None = None
    report: Path | None = None
    transcript: Path | None = None
    typed: bool = False
    """Questions may be typed on the terminal, too."""
    gaussians: int | None = None
    eye_size: int | None = None
    film_size: int = 640
    seconds: float | None = None
    settings: ConversationSettings = field(default_factory=ConversationSettings)
    """Engines and words; devices and recording follow from the rest."""


@dataclass(frozen=True)
class _Talk:
    """What a session left behind."""

    measured: Measured
    log: FrameLog
    captions: CaptionLog


def talk(options: TalkOptions) -> Report:
    """Run one session to its end, then draw the film and write the report. Raises VisavisError."""
    avatar = find_avatar(options.avatar)
    for question in options.questions:
        read_question(question)
    if options.settings.voice and not options.questions and not _microphone(options):
        options = replace(options, typed=True)
    if options.film:
        require_ffmpeg()
    with tempfile.TemporaryDirectory(prefix="visavis-") as folder:
        keep = Path(folder) if options.film or options.questions else None
        session = _hold(options, avatar, keep)
        recording = Recording.load(keep) if keep and (keep / "recording.json").exists() else None
        session.measured.captions = _captions(session, recording)
        film = _film(options, avatar, session, recording)
        report = session.measured.report(session.log, _offset(session.log, recording), film)
    if options.report:
        report.write(options.report)
    return report


def _hold(options: TalkOptions, avatar: Avatar, keep: Path | None) -> _Talk:
    """The session itself, from the runtime's start to its stop."""
    with ExitStack() as stack:
        conversation = stack.enter_context(Conversation(_settings(options, keep)))
        conversation.start()
        headset = stack.enter_context(HeadsetRuntime())
        software = _software_gpu()
        attendance = Attendance(conversation.send, lambda text: terminal.say(text), voice=options.settings.voice)
        interview = Interview(options.questions, conversation.send, options.seconds)
        captions = CaptionLog()
        minutes = Minutes(time.time(), time.monotonic_ns())
        stack.enter_context(minutes.written(options.transcript))
        terminal = Terminal(
            attendance.send,
            lambda file: write_transcript(file, minutes.exchanges()),
            typed=options.typed,
            voice=options.settings.voice,
            push_to_talk=options.settings.push_to_talk,
        )

        def on_frame() -> bool:
            now = time.monotonic()
            for event in conversation.poll():
                interview.take(event, now)
                captions.take(event)
                minutes.take(event, time.monotonic_ns())
                terminal.take(event)
                if isinstance(event, StateChanged) and lives:
                    lives[-1].enter(event.state)
            return interview.goes_on(now) and terminal.goes_on()

        @contextmanager
        def opened() -> Iterator[XrSession]:
            headset.revive()
            with XrSession(
                headset.environment,
                eye_size=_eye_size(options, software),
                depth_range=None if software else DEPTH_RANGE,
                extensions=EXTENSIONS,
                idle=lambda: None if on_frame() else session.request_exit(),
                attend=attendance.attend,
            ) as session:
                yield session

        gaussians, store = _gaussians(options, software), Choices(cache_dir() / CHOICES)
        most = gaussians or len(avatar.gaussians)
        lives: list[Live] = []  # the one that runs, or ran last
        measured = Measured()

        def run(session: XrSession) -> None:
            rasteriser = "tiles" if software else _rasteriser(session, store, most)
            live = Live(
                session,
                avatar,
                lambda ns, ahead=0.0: conversation.face.at(
                    conversation.clock.heard_at(ns) + ahead * conversation.clock.sample_rate
                ),
                gaussians=gaussians,
                rasteriser=rasteriser,
                sort_shape=tuned_sort(session.ctx, store, most),
                costs=device_costs(session.ctx, store, rasteriser),
                make_model=_networks(avatar),
                on_placed=lambda: headset.walk(time.monotonic_ns()),
                on_mouth=conversation.mouth.write,
                on_frame=on_frame,
                kept=lives[-1].kept if lives else None,
            )
            lives[:] = [live]
            measured.runtime, measured.renderer = session.runtime_name, str(session.ctx.info["GL_RENDERER"])
            measured.gaussians, measured.eye = live.renderer.gaussians, session.eye_sizes[0]
            live.run()

        lost = keep_open(opened, run, goes_on=on_frame, say=terminal.say)
        if lost is not None:
            interview.failures.append(str(lost))
        live = lives[-1]
        measured.stages = {name: {"runs": c.runs, "skips": c.skips} for name, c in live.renderer.stats.items()}
        measured.turns = [
            Turn(t.heard, t.said, t.speech_end_to_audio_ms, {k: round(v, 1) for k, v in t.stages_ms.items()})
            for t in interview.turns
        ]
        measured.failures = interview.failures
    return _Talk(measured, live.log, captions)


def _microphone(options: TalkOptions) -> bool:
    """Whether there is one, be it not the one that is wished for."""
    wanted = options.settings.devices.microphone
    return any(device_names(name)["microphone"] for name in dict.fromkeys((wanted, "")))


def _settings(options: TalkOptions, keep: Path | None) -> ConversationSettings:
    """Questions from files leave the microphone alone; without them the avatar speaks first. A device that is missing
    may come later."""
    if options.questions:
        speaker: Source = "device" if device_names(speaker=options.settings.devices.speaker)["speaker"] else "file"
        return replace(options.settings, microphone="file", speaker=speaker, welcome=None, memory=None, record_to=keep)
    # Without voice the audio process opens no device, whatever stands here.
    return replace(options.settings, microphone="auto", speaker="auto", record_to=keep)


def _gaussians(options: TalkOptions, software: bool) -> int | None:
    """How many are drawn live at most; None for all."""
    return options.gaussians or (SOFTWARE_GAUSSIANS if software else None)


def _eye_size(options: TalkOptions, software: bool) -> tuple[int, int] | None:
    """Pixels of one eye, live; None for what the runtime recommends."""
    side = options.eye_size or (SOFTWARE_EYE if software else None)
    return (side, side) if side else None


def _rasteriser(session: XrSession, store: Choices, gaussians: int) -> RasteriserName:
    """The faster one on this GPU, timed at the first start."""
    return faster_rasteriser(session.ctx, store, gaussians=gaussians, size=session.eye_sizes[0])


def _networks(avatar: Avatar) -> MakeModel | None:
    """Each the fastest way on this device, timed at the first start."""
    if not avatar.models:
        return None
    # MNN is loaded for avatars with networks only.
    from render.nets.choice import networks

    return networks(avatar.models, avatar.programs, Choices(cache_dir() / CHOICES))


def _software_gpu() -> bool:
    """Whether pictures are drawn by the processor that also thinks and speaks."""
    ctx = standalone_context()
    software = is_software(ctx)
    ctx.release()
    return software


def _begin_ns(log: FrameLog, recording: Recording) -> int:
    """The film's first picture."""
    begin_ns = log.frames[0].seen_ns
    if recording.questions:
        begin_ns = max(begin_ns, recording.questions[0].first_voiced - LEAD_IN_NS)
    return begin_ns


def _captions(session: _Talk, recording: Recording | None) -> list[CaptionLine]:
    """What was heard, in the film's time."""
    if recording is None or not session.log.frames:
        return []
    begin_ns = _begin_ns(session.log, recording)
    return session.captions.lines(lambda sample: (recording.time_of(sample) - begin_ns) / 1e9)


def _film(
    options: TalkOptions, avatar: Avatar, session: _Talk, recording: Recording | None
) -> tuple[Path, FilmFacts] | None:
    """Draw the film that was asked for, if anything was seen and heard."""
    log = session.log
    if options.film is None or recording is None or not log.frames:
        return None
    voice = _track(recording.speaker_wav, round(recording.time_of(0)), 1.0)
    tracks = [
        _track(recording.microphone_wav, recording.microphone_start_ns, QUESTION_GAIN),
        placed(voice, log, room=options.settings.room) if options.settings.spatial else voice,
    ]
    with shown_on() as progress:
        facts = draw_film(
            log,
            lambda ns, ahead=0.0: recording.face.at(recording.heard_at(ns) + ahead * recording.face.rate),
            avatar,
            tracks,
            options.film,
            begin_ns=_begin_ns(log, recording),
            end_ns=log.frames[-1].seen_ns,
            eye=(options.film_size, options.film_size),
            captions=as_subtitles(session.measured.captions),
            progress=progress,
        )
    return options.film, facts


def _track(wav: Path, start_ns: int, gain: float) -> Track:
    samples, rate = soundfile.read(wav, dtype="float32")
    return Track(samples, rate, start_ns, gain)


def _offset(log: FrameLog, recording: Recording | None) -> Offset:
    """Lips that were shown against the voice that was heard."""
    if recording is None or not log.frames:
        return SILENT
    samples, rate = soundfile.read(recording.speaker_wav, dtype="float32")
    if not samples.any():
        return SILENT
    driver = A2bs(model_dir("visavis-a2bs"))
    made = lip_opening(driver(samples, rate)).astype(np.float64)
    seen = np.array([recording.heard_at(frame.seen_ns) for frame in log.frames]) / rate
    return measure(
        Curve(seen, log.lip_opening()),
        Curve(np.arange(len(made)) / driver.frame_rate, made),
        envelope(samples, rate),
        intrinsic_s=LIPS_AFTER_SOUND_S,
    )
