"""The machine's microphone and loudspeaker, through PortAudio.

A device that does not run at our rate is opened at its own and resampled as a stream. PortAudio calls from a thread
of its own; times are taken there, corrected by the delays that PortAudio reports.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyaudio
import soxr

from conversation.audio.base import BLOCK_S, MICROPHONE_RATE, SPEAKER_RATE, Deliver, Fill
from conversation.errors import NoMicrophoneError, NoSpeakerError

F32 = npt.NDArray[np.float32]

_LONGEST_DELAY_S: Final = 1.0
_DIRECTIONS: Final = {"microphone": "input", "speaker": "output"}
_NO_MICROPHONE: Final = "No microphone was found ({}); type, or plug one in, and it is listened to."
_NO_SPEAKER: Final = "No loudspeaker was found ({}); read the answers, or plug one in."


class _Device:
    """A PortAudio stream, open between `start` of the subclass and `close`."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._audio: pyaudio.PyAudio | None = None
        self._stream: Any = None

    @property
    def alive(self) -> bool:
        """False once the device went away."""
        return _active(self._stream)

    def close(self) -> None:
        """Close the device."""
        _close(self._stream, self._audio)
        self._stream = self._audio = None


class DeviceMicrophone(_Device):
    """The input device whose name has `name` in it; the default one where that is empty."""

    def start(self, deliver: Deliver) -> None:
        """Open the device; raises NoMicrophoneError."""
        try:
            self._audio, rate, index, _ = _open("input", MICROPHONE_RATE, self._name, 1)
            resample = None if rate == MICROPHONE_RATE else soxr.ResampleStream(rate, MICROPHONE_RATE, 1, "float32")

            def callback(data: bytes, count: int, times: Mapping[str, float], status: int) -> tuple[None, int]:
                delay = _delay(times["current_time"] - times["input_buffer_adc_time"], count / rate)
                start_ns = time.monotonic_ns() - round(delay * 1e9)
                samples = np.frombuffer(data, np.float32)
                block = samples if resample is None else resample.resample_chunk(samples)
                if len(block):
                    deliver(block, start_ns)
                return None, pyaudio.paContinue

            self._stream = self._audio.open(
                rate,
                1,
                pyaudio.paFloat32,
                input=True,
                input_device_index=index,
                frames_per_buffer=round(rate * BLOCK_S),
                stream_callback=callback,
            )
        except (OSError, ValueError) as error:
            self.close()
            raise NoMicrophoneError(_NO_MICROPHONE.format(_reason(error))) from None


class DeviceSpeaker(_Device):
    """The output device whose name has `name` in it; the default one where that is empty. Stereo where it can be."""

    def start(self, fill: Fill) -> None:
        """Open the device; raises NoSpeakerError."""
        try:
            self._audio, rate, index, channels = _open("output", SPEAKER_RATE, self._name, 2)
            take = _Resampled(fill, rate, channels) if rate != SPEAKER_RATE else _Spread(fill, channels)

            def callback(data: None, count: int, times: Mapping[str, float], status: int) -> tuple[bytes, int]:
                latency = _delay(times["output_buffer_dac_time"] - times["current_time"], count / rate)
                return take(count, time.monotonic_ns(), latency).tobytes(), pyaudio.paContinue

            self._stream = self._audio.open(
                rate,
                channels,
                pyaudio.paFloat32,
                output=True,
                output_device_index=index,
                frames_per_buffer=round(rate * BLOCK_S),
                stream_callback=callback,
            )
        except (OSError, ValueError) as error:
            self.close()
            raise NoSpeakerError(_NO_SPEAKER.format(_reason(error))) from None


class _Spread:
    """A Fill, seen as (count, channels) whatever it gives."""

    def __init__(self, fill: Fill, channels: int) -> None:
        self._fill = fill
        self._channels = channels

    def __call__(self, count: int, time_ns: int, latency_s: float) -> F32:
        block = self._fill(count, time_ns, latency_s, self._channels)
        return block if block.ndim == 2 else np.repeat(block[:, None], self._channels, axis=1)


