"""Microphone and loudspeaker together: opens what the settings ask for, and goes on when a device comes or goes.

A device that goes away is replaced by the system's default one, or by silence in real time where there is none, and is
taken again as soon as it is back. PortAudio knows only the devices that were there when it was loaded, and loads anew
only when no stream is open: so both directions are opened again, and another process looks whether a device is back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from conversation.audio.base import Deliver, Fill, Microphone, Speaker
from conversation.audio.files import FileMicrophone, FileSpeaker
from conversation.errors import AudioError, NoMicrophoneError, NoSpeakerError

Source = Literal["auto", "device", "file"]
"""auto: the device, and files in real time where there is none."""
Kind = Literal["microphone", "speaker"]
Report = Callable[[str, AudioError], None]
Names = Mapping[str, str | None]

LOOK_S: Final = 3.0
"""Before the first looks for a device that is missing; twice as long after each that found nothing to open."""
LONGEST_S: Final = 24.0
_PATIENCE_S: Final = 20.0
_ERRORS: Final[dict[Kind, type[AudioError]]] = {"microphone": NoMicrophoneError, "speaker": NoSpeakerError}
_WORDS: Final[dict[Kind, str]] = {"microphone": "microphone", "speaker": "loudspeaker"}

_OTHER: Final = (
    "There is no {} called {!r} (see `visavis settings devices`); the system's default one takes over until there is."
)


@dataclass(frozen=True)
class DeviceNames:
    """Which devices: a part of the name of each; empty: the system's default."""

    microphone: str = ""
    speaker: str = ""


class Devices(Protocol):
    """Where devices come from; names are parts of names, "" is the default one."""

    def microphone(self, name: str) -> Microphone:
        """Not started."""
        ...

    def speaker(self, name: str) -> Speaker:
        """Not started."""
        ...

    def names(self, wanted: DeviceNames) -> Names:
        """Full names of "microphone" and "speaker" that are there now; None: there is none. May take seconds."""
        ...


class PortAudioDevices:
    """Those of this machine."""

    def microphone(self, name: str) -> Microphone:
        """See Devices."""
        from conversation.audio.devices import DeviceMicrophone  # loads PortAudio: only where a device is wanted

        return DeviceMicrophone(name)

    def speaker(self, name: str) -> Speaker:
        """See Devices."""
        from conversation.audio.devices import DeviceSpeaker

        return DeviceSpeaker(name)

    def names(self, wanted: DeviceNames) -> Names:
        """As another process sees them; nothing where that fails."""
        command = [sys.executable, "-P", "-m", "conversation.audio.devices", wanted.microphone, wanted.speaker]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=True)
            names: Names = json.loads(done.stdout)
        except (OSError, subprocess.SubprocessError, ValueError):
            return {}
        return names


@dataclass
class _Line:
    """One direction of sound."""

    kind: Kind
    source: Source
    wanted: str
    device: Microphone | Speaker
    missing: bool = False
    """It is not the device that is wanted."""
    silent: bool = False
    """It is no device at all."""


