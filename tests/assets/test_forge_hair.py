"""Hair: it covers the scalp from everywhere, leaves the face free, ends at the chin and goes where the head goes."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.forge.face import Face
from assets.forge.hair import hair
from assets.forge.layer import Layer, falling_importance, frames, merge, positions, surface_of, surfels
from assets.forge.palette import palette
from assets.forge.sampling import scatter
from assets.forge.scalp import scalp_of, scalp_triangles
from assets.forge.source import F64
from render.offscreen import look_at_view, render_image
from tests.assets.forged import body

SIZE = 400


@cache
def bob(seed: int = 0) -> Layer:
    return hair(body(), palette(seed), seed=seed)


@cache
def ends() -> tuple[F64, F64]:
    """(N, 3) both ends, two deviations out, of every Gaussian of hair."""
    layer = bob()
    gaussians = layer.gaussians
    basis, edge = frames(layer.surface.vertices, layer.surface.triangles)
    w, x, y, z = gaussians.rotation.astype(np.float64).T
    first = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], axis=1)
    second = np.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], axis=1)
    longest = np.where((gaussians.scale[:, 0] >= gaussians.scale[:, 1])[:, None], first, second)
    reach = 2 * gaussians.scale.max(axis=1) * edge[gaussians.triangle]
    along = np.einsum("nij,nj->ni", basis[gaussians.triangle], longest) * reach[:, None]
    middle = positions(layer.surface, gaussians)
    return middle - along, middle + along


@cache
def bright_head() -> Avatar:
    """Hair as it is over skin painted white."""
    triangles = body().triangles["body"]
    head = triangles[body().vertices[triangles][..., 1].min(axis=1) > body().joint("neck_01")[1]]
    surface = surface_of(body(), head)
    samples = scatter(surface.vertices, surface.triangles, 30_000, 0)
    count = len(samples)
    skin = Layer(
        surface=surface,
        gaussians=surfels(
            surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, np.ones((count, 3))
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(count),
        lit=np.ones(count, np.float32),
        gloss=np.zeros(count, np.float32),
    )
    return merge([skin, bob()], body().skeleton, name="test", licence="CC0-1.0")


def luminance(eye: F64, aim: F64) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A picture of white skin and hair, and the pixels (column, row) of points through the same lens."""
    view = look_at_view(eye, aim, 20.0, SIZE, SIZE)
    picture = render_image(bright_head(), view, background=(1.0, 1.0, 1.0, 1.0)).astype(float)[..., :3] / 255
    return picture.mean(axis=-1), view.world_to_eye


@pytest.mark.parametrize(
    "direction", [(0, 0.1, 1), (0.7, 0.1, 0.7), (-0.7, 0.1, 0.7), (1, 0, 0), (-1, 0, 0), (0, 0.1, -1), (0.1, 1, 0.3)]
)
def test_no_scalp_shows(direction: tuple[float, float, float]) -> None:
    scalp = scalp_of(body())
    aim = scalp.centre
    eye = aim + 0.9 * np.array(direction) / np.linalg.norm(direction)
    picture, world_to_eye = luminance(eye, aim)
    corners = body().vertices[body().triangles["body"][scalp_triangles(body())]]
    centres, normal = corners.mean(axis=1), np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    towards = (eye - centres) / np.linalg.norm(eye - centres, axis=1, keepdims=True)
    # Within a centimetre of the hairline hair is thin, as it should be.
    deep = (scalp.inside_hairline(centres) > 0.012) & ((normal * towards).sum(axis=1) > 0.35)
    local = centres[deep] @ world_to_eye[:3, :3].T + world_to_eye[:3, 3]
    focal = SIZE / 2 / np.tan(np.radians(10.0))
    column = (SIZE / 2 - focal * local[:, 0] / local[:, 2]).astype(int)
    row = (SIZE / 2 + focal * local[:, 1] / local[:, 2]).astype(int)
    shown = picture[row, column]
    assert len(shown) > 40
    assert np.quantile(shown, 0.99) < 0.6, "white skin shines through the hair"


def test_the_face_is_free() -> None:
    """No hair before the brows, eyes, nose, mouth and cheeks, not by its ends either."""
    face = Face(body())
    left, right = face.eyes
    scalp = scalp_of(body())
    for points in ends():
        before = points[:, 2] > left[2] - 0.02
        beside = np.abs(points[:, 0]) < left[0] + 0.018
        height = points[:, 1]
        between = (height > scalp.chin_height) & (height < left[1] + 0.035)
        assert not (before & beside & between).any()
    assert right[0] < 0 < left[0]


def test_it_hangs_close_around_the_head() -> None:
    scalp = scalp_of(body())
    place = positions(bob().surface, bob().gaussians)
    above = scalp.distance(place)
    assert above.min() > -0.012 and above.max() < 0.035
    assert np.quantile(above, 0.9) > 0.010, "it lies as flat as a bathing cap"
    assert scalp.chin_height - 0.03 < place[:, 1].min() < scalp.chin_height + 0.005
    assert scalp.crown_height + 0.008 < place[:, 1].max() < scalp.crown_height + 0.035
    shoulders = body().vertices[:, 1].clip(max=body().joint("clavicle_l")[1]).max()
    assert place[:, 1].min() > shoulders, "it would cut into the shoulders when the head turns"


def test_strands_differ() -> None:
    """Neighbouring strands have their own tones; the mean is the palette's."""
    colour = bob().gaussians.sh[:, 0].astype(np.float64) * 0.28209479177387814 + 0.5
    light = colour.mean(axis=1)
    assert 0.15 < light.std() / light.mean() < 0.8
    assert (colour >= 0).all() and (colour <= 0.9).all()
    np.testing.assert_allclose(np.median(light), palette(0).hair.mean(), rtol=0.5)


def test_it_moves_with_the_head_alone() -> None:
    surface = bob().surface
    heaviest = np.take_along_axis(surface.skin_joints, surface.skin_weights.argmax(axis=1)[:, None], axis=1)
    assert (heaviest == body().skeleton.names.index("head")).all()
    np.testing.assert_array_equal(surface.skin_weights.max(axis=1), 1)
    assert not surface.shapes.any()


def test_the_hairline_is_where_people_have_it() -> None:
    scalp, face = scalp_of(body()), Face(body())
    height = scalp.crown_height - scalp.eye_height
    forehead = np.array([[0.0, scalp.eye_height + share * height, face.nose[2]] for share in (0.45, 0.75)])
    assert scalp.inside_hairline(forehead)[0] < 0 < scalp.inside_hairline(forehead)[1]
    nape = scalp.centre - [0.0, 0.035, 0.09]
    throat = scalp.centre - [0.0, 0.10, 0.06]
    assert scalp.inside_hairline(nape[None])[0] > 0 > scalp.inside_hairline(throat[None])[0]
    centres = body().vertices[body().triangles["body"]].mean(axis=1)
    np.testing.assert_allclose(scalp.distance(centres[scalp.inside_hairline(centres) > 0.03]), 0, atol=0.045)


def test_the_same_seed_gives_the_same_hair() -> None:
    again = hair(body(), palette(0), seed=0)
    np.testing.assert_array_equal(again.gaussians.offset, bob().gaussians.offset)
    np.testing.assert_array_equal(again.gaussians.sh, bob().gaussians.sh)
    assert len(bob(5).gaussians) != len(again.gaussians) or not np.array_equal(
        bob(5).gaussians.offset, again.gaussians.offset
    )
    assert 0.88 * 26_000 < len(again.gaussians) < 1.12 * 26_000
    assert (np.diff(again.importance) <= 0).all()