class _Resampled:
    """A Fill at SPEAKER_RATE, seen as (count, channels) at the device's rate."""

    def __init__(self, fill: Fill, rate: int, channels: int) -> None:
        self._fill = _Spread(fill, channels)
        self._rate = rate
        self._stream = soxr.ResampleStream(SPEAKER_RATE, rate, channels, "float32")
        self._ready: F32 = np.zeros((0, channels), np.float32)

    def __call__(self, count: int, time_ns: int, latency_s: float) -> F32:
        while len(self._ready) < count:
            # What already waits here sounds before the block that is asked for now.
            waiting = len(self._ready) / self._rate
            block = self._fill(round(SPEAKER_RATE * BLOCK_S), time_ns, latency_s + waiting)
            self._ready = np.concatenate([self._ready, self._stream.resample_chunk(block)])
        block, self._ready = self._ready[:count], self._ready[count:]
        return block


def device_names(microphone: str = "", speaker: str = "") -> dict[str, str | None]:
    """Full names of "microphone" and "speaker" as they are chosen, or of the default ones; None: there is none."""
    with _quiet_stderr():
        audio = pyaudio.PyAudio()
        names: dict[str, str | None] = {}
        for kind, direction, name in (("microphone", "input", microphone), ("speaker", "output", speaker)):
            try:
                names[kind] = str(_info(audio, direction, name)["name"])
            except OSError:
                names[kind] = None
        audio.terminate()
    return names


def every_device() -> dict[str, list[str]]:
    """Full names of all that could be "microphone" or "speaker"."""
    with _quiet_stderr():
        audio = pyaudio.PyAudio()
        names = {kind: [str(info["name"]) for info in _infos(audio, way)] for kind, way in _DIRECTIONS.items()}
        audio.terminate()
    return names


def _infos(audio: pyaudio.PyAudio, direction: str) -> list[Mapping[str, Any]]:
    devices = [audio.get_device_info_by_index(index) for index in range(audio.get_device_count())]
    return [device for device in devices if int(device[f"max{direction.capitalize()}Channels"]) > 0]


def _info(audio: pyaudio.PyAudio, direction: str, name: str) -> Mapping[str, Any]:
    """What PortAudio says of a device; raises OSError where there is none."""
    if not name:
        get = audio.get_default_input_device_info if direction == "input" else audio.get_default_output_device_info
        info: Mapping[str, Any] = get()
        return info
    wanted = name.casefold()
    found = [device for device in _infos(audio, direction) if wanted in str(device["name"]).casefold()]
    if not found:
        raise OSError(_none(direction, name))
    # A name that is given in full means that device, even where others' names begin with it.
    return min(found, key=lambda device: str(device["name"]).casefold() != wanted)


def _none(direction: str, name: str) -> str:
    if name:
        return f"there is no {direction} called {name!r}, see `visavis settings devices`"
    return f"the system has no default {direction}"


def _open(direction: str, wanted: int, name: str, most: int) -> tuple[pyaudio.PyAudio, int, int, int]:
    """PortAudio, the rate at which the device will be opened, its index, and with how many channels, `most` at most;
    raises OSError where there is none."""
    with _quiet_stderr():
        audio = pyaudio.PyAudio()
        try:
            info = _info(audio, direction, name)
            index, own = int(info["index"]), int(info["defaultSampleRate"])
            for channels in range(min(most, int(info[f"max{direction.capitalize()}Channels"])), 0, -1):
                supported: dict[str, Any] = {
                    f"{direction}_device": index,
                    f"{direction}_channels": channels,
                    f"{direction}_format": pyaudio.paFloat32,
                }
                for rate in (wanted, own):
                    with contextlib.suppress(ValueError):
                        if audio.is_format_supported(rate, **supported):
                            return audio, rate, index, channels
            return audio, own, index, 1
        except OSError:
            audio.terminate()
            raise


def _close(stream: Any, audio: pyaudio.PyAudio | None) -> None:
    with contextlib.suppress(OSError):
        if stream is not None:
            stream.close()
    if audio is not None:
        audio.terminate()


def _active(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.is_active())
    except OSError:
        return False


def _delay(reported_s: float, block_s: float) -> float:
    """PortAudio's figure where it is believable (some host APIs report zero times), else one block."""
    return reported_s if 0.0 < reported_s < _LONGEST_DELAY_S else block_s


def _reason(error: Exception) -> str:
    return str(error.args[-1] if error.args else error).rstrip(".")


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ALSA and JACK write pages to the C stderr while PortAudio looks for devices."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


if __name__ == "__main__":  # what is there now, for a process whose PortAudio is older
    print(json.dumps(device_names(*sys.argv[1:3])))
