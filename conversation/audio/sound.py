"""Microphone and loudspeaker together: opens what the settings ask for, and puts silence where a device is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from conversation.audio.base import Deliver, Fill, Microphone, Speaker
from conversation.audio.files import FileMicrophone, FileSpeaker
from conversation.errors import AudioError, NoMicrophoneError, NoSpeakerError

Source = Literal["auto", "device", "file"]
"""auto: the device, and files in real time where there is none."""
Report = Callable[[str, AudioError], None]


@dataclass(frozen=True)
class DeviceNames:
    """Which devices: a part of the name of each; empty: the system's default."""

    microphone: str = ""
    speaker: str = ""


class Sound:
    """Both directions of sound; `report(stage, error)` hears of a device that is missing or went away."""

    def __init__(
        self,
        microphone: Source,
        speaker: Source,
        deliver: Deliver,
        fill: Fill,
        report: Report,
        names: DeviceNames,
    ) -> None:
        self._names = names
        self._deliver = deliver
        self._fill = fill
        self._report = report
        self.speaker = self._open_speaker(speaker)
        self.microphone = self._open_microphone(microphone)

    def check(self) -> None:
        """Replace a device that went away by silence in real time, so that all goes on."""
        if not self.microphone.alive:
            self.microphone.close()
            self.microphone = self._silent_microphone()
            message = "The microphone went away; plug it in and start the conversation again."
            self._report("microphone", NoMicrophoneError(message))
        if not self.speaker.alive:
            self.speaker.close()
            self.speaker = self._silent_speaker()
            message = "The loudspeaker went away; plug it in and start the conversation again."
            self._report("speaker", NoSpeakerError(message))

    def close(self) -> None:
        """End both."""
        self.microphone.close()
        self.speaker.close()

    def _open_microphone(self, source: Source) -> Microphone:
        if source == "file":
            return self._silent_microphone()
        from conversation.audio.devices import DeviceMicrophone  # loads PortAudio: only where a device is wanted

        microphone = DeviceMicrophone(self._names.microphone)
        try:
            microphone.start(self._deliver)
        except NoMicrophoneError as error:
            if source == "device":
                self.speaker.close()
                raise
            self._report("microphone", error)
            return self._silent_microphone()
        return microphone

    def _open_speaker(self, source: Source) -> Speaker:
        if source == "file":
            return self._silent_speaker()
        from conversation.audio.devices import DeviceSpeaker

        speaker = DeviceSpeaker(self._names.speaker)
        try:
            speaker.start(self._fill)
        except NoSpeakerError as error:
            if source == "device":
                raise
            self._report("speaker", error)
            return self._silent_speaker()
        return speaker

    def _silent_microphone(self) -> Microphone:
        microphone = FileMicrophone()
        microphone.start(self._deliver)
        return microphone

    def _silent_speaker(self) -> Speaker:
        speaker = FileSpeaker()
        speaker.start(self._fill)
        return speaker
