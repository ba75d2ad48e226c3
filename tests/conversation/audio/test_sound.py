"""Devices that come and go; files stand in for those of a machine, ALSA's null devices for PortAudio's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conversation.audio.base import Deliver, Fill
from conversation.audio.files import FileMicrophone, FileSpeaker
from conversation.audio.sound import DeviceNames, Names, Sound, Source
from conversation.errors import AudioError, NoMicrophoneError, NoSpeakerError


class Desk:
    """Devices that are plugged in and out by name; the first of a kind is the system's default."""

    def __init__(self, **plugged: list[str]) -> None:
        self.plugged = plugged
        self.opened: list[str] = []
        self.looked_for: list[DeviceNames] = []

    def find(self, kind: str, name: str) -> str | None:
        return next((device for device in self.plugged[kind] if name in device), None)

    def microphone(self, name: str) -> Microphone:
        return Microphone(self, name)

    def speaker(self, name: str) -> Speaker:
        return Speaker(self, name)

    def names(self, wanted: DeviceNames) -> Names:
        self.looked_for.append(wanted)
        return {kind: self.find(kind, getattr(wanted, kind)) for kind in self.plugged}


class Microphone(FileMicrophone):
    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self._desk, self._name, self._on = desk, name, ""

    def start(self, deliver: Deliver) -> None:
        found = self._desk.find("microphone", self._name)
        if found is None:
            raise NoMicrophoneError("No microphone was found; plug one in.")
        self._on = found
        self._desk.opened.append(found)
        super().start(deliver)

    @property
    def alive(self) -> bool:
        return self._on in self._desk.plugged["microphone"]


class Speaker(FileSpeaker):
    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self._desk, self._name, self._on = desk, name, ""

    def start(self, fill: Fill) -> None:
        found = self._desk.find("speaker", self._name)
        if found is None:
            raise NoSpeakerError("No loudspeaker was found; plug one in.")
        self._on = found
        self._desk.opened.append(found)
        super().start(fill)

    @property
    def alive(self) -> bool:
        return self._on in self._desk.plugged["speaker"]


class Talk:
    def __init__(self, desk: Desk, names: DeviceNames, source: Source = "device") -> None:
        self.blocks, self.said, self.back = 0, list[str](), list[str]()
        self.now = 0.0
        self.sound = Sound(
            source, source, self.deliver, lambda count, *_: np.zeros(count, np.float32), self.report, names,
            back=self.back.append, devices=desk, clock=lambda: self.now,
        )  # fmt: skip

    def deliver(self, block: np.ndarray, start_ns: int) -> None:
        self.blocks += 1

    def report(self, stage: str, error: AudioError) -> None:
        self.said.append(f"{stage}: {error}")

    def until(self, done: Callable[[], bool]) -> None:
        """Check each second, as the audio process does; a second passes in a moment."""
        deadline = time.monotonic() + 30
        while not done():
            assert time.monotonic() < deadline, (self.said, self.back)
            self.now += 1.0
            self.sound.check()
            time.sleep(0.002)


@pytest.fixture
def desk() -> Desk:
    return Desk(microphone=["built-in", "headset mic"], speaker=["built-in", "headset"])


def test_the_default_takes_over_until_the_device_is_back(desk: Desk) -> None:
    talk = Talk(desk, DeviceNames("headset", "headset"))
    assert desk.opened == ["headset", "headset mic"]
    desk.plugged["microphone"].remove("headset mic")
    talk.sound.check()
    assert desk.opened[2:] == ["headset", "built-in"] and len(talk.said) == 1
    assert talk.said[0] == (
        "microphone: The microphone 'headset' went away; the system's default one takes over until it is back."
    )
    blocks = talk.blocks
    talk.until(lambda: talk.blocks > blocks)
    desk.plugged["microphone"].append("headset mic")
    talk.until(lambda: bool(talk.back))
    assert talk.back == ["microphone"] and desk.opened[4:] == ["headset", "headset mic"] and len(talk.said) == 1
    talk.sound.close()


