"""PortAudio devices. ALSA's null device is one that every Linux has; it takes and gives as fast as it is asked."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conversation.audio.base import SPEAKER_RATE, Fill
from conversation.audio.devices import _Resampled, _Spread

NULL = "pcm.!default { type null }\nctl.!default { type null }\n"
DESK = NULL + "pcm.desk { type null }\npcm.'desk lamp' { type null }\n"
NONE = "pcm.!default { type hw card 99 }\nctl.!default { type hw card 99 }\n"

OPEN_BOTH = """
import threading
import numpy as np
from conversation.audio.devices import DeviceMicrophone, DeviceSpeaker, device_names

taken, given = threading.Event(), threading.Event()

def fill(count, time_ns, latency_s, channels):
    assert 0 < latency_s < 1 and time_ns > 0 and channels == 2
    taken.set()
    return np.zeros((count, channels), np.float32)

def deliver(block, start_ns):
    assert block.dtype == np.float32 and block.ndim == 1 and start_ns > 0
    given.set()

speaker, microphone = DeviceSpeaker(), DeviceMicrophone()
speaker.start(fill)
microphone.start(deliver)
assert taken.wait(20) and given.wait(20)
assert speaker.alive and microphone.alive
speaker.close()
microphone.close()
assert not speaker.alive and not microphone.alive
assert device_names() == {"microphone": "default", "speaker": "default"}
"""

CHOSEN = """
import threading
import numpy as np
import pytest
from conversation.audio.devices import DeviceMicrophone, DeviceSpeaker, device_names, every_device
from conversation.errors import NoMicrophoneError, NoSpeakerError

both = [name for name in every_device()["speaker"] if name in ("desk", "desk lamp", "default")]
assert sorted(both) == ["default", "desk", "desk lamp"], every_device()
assert device_names("LAMP", "desk") == {"microphone": "desk lamp", "speaker": "desk"}
assert device_names("sofa", "")["microphone"] is None

given = threading.Event()
microphone = DeviceMicrophone("lamp")
microphone.start(lambda block, start_ns: given.set())
assert given.wait(20) and microphone.alive
microphone.close()
for device, error in ((DeviceMicrophone("sofa"), NoMicrophoneError), (DeviceSpeaker("sofa"), NoSpeakerError)):
    with pytest.raises(error, match="called 'sofa', see `visavis settings devices`"):
        device.start(print)
"""

OPEN_NONE = """
import pytest
from conversation.audio.devices import DeviceMicrophone, DeviceSpeaker, device_names
from conversation.errors import NoMicrophoneError, NoSpeakerError

for device, error in ((DeviceMicrophone(), NoMicrophoneError), (DeviceSpeaker(), NoSpeakerError)):
    with pytest.raises(error) as failure:
        device.start(print)
    assert "plug one in" in str(failure.value) and "\\n" not in str(failure.value)
    assert not device.alive
    device.close()
assert device_names() == {"microphone": None, "speaker": None}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA")
@pytest.mark.parametrize(
    ("config", "program"),
    [(NULL, OPEN_BOTH), (DESK, CHOSEN), (NONE, OPEN_NONE)],
    ids=["null device", "chosen by name", "no device"],
)
def test_devices(tmp_path: Path, config: str, program: str) -> None:
    (tmp_path / "alsa.conf").write_text(config)
    environment = os.environ | {"ALSA_CONFIG_PATH": str(tmp_path / "alsa.conf"), "PULSE_SERVER": "none"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_device_of_another_rate_gets_the_same_sound() -> None:
    taken = 0
    latencies = []

    def fill(count: int, time_ns: int, latency_s: float, channels: int) -> np.ndarray:
        nonlocal taken
        latencies.append(latency_s)
        block = np.sin(2 * np.pi * 440 * np.arange(taken, taken + count) / SPEAKER_RATE)
        taken += count
        return block.astype(np.float32)

    device = _Resampled(fill, 44_100, 2)
    both = np.concatenate([device(441, 0, 0.02) for _ in range(100)])
    assert both.shape == (44_100, 2) and np.array_equal(both[:, 0], both[:, 1])
    sound = both[:, 0]
    middle = sound[10_000:40_000] * np.hanning(30_000)
    assert np.argmax(np.abs(np.fft.rfft(middle))) * 44_100 / 30_000 == pytest.approx(440, abs=1.5)
    assert np.abs(sound[10_000:40_000]).max() == pytest.approx(1.0, abs=0.01)
    assert all(0.02 <= latency < 0.1 for latency in latencies)


@pytest.mark.parametrize("rate", [SPEAKER_RATE, 48_000])
def test_left_stays_left_and_mono_is_on_both_sides(rate: int) -> None:
    def fill(count: int, time_ns: int, latency_s: float, channels: int) -> np.ndarray:
        assert channels == 2
        return np.tile(np.array([0.5, -0.25], np.float32), (count, 1))

    def alike(count: int, time_ns: int, latency_s: float, channels: int) -> np.ndarray:
        return np.full(count, 0.5, np.float32)

    def played(given: Fill) -> np.ndarray:
        device = _Spread(given, 2) if rate == SPEAKER_RATE else _Resampled(given, rate, 2)
        return np.concatenate([device(rate // 100, 0, 0.02) for _ in range(50)])[rate // 10 : -rate // 10]

    assert played(fill) == pytest.approx(np.tile([0.5, -0.25], (rate * 3 // 10, 1)), abs=1e-3)
    assert played(alike) == pytest.approx(np.full((rate * 3 // 10, 2), 0.5), abs=1e-3)
