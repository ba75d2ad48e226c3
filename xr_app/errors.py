"""Errors of the app.

VisavisError
├── XrError                      the headset's side
│   ├── RuntimeMissingError      no OpenXR runtime is active, and none was set up
│   ├── RuntimeFailedError       a runtime is there but does not start or refuses a call
│   ├── HeadsetMissingError      the runtime answers, but no headset is connected to it
│   ├── GraphicsError            no GL context that the runtime takes
│   └── SessionLostError         the runtime or the headset went away while the session ran
├── PlaceError                   where the avatar stands cannot be kept or read
├── FilmError                    the film cannot be made
├── TapeError                    a recorded session cannot be written, read or played
└── OptionError                  what was asked for on the command line cannot be done
"""

from __future__ import annotations

from assets.errors import VisavisError


class XrError(VisavisError):
    """Something between the app and the headset."""


class RuntimeMissingError(XrError):
    """No OpenXR runtime is active on this machine, and none was set up."""


class RuntimeFailedError(XrError):
    """An OpenXR runtime is there but does not start, or refused a call that it should take."""


class HeadsetMissingError(XrError):
    """The runtime answers, but no headset is connected to it."""


class GraphicsError(XrError):
    """There is no OpenGL context that the runtime takes."""


class SessionLostError(XrError):
    """The runtime or the headset went away while the session ran; a new session may be started."""


class PlaceError(VisavisError):
    """Where the avatar stands cannot be kept, or what was kept cannot be read."""


class FilmError(VisavisError):
    """The film cannot be drawn or written."""


class TapeError(VisavisError):
    """A recorded session cannot be written, or what was recorded cannot be read or played."""


class OptionError(VisavisError):
    """What was asked for on the command line cannot be done."""
