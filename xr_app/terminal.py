"""The terminal beside the headset: what happens in the talk is read there, and questions may be typed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from conversation.link.events import AppEvent, Command, DeviceBack, Failure, Loading, Ready, Transcript, TurnDone
from xr_app.prompt import Prompt, help_text
from xr_app.texts import tr


class Terminal:
    """Feed it the conversation's events; `save` writes the transcript. Without `typed` nothing is read from it. `show`
    is told every sentence, too."""

    def __init__(
        self,
        send: Callable[[Command], None],
        save: Callable[[Path], None],
        *,
        typed: bool,
        voice: bool,
        push_to_talk: bool,
        show: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._show = show
        self._console = Console(stderr=True, highlight=False)
        self._prompt: Prompt | None = None
        if not typed:
            return
        self.say(help_text(voice=voice))
        # A file of its own: Python closes sys.stdin at the end, and a thread that waits for a line holds its lock.
        lines = open(os.dup(sys.stdin.fileno()), encoding="utf-8", errors="replace")  # noqa: SIM115
        self._prompt = Prompt(
            lines, send, self.say, save, together=sys.stdin.isatty(), voice=voice, push_to_talk=push_to_talk
        )

    def take(self, event: AppEvent) -> None:
        """One line for what the person wants to know."""
        if self._prompt is not None:
            self._prompt.take(event)
        match event:
            case Loading(stage=stage):
                self.say(tr(f"loading {stage} …", f"正在加载 {stage} …"))
            case Ready():
                self.say(tr("The avatar is listening.", "形象正在倾听。"), "green")
            case Transcript(text=text) if self._prompt is None or not self._prompt.stands_there(text):
                self.say(tr(f"you: {text}", f"你：{text}"), "")
            case TurnDone(timings=timings):
                self.say(tr(f"avatar: {timings.said}", f"形象：{timings.said}"), "bold")
            case DeviceBack(kind=kind):
                there = {"microphone": tr("The microphone is there.", "麦克风已就绪。")}
                self.say(there.get(kind, tr("The loudspeaker is there.", "扬声器已就绪。")), "green")
            case Failure(message=message):
                self.say(message, "red")

    def goes_on(self) -> bool:
        """Do what was typed; whether the talk goes on."""
        return self._prompt is None or self._prompt.poll()

    def say(self, sentence: str, style: str = "dim") -> None:
        """Show one sentence; style: as rich has it."""
        self._show(sentence)
        self._console.print(sentence, style=style, markup=False)