def test_without_any_device_there_is_silence_until_one_is_plugged_in(desk: Desk) -> None:
    desk.plugged = {"microphone": ["mic"], "speaker": ["boxes"]}
    talk = Talk(desk, DeviceNames())
    desk.plugged["speaker"].clear()
    talk.sound.check()
    assert "loudspeaker went away; plug it in, or another one" in talk.said[0]
    blocks = talk.blocks
    talk.until(lambda: talk.blocks > blocks)
    desk.plugged["speaker"].append("other boxes")
    talk.until(lambda: bool(talk.back))
    assert talk.back == ["speaker"] and desk.opened[-2:] == ["other boxes", "mic"] and len(talk.said) == 1
    talk.sound.close()


def test_where_a_device_is_missing_for_long_it_is_looked_for_less_often(desk: Desk) -> None:
    talk = Talk(desk, DeviceNames("", "headset"))
    desk.plugged["speaker"].remove("headset")
    talk.until(lambda: talk.now >= 300)
    assert 10 <= len(desk.looked_for) <= 18 and set(desk.looked_for) == {DeviceNames("", "headset")}
    assert len(talk.said) == 1 and talk.back == []
    talk.sound.close()


def test_where_all_is_silent_any_device_is_welcome(desk: Desk) -> None:
    desk.plugged["speaker"] = ["headset"]
    talk = Talk(desk, DeviceNames("", "headset"))
    desk.plugged["speaker"].clear()
    talk.sound.check()
    desk.plugged["speaker"].append("boxes")
    talk.until(lambda: "boxes" in desk.opened)
    assert talk.back == [], "it is not the one that was asked for"
    desk.plugged["speaker"].append("headset")
    talk.until(lambda: talk.back == ["speaker"])
    assert desk.opened[-2:] == ["headset", "built-in"]
    talk.sound.close()


def test_at_the_beginning_a_device_that_is_asked_for_has_to_be_there(desk: Desk) -> None:
    with pytest.raises(NoMicrophoneError, match="plug one in"):
        Talk(desk, DeviceNames("sofa", ""))
    assert desk.opened == ["built-in"]


def test_where_none_has_to_be_there_at_the_beginning_the_default_takes_over(desk: Desk) -> None:
    talk = Talk(desk, DeviceNames("sofa", ""), "auto")
    assert desk.opened == ["built-in", "built-in"] and talk.said == [
        "microphone: There is no microphone called 'sofa' (see `visavis settings devices`); the system's default one "
        "takes over until there is."
    ]
    desk.plugged["microphone"].append("sofa")
    talk.until(lambda: talk.back == ["microphone"])
    assert desk.opened[-1] == "sofa"
    talk.sound.close()


def test_a_talk_that_began_without_any_device_uses_the_one_that_is_plugged_in(desk: Desk) -> None:
    desk.plugged["microphone"].clear()
    talk = Talk(desk, DeviceNames(), "auto")
    assert talk.said == ["microphone: No microphone was found; plug one in."]
    desk.plugged["microphone"].append("new")
    talk.until(lambda: talk.back == ["microphone"])
    assert desk.opened[-1] == "new" and len(talk.said) == 1
    talk.sound.close()


PLUGGED_IN = """
import sys
from pathlib import Path
from conversation.audio.devices import DeviceSpeaker
from conversation.audio.sound import DeviceNames, PortAudioDevices
import numpy as np

speaker = DeviceSpeaker("")
speaker.start(lambda count, *_: np.zeros(count, np.float32))
config = Path(sys.argv[1])
devices = PortAudioDevices()
assert devices.names(DeviceNames("", "lamp")) == {"microphone": "default", "speaker": None}
config.write_text(config.read_text() + "pcm.lamp { type null }\\n")
assert devices.names(DeviceNames("", "lamp")) == {"microphone": "default", "speaker": "lamp"}, "while a stream is open"
speaker.close()
lamp = devices.speaker("lamp")
lamp.start(lambda count, *_: np.zeros(count, np.float32))
assert lamp.alive
lamp.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA")
def test_portaudio_finds_what_was_plugged_in_meanwhile(tmp_path: Path) -> None:
    config = tmp_path / "alsa.conf"
    config.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    environment = os.environ | {"ALSA_CONFIG_PATH": str(config), "PULSE_SERVER": "none"}
    done = subprocess.run(
        [sys.executable, "-c", PLUGGED_IN, str(config)],
        env=environment, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
