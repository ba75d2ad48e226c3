"""moderngl in a GLES context: no errors are left behind, and only GLES's own functions are called."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, c_char_p, c_int32, c_uint32, c_void_p, cast
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
import pytest

from assets.avatar import Avatar
from render.errors import ContextError
from render.gl import es
from render.gl.context import is_es, standalone_context
from render.gl.egl import Current, Egl
from render.gl.es import current_es_context
from render.gl.raw import gl_function
from render.gl.targets import ColourFormat, colour_target, read_linear, read_srgb
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS
from render.renderer import AvatarRenderer
from tests.render.gl.test_context import SHADERS
from tests.render.scenes import key, placed, two_eyes

NONE = "GL_NO_ERROR"
DEBUG_OUTPUT, DEBUG_SYNCHRONOUS = 0x92E0, 0x8242
WRONG = {0x824C: "error", 0x824D: "deprecated", 0x824E: "undefined", 0x824F: "not portable"}
FORMATS: tuple[ColourFormat, ...] = ("srgb8", "rgba16f")


@contextmanager
def a_context_of(find: Any = None) -> Iterator[moderngl.Context]:
    """A GLES context in which moderngl finds functions by `find`; what was current is so again afterwards."""
    egl = Egl()
    before = egl.current()
    egl.create_es(3, 1)
    ctx = current_es_context(egl, owned=True, find=find)
    try:
        yield ctx
    finally:
        ctx.release()
        egl.make_current(before)


def frames(ctx: moderngl.Context, avatar: Avatar) -> None:
    """Both rasterisers, both eyes, both kinds of picture, with a background and without, from near and far."""
    keys = key(avatar, 0), key(avatar, 1, 1.0, arm_degrees=40)
    for name in RASTERISERS:
        renderer = AvatarRenderer(ctx, avatar, rasteriser=name)
        renderer.set_keys(*keys)
        for number, format in enumerate(FORMATS):
            targets = [colour_target(ctx, 90, 70, format) for _ in range(2)]
            head, views = two_eyes((0.3, 1.5, 2.0 - number), (0.3, 1.1, -0.2), 90, 70)
            background = None if number else (0.1, 0.2, 0.3, 1.0)
            renderer.draw(views, targets, head=head, model=placed(), alpha=0.5, background=background)
            for target in targets:
                picture = read_linear(target) if number else read_srgb(target)
                assert np.ptp(picture[..., :3]) > 0.2


def core_functions() -> set[str]:
    """Names that GLES 2.0, 3.0 and 3.1 have, from PyOpenGL's tables of Khronos' registry."""
    spec = find_spec("OpenGL")
    assert spec is not None and spec.submodule_search_locations is not None
    raw = Path(spec.submodule_search_locations[0]) / "raw"
    tables = ("GLES2/VERSION/GLES2_2_0.py", "GLES3/VERSION/GLES3_3_0.py", "GLES3/VERSION/GLES3_3_1.py")
    names = {name for table in tables for name in re.findall(r"^def (gl\w+)\(", (raw / table).read_text(), re.M)}
    assert len(names) > 300 and "glDispatchCompute" in names and "glClearDepth" not in names
    return names


def test_frames_leave_no_error_and_no_complaint(person: Avatar) -> None:
    complaints: list[str] = []

    def heed(source: int, kind: int, id: int, severity: int, length: int, text: bytes, user: None) -> None:
        if kind in WRONG:
            complaints.append(f"{WRONG[kind]}: {text.decode()}")

    heard = CFUNCTYPE(None, c_uint32, c_uint32, c_uint32, c_uint32, c_int32, c_char_p, c_void_p)(heed)
    with a_context_of() as ctx:
        assert is_es(ctx) and ctx.error == NONE
        gl_function(ctx, "glDebugMessageCallback", None, c_void_p, c_void_p)(cast(heard, c_void_p), None)
        ctx.enable_direct(DEBUG_OUTPUT)
        ctx.enable_direct(DEBUG_SYNCHRONOUS)
        frames(ctx, person)
        ctx.finish()
        assert complaints == [] and ctx.error == NONE
        ctx.enable_direct(0xBAD)
        assert any("error" in complaint for complaint in complaints), "complaints do arrive"


def test_only_functions_that_gles_31_has_are_called(person: Avatar) -> None:
    core, egl, called, kept = core_functions(), Egl(), list[str](), list[Any]()

    def find(name: str) -> int:
        if name in core:
            return egl.address(name)
        kept.append(CFUNCTYPE(None)(lambda: called.append(name)))
        return cast(kept[-1], c_void_p).value or 0

    with a_context_of(find) as ctx:
        frames(ctx, person)
        ctx.framebuffer([], ctx.depth_texture((8, 8))).clear()
        ctx.framebuffer([ctx.texture((8, 8), 4) for _ in range(2)], ctx.depth_renderbuffer((8, 8))).use()
        ctx.enable_only(moderngl.PROGRAM_POINT_SIZE | moderngl.DEPTH_TEST)
        assert called == [] and ctx.error == NONE


def test_what_gles_cannot_do_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with a_context_of() as ctx:
        monkeypatch.setattr(sys, "unraisablehook", lambda what: said.append(str(what.exc_value)))
        ctx.wireframe = True
        assert ctx.error == NONE
    assert said == ["GLES has no glPolygonMode; nothing was done."]


def test_depth_and_several_pictures_in_one_framebuffer() -> None:
    with a_context_of() as ctx:
        pictures = [ctx.texture((4, 4), 4), ctx.texture((4, 4), 4, dtype="f2")]
        target = ctx.framebuffer(pictures, ctx.depth_texture((4, 4)))
        target.use()
        target.clear(0.2, 0.4, 0.6, 0.8, depth=0.5)
        program = ctx.program(
            vertex_shader="""#version 310 es
                uniform float z;
                void main() { gl_Position = vec4(ivec4(gl_VertexID & 1, gl_VertexID >> 1, 0, 0) * 4 - 1);
                              gl_Position.zw = vec2(z, 1.0); }""",
            fragment_shader="""#version 310 es
                precision highp float;
                layout(location = 0) out vec4 a;
                layout(location = 1) out vec4 b;
                void main() { a = vec4(1.0); b = vec4(7.0); }""",
        )
        triangle = ctx.vertex_array(program, [])
        ctx.enable_only(moderngl.DEPTH_TEST)
        for z, drawn in ((0.5, False), (-0.5, True)):  # 0.75 and 0.25 of the depth range
            program["z"] = z
            triangle.render(moderngl.TRIANGLES, vertices=3)
            first = np.frombuffer(target.read(components=4, attachment=0), np.uint8)[:4]
            second = np.frombuffer(target.read(components=4, attachment=1, dtype="f4"), np.float32)[:4]
            assert first.tolist() == ([255] * 4 if drawn else [51, 102, 153, 204])
            assert np.allclose(second, 7.0 if drawn else (0.2, 0.4, 0.6, 0.8), atol=1e-3)
        assert ctx.error == NONE


def test_textures_with_pixels_keep_them_and_their_mipmaps() -> None:
    with a_context_of() as ctx:
        texture = ctx.texture((4, 4), 4, np.arange(64, dtype=np.uint8).tobytes())
        assert ctx.framebuffer([texture]).read(components=4) == bytes(range(64))
        texture.build_mipmaps()
        empty = ctx.texture((4, 4), 4)
        empty.write(bytes(range(64)))
        assert empty.read() == bytes(range(64))
        assert ctx.error == NONE


def test_indirect_draws_one_after_another() -> None:
    with a_context_of() as ctx:
        target = ctx.framebuffer([ctx.texture((4, 1), 1, dtype="f4")])
        target.use()
        program = ctx.program(
            vertex_shader="""#version 310 es
                void main() { gl_Position = vec4(float(gl_VertexID) * 0.5 - 0.75, 0.0, 0.0, 1.0);
                              gl_PointSize = 1.0; }""",
            fragment_shader="""#version 310 es
                precision highp float;
                out vec4 colour;
                void main() { colour = vec4(1.0); }""",
        )
        commands = np.zeros((2, 5), np.uint32)
        commands[:, :3] = (1, 1, 1), (2, 1, 2)  # vertices, instances, first vertex
        points = ctx.vertex_array(program, [])
        for count, expected in ((1, [0, 1, 0, 0]), (2, [0, 1, 1, 1])):
            target.clear()
            points.render_indirect(ctx.buffer(commands.tobytes()), moderngl.POINTS, count=count)
            read = np.frombuffer(target.read(components=4, dtype="f4"), np.float32)[::4]
            assert read.tolist() == expected
        assert ctx.error == NONE


def test_a_context_that_is_done_leaves_the_one_before_current() -> None:
    egl = Egl()
    with Offscreen() as first:
        mine = egl.current()
        with Offscreen("gles"):
            assert egl.current().context not in (None, mine.context)
        assert egl.current() == mine
        with first.ctx:
            assert first.ctx.error == NONE
        assert egl.current().context is None
        first.use()
        assert egl.current() == mine


def test_textures_are_read_as_they_are_kept() -> None:
    with a_context_of() as ctx:
        for dtype, kind in (("f1", np.uint8), ("f2", np.float16), ("f4", np.float32)):
            pixels = np.arange(24).astype(kind)
            other = ctx.framebuffer([ctx.texture((5, 5), 4)])
            other.use()
            assert ctx.texture((3, 2), 4, pixels.tobytes(), dtype=dtype).read() == pixels.tobytes()
            other.clear(1.0, 1.0, 1.0, 1.0)
            assert ctx.detect_framebuffer().glo == other.glo, "what was bound stays so"
        assert ctx.error == NONE


@pytest.mark.parametrize("short", ["storage buffers", "invocations"])
def test_a_driver_that_allows_too_little_says_so(short: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most = [(what, name, 1 << 30 if short in what else needed) for what, name, needed in es._NEEDED]
    monkeypatch.setattr(es, "_NEEDED", most)
    egl = Egl()
    before = egl.current()
    with pytest.raises(ContextError, match=rf"allows \d+ {short}.*fewer than"):
        standalone_context("gles")
    egl.make_current(before)


@pytest.mark.parametrize("name", SHADERS)
def test_no_shader_asks_for_more_than_a_driver_was_asked_for(name: str) -> None:
    text = resources.files("render.shaders").joinpath(f"{name}.glsl").read_text()
    buffers = [int(binding) for binding in re.findall(r"std430, binding = (\d+)", text)]
    sizes = [np.prod([int(size) for size in re.findall(r"local_size_[xyz] = (\d+)", text)])]
    for used, (what, _, needed) in zip((max(buffers, default=0) + 1, max(sizes)), es._NEEDED, strict=True):
        assert used <= needed, what


def test_nothing_current_is_one_sentence() -> None:
    egl = Egl()
    before = egl.current()
    with Offscreen(), pytest.raises(ContextError, match="No GLES context is current"):
        current_es_context(egl)
    egl.make_current(Current(before.display, None, None, None))
    with pytest.raises(ContextError, match="No GLES context is current"):
        current_es_context(egl)
    egl.make_current(before)


def test_a_machine_without_gles_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Egl, "_displays", lambda self: iter(()))
    with pytest.raises(ContextError, match=r"no OpenGL ES 3\.1 through EGL on this machine; install libegl1"):
        standalone_context("gles")


def test_a_driver_of_gles_31_alone_draws_the_same() -> None:
    """Mesa calls itself 3.1 or 3.0 when it is told to, once a process."""
    program = (
        "import numpy as np\n"
        "from render.errors import ContextError\n"
        "from render.gl.context import standalone_context\n"
        "from render.measure.cloud import make_cloud\n"
        "from render.offscreen import look_at_view, render_image\n"
        "try: print(standalone_context('gles').version_code)\n"
        "except ContextError as error: raise SystemExit(str(error))\n"
        "view = look_at_view((0.2, 1.5, 1.6), (0, 1.1, 0), 55, 64, 48)\n"
        "print(render_image(make_cloud(800, degree=1), view, api='gles').tobytes().hex())\n"
    )
    seen = {}
    for version in ("3.1", "3.2", "3.0"):
        settings = {**os.environ, "MESA_GLES_VERSION_OVERRIDE": version}
        done = subprocess.run(
            [sys.executable, "-c", program], env=settings, capture_output=True, text=True, timeout=120
        )
        seen[version] = done.stdout.split(), done.stderr.strip()
    if seen["3.1"][0][:1] != ["310"]:
        pytest.skip("this driver is not Mesa's")
    assert seen["3.2"][0][0] == "320" and seen["3.1"][0][1] == seen["3.2"][0][1]
    assert "OpenGL ES 3.1" in seen["3.0"][1] and "\n" not in seen["3.0"][1]
