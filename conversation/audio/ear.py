"""From blocks of the microphone to what is known of the user's speech: echo canceller, VAD, endpoint, barge-in.

Full duplex: the avatar's own voice is taken out of the microphone, and what is left is listened to all the time.
Half duplex: while the avatar speaks, and a little longer, the microphone is not listened to. It is shut while the user
wants it to be (mute), and with push to talk but for while a key is held; nothing from before it was opened is kept.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.barge_in import BargeIn, BargeInSettings
from conversation.audio.base import MICROPHONE_RATE
from conversation.audio.echo import EchoCanceller
from conversation.audio.endpoint import Endpointer, EndpointSettings, Heard
from conversation.audio.reference import FRAME
from conversation.engines.base import VoiceActivity
from conversation.link.audio_events import SpeechStarted, SpeechSustained

F32 = npt.NDArray[np.float32]

_NS: Final = 1_000_000_000


class Ear:
    """`played` is called from the loudspeaker's thread, everything else from one other; without canceller: half duplex.

    `tail_s`: how long the room goes on speaking after playback's end.
    """

    def __init__(
        self,
        voice: VoiceActivity,
        endpoint: EndpointSettings,
        barge_in: BargeInSettings,
        canceller: EchoCanceller | None,
        tail_s: float,
        *,
        push_to_talk: bool = False,
    ) -> None:
        self._voice = voice
        self._endpointer = Endpointer(endpoint, voice.window)
        self._barge_in = BargeIn(barge_in, voice.window)
        self._canceller = canceller
        self._tail_s = tail_s
        self._push_to_talk = push_to_talk
        self._muted = False
        self._samples: F32 = np.zeros(0, np.float32)
        self._deaf_until_ns = 0

    @property
    def shut(self) -> bool:
        """The user does not want to be listened to now."""
        return self._muted or (self._push_to_talk and not self._endpointer.held)

    def wants(self, *, busy: bool) -> int:
        """Samples of the microphone before which `hear` would not tell anything. `busy`: as in `deaf`."""
        missing = self._endpointer.patience * self._voice.window - len(self._samples)
        if self._canceller is None:
            return 1 if busy else missing  # how long it is deaf depends on when playback was seen to end
        return max(1, -(-missing // FRAME) * FRAME - self._canceller.waiting)

    def mute(self, on: bool) -> list[Heard]:
        """Shut the microphone, or open it; what was being said is dropped."""
        self._muted = on
        return self._forget() if on else []

    def hold(self, on: bool, now_ns: int) -> list[Heard]:
        """The key to talk is pressed, or released: with that the user is done."""
        if on == self._endpointer.held:
            return []
        self._endpointer.held = on
        told = [] if on else self._endpointer.end(now_ns)
        if self.shut:
            self._forget()
        return told

    def played(self, block: F32, time_ns: int, latency_s: float) -> None:
        """(n,) or (n, channels) at SPEAKER_RATE, taken by the loudspeaker at `time_ns`, sounding `latency_s` later."""
        if self._canceller is not None:
            self._canceller.reference.played(block, time_ns, latency_s)

    def deaf(self, start_ns: int, *, now_ns: int, busy: bool, latency_s: float) -> bool:
        """Whether a block that was taken at `start_ns` is not listened to; what was begun is forgotten then.

        An utterance that began before the avatar's voice is heard to its end. `busy`: playback has something to say;
        it is heard `latency_s` after it was taken.
        """
        if self._canceller is not None:
            return False
        if self.shut:
            return True
        if busy:
            self._deaf_until_ns = now_ns + round((self._tail_s + latency_s) * _NS)
        if start_ns >= self._deaf_until_ns or self._endpointer.open:
            return False
        if len(self._samples):
            self._samples = np.zeros(0, np.float32)
            self._voice.reset()
            self._endpointer.abandon()
        return True

    def hear(self, block: F32, start_ns: int, *, busy: bool) -> list[Heard | SpeechSustained]:
        """The microphone's next samples (n,), the first of them taken at `start_ns`; what they tell."""
        if self._canceller is None:
            return self._listen(block, start_ns + len(block) * _NS // MICROPHONE_RATE, busy)
        told: list[Heard | SpeechSustained] = []
        for frame in self._canceller.process(block, start_ns):
            # Shut or not, the canceller keeps up with the room.
            if not self.shut:
                told += self._listen(frame.left, frame.end_ns, busy)
        return told

    def close(self, utterance: int) -> None:
        """The user is done with this utterance."""
        self._endpointer.close(utterance)

    def abandon(self) -> None:
        """Forget what was begun: nobody wants to know of it."""
        self._forget()

    def _forget(self) -> list[Heard]:
        self._samples = np.zeros(0, np.float32)
        self._voice.reset()
        self._barge_in.end()
        return self._endpointer.abandon()

    def _listen(self, samples: F32, end_ns: int, busy: bool) -> list[Heard | SpeechSustained]:
        self._samples = np.concatenate([self._samples, samples])
        told: list[Heard | SpeechSustained] = []
        while len(self._samples) >= self._voice.window:
            window, self._samples = np.split(self._samples, [self._voice.window])
            told += self._look(window, end_ns - len(self._samples) * _NS // MICROPHONE_RATE, busy)
        return told

    def _look(self, window: F32, end_ns: int, busy: bool) -> list[Heard | SpeechSustained]:
        probability = self._voice(window)
        if self._canceller is not None:
            probability = self._canceller.judge(probability)
        told: list[Heard | SpeechSustained] = [*self._endpointer.push(window, probability, end_ns)]
        started = next((message for message in told if isinstance(message, SpeechStarted)), None)
        if started is not None:
            self._barge_in.begin(started, end_ns)
        elif not self._endpointer.open:
            self._barge_in.end()
        elif sustained := self._barge_in.push(probability, end_ns, playing=busy):
            told.append(sustained)
        return told
