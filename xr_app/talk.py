"""`visavis run`: a talk in front of a display, then its film and its report."""

from __future__ import annotations

import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from conversation.audio.devices import device_names
from conversation.audio.files import read_question
from xr_app.encode import require_ffmpeg
from xr_app.guest import Guest
from xr_app.reading import Reading
from xr_app.recording.recorder import Untaped, recording
from xr_app.report import Report
from xr_app.sitting import hold
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
    with reading or Reading(options.avatar) as reading, tempfile.TemporaryDirectory(prefix="visavis-") as folder:
        keep = Path(folder) if options.film or options.questions or options.tape else None
        with _recording(options, keep) as tape:
            reading.check()
            held = hold(options, reading, keep, start, tape, guest)
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
