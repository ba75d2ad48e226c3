"""MakeHuman's clothes: the binding is the maker's mesh, fits other bodies; damaged files are refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.errors import ForgeError
from assets.forge.clothes.makehuman import fitted, fitted_to, hidden, read_mhclo, shell, wear
from assets.forge.layer import albedo_of, positions
from assets.forge.source import Source
from tests.assets.forge.forged import body, wheel
from tests.assets.makehuman_data import asset

OUTFITS = ("clothes/female_casualsuit01", "clothes/male_elegantsuit01", "clothes/shoes01", "hair/bob01")

MHCLO = """# a square on the chest
name square
basemesh hm08
obj_file square.obj
z_scale 962 5320 2.0
z_depth 60
verts 0
material square.mhmat
100
101
100 101 102 0.5 0.25 0.25 0.0 0.0 0.1
102
delete_verts
3 5 - 8
11
"""
OBJ = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"
MHMAT = "name square\ndiffuseColor 0.5 0.25 0.1\ndiffuseTexture square.png\n"


def written(folder: Path, mhclo: str = MHCLO, obj: str = OBJ) -> Path:
    (folder / "square.mhclo").write_text(mhclo)
    (folder / "square.obj").write_text(obj)
    (folder / "square.mhmat").write_text(MHMAT)
    return folder / "square.mhclo"


@pytest.mark.parametrize(
    ("name", "human"), list(zip(OUTFITS, ("female", "male", "male", "female"), strict=True)), ids=OUTFITS
)
def test_on_the_makers_human_the_binding_is_the_makers_mesh(name: str, human: str) -> None:
    """Also the proof that the wheel's base.obj has the vertex numbers that the assets were made for."""
    clothing = read_mhclo(asset(name))
    with Source(wheel()) as source:
        base = source.base_mesh().vertices
        person = base + source.target(f"macrodetails/caucasian-{human}-young", len(base))
    away = np.linalg.norm(fitted_to(clothing.binding, person) - clothing.mesh.vertices, axis=1)
    assert np.median(away) < 1e-3, "decimetres; the helper mesh below has changed here and there since"


@pytest.mark.parametrize("name", OUTFITS)
def test_it_fits_the_forged_body(name: str) -> None:
    clothing = read_mhclo(asset(name))
    place = fitted(clothing, body())
    nearest = np.linalg.norm(place[::29, None] - body().vertices[None, ::7], axis=2).min(axis=1)
    assert nearest.max() < 0.12
    cloth = shell(clothing, body())
    np.testing.assert_allclose(np.asarray(cloth.mix.sum(axis=1)).ravel(), 1, atol=1e-6)


def test_a_shirt_moves_with_its_own_arms() -> None:
    surface = shell(read_mhclo(asset("clothes/male_elegantsuit01")), body()).surface(body())
    names = np.array(body().skeleton.names)
    heaviest = names[surface.skin_joints[:, 0]]
    cuff = surface.vertices[:, 0] > 0.9 * surface.vertices[:, 0].max()
    assert {str(name)[-2:] for name in heaviest[cuff]} == {"_l"}


def test_shoes_stand_on_the_floor_and_hide_the_feet() -> None:
    path = asset("clothes/shoes01")
    layer = wear(path, body(), count=3_000)
    assert -0.002 < positions(layer.surface, layer.gaussians)[:, 1].min() < 0.01
    assert abs(len(layer.gaussians) - 3_000) < 100
    gone = hidden(read_mhclo(path), body())
    centre = body().vertices[body().triangles["body"]].mean(axis=1)
    assert gone.sum() > 200 and centre[gone, 1].max() < 0.2


def test_a_piece_reads_as_written(tmp_path: Path) -> None:
    clothing = read_mhclo(written(tmp_path))
    assert clothing.name == "square" and clothing.binding.depth == 60
    assert clothing.binding.deleted.tolist() == [3, 5, 6, 7, 8, 11]
    assert clothing.mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3]]
    v = body().vertices
    scale = abs(v[962, 2] - v[5320, 2]) / 2
    middle = 0.5 * v[100] + 0.25 * (v[101] + v[102]) + [0, 0, 0.1 * scale]
    expected = np.stack([v[100], v[101], middle, v[102]])
    np.testing.assert_allclose(fitted(clothing, body()), expected, atol=1e-12)


def test_the_texture_gives_the_colour_and_its_holes(tmp_path: Path) -> None:
    path = written(tmp_path)
    plain = albedo_of(wear(path, body(), count=200).gaussians)
    np.testing.assert_allclose(plain, np.tile([0.214, 0.0509, 0.01], (len(plain), 1)), atol=2e-3)
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:, :32] = [255, 0, 0, 255]
    picture[:, 32:] = [0, 0, 255, 0]
    Image.fromarray(picture).save(tmp_path / "square.png")
    layer = wear(path, body(), count=400)
    colour = albedo_of(layer.gaussians)
    assert 100 < len(colour) < 300, "what the texture leaves clear has no Gaussians"
    assert np.median(colour[:, 0]) > 0.8 and np.median(colour[:, 2]) < 0.05


@pytest.mark.parametrize(
    ("mhclo", "obj"),
    [
        (MHCLO.replace("verts 0", "verts 0\n1 2"), OBJ),
        (MHCLO.replace("100\n101", "100\nnan"), OBJ),
        (MHCLO.replace("100\n101", "100\n99999999"), OBJ),
        (MHCLO.replace("100\n101\n", "100\n"), OBJ),
        (MHCLO.replace("square.obj", "../square.obj"), OBJ),
        (MHCLO.replace("hm08", "hm99"), OBJ),
        (MHCLO.replace("5 - 8", "5 - 99999999999"), OBJ),
        (MHCLO.replace("60", "deep"), OBJ),
        (MHCLO.replace("square.obj", "other.obj"), OBJ),
        (MHCLO, OBJ.replace("3/3", "9/3")),
        (MHCLO, OBJ.replace("3/3", "3/9")),
        (MHCLO, OBJ.replace("v 0 1 0", "v 0 inf 0")),
        (MHCLO, ""),
        ("", OBJ),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(tmp_path: Path, mhclo: str, obj: str) -> None:
    path = written(tmp_path, mhclo, obj)
    with pytest.raises(ForgeError) as caught:
        wear(path, body(), count=50)
    assert "\n" not in str(caught.value) and str(caught.value)[-1] in ".?"


def test_a_damaged_texture_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "square.png").write_bytes(b"no picture")
    with pytest.raises(ForgeError, match="no picture"):
        wear(path, body(), count=50)
