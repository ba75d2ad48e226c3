"""`visavis run`: the runtime, the avatar, the conversation and the frame loop together; then film and report."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from assets.avatar import Avatar
from assets.paths import cache_dir
from conversation.audio.devices import device_names
from conversation.audio.files import read_question
from conversation.audio.sound import Source
from conversation.conversation import Conversation
from conversation.link.events import ChangeVoice, Command, Failure, Ready
from conversation.settings import ConversationSettings
from render.gl.context import is_software, standalone_context
from render.measure.choice import faster_rasteriser
from render.measure.costs import device_costs
from render.measure.store import CHOICES, Choices
from render.measure.tuning import tuned_sort
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from xr_app.attendance import Attendance
from xr_app.avatar_files import find_avatar
from xr_app.captions import CaptionLog
from xr_app.display import Display
from xr_app.displays import Shown, displays
from xr_app.encode import require_ffmpeg
from xr_app.encounter import Encounter
from xr_app.exchange import Exchange, height_of
from xr_app.frame_log import FrameLog
from xr_app.guest import Guest, Met
from xr_app.headset import Headset
from xr_app.interview import Interview
from xr_app.live import Live
from xr_app.minutes import Minutes, write_transcript
from xr_app.panels.menu import Choices as PanelChoices
from xr_app.panels.menu import Does
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.reconnect import keep_open
from xr_app.recording.recorder import Untaped, recording
from xr_app.report import Measured, Report, Turn
from xr_app.start import Start
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.terminal import Terminal
from xr_app.user_settings.keeper import SettingsKeeper
from xr_app.wishes import Wishes

SOFTWARE_GAUSSIANS: Final = 20_000
"""What a software GPU draws beside the conversation at more than 8 frames a second on two cores."""
REMEMBERED: Final = 20_000
"""Frames of a talk of which no film is made, for its report: some minutes' worth, tens of megabytes."""


@dataclass(frozen=True)
class TalkOptions:
    """What was asked for on the command line; None leaves the choice to the machine."""

    avatar: Path | None = None
    headset: Headset = Headset.AUTO
    mirrored: bool = False
    """A window shows what the headset does."""
    questions: tuple[Path, ...] = ()
    film: Path | None = None
    report: Path | None = None
    transcript: Path | None = None
    typed: bool = False
    """Questions may be typed on the terminal, too."""
    gaussians: int | None = None
    eye_size: int | None = None
    film_size: int = 640
    tape: Path | None = None
    """The session is kept here, to be played again."""
    hashes: bool = False
    """Of some of its pictures, too."""
    seconds: float | None = None
    panels: PanelChoices = field(default_factory=PanelChoices)
    """How the menu's entries stand at first."""
    room: Asked = USUAL
    """What is asked of the surroundings."""
    refresh_rate: float | None = None
    """Pictures a second."""
    voice_key: str | None = None
    """The setting that holds which voice speaks."""
    settings: ConversationSettings = field(default_factory=ConversationSettings)
    """Engines and words; devices and recording follow from the rest."""


@dataclass(frozen=True)
class _Talk:
    """What a session left behind."""

    avatar: Avatar
    """Who was there last; the log is of nobody else."""
    measured: Measured
    log: FrameLog
    captions: CaptionLog


def talk(options: TalkOptions, guest: Guest | None = None) -> Report:
    """Run one session to its end, then draw the film and write the report; guest: asks the questions, and does whatever
    else they came for. Raises VisavisError."""
    start = Start()
    start.reach("loaded")
    avatar = find_avatar(options.avatar)
    start.reach("avatar")
    for question in options.questions:
        read_question(question)
    if options.settings.voice and not options.questions and not _microphone(options):
        options = replace(options, typed=True)
    if options.film:
        require_ffmpeg()
    with tempfile.TemporaryDirectory(prefix="visavis-") as folder:
        keep = Path(folder) if options.film or options.questions or options.tape else None
        with _recording(options, avatar, keep) as tape:
            session = _hold(options, avatar, keep, start, tape, guest)
        # What is needed at the end alone is loaded then: nothing else may stand before the first picture.
        from xr_app.afterwards import Afterwards

        after = Afterwards(session.avatar, session.log, keep, guest.look if guest is not None else None)
        session.measured.captions = after.captions(session.captions)
        film = None
        if options.film is not None:
            film = after.film(options.film, session.measured.captions, rows=options.film_size, sound=options.settings)
        report = session.measured.report(session.log, after.offset(), film)
        if guest is not None:
            guest.judge(session.log, after, report)
    if options.report:
        report.write(options.report)
    return report


