"""`visavis run`: a talk in front of a display, then its film and its report."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from assets.errors import VisavisError
from conversation.audio.devices import device_names
from conversation.audio.files import read_question
from xr_app.encode import require_ffmpeg
from xr_app.guest import Guest
from xr_app.reading import Reading
from xr_app.recording.recorder import Untaped, recording
from xr_app.report import Report
from xr_app.sitting import Held, hold
from xr_app.start import Start
from xr_app.talk_options import TalkOptions


def talk(options: TalkOptions, guest: Guest | None = None, reading: Reading | None = None) -> Report:
    """Run one session to its end, then draw the film and write the report; guest: asks the questions, and does whatever
    else they came for; reading: of the avatar, where that has begun. Raises VisavisError."""
    start = Start()
    start.reach("loaded")
    for question in options.questions:
        read_question(question)
    if options.settings.voice and not options.questions and not _microphone(options):
        options = replace(options, typed=True)
    if options.film:
        require_ffmpeg()
    with ExitStack() as stack:
        reading = stack.enter_context(reading or Reading(options.avatar))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="visavis-"))
        keep = Path(folder) if options.film or options.questions or options.tape else None
        taping = stack.enter_context(ExitStack())
        tape = taping.enter_context(_recording(options, keep))

        def abandon(held: Held | None, close: Callable[[], None]) -> None:
            try:
                close()
                taping.close()
                if held is not None:
                    _made(options, held, keep, guest).show(Console(stderr=True))
                stack.close()
            except VisavisError as error:
                print(f"visavis: {error}", file=sys.stderr)
            finally:
                sys.stdout.flush()
                os._exit(1)

        reading.check()
        held = hold(options, reading, keep, start, tape, guest, abandon)
        taping.close()
        return _made(options, held, keep, guest)


def _made(options: TalkOptions, held: Held, keep: Path | None, guest: Guest | None) -> Report:
    """The film and the report."""
    # What is needed at the end alone is loaded then: nothing else may stand before the first picture.
    from xr_app.afterwards import Afterwards

    after = Afterwards(held.avatar, held.log, keep, guest.look if guest is not None else None)
    held.measured.captions = after.captions(held.captions)
    film = None
    if options.film is not None:
        film = after.film(options.film, held.measured.captions, rows=options.film_size, sound=options.settings)
    report = held.measured.report(held.log, after.offset(), film)
    if guest is not None:
        guest.judge(held.log, after, report)
    if options.report:
        report.write(options.report)
    return report


def _recording(options: TalkOptions, sound: Path | None) -> AbstractContextManager[Untaped]:
    if options.tape is None:
        return nullcontext(Untaped())
    return recording(
        options.tape,
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
