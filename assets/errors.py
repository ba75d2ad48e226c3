"""Errors of what is loaded, and the root that every package's tree hangs from.

VisavisError                     what a user sees: one sentence, what happened and what to do
├── PlotError                    curves cannot be drawn
└── AssetError                   something that is loaded
    ├── AvatarError              an avatar file is missing, damaged or of another version
    ├── ModelError               a model is unknown, missing or damaged
    │   ├── ModelMissingError    a model is not on this machine yet
    │   ├── ConversionError      a package's weights could not be turned into .mnn
    │   └── LoweringError        a model cannot become a program for the GPU, or such a program is damaged
    ├── DownloadError            a package or a hub's file could not be fetched or its hash is wrong
    │   └── NoRoomError          the disk is too full for what would come
    ├── ForgeError               the forge could not make an avatar
    ├── CaptureError             a capture of a person is missing, damaged or not complete
    └── TrainError               an avatar could not be trained
"""

from typing import Final

LONGEST: Final = 600
"""Letters of a message, at most."""


class VisavisError(Exception):
    """Root of all errors that a user may see; the message is one sentence with what to do. What it holds of other
    people's files may be anything: it becomes one line of letters that can be shown, without its middle where it is
    longer than LONGEST."""

    def __init__(self, message: str = "") -> None:
        line = " ".join(message.split())
        if len(line) > LONGEST:
            line = f"{line[: LONGEST // 2]} … {line[3 - LONGEST // 2 :]}"
        super().__init__("".join(letter if letter.isprintable() else "\ufffd" for letter in line))


class PlotError(VisavisError):
    """Curves of measured figures cannot be drawn."""


class AssetError(VisavisError):
    """Something that is loaded could not be."""


class AvatarError(AssetError):
    """An avatar file is missing, damaged, or of a version this release does not read."""


class ModelError(AssetError):
    """A model cannot be used."""


class ModelMissingError(ModelError):
    """A model is not on this machine yet; `visavis models get` brings it."""


class ConversionError(ModelError):
    """A package's own weights could not be turned into an .mnn file."""


class LoweringError(ModelError):
    """A model has an operator that does not become a program for the GPU, or such a program is damaged."""


class DownloadError(AssetError):
    """A package or a hub's file could not be fetched, or what came has another hash than it must have."""


class NoRoomError(DownloadError):
    """The disk is too full for what would come."""


class ForgeError(AssetError):
    """The forge could not make an avatar."""


class CaptureError(AssetError):
    """A capture of a person is missing, damaged or not complete."""


class TrainError(AssetError):
    """An avatar could not be trained on a capture."""