def _hold(
    options: TalkOptions, avatar: Avatar, keep: Path | None, start: Start, tape: Untaped, guest: Guest | None
) -> _Talk:
    """The session itself, from the runtime's start to its stop."""
    with ExitStack() as stack:
        conversation = stack.enter_context(Conversation(_settings(options, keep)))
        shows: list[Shown] = []  # the one that is open
        lives: list[Live] = []  # the one that runs, or ran last
        software = _software_gpu()

        def send(command: Command) -> None:
            if guest is not None:
                guest.sent(command)
            conversation.send(command)

        attendance = Attendance(
            send,
            lambda text: terminal.say(text),
            voice=options.settings.voice,
            welcome=None if options.questions else options.settings.welcome,
        )
        interview = Interview(options.questions if guest is None else (), send, options.seconds)
        captions = CaptionLog()
        minutes = Minutes(time.time(), time.monotonic_ns())
        stack.enter_context(minutes.written(options.transcript))
        terminal = Terminal(
            attendance.send,
            lambda file: write_transcript(file, minutes.exchanges()),
            typed=options.typed,
            voice=options.settings.voice,
            push_to_talk=options.settings.push_to_talk,
            show=lambda text: shows[-1].say(text) if shows else None,
        )
        wishes = Wishes(
            attendance.send,
            terminal.say,
            voice=options.settings.voice,
            push_to_talk=options.settings.push_to_talk,
        )
        kept = stack.enter_context(SettingsKeeper(terminal.say))
        keep_setting = kept.keep if guest is None else guest.kept

        def choose(does: Does, key: str) -> None:
            if does is Does.AVATAR:
                exchange.choose(key)
                return
            attendance.send(ChangeVoice(voice=key))
            if options.voice_key is not None:
                kept.keep(options.voice_key, key)

        height = height_of(avatar)
        encounter = Encounter(
            Placement(height=height),
            Panels(options.panels, clock=tape.clock(time.perf_counter)),
            wishes,
            heard_at=tape.heard_at(lambda ns: conversation.clock.heard_at(ns)),
            keep=keep_setting,
            choose=choose,
            height=height,
        )

        def fail(failure: Failure) -> None:
            terminal.take(failure)
            encounter.take(failure, time.monotonic_ns())

        exchange = stack.enter_context(
            Exchange(
                avatar,
                options.avatar,
                encounter,
                networks=networks_of,
                keep=keep_setting,
                fail=fail,
                offers=options.tape is None,  # which knows one avatar
            )
        )

        if guest is not None:
            guest.meet(Met(encounter, attendance, send))

        def on_frame() -> bool:
            now = time.monotonic()
            if lives and lives[-1].log.frames:
                start.reach("first_picture")
            if lives:
                attendance.place(encounter.placement.placed)
            if start.engines_turn(now):
                conversation.start()
            for event in conversation.poll():
                now_ns = time.monotonic_ns()
                interview.take(event, now)
                captions.take(event)
                minutes.take(event, now_ns)
                terminal.take(event)
                tape.told(event, now_ns)
                encounter.take(event, now_ns)
                if guest is not None:
                    guest.take(event, now_ns)
                if lives:
                    lives[-1].take(event, now_ns)
                if isinstance(event, Ready):
                    start.reach("listening")
            if shows:
                exchange.step(lives[-1])
            stays = guest is None or guest.goes_on(lives[-1].log if lives else None)
            typing = not start.engines_begun or terminal.goes_on()
            return stays and interview.goes_on(now) and typing and not encounter.leaving

        opened = stack.enter_context(
            displays(
                options.headset,
                options.eye_size,
                refresh_rate=options.refresh_rate,
                mirrored=options.mirrored,
                software=software,
                goes_on=on_frame,
                attend=attendance.attend,
                tell=terminal.say,
                guest=guest,
            )
        )
        gaussians, store = _gaussians(options, software), Choices(cache_dir() / CHOICES)
        measured = Measured()

        def run(shown: Shown) -> None:
            shown = tape.shown(shown)
            display, avatar = shown.display, exchange.avatar
            most = gaussians or len(avatar.gaussians)
            start.reach("display")
            before = lives[-1].kept if lives else None
            rasteriser = "tiles" if software else _rasteriser(display, store, most)
            survey = shown.survey(encounter.placement)
            if before is None:
                (encounter.placement.load if shown.attended else encounter.placement.stand)()
            live = Live(
                display,
                avatar,
                tape.face_at(
                    lambda ns, ahead=0.0: conversation.face.at(
                        conversation.clock.heard_at(ns) + ahead * conversation.clock.sample_rate
                    )
                ),
                encounter=encounter,
                hands=shown.hands,
                board=shown.board(encounter.panels),
                survey=survey,
                surroundings=shown.surroundings(avatar, before.asked if before else options.room),
                gaussians=gaussians,
                rasteriser=rasteriser,
                sort_shape=(shape := tuned_sort(display.ctx, store, most)),
                costs=device_costs(display.ctx, store, rasteriser),
                make_model=networks_of(avatar),
                on_placed=lambda: shown.walk(time.monotonic_ns()),
                on_mouth=conversation.mouth.write,
                on_frame=on_frame,
                kept=before,
                make_pace=tape.make_pace,
                make_meter=tape.make_meter,
                remembered=None if options.film or options.questions else REMEMBERED,
                filmed=options.film is not None,
            )
            tape.opened(live, shown, rasteriser, shape)
            lives[:], shows[:] = [live], [shown]
            start.reach("ready_to_draw")
            measured.runtime, measured.renderer = display.runtime_name, str(display.ctx.info["GL_RENDERER"])
            measured.gaussians, measured.eye = live.renderer.gaussians, display.eye_sizes[0]
            try:
                live.run()
            finally:
                shows.clear()

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
        measured.start_ms, measured.start_cpu_ms = start.reached_ms, start.computed_ms
    return _Talk(exchange.avatar, measured, live.log, captions)


