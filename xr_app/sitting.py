"""A talk from the display's start to its stop: all that lives as long as it does, and what happens in every frame.

Owns the conversation, the terminal, the encounter and whatever is told of what happens; displays come and go meanwhile.
Everything here is on the thread of the frames, but what is done while that is held in a call (watch.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from conversation.conversation import Conversation
from conversation.link.events import AppEvent, ChangeVoice, Command, Failure, ListVoices, Ready
from render.gl.context import is_software, standalone_context
from xr_app.arrival import networks_of
from xr_app.attendance import Attendance
from xr_app.awaited import Awaited
from xr_app.captions import CaptionLog
from xr_app.displays import Shown, displays
from xr_app.encounter import Encounter
from xr_app.errors import RuntimeFailedError, XrError
from xr_app.exchange import Exchange
from xr_app.frame_log import FrameLog
from xr_app.guest import Guest, Met
from xr_app.interview import Interview
from xr_app.live import Live
from xr_app.minutes import Minutes, write_transcript
from xr_app.panels.menu import Does
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.reading import Reading
from xr_app.reconnect import keep_open
from xr_app.recording.recorder import Untaped
from xr_app.report import Measured, Turn
from xr_app.session.attention import Attention
from xr_app.start import Start
from xr_app.talk_options import TalkOptions
from xr_app.terminal import Terminal
from xr_app.user_settings.keeper import SettingsKeeper
from xr_app.watch import Watch
from xr_app.wishes import Wishes

F32 = NDArray[np.float32]

SOFTWARE_GAUSSIANS: Final = 20_000
"""What a software GPU draws beside the conversation at more than 8 frames a second on two cores."""
REMEMBERED: Final = 20_000
"""Frames of a talk of which no film is made, for its report: some minutes' worth, tens of megabytes."""


@dataclass(frozen=True)
class Held:
    """What a talk left behind."""

    avatar: Avatar
    """Who was there last, or would have been; the log is of nobody else."""
    measured: Measured
    log: FrameLog
    captions: CaptionLog


Abandon = Callable[[Held | None, Callable[[], None]], None]
"""Makes what is made of a talk, if there was one, and ends the program; told how to close all but the display."""


def hold(
    options: TalkOptions,
    reading: Reading,
    keep: Path | None,
    start: Start,
    tape: Untaped,
    guest: Guest | None,
    abandon: Abandon,
) -> Held:
    """Talk with the avatar that is being read, until somebody leaves; keep: the folder for what is heard and said;
    abandon: called on another thread where this one is held by a runtime that does not return from a call. Raises
    VisavisError."""
    with ExitStack() as stack:
        return _Sitting(stack, options, reading, keep, start, tape, guest, abandon).run()


