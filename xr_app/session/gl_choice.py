"""Which binding a session has: by the extensions that the runtime offers, and by the platform's window system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import Any

import xr

from xr_app.errors import GraphicsError
from xr_app.session.calls import explained
from xr_app.session.gl_binding import EGL_EXTENSION, ES_EXTENSION, GL_EXTENSION, GlBinding, Host
from xr_app.session.gl_egl import bind_android, bind_egl, bind_egl_es
from xr_app.session.gl_glx import bind_glx
from xr_app.session.gl_wgl import bind_wgl
from xr_app.session.instance import Instance


def binding_for(offered: Collection[str], platform: str = sys.platform) -> Callable[..., GlBinding]:
    """What makes the context, for a runtime that offers these extensions; platform: as `sys.platform`. GraphicsError
    where the runtime takes neither GL nor a GLES that this platform can give it.
    """
    if platform == "android" and ES_EXTENSION in offered:
        return bind_android
    if GL_EXTENSION in offered:
        if platform == "win32":
            return bind_wgl
        return bind_egl if EGL_EXTENSION in offered else bind_glx
    if ES_EXTENSION in offered and EGL_EXTENSION in offered:
        return bind_egl_es
    raise GraphicsError("The OpenXR runtime does not take OpenGL (XR_KHR_opengl_enable); choose another runtime.")


def create_gl(instance: Instance, host: Host | None = None) -> GlBinding:
    """A context for this instance's sessions, as new as the runtime needs it, of `host` if there is one. Raises
    GraphicsError."""
    bind = binding_for(instance.extensions)
    es = bind in (bind_android, bind_egl_es)
    needs: Any
    # The specification wants it asked before a session is made.
    if es:
        with explained("xrGetOpenGLESGraphicsRequirementsKHR"):
            needs = xr.get_opengl_es_graphics_requirements_khr(instance.handle, instance.system_id)
    else:
        with explained("xrGetOpenGLGraphicsRequirementsKHR"):
            needs = xr.get_opengl_graphics_requirements_khr(instance.handle, instance.system_id)
    if es and host is not None:
        raise GraphicsError("The OpenXR runtime takes GLES alone, which no window can mirror; leave --mirror out.")
    gl = bind() if host is None else bind(host)
    needed = xr.Version(needs.min_api_version_supported)
    if (needed.major, needed.minor) > divmod(gl.ctx.version_code // 10, 10):
        (gl.ctx.release if host is None else host.close)()
        name = "OpenGL ES" if es else "OpenGL"
        raise GraphicsError(
            f"The OpenXR runtime needs {name} {needed.major}.{needed.minor}; update the graphics card's driver."
        )
    return gl
