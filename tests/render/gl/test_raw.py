"""Functions of the driver itself."""

import ctypes

import pytest

from render.errors import ContextError
from render.gl.raw import gl_function
from render.offscreen import Offscreen


def test_a_function_is_the_drivers_own(gl: Offscreen) -> None:
    text = gl_function(gl.ctx, "glGetString", ctypes.c_char_p, ctypes.c_uint)
    assert text(0x1F01).decode() == gl.ctx.info["GL_RENDERER"]


def test_what_no_driver_has_is_said(gl: Offscreen) -> None:
    with pytest.raises(ContextError, match="makeTea"):
        gl_function(gl.ctx, "makeTea", None)
