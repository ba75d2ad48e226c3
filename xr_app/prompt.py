"""A line-based prompt beside the headset: what is typed is asked, and lines that begin with / are commands.

A thread waits for lines, which are taken in the frame loop (`poll`). Lines from a file or a pipe are asked one after
the other, each when the answer before it is over, and their end is the end of the talk; so is Ctrl-D where there is no
voice to go on with.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from conversation.link.events import (
    AppEvent,
    ChangeLora,
    ChangeVoice,
    Command,
    Failure,
    Interrupt,
    Mute,
    StateChanged,
    Talk,
    Typed,
)
from xr_app.errors import OptionError
from xr_app.texts import tr

MOST_WAITING: Final = 64
"""Lines; more stay where they come from."""


class Prompt:
    """`lines` in, commands out; `say` shows a sentence, `save` writes the transcript. `together`: a person types, and
    need not wait for an answer."""

    def __init__(
        self,
        lines: Iterable[str],
        send: Callable[[Command], None],
        say: Callable[[str], None],
        save: Callable[[Path], None],
        *,
        together: bool,
        voice: bool = True,
        push_to_talk: bool = False,
    ) -> None:
        self._send, self._say, self._save = send, say, save
        self._together, self._voice, self._push_to_talk = together, voice, push_to_talk
        self._waiting: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._muted = self._talking = False
        self._free = False  # the avatar listens, and nothing was typed since
        self._over = False
        self._asked = ""
        self._thread = threading.Thread(target=self._read, args=(lines,), name="prompt", daemon=True)
        self._thread.start()

    def take(self, event: AppEvent) -> None:
        """Note one event of the conversation."""
        match event:
            case StateChanged(state=state):
                self._free = state == "listening"
            case Failure(fatal=True):
                self._over = True

    def stands_there(self, question: str) -> bool:
        """Whether this was typed, word for word, where it can be read."""
        return self._together and question == self._asked

    def poll(self) -> bool:
        """Do what was typed; whether the talk goes on."""
        while not self._over and (self._together or self._free):
            try:
                line = self._waiting.get_nowait()
            except queue.Empty:
                break
            if line is None:
                self._over = not (self._together and self._voice)
                if not self._over:
                    self._say(
                        tr("Nothing more is typed here; Ctrl-C ends the talk.", "不再接受输入；Ctrl-C 结束谈话。")
                    )
                break
            self._do(line.strip())
        return not self._over

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._waiting.put(line)
        self._waiting.put(None)

    def _do(self, line: str) -> None:
        if line.startswith("/"):
            name, _, rest = line[1:].partition(" ")
            self._command(name, rest.strip())
        elif line:
            self._free, self._asked = False, " ".join(line.split())
            self._send(Typed(line))
        elif self._push_to_talk and self._voice:
            self._talk()

    def _command(self, name: str, rest: str) -> None:
        match name:
            case "mute" | "talk" | "speed" | "volume" | "voice" if not self._voice:
                self._say(tr("This talk is in writing alone.", "本次谈话只用文字。"))
            case "stop":
                self._send(Interrupt())
            case "mute":
                self._muted = not self._muted
                self._send(Mute(self._muted))
                off = tr("The microphone is off; /mute again to be heard.", "麦克风已关闭；再次 /mute 即可打开。")
                self._say(off if self._muted else tr("The microphone is on.", "麦克风已打开。"))
            case "talk":
                self._talk()
            case "speed" | "volume":
                try:
                    number = float(rest)
                except ValueError:
                    self._say(tr(f"/{name} takes a number: /{name} 1.2", f"/{name} 需要一个数字：/{name} 1.2"))
                else:
                    self._send(ChangeVoice(speed=number) if name == "speed" else ChangeVoice(volume=number))
            case "voice" if rest:
                self._send(ChangeVoice(voice=rest))
            case "voice":
                self._say(tr("/voice takes a name: /voice NAME", "/voice 需要一个名字：/voice 名字"))
            case "lora":
                self._send(ChangeLora(rest))
            case "save":
                self._save_to(rest)
            case "quit":
                self._over = True
            case _:
                self._say(help_text(voice=self._voice))

    def _talk(self) -> None:
        """A terminal does not tell when a key is released: the same key again stands for that."""
        if self._muted and not self._talking:
            self._say(tr("The microphone is off; /mute first.", "麦克风已关闭；请先 /mute。"))
            return
        self._talking = not self._talking
        self._send(Talk(self._talking))
        self._say(tr("Speak …", "请说……") if self._talking else tr("Thank you.", "好的。"))

    def _save_to(self, name: str) -> None:
        if not name:
            self._say(tr("/save takes a file: /save talk.md", "/save 需要一个文件：/save talk.md"))
            return
        try:
            self._save(Path(name))
        except OptionError as error:
            self._say(str(error))
        else:
            self._say(tr(f"Saved: {name}", f"已保存：{name}"))


def help_text(*, voice: bool) -> str:
    """What can be typed; `voice`: the avatar listens and speaks."""
    if not voice:
        return tr(
            "Type a question and press Enter. /stop, /lora FILE (alone: without), /save talk.md, /quit",
            "输入问题后按回车。/stop 停止，/lora 文件（不带文件则关闭），/save talk.md 保存，/quit 结束",
        )
    return tr(
        "Type a question and press Enter. /stop, /mute, /talk (again when you are done; with push to talk: Enter "
        "alone), /speed 1.2, /volume 0.8, /voice NAME, /lora FILE (alone: without), /save talk.md, /quit",
        "输入问题后按回车。/stop 停止，/mute 静音，/talk 开始说（再按一次结束；按键说话模式下：直接回车），"
        "/speed 1.2 语速，/volume 0.8 音量，/voice 名字，/lora 文件（不带文件则关闭），/save talk.md 保存，/quit 结束",
    )
