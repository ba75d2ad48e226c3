"""What a talk is asked to be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from conversation.audio.devices import device_names
from conversation.audio.sound import Source
from conversation.settings import ConversationSettings
from xr_app.headset import Headset
from xr_app.panels.menu import Choices
from xr_app.surroundings.asked import USUAL, Asked


@dataclass(frozen=True)
class TalkOptions:
    """What was asked for on the command line; None leaves the choice to the machine."""

    avatar: Path | None = None
    headset: Headset = Headset.AUTO
    questions: tuple[Path, ...] = ()
    film: Path | None = None
    report: Path | None = None
    transcript: Path | None = None
    typed: bool = False
    """Questions may be typed on the terminal, too."""
    gaussians: int | None = None
    eye_size: int | None = None
    film_size: int = 640
    tape: Path | None = None
    """The session is kept here, to be played again."""
    hashes: bool = False
    """Of some of its pictures, too."""
    seconds: float | None = None
    panels: Choices = field(default_factory=Choices)
    """How the menu's entries stand at first, and what is preferred."""
    room: Asked = USUAL
    """What is asked of the surroundings."""
    refresh_rate: float | None = None
    """Pictures a second."""
    voice_key: str | None = None
    """The setting that holds which voice speaks."""
    settings: ConversationSettings = field(default_factory=ConversationSettings)
    """Engines and words; devices and recording follow from the rest."""

    def conversation(self, keep: Path | None) -> ConversationSettings:
        """As the talk begins it; keep: the folder for what is heard and said.

        Questions from files leave the microphone alone. A device that is missing may come later, as does the welcome.
        """
        settings = self.settings
        if self.questions:
            speaker: Source = "device" if device_names(speaker=settings.devices.speaker)["speaker"] else "file"
            return replace(settings, microphone="file", speaker=speaker, welcome=None, memory=None, record_to=keep)
        # Without voice the audio process opens no device, whatever stands here.
        return replace(settings, microphone="auto", speaker="auto", welcome=None, record_to=keep)
