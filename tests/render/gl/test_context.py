"""Loading shaders, and the sentence that a missing GL gives."""

from __future__ import annotations

from ctypes import c_ubyte, c_uint
from importlib import resources
from types import SimpleNamespace
from typing import Any, cast

import moderngl
import numpy as np
import pytest

from assets.errors import VisavisError
from render.errors import ContextError, ShaderError
from render.gl import context
from render.gl.context import Kernel, give_back, groups, later, shader_source
from render.gl.raw import gl_function
from render.offscreen import Offscreen

SHADERS = sorted(file.name[:-5] for file in resources.files("render.shaders").iterdir() if file.name.endswith(".glsl"))


@pytest.mark.parametrize("gl", ["gl"], indirect=True)
def test_the_version_is_put_in_front_and_files_are_brought_in(gl: Offscreen) -> None:
    source = shader_source(gl.ctx, "radix_serial_count", {"PASS": 1, "LOCAL": 8})
    assert source.startswith("#version 430\n#define PASS 1\n#define LOCAL 8\n")
    assert "#include" not in source and "uvec2 chunk_range" in source


def test_gles_gets_its_own_version_and_precisions() -> None:
    es = cast(Any, SimpleNamespace(version_code=320))
    source = shader_source(es, "tiles", {})
    assert source.startswith("#version 310 es\n")
    assert "precision highp float;" in source and "precision highp image2D;" in source


@pytest.mark.parametrize("name", SHADERS)
def test_no_shader_names_a_version_or_uses_what_gles_lacks(name: str) -> None:
    text = resources.files("render.shaders").joinpath(f"{name}.glsl").read_text()
    assert "#version" not in text
    for word in ("double", "dvec", "samplerBuffer", "sampler1D", "gl_VertexIndex", "texture1D", "float64"):
        assert word not in text
    assert text.startswith("//"), "a shader opens by saying what it does"


def test_a_shader_that_does_not_compile_is_named(gl: Offscreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_text", lambda file: "void main() { nonsense }")
    with pytest.raises(ShaderError, match="lerp"):
        Kernel(gl.ctx, "lerp", NEVER_COMPILED=1)


def test_kernels_of_one_name_and_the_same_numbers_share_a_program(
    gl: Offscreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = gl.ctx.buffer(np.arange(1, 9, dtype=np.uint32).tobytes()), gl.ctx.buffer(bytes(32))
    first = Kernel(gl.ctx, "peak_copy")
    made: list[str] = []
    compile_shader = moderngl.Context.compute_shader
    monkeypatch.setattr(
        moderngl.Context, "compute_shader", lambda ctx, text: made.append(text) or compile_shader(ctx, text)
    )
    second, other = Kernel(gl.ctx, "peak_copy"), Kernel(gl.ctx, "peak_copy", NEVER_COMPILED=len(SHADERS))
    assert len(made) == 1
    for count in (2, 1):
        for kernel in (first, second, other):  # each gives its own numbers, whoever ran before
            target.clear()
            kernel(1, [source, target], count=count, row=64)
            assert np.count_nonzero(np.frombuffer(target.read(), np.uint32)) == 4 * count


def test_what_nobody_holds_goes_some_at_a_time(gl: Offscreen) -> None:
    is_buffer = gl_function(gl.ctx, "glIsBuffer", c_ubyte, c_uint)
    mode = gl.ctx.gc_mode
    give_back(gl.ctx)
    with later(gl.ctx):
        buffers = [gl.ctx.buffer(reserve=16) for _ in range(5)]
        names = [buffer.glo for buffer in buffers]
        del buffers
    left = []
    for _ in range(4):
        left.append(sum(bool(is_buffer(name)) for name in names))
        give_back(gl.ctx, most=2)
    assert left == [5, 3, 1, 0] and gl.ctx.gc_mode == mode


def test_no_gl_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**settings: Any) -> moderngl.Context:
        raise Exception("libEGL.so not loaded")

    monkeypatch.setattr(moderngl, "create_context", refuse)
    with pytest.raises(ContextError, match=r"libEGL\.so not loaded.*install libegl1") as caught:
        context.standalone_context()
    assert isinstance(caught.value, VisavisError) and "\n" not in str(caught.value)


def test_uniforms_keep_their_value_until_another_is_given(gl: Offscreen) -> None:
    kernel = Kernel(gl.ctx, "peak_copy")
    source, target = gl.ctx.buffer(np.arange(1, 9, dtype=np.uint32).tobytes()), gl.ctx.buffer(bytes(32))
    kernel(1, [source, target], count=1, row=64)
    assert np.frombuffer(target.read(), np.uint32).tolist() == [1, 2, 3, 4, 0, 0, 0, 0]
    kernel(1, [source, target], count=2)
    assert np.frombuffer(target.read(), np.uint32).tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_groups_round_up() -> None:
    assert [groups(n, 64) for n in (1, 63, 64, 65)] == [1, 1, 1, 2]
