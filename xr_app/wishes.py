"""What a person asks of the conversation by a button, a key or a pinch."""

from __future__ import annotations

from collections.abc import Callable

from conversation.link.events import Command, Mute, Talk
from xr_app.input.inputs import Inputs
from xr_app.texts import tr


class Wishes:
    """Turns each frame's input into what the conversation is told.

    send: the conversation's; say: shows a sentence; voice, push_to_talk: as its settings have them.
    """

    def __init__(
        self, send: Callable[[Command], None], say: Callable[[str], None], *, voice: bool, push_to_talk: bool
    ) -> None:
        self._send, self._say = send, say
        self.voice = voice
        """Whether anybody can be heard."""
        self._push_to_talk, self._talking = push_to_talk, False
        self.muted = False
        """Whether the user wants not to be heard."""

    def take(self, inputs: Inputs) -> None:
        """Tell what is new in this frame."""
        if not self.voice:
            return
        if inputs.mute:
            self.mute(not self.muted)
        if self._push_to_talk and inputs.wants_to_talk() != self._talking:
            self._talking = not self._talking
            self._send(Talk(self._talking))

    def mute(self, on: bool) -> None:
        """Hear no more of the user, or hear them again."""
        if not self.voice:
            return
        self.muted = on
        self._send(Mute(on))
        off, back = tr("The microphone is off.", "麦克风已关闭。"), tr("The microphone is on.", "麦克风已打开。")
        self._say(off if on else back)
