"""The OpenGL context that a session draws in, and how the runtime is told of it: one interface for every platform.

| binding | file | where |
|---|---|---|
| egl | gl_egl.py | Linux, where the runtime lists XR_MNDX_egl_enable (Monado and its family); GL, else GLES |
| glx | gl_glx.py | Linux else (SteamVR): needs a DISPLAY |
| wgl | gl_wgl.py | Windows |
| android | gl_egl.py | Android: GLES |

gl_choice.py chooses.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p, cast
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import moderngl

from render.gl.targets import encode_srgb
from render.view import View
from xr_app.errors import GraphicsError

GL_EXTENSION: Final = "XR_KHR_opengl_enable"
ES_EXTENSION: Final = "XR_KHR_opengl_es_enable"
EGL_EXTENSION: Final = "XR_MNDX_egl_enable"
EXTENSIONS: Final = (GL_EXTENSION, ES_EXTENSION, EGL_EXTENSION)

Kind = Literal["EGL", "GLX", "WGL"]


class Host(Protocol):
    """Whose context the session draws in, where somebody shows its pictures elsewhere, too."""

    def open(self, kind: Kind) -> moderngl.Context:
        """A GL 4.3 context made in this way, current and with sRGB framebuffers on. Raises GraphicsError."""
        ...

    def take(self, drawn: moderngl.Framebuffer, view: View) -> None:
        """An eye's picture is finished, as many pixels of it from the bottom left as its view has; it is the runtime's
        afterwards."""
        ...

    def show(self) -> None:
        """The frame was submitted."""
        ...

    def close(self) -> None:
        """Give the context back."""
        ...


@dataclass(frozen=True)
class GlBinding:
    """A current context, GL 4.3 or GLES 3.1 or newer, with sRGB framebuffers on, bound for one runtime."""

    ctx: moderngl.Context
    structure: Any
    """What xrCreateSession is given; it and what it points to must outlive the session."""
    kind: str
    """egl, glx, wgl or android."""
    es: bool
    """Whether it is GLES, of which the runtime hands out images of another kind."""
    make_current: Callable[[], None]
    """Put the context back where a runtime (SteamVR) left another or none current."""


def desktop_context(kind: Kind, host: Host | None = None, **settings: Any) -> moderngl.Context:
    """A GL 4.3 context made through `kind`: of its own by moderngl, with these settings, or of `host`. Raises
    GraphicsError."""
    if host is not None:
        return host.open(kind)
    try:
        ctx = moderngl.create_context(standalone=True, require=430, **settings)
    except Exception as error:  # moderngl raises whatever its backend raises, bare Exception included
        raise GraphicsError(
            f"No OpenGL 4.3 context could be made through {kind} ({error}); install a driver for the graphics card, "
            "or Mesa (libegl1, libgl1-mesa-dri)."
        ) from error
    encode_srgb(ctx)
    return ctx


def set_pointers(structure: Any, **values: int | None) -> None:
    """The fields' types are PyOpenGL's where that is installed, so each pointer is cast to what its field is."""
    types = dict(structure._fields_)
    for name, value in values.items():
        setattr(structure, name, cast(c_void_p(value), types[name]))
