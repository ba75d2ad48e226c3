"""GL functions that moderngl does not offer, found through the context's own loader."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import moderngl

from render.errors import ContextError


def gl_function(ctx: moderngl.Context, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The driver's `name`, with the ctypes of its result (None for none) and arguments; `ctx` must be current when it
    is called. Raises ContextError where the driver does not have it."""
    address = ctx.mglo._context.load_opengl_function(name)
    if not address:
        raise ContextError(f"The OpenGL driver has no {name}; update the graphics driver.")
    return ctypes.CFUNCTYPE(result, *arguments)(address)
