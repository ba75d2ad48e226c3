"""Hair of MakeHuman's packs becomes strands along its cards."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.forge.anatomy.form import form_of
from assets.forge.clothes.makehuman import fitted, read_mhclo
from assets.forge.hair.cards import is_hair, wear_hair
from assets.forge.hair.colour import hair_colour
from assets.forge.layer import albedo_of, positions
from assets.forge.palette import palette
from tests.assets.forge.forged import body
from tests.assets.makehuman_data import asset


def write_pack(folder: Path, turned: bool) -> Path:
    """Two upright cards before the head's left and right sides, hair along v, or along u where `turned`."""
    uv = ["0 1", "0 0", "1 1", "1 0"] if turned else ["0 1", "1 1", "0 0", "1 0"]
    head = body().joint("head") + np.array([0.0, 0.05, 0.0])
    lines, rows, bound = [], [], []
    corner = int(body().groups["body"][0])
    anchor = body().vertices[corner]
    for k, x in enumerate((-0.14, 0.12)):
        for dx, dy in ((0, 0), (0.02, 0), (0, -0.12), (0.02, -0.12)):
            place = head + np.array([x + dx, dy, 0.0])
            lines.append("v " + " ".join(f"{c:.6f}" for c in place))
            bound.append(f"{corner} {corner} {corner} 1 0 0 " + " ".join(f"{c:.6f}" for c in place - anchor))
        rows.append(f"f {4 * k + 1}/1 {4 * k + 2}/2 {4 * k + 4}/4 {4 * k + 3}/3")
    (folder / "cards.obj").write_text("\n".join([*lines, *(f"vt {t}" for t in uv), *rows]) + "\n")
    path = folder / "cards.mhclo"
    path.write_text("name cards\nobj_file cards.obj\nverts 0\n" + "\n".join(bound) + "\n")
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_strands_run_along_the_cards_whichever_way_the_texture_lies(tmp_path: Path, turned: bool) -> None:
    layer = wear_hair(write_pack(tmp_path, turned), body(), palette(0), seed=0, count=1500)
    assert layer.tangents is not None
    strands = np.abs(layer.tangents).sum(axis=1) > 0
    assert strands.sum() > 300
    upright = layer.tangents[strands, 1]
    assert np.median(upright) < -0.97, "from the top down"
    assert np.quantile(np.abs(upright), 0.02) > 0.7
    place = positions(layer.surface, layer.gaussians)
    assert (np.abs(np.abs(place[:, 0]) - 0.13) < 0.02).all()


@pytest.mark.parametrize("name", ["long01", "short04"])
def test_packs_are_worn(name: str) -> None:
    path = asset(f"hair/{name}")
    colours = replace(palette(0), hair=hair_colour("auburn"))
    layer = wear_hair(path, body(), colours, seed=0, count=9000)
    again = wear_hair(path, body(), colours, seed=0, count=9000)
    np.testing.assert_array_equal(again.gaussians.offset, layer.gaussians.offset)
    assert 0.6 * 9000 < len(layer.gaussians) < 1.2 * 9000
    place = positions(layer.surface, layer.gaussians)
    piece = fitted(read_mhclo(path), body())
    assert np.quantile(cKDTree(piece).query(place)[0], 0.99) < 0.03
    assert (piece.min(axis=0) - 0.02 < place.min(axis=0)).all() and (place.max(axis=0) < piece.max(axis=0) + 0.02).all()
    assert np.quantile(form_of(body()).distance(place), 0.01) > -0.002
    np.testing.assert_allclose(np.median(albedo_of(layer.gaussians), axis=0), colours.hair, rtol=0.6)
    assert layer.surface.skin_weights.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "hair"),
    [
        ("hair/braid01", True),
        ("hair/short01", True),
        ("hair/bob02", True),
        ("clothes/fedora01", False),
        ("clothes/shoes01", False),
        ("clothes/male_casualsuit01", False),
    ],
)
def test_hair_is_told_from_clothes_and_hats(name: str, hair: bool) -> None:
    assert is_hair(read_mhclo(asset(name)), body()) == hair
