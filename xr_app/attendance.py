"""The talk waits while its wearer is away, or busy with something else.

Everything that anybody wants of the conversation goes through here. While the wearer is not there the microphone is
shut, whoever opens it: what is being said is finished, but nobody is listened to. What was wished for meanwhile holds
when the wearer is back.
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.link.events import Command, Mute, Talk
from xr_app.session.attention import Attention
from xr_app.texts import tr


class Attendance:
    """send: the conversation's; say: shows a sentence; voice: whether there is a microphone to shut."""

    def __init__(self, send: Callable[[Command], None], say: Callable[[str], None], *, voice: bool) -> None:
        self._send, self._say, self._voice = send, say, voice
        self._muted = False
        self._talking = False
        self.attention = Attention.HERE
        """Of the wearer, as told last."""

    @property
    def waiting(self) -> bool:
        """Whether nobody is listened to until the wearer is back."""
        return self.attention != Attention.HERE

    def send(self, command: Command) -> None:
        """Pass a command on, now or when the wearer is back."""
        match command:
            case Mute(on=on):
                self._muted = on
                if self.waiting:
                    return
            case Talk(on=on):
                self._talking = on
                if self.waiting:
                    return
        self._send(command)

    def attend(self, attention: Attention) -> None:
        """The wearer is here, busy or away from now on."""
        before, self.attention = self.attention, attention
        if attention == before or not self._voice:
            return
        match attention:
            case Attention.HERE:
                self._send(Mute(self._muted))
                if self._muted:
                    self._say(tr("Welcome back; the microphone is still muted.", "欢迎回来；麦克风仍为静音。"))
                else:
                    self._say(tr("Welcome back; the avatar is listening.", "欢迎回来；形象正在倾听。"))
                return
            case Attention.ELSEWHERE:
                self._say(
                    tr(
                        "Something else is in front of the avatar: it waits, and the microphone is muted.",
                        "形象被其他内容遮挡：它在等待，麦克风已静音。",
                    )
                )
            case Attention.AWAY:
                self._say(
                    tr(
                        "The headset is off: the avatar waits, and the microphone is muted.",
                        "头显已摘下：形象在等待，麦克风已静音。",
                    )
                )
        if before == Attention.HERE:
            if self._talking:
                self._talking = False
                self._send(Talk(False))
            self._send(Mute(True))
