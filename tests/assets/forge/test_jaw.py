"""The dropped jaw's lip: a U where the shapes as they come have a V, closed by mouthClose as before."""

import numpy as np

from assets.arkit import INDEX
from assets.forge.anatomy.jaw import rounded_lip
from assets.forge.source import F64, I32
from tests.assets.forge.forged import body


def lower_lip() -> tuple[F64, I32]:
    """Metres aside of the mouth's middle, and the vertices, of the lower lip's red on the left, from the middle out."""
    skin = body().triangles["body"]
    lips = np.unique(skin[body().mask("lips", body().uv["body"]) > 0.5])
    drop = -body().shapes[INDEX["jawOpen"], lips, 1]
    lower = lips[(drop > 0.45 * drop.max()) & (body().vertices[lips, 0] > -1e-4)]
    lower = lower[np.argsort(body().vertices[lower, 0], kind="stable")]
    return body().vertices[lower, 0], lower


def test_the_lip_hangs_in_a_round() -> None:
    """Half way to the corner a V is half as deep as in the middle, an ellipse 0.87 times."""
    aside, lower = lower_lip()
    drop = -body().shapes[INDEX["jawOpen"], lower, 1].astype(float)
    depth = np.poly1d(np.polyfit(aside, drop, 4))
    middle, half, corner = depth(0.0), depth(aside.max() / 2), depth(aside.max())
    assert 0.78 < (half - corner) / (middle - corner) < 0.95


def test_what_opens_wider_closes_as_far() -> None:
    shapes = body().shapes.copy()
    shapes[INDEX["jawOpen"]] *= np.float32(1.5)
    skin = np.unique(body().triangles["body"])
    rounder = rounded_lip(body().vertices, skin, lower_lip()[1], shapes)
    moved = np.abs(rounder - shapes).max(axis=(1, 2))
    assert moved[INDEX["jawOpen"]] > 0.001
    assert set(np.flatnonzero(moved)) == {INDEX["jawOpen"], INDEX["mouthClose"]}
    both = [INDEX["jawOpen"], INDEX["mouthClose"]]
    np.testing.assert_allclose(rounder[both].sum(axis=0), shapes[both].sum(axis=0), atol=1e-6)


def test_only_the_lower_lip_and_the_skin_around_it_change() -> None:
    skin = np.unique(body().triangles["body"])
    lower = lower_lip()[1]
    changed = rounded_lip(body().vertices, skin, lower, body().shapes)[INDEX["jawOpen"]]
    moved = np.flatnonzero(np.abs(changed - body().shapes[INDEX["jawOpen"]]).max(axis=1) > 2e-4)
    away = np.linalg.norm(body().vertices[moved][:, None] - body().vertices[lower], axis=2).min(axis=1)
    assert len(moved) and away.max() < 0.035
    assert np.isin(moved, skin).all(), "teeth and tongue stay where they were"
