import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from render.gl.context import is_es
from xr_app.errors import GraphicsError
from xr_app.runtime.monado import MonadoService
from xr_app.session.gl_binding import EGL_EXTENSION, ES_EXTENSION, GL_EXTENSION, GlBinding
from xr_app.session.gl_choice import binding_for
from xr_app.session.gl_egl import bind_android, bind_egl, bind_egl_es
from xr_app.session.gl_glx import bind_glx
from xr_app.session.gl_wgl import bind_wgl

GLX_SESSION = """
import os
from xr_app.session.session import XrSession
from xr_app.session.gl_binding import EGL_EXTENSION
environment = {name[5:]: os.environ[name] for name in os.environ if name.startswith("TEST_")}
layers = ["XR_APILAYER_LUNARG_core_validation"]
with XrSession(environment, eye_size=(32, 32), layers=layers, without=[EGL_EXTENSION]) as session:
    for frame in session.frames():
        with frame:
            for target in frame.targets:
                target.clear(0.5, 0.2, 0.05, 1.0)
                print("pixel", *target.read(components=3)[:3])
        if frame.index == 20:
            session.request_exit()
"""


def test_egl_context() -> None:
    gl = bind_egl()
    assert gl.kind == "egl" and not gl.es and gl.ctx.version_code >= 430
    assert gl.structure.display and gl.structure.context and gl.structure.config
    gl.ctx.release()


@pytest.mark.parametrize("bind", [bind_egl_es, bind_android])
def test_gles_context(bind: Callable[[], GlBinding]) -> None:
    gl = bind()
    assert gl.es and is_es(gl.ctx) and gl.ctx.version_code >= 310
    assert gl.structure.display and gl.structure.context and gl.structure.config
    gl.ctx.release()


@pytest.mark.parametrize("bind", [bind_egl, bind_egl_es])
def test_context_is_made_current_again(bind: Callable[[], GlBinding]) -> None:
    gl = bind()
    other = bind()
    gl.make_current()
    buffer = gl.ctx.buffer(b"mine")
    other.make_current()
    theirs = other.ctx.buffer(b"theirs")
    gl.make_current()
    assert buffer.read() == b"mine"
    other.make_current()
    assert theirs.read() == b"theirs"
    for binding in (other, gl):
        binding.make_current()
        binding.ctx.release()


def test_glx_session_draws(monado: MonadoService, display: str) -> None:
    environment = {**os.environ, "DISPLAY": display, **{f"TEST_{k}": v for k, v in monado.environment.items()}}
    process = subprocess.run(
        [sys.executable, "-c", GLX_SESSION], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    said = process.stdout + process.stderr
    assert process.returncode == 0, said
    assert "VALID_ERROR" not in said and "VALID_WARNING" not in said
    pixels = re.findall(r"pixel (\d+) (\d+) (\d+)", said)
    assert len(pixels) > 20 and set(pixels) == {("188", "124", "63")}


@pytest.mark.parametrize(
    ("offered", "platform", "bind"),
    [
        ({GL_EXTENSION, ES_EXTENSION, EGL_EXTENSION}, "linux", bind_egl),
        ({GL_EXTENSION, ES_EXTENSION}, "linux", bind_glx),
        ({ES_EXTENSION, EGL_EXTENSION}, "linux", bind_egl_es),
        ({GL_EXTENSION, "XR_KHR_D3D11_enable"}, "win32", bind_wgl),
        ({ES_EXTENSION}, "android", bind_android),
        ({ES_EXTENSION, "XR_KHR_vulkan_enable"}, "android", bind_android),
    ],
)
def test_the_binding_that_runtime_and_platform_share(
    offered: set[str], platform: str, bind: Callable[[], GlBinding]
) -> None:
    assert binding_for(offered, platform) is bind


def test_gles_that_no_window_system_hands_over() -> None:
    with pytest.raises(GraphicsError, match="does not take OpenGL"):
        binding_for({ES_EXTENSION}, "linux")


def test_runtime_without_opengl() -> None:
    with pytest.raises(GraphicsError, match="does not take OpenGL"):
        binding_for({"XR_KHR_vulkan_enable2"})


@pytest.mark.parametrize("display", ["", ":4711"])
def test_glx_without_a_display(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(GraphicsError, match="set DISPLAY"):
        bind_glx()