class _Sitting:
    def __init__(
        self,
        stack: ExitStack,
        options: TalkOptions,
        reading: Reading,
        keep: Path | None,
        start: Start,
        tape: Untaped,
        guest: Guest | None,
        abandon: Abandon,
    ) -> None:
        self._stack, self._options, self._start, self._tape, self._guest = stack, options, start, tape, guest
        self._software = _software_gpu()
        self._conversation = stack.enter_context(Conversation(options.conversation(keep)))
        self._abandon = abandon
        self._watch = Watch(self._say, self._lose, meanwhile=self._meanwhile, abandon=self._give_up)
        self._unseen: list[tuple[AppEvent, int]] = []
        """Events, and when they came, while there were no frames."""
        self._shown: Shown | None = None
        """The display that is open."""
        self._live: Live | None = None
        """The one that runs, or ran last."""
        self._measured = Measured()
        settings = options.settings
        self._attendance = Attendance(
            self._send, self._say, voice=settings.voice, welcome=None if options.questions else settings.welcome
        )
        self._interview = Interview(options.questions if guest is None else (), self._send, options.seconds)
        self._captions = CaptionLog()
        self._minutes = Minutes(time.time(), time.monotonic_ns())
        stack.enter_context(self._minutes.written(options.transcript))
        self._terminal = Terminal(
            self._attendance.send,
            lambda file: write_transcript(file, self._minutes.exchanges()),
            typed=options.typed,
            voice=settings.voice,
            push_to_talk=settings.push_to_talk,
            # A window is its own thread's.
            show=lambda text: self._shown.say(text) if self._shown is not None and not self._watch.hangs else None,
        )
        self._kept = stack.enter_context(SettingsKeeper(self._say))
        keep_setting = self._kept.keep if guest is None else guest.kept
        wishes = Wishes(self._attendance.send, self._say, voice=settings.voice, push_to_talk=settings.push_to_talk)
        self._encounter = Encounter(
            Placement(),
            Panels(options.panels, clock=tape.clock(time.perf_counter)),
            wishes,
            heard_at=tape.heard_at(lambda ns: self._conversation.clock.heard_at(ns)),
            keep=keep_setting,
            choose=self._choose,
            look=self._look,
        )
        self._exchange = stack.enter_context(
            Exchange(
                None,
                options.avatar,
                self._encounter,
                networks=networks_of,
                keep=keep_setting,
                fail=self._fail,
                offers=options.tape is None,  # which knows one avatar
            )
        )
        gaussians = options.gaussians or (SOFTWARE_GAUSSIANS if self._software else None)
        self._awaited = Awaited(reading, options.avatar, self._encounter, self._exchange, tape, start, gaussians)
        if guest is not None:
            guest.meet(Met(self._encounter, self._attendance, self._send))

    def run(self) -> Held:
        """Until somebody leaves."""
        options = self._options
        opened = self._stack.enter_context(
            displays(
                options.headset,
                options.eye_size,
                refresh_rate=options.refresh_rate,
                preferred=self._encounter.preferred,
                software=self._software,
                goes_on=self._on_frame,
                attend=self._attend,
                tell=self._say,
                watch=self._watch,
                guest=self._guest,
            )
        )
        lost: XrError | None = None
        try:
            with self._watch:
                lost = keep_open(opened, self._run_on, goes_on=self._on_frame, say=self._say, away=self._lose)
        except KeyboardInterrupt:  # what there was of the talk is left all the same
            if self._live is None:
                raise
        return self._left(lost)

    def _left(self, lost: XrError | None) -> Held:
        """What the talk leaves behind; lost: what it ended by."""
        if lost is not None:
            self._interview.failures.append(str(lost))
        live, measured = self._live, self._measured
        assert live is not None  # what was never opened has raised
        if live.likeness is not None:
            measured.gaussians = live.renderer.gaussians
            measured.stages = {name: {"runs": c.runs, "skips": c.skips} for name, c in live.renderer.stats.items()}
        measured.turns = [
            Turn(t.heard, t.said, t.speech_end_to_audio_ms, {k: round(v, 1) for k, v in t.stages_ms.items()})
            for t in self._interview.turns
        ]
        measured.failures = self._interview.failures
        measured.start_ms, measured.start_cpu_ms = self._start.reached_ms, self._start.computed_ms
        return Held(self._awaited.avatar, measured, live.log, self._captions)

    def _run_on(self, shown: Shown) -> None:
        """Draw on this display until it is lost or left."""
        shown = self._tape.shown(shown)
        self._start.reach("display")
        live = self._live = self._make_live(shown, self._live)
        measured, display = self._measured, shown.display
        measured.runtime, measured.renderer = display.runtime_name, str(display.ctx.info["GL_RENDERER"])
        measured.eye = display.eye_sizes[0]
        self._awaited.begin(shown)
        self._shown = shown
        try:
            with self._watch.frames() if self._options.headset.worn else nullcontext():
                live.run()
        finally:
            self._shown = None
            self._awaited.pause()
            self._exchange.pause()

    def _make_live(self, shown: Shown, last: Live | None) -> Live:
        options, tape = self._options, self._tape
        before = last.kept if last is not None else None
        placement = self._encounter.placement
        survey = shown.survey(placement)
        self._encounter.seen_on(foveates=shown.foveates, mirror_at=shown.mirror_at)
        if before is None:
            (placement.load if shown.attended else placement.stand)()
        live = Live(
            shown.display,
            tape.face_at(self._face_at),
            encounter=self._encounter,
            hands=shown.hands,
            board=shown.board(self._encounter.panels),
            survey=survey,
            surroundings=shown.surroundings(before.asked if before else options.room),
            on_placed=lambda: shown.walk(time.monotonic_ns()),
            on_mouth=self._conversation.mouth.write,
            on_frame=self._on_frame,
            kept=before,
            remembered=None if options.film or options.questions else REMEMBERED,
            filmed=options.film is not None,
        )
        tape.opened(shown, live.kept.log.animation_start_ns, self._awaited.sentence)
        return live

    def _on_frame(self) -> bool:
        """After each frame, and while there are none; whether the talk goes on."""
        self._watch.beat()
        with self._watch.turn:
            return self._step()

    def _step(self) -> bool:
        now, live, guest = time.monotonic(), self._live, self._guest
        if live is not None:
            if live.pictures:
                self._start.reach("figure")
            if live.log.frames:
                self._start.reach("first_picture")
            self._attendance.place(live.likeness is not None and self._encounter.placement.placed)
        if self._start.engines_turn(now, prepared=not self._awaited.coming):
            self._conversation.start()
        for event, then_ns in self._unseen:
            self._show(event, then_ns)
        self._unseen.clear()
        for event in self._conversation.poll():
            now_ns = time.monotonic_ns()
            self._hear(event, now, now_ns)
            self._show(event, now_ns)
        if self._shown is not None and live is not None:
            if self._awaited.coming:
                self._awaited.go_on(live)
            else:
                self._exchange.step(live)
        stays = guest is None or guest.goes_on(live.log if live is not None else None)
        typing = not self._start.engines_begun or self._terminal.goes_on()
        # The session's time counts from when somebody is there.
        asks = self._awaited.coming or self._interview.goes_on(now)
        return stays and asks and typing and not self._encounter.leaving

    def _attend(self, attention: Attention) -> None:
        """The wearer is here, busy or away."""
        self._attendance.attend(attention)
        self._tape.attend(attention)
        self._encounter.attend(attention)

    def _lose(self, gone: bool) -> None:
        """There is no display, or it is back."""
        self._attendance.lose(gone)

    def _meanwhile(self) -> bool:
        """While no frame comes, on the watch's thread: nothing here touches what is drawn."""
        for event in self._conversation.poll():
            now_ns = time.monotonic_ns()
            self._hear(event, time.monotonic(), now_ns)
            self._unseen.append((event, now_ns))
        return not self._start.engines_begun or self._terminal.goes_on()

    def _give_up(self) -> None:
        """The runtime does not let go of the frames' thread: end all else here, on the watch's."""
        with self._watch.turn:
            hung = RuntimeFailedError(
                "The headset's runtime did not answer and was left; restart it before the next talk."
            )
            self._say(str(hung))
            self._abandon(self._left(hung) if self._live is not None else None, self._stack.close)

    def _hear(self, event: AppEvent, now: float, now_ns: int) -> None:
        """Note an event of the conversation, and say what the person wants to know of it."""
        self._interview.take(event, now)
        self._captions.take(event)
        self._minutes.take(event, now_ns)
        self._terminal.take(event)

    def _show(self, event: AppEvent, now_ns: int) -> None:
        """Tell of it whoever has to do with what is seen."""
        self._tape.told(event, now_ns)
        self._encounter.take(event, now_ns)
        if self._guest is not None:
            self._guest.take(event, now_ns)
        if self._live is not None:
            self._live.take(event, now_ns)
        if isinstance(event, Ready):
            self._start.reach("listening")

    def _face_at(self, time_ns: int, ahead_s: float = 0.0, /) -> F32:
        clock = self._conversation.clock
        return self._conversation.face.at(clock.heard_at(time_ns) + ahead_s * clock.sample_rate)

    def _send(self, command: Command) -> None:
        if self._guest is not None:
            self._guest.sent(command)
        self._conversation.send(command)

    def _say(self, sentence: str) -> None:
        if self._guest is not None:
            self._guest.told(sentence)
        self._terminal.say(sentence)

    def _choose(self, does: Does, key: str) -> None:
        if does is Does.AVATAR:
            self._exchange.choose(key)
            return
        self._attendance.send(ChangeVoice(voice=key))
        if self._options.voice_key is not None:
            self._kept.keep(self._options.voice_key, key)

    def _look(self) -> None:
        self._exchange.look()
        self._attendance.send(ListVoices())

    def _fail(self, failure: Failure) -> None:
        self._terminal.take(failure)
        self._encounter.take(failure, time.monotonic_ns())


def _software_gpu() -> bool:
    """Whether pictures are drawn by the processor that also thinks and speaks."""
    ctx = standalone_context()
    software = is_software(ctx)
    ctx.release()
    return software
