"""Errors of drawing.

VisavisError
└── RenderError              something about the picture
    ├── ContextError         there is no GL context good enough to draw in
    ├── ShaderError          a shader does not compile on this driver
    ├── StageError           the avatar's graph of stages cannot be built
    ├── ViewError            a view, pose or target cannot be drawn
    └── PeerError            another renderer, which the bench compares with, cannot be had or does not run
"""

from assets.errors import VisavisError


class RenderError(VisavisError):
    """Something about the picture went wrong."""


class ContextError(RenderError):
    """There is no GL context with compute shaders on this machine."""


class ShaderError(RenderError):
    """A shader does not compile on this driver."""


class ViewError(RenderError):
    """A view, pose or target cannot be drawn: its size, angles or arrays make no sense."""


class StageError(RenderError):
    """A stage that the avatar declares does not fit what it reads."""


class PeerError(RenderError):
    """Another renderer, which the bench compares with, cannot be had or does not run."""
