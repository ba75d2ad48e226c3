"""Pictures of imported characters against a rasteriser's of the meshes that they were written from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.importers.rigged import Options, read_rigged
from assets.importers.texture import linear
from render.offscreen import look_at_view, render_image
from render.view import View
from tests.assets.importers.gltf_files import GlbWriter, ball, face_picture, person
from tests.assets.importers.mesh_reference import draw
from tests.assets.importers.test_rigged import real
from tests.render.oracle import psnr

GREY = 0.3
F64 = NDArray[np.float64]


def seen(avatar: Avatar, view: View) -> NDArray[np.uint8]:
    return render_image(avatar, view, background=(GREY, GREY, GREY, 1.0))[..., :3]


def around(middle: tuple[float, float, float], reach: float, degrees: float, size: int) -> View:
    turn = np.radians(degrees)
    eye = np.array(middle) + 4 * reach * np.array([np.sin(turn), 0.1, np.cos(turn)])
    return look_at_view(eye, np.array(middle), 2 * np.degrees(np.arctan(1.1 / 4)), size, size)


def looked_up(picture: NDArray[np.uint8], uv: F64) -> F64:
    """(N, 3) linear colour at (N, 2), bilinear, repeating."""
    light, (height, width) = linear(picture / 255.0).astype(np.float64), picture.shape[:2]
    x, y = uv[:, 0] * width - 0.5, uv[:, 1] * height - 0.5
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = (x - i)[:, None], (y - j)[:, None]
    here = lambda a, b: light[b % height, a % width]  # noqa: E731
    near = (1 - fx) * here(i, j) + fx * here(i + 1, j)
    return (1 - fy) * near + fy * ((1 - fx) * here(i, j + 1) + fx * here(i + 1, j + 1))


FACE = face_picture(256)


@pytest.fixture(scope="module")
def someone(tmp_path_factory: pytest.TempPathFactory) -> Avatar:
    path = tmp_path_factory.mktemp("rigged") / "it.vrm"
    path.write_bytes(person(1, picture=FACE).blob())
    return read_rigged(path, Options(gaussians=80_000)).avatar


@pytest.mark.parametrize("degrees", [0.0, 40.0, 180.0])
def test_a_person_looks_like_the_mesh(someone: Avatar, degrees: float) -> None:
    avatar = someone
    _, uv, _ = ball(16, 0.12)
    coordinates = np.concatenate([np.zeros((len(avatar.mesh.vertices) - len(uv), 2)), uv]).astype(np.float64)
    body = len(avatar.mesh.vertices) - len(uv)
    triangles = avatar.mesh.triangles

    def shade(triangle: NDArray[np.int64], barycentric: F64) -> F64:
        corners = triangles[triangle]
        colour = looked_up(FACE, np.einsum("nk,nkc->nc", barycentric, coordinates[corners]))
        colour[corners[:, 0] < body] = (0.2, 0.3, 0.6)
        return np.concatenate([colour, np.ones((len(colour), 1))], axis=1)

    view = around((0, 0.88, 0), 0.95, degrees, 512)
    wanted = draw(view, avatar.mesh.vertices.astype(np.float64), triangles, shade, GREY)
    decibels = psnr(seen(avatar, view), wanted)
    print(f"{decibels:.2f} dB at {degrees:.0f} degrees")
    assert decibels >= 40


@pytest.fixture(scope="module")
def face() -> Avatar:
    """A head that others made, all of it white."""
    return read_rigged(real("glb_facecap/facecap.glb"), Options(gaussians=100_000, relight=False)).avatar


@pytest.mark.parametrize(("degrees", "shape"), [(0.0, None), (60.0, None), (150.0, None), (0.0, "jawOpen")])
def test_a_real_head_has_its_outline(face: Avatar, degrees: float, shape: str | None) -> None:
    expression = np.zeros(len(face.expressions), np.float32)
    if shape:
        expression[face.expressions.index(shape)] = 1
    moved = np.einsum("e,evc->vc", expression, face.mesh.shapes.astype(np.float64))
    vertices = face.mesh.vertices + moved
    view = around(tuple((vertices.max(axis=0) + vertices.min(axis=0)) / 2), 0.2, degrees, 320)
    wanted = draw(view, vertices, face.mesh.triangles, lambda hit, _: np.ones((len(hit), 4)), GREY)
    got = render_image(face, view, expression=expression, background=(GREY, GREY, GREY, 1.0))[..., :3]
    decibels = psnr(got, wanted)
    print(f"{decibels:.2f} dB at {degrees:.0f} degrees, {shape or 'at rest'}")
    assert np.ptp(wanted) > 90 and decibels >= 40


def card(mode: str) -> tuple[GlbWriter, NDArray[np.uint8]]:
    """A square of half a metre with a picture of stripes that are there or not, or half there."""
    w = GlbWriter()
    y, x = np.mgrid[:256, :256]
    picture = np.zeros((256, 256, 4), np.uint8)
    picture[..., 0], picture[..., 1] = 200, y // 2
    picture[..., 3] = np.where(x // 32 % 2, 255, 0 if mode == "MASK" else 128)
    corners = np.float32([(-0.25, 0, 0), (0.25, 0, 0), (0.25, 0.5, 0), (-0.25, 0.5, 0)])
    uv = np.float32([(0, 1), (1, 1), (1, 0), (0, 0)])
    look = {"baseColorTexture": {"index": w.texture(picture)}}
    w.add("materials", {"pbrMetallicRoughness": look, "alphaMode": mode, "doubleSided": True,
                        "extensions": {"KHR_materials_unlit": {}}})  # fmt: skip
    primitive = {
        "attributes": {"POSITION": w.accessor(corners), "TEXCOORD_0": w.accessor(uv)},
        "indices": w.accessor(np.uint16([0, 1, 2, 0, 2, 3])), "material": 0,
    }  # fmt: skip
    w.node(mesh=w.add("meshes", {"primitives": [primitive]}))
    return w, picture


@pytest.mark.parametrize("mode", ["MASK", "BLEND"])
@pytest.mark.parametrize("degrees", [0.0, 150.0])
def test_what_is_see_through_stays_so(tmp_path: Path, mode: str, degrees: float) -> None:
    w, picture = card(mode)
    path = tmp_path / "it.glb"
    path.write_bytes(w.blob())
    avatar = read_rigged(path, Options(gaussians=20_000)).avatar
    uv = np.array([(0, 1), (1, 1), (1, 0), (0, 0)], float)

    def shade(triangle: NDArray[np.int64], barycentric: F64) -> F64:
        place = np.einsum("nk,nkc->nc", barycentric, uv[avatar.mesh.triangles[triangle]])
        colour = looked_up(picture[..., :3], place)
        texel = np.minimum((place * 256).astype(int), 255)
        alpha = picture[texel[:, 1], texel[:, 0], 3:] / 255.0
        over = alpha * colour + (1 - alpha) * GREY  # one layer over the background
        return np.concatenate([over, np.ones_like(alpha)], axis=1)

    view = around((0, 0.25, 0), 0.3, degrees, 320)
    wanted = draw(view, avatar.mesh.vertices.astype(np.float64), avatar.mesh.triangles, shade, GREY)
    decibels = psnr(seen(avatar, view), wanted)
    print(f"{decibels:.2f} dB, {mode} at {degrees:.0f} degrees")
    assert decibels >= 30


def test_one_sided_surfaces_have_no_back(tmp_path: Path) -> None:
    w, _ = card("BLEND")
    w.json["materials"][0].update(doubleSided=False, alphaMode="OPAQUE")
    path = tmp_path / "it.glb"
    path.write_bytes(w.blob())
    avatar = read_rigged(path, Options(gaussians=3000)).avatar
    front, back = (seen(avatar, around((0, 0.25, 0), 0.3, degrees, 64)) for degrees in (0.0, 180.0))
    assert np.ptp(front) > 60 and np.ptp(back) == 0
