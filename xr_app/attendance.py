"""The talk waits while its wearer is away, or busy with something else, and until the avatar has a place.

Everything that anybody wants of the conversation goes through here. While the wearer is not there, or what they see it
by is gone, or the avatar is a ghost that is yet to be put down, the microphone is shut, whoever opens it: what is being
said is finished, but nobody is listened to. What was wished for meanwhile holds afterwards. The welcome is said when
they meet for the first time.
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.link.events import Command, Greet, Mute, Talk, Typed
from xr_app.session.attention import Attention
from xr_app.texts import tr


class Attendance:
    """send: the conversation's; say: shows a sentence; voice: whether there is a microphone to shut; welcome: what the
    avatar says first."""

    def __init__(
        self, send: Callable[[Command], None], say: Callable[[str], None], *, voice: bool, welcome: str | None = None
    ) -> None:
        self._send, self._say, self._voice = send, say, voice
        self._welcome = welcome
        self._placed: bool | None = None
        self._muted = False
        self._talking = False
        self._gone = False
        self.attention = Attention.HERE
        """Of the wearer, as told last."""

    @property
    def waiting(self) -> bool:
        """Whether nobody is listened to: the wearer is not there, or the avatar or its display is nowhere."""
        return self._gone or self.attention != Attention.HERE or self._placed is False

    def send(self, command: Command) -> None:
        """Pass a command on, now or when nothing is waited for any more."""
        match command:
            case Mute(on=on):
                self._muted = on
                if self.waiting:
                    return
            case Talk(on=on):
                self._talking = on
                if self.waiting:
                    return
            case Typed():
                self._welcome = None  # they have met already
        self._send(command)

    def place(self, placed: bool) -> None:
        """Whether the avatar stands somewhere; may be told with every frame."""
        if placed == self._placed:
            return
        before, self._placed = self.waiting, placed
        self._listen(before)
        self._greet()

    def lose(self, gone: bool) -> None:
        """The display is gone, or hangs; or it is back."""
        if gone == self._gone:
            return
        before, self._gone = self.waiting, gone
        if self._voice and self.waiting != before and not self._muted:
            off = tr("The microphone is muted until then.", "在此之前麦克风保持静音。")
            back = tr("The microphone is open again.", "麦克风已重新打开。")
            self._say(off if gone else back)
        self._listen(before)
        self._greet()

    def attend(self, attention: Attention) -> None:
        """The wearer is here, busy or away from now on."""
        told, before = self.attention, self.waiting
        self.attention = attention
        if attention == told:
            return
        if self._voice and self._placed is not False:
            self._say(self._sentence())
        self._listen(before)
        self._greet()

    def _sentence(self) -> str:
        match self.attention:
            case Attention.ELSEWHERE:
                return elsewhere_text()
            case Attention.AWAY:
                return tr(
                    "The headset is off: the avatar waits, and the microphone is muted.",
                    "头显已摘下：形象在等待，麦克风已静音。",
                )
        if self._muted:
            return tr("Welcome back; the microphone is still muted.", "欢迎回来；麦克风仍为静音。")
        return tr("Welcome back; the avatar is listening.", "欢迎回来；形象正在倾听。")

    def _listen(self, before: bool) -> None:
        """Shut the microphone or open it again; before: whether it was shut."""
        if self.waiting == before or not self._voice:
            return
        if not self.waiting:
            self._send(Mute(self._muted))
            return
        if self._talking:
            self._talking = False
            self._send(Talk(False))
        self._send(Mute(True))

    def _greet(self) -> None:
        if self._placed and self._welcome and not self.waiting:
            self._send(Greet(self._welcome))
            self._welcome = None


def elsewhere_text() -> str:
    """What it means for the talk that something else has the wearer's hands, in the user's language."""
    return tr(
        "Something else is in front of the avatar: it waits, and the microphone is muted.",
        "形象被其他内容遮挡：它在等待，麦克风已静音。",
    )
