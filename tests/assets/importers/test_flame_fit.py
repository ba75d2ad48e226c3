"""ARKit's expressions found again among the mixed motions of heads that are other people on other meshes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.container import load, save
from assets.forge.anatomy.body import make_body
from assets.forge.anatomy.person import Person
from assets.forge.source import Source
from assets.importers.flame import read_flame_avatar
from assets.importers.flame_fit import Donor, Fitted, donor_of, fit_expressions
from assets.importers.flame_model import Flame, motions
from tests.assets.forge.forged import body, wheel
from tests.assets.importers.flame_heads import Head, head_of
from tests.assets.importers.test_flame import write

F64 = np.ndarray
PLAIN = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp", "browOuterUpLeft")


@pytest.fixture(scope="module")
def donor() -> Donor:
    return donor_of(body())


@pytest.fixture(scope="module")
def head() -> Head:
    """An older man's; the donor is a young woman."""
    with Source(wheel()) as source:
        return head_of(make_body(source, Person(sex=1, age=58, height=1.8, weight=0.58), seed=3))


def flame_of(head: Head, **changed: F64) -> Flame:
    arrays = head.arrays | changed
    return Flame(*(arrays[name] for name in ("v_template", "faces", "shapedirs", "J_regressor", "lbs_weights")))


def fitted(flame: Flame, donor: Donor) -> tuple[Fitted, dict[str, F64]]:
    joints = flame.regressor @ flame.vertices
    sources = motions(flame, flame.vertices, joints[2])
    return fit_expressions(flame, flame.vertices, joints, sources, donor), sources


def made(found: Fitted, sources: dict[str, F64], shape: str) -> F64:
    zero = np.zeros_like(next(iter(sources.values())))
    return sum((weight * sources[name] for name, weight in found.table.get(shape, {}).items()), zero)


def alike(a: F64, b: F64, where: F64) -> float:
    return float((a[where] * b[where]).sum() / np.sqrt((a[where] ** 2).sum() * (b[where] ** 2).sum()))


def test_known_motions_are_found_again(head: Head, donor: Donor) -> None:
    found, sources = fitted(flame_of(head), donor)
    assert found.lacking == ("tongueOut",)
    for shape in set(ARKIT_SHAPES) - {"tongueOut"}:
        wanted, got = head.truth[INDEX[shape]], made(found, sources, shape)
        far = np.linalg.norm(wanted, axis=1)
        there = far > 0.2 * far.max()
        assert alike(got, wanted, there) > (0.95 if shape in ("jawOpen", "mouthSmileLeft", "browInnerUp") else 0.9), (
            shape
        )
        assert 0.75 < np.linalg.norm(got[there]) / np.linalg.norm(wanted[there]) < 1.3, shape
        assert np.linalg.norm(got[~there], axis=1).mean() < 0.08 * far.max(), f"{shape} moves the rest of the face"


def test_sides_are_not_mixed_up(head: Head, donor: Donor) -> None:
    found, sources = fitted(flame_of(head), donor)
    across = head.arrays["v_template"][:, 0] - head.arrays["v_template"][:, 0].mean()
    for left, right in (("mouthSmileLeft", "mouthSmileRight"), ("browOuterUpLeft", "browOuterUpRight")):
        size = {name: np.linalg.norm(made(found, sources, name), axis=1) for name in (left, right)}
        assert size[left][across > 0.02].mean() > 3 * size[left][across < -0.02].mean()
        assert size[right][across < -0.02].mean() > 3 * size[right][across > 0.02].mean()


def test_what_a_model_cannot_do_is_told(head: Head, donor: Donor) -> None:
    """All motions but the jaw's taken away: what is not like a jaw is lacking."""
    flame = flame_of(head, shapedirs=np.zeros_like(head.arrays["shapedirs"]))
    found, sources = fitted(flame, donor)
    assert "jawOpen" in found.table and found.table["jawOpen"].keys() == {"jaw_open"}
    assert {"browInnerUp", "eyeBlinkLeft", "mouthSmileLeft", "tongueOut"} <= set(found.lacking)
    assert (
        alike(made(found, sources, "jawOpen"), head.truth[INDEX["jawOpen"]], head.arrays["lbs_weights"][:, 2] > 0.5)
        > 0.8
    )
    assert "jaw_left" in found.table["jawLeft"] and "jaw_right" in found.table["jawRight"]


def test_what_is_no_head_gets_no_table(head: Head, donor: Donor) -> None:
    weights = head.arrays["lbs_weights"]
    one_eyed = head.arrays["J_regressor"].copy()
    one_eyed[4] = one_eyed[3]
    for changed in (
        {"lbs_weights": 0 * weights},
        {"v_template": 0 * head.arrays["v_template"]},
        {"J_regressor": one_eyed},
    ):
        found, _ = fitted(flame_of(head, **changed), donor)
        assert not found.table and found.lacking == ARKIT_SHAPES


def test_the_table_is_kept_and_a_map_replaces_entries(head: Head, donor: Donor, tmp_path: Path) -> None:
    path, model, _, _ = write(tmp_path)
    (tmp_path / "flame_param.npz").unlink()
    np.savez(model, **head.arrays)
    own = {"mouthSmileLeft": {"expr_7": 2.0}, "tongueOut": {"expr_1": 1.0}}
    plain, mapped = (read_flame_avatar(path, model, donor=donor, table=table) for table in (None, own))
    assert plain.provenance["expressions"].keys() == set(ARKIT_SHAPES) - {"tongueOut"}
    assert plain.provenance["notes"] == [
        "FLAME has no motion like tongueOut; it stays still, where no --map says otherwise."
    ]
    assert mapped.provenance["notes"] == []
    assert mapped.provenance["expressions"] == plain.provenance["expressions"] | own
    np.testing.assert_array_equal(mapped.mesh.shapes[INDEX["browInnerUp"]], plain.mesh.shapes[INDEX["browInnerUp"]])
    np.testing.assert_allclose(
        mapped.mesh.shapes[INDEX["mouthSmileLeft"]], 2 * head.arrays["shapedirs"][..., -93], atol=1e-4
    )
    save(plain, tmp_path / "head.avatar")
    assert load(tmp_path / "head.avatar").provenance["expressions"] == plain.provenance["expressions"]