def _recording(options: TalkOptions, avatar: Avatar, sound: Path | None) -> AbstractContextManager[Untaped]:
    if options.tape is None:
        return nullcontext(Untaped())
    return recording(
        options.tape,
        avatar,
        hashes=options.hashes,
        voice=options.settings.voice,
        push_to_talk=options.settings.push_to_talk,
        choices=options.panels,
        sound=sound,
        say=lambda text: print(text, file=sys.stderr),
    )


def _microphone(options: TalkOptions) -> bool:
    """Whether there is one, be it not the one that is wished for."""
    wanted = options.settings.devices.microphone
    return any(device_names(name)["microphone"] for name in dict.fromkeys((wanted, "")))


def _settings(options: TalkOptions, keep: Path | None) -> ConversationSettings:
    """Questions from files leave the microphone alone. A device that is missing may come later, as does the welcome."""
    if options.questions:
        speaker: Source = "device" if device_names(speaker=options.settings.devices.speaker)["speaker"] else "file"
        return replace(options.settings, microphone="file", speaker=speaker, welcome=None, memory=None, record_to=keep)
    # Without voice the audio process opens no device, whatever stands here.
    return replace(options.settings, microphone="auto", speaker="auto", welcome=None, record_to=keep)


def _gaussians(options: TalkOptions, software: bool) -> int | None:
    """How many are drawn live at most; None for all."""
    return options.gaussians or (SOFTWARE_GAUSSIANS if software else None)


def _rasteriser(display: Display, store: Choices, gaussians: int) -> RasteriserName:
    """The faster one on this GPU, timed at the first start."""
    return faster_rasteriser(display.ctx, store, gaussians=gaussians, size=display.eye_sizes[0])


def networks_of(avatar: Avatar) -> MakeModel | None:
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