class Sound:
    """Both directions of sound; `report(stage, error)` hears of a device that is missing or went away, `back(stage)` of
    one that is there again."""

    def __init__(
        self,
        microphone: Source,
        speaker: Source,
        deliver: Deliver,
        fill: Fill,
        report: Report,
        names: DeviceNames,
        *,
        back: Callable[[str], None],
        devices: Devices | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deliver, self._fill = deliver, fill
        self._report, self._back = report, back
        self._devices: Devices = devices or PortAudioDevices()
        self._clock = clock
        self._look: _Look | None = None
        self._wait_s = LOOK_S
        self._look_at = clock() + LOOK_S
        self._lines: list[_Line] = []
        self._lines.append(self._first("speaker", speaker, names.speaker))
        self._lines.append(self._first("microphone", microphone, names.microphone))

    @property
    def microphone(self) -> Microphone | Speaker:
        """The one that is open now."""
        return self._lines[1].device

    def check(self) -> None:
        """Replace what went away, and take again what is back; to be called now and then."""
        lost = [line for line in self._lines if not line.device.alive]
        if lost:
            self._wait_s, self._look, self._look_at = LOOK_S, None, self._clock() + LOOK_S
            self._open_again()
            for line in lost:
                self._tell_lost(line)
        elif any(line.missing for line in self._lines):
            self._look_for_missing()

    def close(self) -> None:
        """End both."""
        for line in self._lines:
            line.device.close()

    def _look_for_missing(self) -> None:
        if self._look is None:
            if self._clock() >= self._look_at:
                self._look = _Look(self._devices, self._looked_for())
            return
        if self._look.found is None:
            return
        found, self._look = self._look.found, None
        missing = [line for line in self._lines if line.missing]
        if any(found.get(line.kind) for line in missing):
            self._open_again()
        back = [line.kind for line in missing if not line.missing]
        self._wait_s = LOOK_S if back else min(2 * self._wait_s, LONGEST_S)
        self._look_at = self._clock() + self._wait_s
        for kind in back:
            self._back(kind)

    def _looked_for(self) -> DeviceNames:
        """Where all is silent, any device is welcome."""
        speaker, microphone = ("" if line.silent else line.wanted for line in self._lines)
        return DeviceNames(microphone, speaker)

    def _open_again(self) -> None:
        """Both, for PortAudio sees what is there now only when nothing is open."""
        lines = [line for line in self._lines if line.source != "file"]
        for line in lines:
            line.device.close()
        for line in lines:
            self._open_any(line)

    def _open_any(self, line: _Line) -> None:
        """The device that is wanted, else the default one, else silence."""
        for name in dict.fromkeys((line.wanted, "")):
            try:
                line.device = self._open(line.kind, name)
            except AudioError:
                continue
            line.missing, line.silent = name != line.wanted, False
            return
        line.device, line.missing, line.silent = self._silent(line.kind), True, True

    def _first(self, kind: Kind, source: Source, wanted: str) -> _Line:
        if source == "file":
            return _Line(kind, source, wanted, self._silent(kind))
        try:
            return _Line(kind, source, wanted, self._open(kind, wanted))
        except AudioError as error:
            if source == "device":
                self.close()
                raise
            line = _Line(kind, source, wanted, self._silent(kind), missing=True, silent=True)
            if wanted:
                line.device.close()
                self._open_any(line)
            self._report(kind, error if line.silent else _ERRORS[kind](_OTHER.format(_WORDS[kind], wanted)))
            return line

    def _open(self, kind: Kind, name: str) -> Microphone | Speaker:
        if kind == "speaker":
            speaker = self._devices.speaker(name)
            speaker.start(self._fill)
            return speaker
        microphone = self._devices.microphone(name)
        microphone.start(self._deliver)
        return microphone

    def _silent(self, kind: Kind) -> Microphone | Speaker:
        if kind == "speaker":
            speaker = FileSpeaker()
            speaker.start(self._fill)
            return speaker
        microphone = FileMicrophone()
        microphone.start(self._deliver)
        return microphone

    def _tell_lost(self, line: _Line) -> None:
        word = _WORDS[line.kind]
        which = f"The {word} {line.wanted!r}" if line.wanted else f"The {word}"
        if line.silent:
            then = "plug it in, or another one, and the talk goes on with it"
        elif line.missing:
            then = "the system's default one takes over until it is back"
        else:
            then = "it was opened again"
        self._report(line.kind, _ERRORS[line.kind](f"{which} went away; {then}."))


class _Look:
    """Looks for devices in a thread; `found` is None until that is done."""

    def __init__(self, devices: Devices, names: DeviceNames) -> None:
        self.found: Names | None = None

        def run() -> None:
            self.found = devices.names(names)

        threading.Thread(target=run, name="device-look", daemon=True).start()
