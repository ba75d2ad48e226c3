"""Hair: it covers the scalp from everywhere, leaves the face free, and goes where head and shoulders go."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.avatar import Avatar
from assets.errors import ForgeError
from assets.forge.anatomy.face import Face
from assets.forge.anatomy.form import Form, form_of
from assets.forge.hair.colour import HAIR_COLOURS, grey_share, hair_colour
from assets.forge.hair.combing import Comb, hidden_scalp
from assets.forge.hair.hair import HAIR_STYLES, hair
from assets.forge.hair.scalp import scalp_of, scalp_triangles
from assets.forge.layer import (
    Layer,
    Surface,
    albedo_of,
    falling_importance,
    frames,
    merge,
    positions,
    surface_of,
    surfels,
    vertex_normals,
)
from assets.forge.palette import palette
from assets.forge.sampling import scatter, uniform
from assets.forge.source import F64
from render.motion.skeleton import skinning_matrices
from render.offscreen import look_at_view, render_image
from tests.assets.forge.forged import body

SIZE = 400
COUNT = 8_000
BARE = ("buzz", "receding", "balding")
"""Styles through which skin shows."""
FREE = tuple(name for name, style in HAIR_STYLES.items() if not style.fringe)


@cache
def worn(style: str = "bob", count: int = COUNT) -> Layer:
    return hair(body(), palette(0), seed=0, count=count, style=style)


@cache
def form() -> Form:
    return form_of(body())


def ends(layer: Layer) -> tuple[F64, F64]:
    """(N, 3) both ends, two deviations out, of every Gaussian of hair."""
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
def white_skin() -> Layer:
    triangles = body().triangles["body"]
    head = triangles[body().vertices[triangles][..., 1].min(axis=1) > body().joint("neck_01")[1]]
    surface = surface_of(body(), head)
    samples = scatter(surface.vertices, surface.triangles, 20_000, 0)
    count = len(samples)
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, np.ones((count, 3))
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(count),
        lit=np.ones(count, np.float32),
        gloss=np.zeros(count, np.float32),
    )


@cache
def bright_head(style: str) -> Avatar:
    """Hair as it is over skin painted white."""
    return merge([white_skin(), worn(style, 20_000)], body().skeleton, name="test", licence="CC0-1.0")


def luminance(style: str, eye: F64, aim: F64) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A picture of white skin and hair, and the pixels (column, row) of points through the same lens."""
    view = look_at_view(eye, aim, 20.0, SIZE, SIZE)
    picture = render_image(bright_head(style), view, background=(1.0, 1.0, 1.0, 1.0)).astype(float)[..., :3] / 255
    return picture.mean(axis=-1), view.world_to_eye


AROUND = [
    *((float(np.sin(a)), 0.1, float(np.cos(a))) for a in np.radians(np.arange(0, 360, 45))),
    (0.1, 1.0, 0.3),
]


@pytest.mark.parametrize(
    ("style", "direction"),
    [
        *(("bob", direction) for direction in AROUND),
        *((style, AROUND[k]) for style in ("wavy", "ponytail", "crop", "afro") for k in (0, 3, 4, 8)),
    ],
)
def test_no_scalp_shows(style: str, direction: tuple[float, float, float]) -> None:
    scalp = scalp_of(body())
    aim = scalp.centre
    eye = aim + 0.9 * np.array(direction) / np.linalg.norm(direction)
    picture, world_to_eye = luminance(style, eye, aim)
    skin = body().triangles["body"][scalp_triangles(body())]
    triangle, inside = uniform(body().vertices, skin, 4000, 0)
    corners = body().vertices[skin[triangle]]
    centres, normal = np.einsum("nk,nkc->nc", inside, corners), np.cross(*np.moveaxis(np.diff(corners, axis=1), 1, 0))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    towards = (eye - centres) / np.linalg.norm(eye - centres, axis=1, keepdims=True)
    # Near the hairline hair is thin, as it should be, and a parting is a line of skin.
    deep = (scalp.inside_hairline(centres) > 0.018) & ((normal * towards).sum(axis=1) > 0.35)
    deep &= Comb(scalp, HAIR_STYLES[style]).beside_parting(centres) > 0.006
    local = centres[deep] @ world_to_eye[:3, :3].T + world_to_eye[:3, 3]
    focal = SIZE / 2 / np.tan(np.radians(10.0))
    column = (SIZE / 2 - focal * local[:, 0] / local[:, 2]).astype(int)
    row = (SIZE / 2 + focal * local[:, 1] / local[:, 2]).astype(int)
    shown = picture[row, column]
    assert len(shown) > 100
    assert np.mean(shown > 0.6) < 0.02, "white skin shines through the hair"


@pytest.mark.parametrize("style", FREE)
def test_the_face_is_free(style: str) -> None:
    """No hair before the brows, eyes, nose, mouth and cheeks, not by its ends either."""
    left, right = Face(body()).eyes
    scalp = scalp_of(body())
    for points in ends(worn(style)):
        before = points[:, 2] > left[2] - 0.02
        beside = np.abs(points[:, 0]) < left[0] + 0.018
        height = points[:, 1]
        between = (height > scalp.chin_height) & (height < left[1] + 0.035)
        assert not (before & beside & between).any()
    assert right[0] < 0 < left[0]


def test_a_fringe_ends_above_the_eyes() -> None:
    left, _ = Face(body()).eyes
    for points in ends(worn("fringe")):
        before = (points[:, 2] > left[2]) & (np.abs(points[:, 0]) < left[0] + 0.01)
        assert points[before, 1].min() > left[1] + 0.012
    place = positions(worn("fringe").surface, worn("fringe").gaussians)
    forehead = (place[:, 2] > left[2]) & (np.abs(place[:, 0]) < left[0])
    assert forehead.sum() > 100


@pytest.mark.parametrize("style", HAIR_STYLES)
def test_hair_keeps_outside_of_body_and_clothes(style: str) -> None:
    height = form().distance(positions(worn(style).surface, worn(style).gaussians))
    assert np.quantile(height, 0.01) > -0.001 and np.quantile(height, 0.001) > -0.005


def test_a_patch_of_cloth_pushes_hair_out_before_it_alone() -> None:
    """An open piece, as a hood or a brim is, has no inside behind its border."""
    scalp = scalp_of(body())
    corner = scalp.centre + np.array([0.10, 0.04, 0.0])
    vertices = corner + np.array([[0, 0, 0], [0, 0, 0.05], [0, 0.05, 0]])
    patch = Surface(
        vertices,
        np.array([[0, 2, 1]], np.int32),
        np.zeros((3, 4), np.uint16),
        np.full((3, 4), 0.25, np.float32),
        np.zeros((52, 3, 3), np.float32),
    )
    worn_over = form_of(body(), [patch])
    far = scalp.centre + np.array([[-0.12, 0.0, 0.0], [0.0, 0.14, 0.0], [0.0, 0.0, -0.13]])
    np.testing.assert_allclose(worn_over.distance(far), form().distance(far), atol=0.012)


def test_skin_under_dense_hair_is_shaded_and_a_parting_is_not() -> None:
    centres = body().vertices[body().triangles["body"]].mean(axis=1)
    for style in ("bob", "crop"):
        shaded = hidden_scalp(body(), HAIR_STYLES[style])
        assert shaded.sum() > 0.5 * scalp_triangles(body()).sum()
        assert not shaded[Comb(scalp_of(body()), HAIR_STYLES[style]).beside_parting(centres) < 0.003].any()
        assert scalp_of(body()).inside_hairline(centres[shaded]).min() > 0.01
    thin = hidden_scalp(body(), HAIR_STYLES["balding"])
    assert scalp_of(body()).level(centres[thin]).max() < 0.4


def test_a_bob_hangs_close_around_the_head() -> None:
    scalp = scalp_of(body())
    place = positions(worn().surface, worn().gaussians)
    above = form().distance(place)
    on_top = place[:, 1] > scalp.centre[1] + 0.04
    assert np.quantile(above[on_top], 0.9) > 0.007, "it lies as flat as a bathing cap"
    assert above[on_top].max() < 0.035
    assert scalp.chin_height - 0.04 < place[:, 1].min() < scalp.chin_height + 0.005
    shoulders = body().vertices[:, 1].clip(max=body().joint("clavicle_l")[1]).max()
    assert place[:, 1].min() > shoulders, "it would cut into the shoulders when the head turns"


def test_lengths_are_the_styles() -> None:
    lowest = {name: positions(worn(name).surface, worn(name).gaussians)[:, 1].min() for name in HAIR_STYLES}
    chin = scalp_of(body()).chin_height
    assert lowest["long"] < chin - 0.15 and lowest["wavy"] < chin - 0.12 and lowest["ponytail"] < chin - 0.02
    assert lowest["bob"] < chin + 0.005 < lowest["crop"] < lowest["balding"] + 0.03
    buzz = form().distance(positions(worn("buzz").surface, worn("buzz").gaussians))
    assert np.quantile(buzz, 0.99) < 0.012


def test_strands_differ() -> None:
    """Neighbouring strands have their own tones; the mean is the palette's."""
    light = albedo_of(worn().gaussians).mean(axis=1)
    assert 0.15 < light.std() / light.mean() < 0.8
    np.testing.assert_allclose(np.median(light), palette(0).hair.mean(), rtol=0.5)


def test_grey_comes_with_age() -> None:
    assert grey_share(20, 0) == 0.0
    assert grey_share(40, 0) < 0.4 < 0.6 < grey_share(75, 0) <= 1
    dark = hair_colour("black")
    half = hair(body(), palette(0), seed=0, count=6000, style="crop", colour=dark, grey=0.5)
    share = (albedo_of(half.gaussians).mean(axis=1) > 0.2).mean()
    assert 0.25 < share < 0.65
    assert all((hair_colour(name) > 0).all() for name in HAIR_COLOURS)
    with pytest.raises(ForgeError, match="choose one of"):
        hair_colour("mauve")


def _skinned(layer: Layer, turn: str, axis: tuple[float, float, float], degrees: float) -> tuple[F64, F64]:
    """Gaussians of hair and vertices of skin with joints turned."""
    skeleton = body().skeleton
    half = np.radians(degrees) / 2
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(skeleton.names), 1))
    for joint, share in (("neck_01", 0.35), ("head", 0.65)) if turn == "both" else ((turn, 1.0),):
        rotations[skeleton.names.index(joint)] = [np.cos(share * half), *(np.sin(share * half) * np.array(axis))]
    matrices = skinning_matrices(skeleton, rotations, np.zeros(3)).astype(np.float64)

    def moved(vertices: F64, joints: NDArray[np.uint16], weights: NDArray[np.float32]) -> F64:
        blended = np.einsum("vk,vkab->vab", weights, matrices[joints])
        return np.asarray(np.einsum("vab,vb->va", blended[:, :3, :3], vertices) + blended[:, :3, 3])

    surface = layer.surface
    posed = moved(surface.vertices, surface.skin_joints, surface.skin_weights)
    gaussians = layer.gaussians
    basis, edge = frames(posed, surface.triangles)
    corner = posed[surface.triangles[gaussians.triangle]]
    place = corner.mean(axis=1)
    u, v = gaussians.barycentric.T.astype(np.float64)[..., None]
    place = u * corner[:, 0] + v * corner[:, 1] + (1 - u - v) * corner[:, 2]
    local = np.einsum("nij,nj->ni", basis[gaussians.triangle], gaussians.offset) * edge[gaussians.triangle][:, None]
    return place + local, moved(body().vertices, body().skin_joints, body().skin_weights)


@pytest.mark.parametrize("style", ["bob", "long", "ponytail"])
@pytest.mark.parametrize(
    ("axis", "degrees"), [((0, 1, 0), 60), ((0, 1, 0), -60), ((1, 0, 0), 25), ((1, 0, 0), -20), ((0, 0, 1), 20)]
)
def test_turning_the_head_pushes_no_hair_into_it(style: str, axis: tuple[float, float, float], degrees: float) -> None:
    place, skin = _skinned(worn(style), "both", axis, degrees)
    triangles = body().triangles["body"]
    inner = body().mask("inside-mouth", body().uv["body"]).mean(axis=1) > 0.5
    triangles = triangles[~inner & (skin[triangles][..., 1].min(axis=1) > body().joint("spine_02")[1])]
    corners, normals = skin[triangles], vertex_normals(skin, triangles)[triangles]
    _, nearest = cKDTree(corners.mean(axis=1), balanced_tree=False).query(place)
    above = ((place - corners.mean(axis=1)[nearest]) * normals.mean(axis=1)[nearest]).sum(axis=1)
    deep = above < -0.008
    assert deep.mean() < 0.01, f"{deep.mean():.1%} of the hair is in the body, up to {-above.min() * 1000:.0f} mm"


def test_hair_of_the_head_moves_with_the_head_alone() -> None:
    surface = worn().surface
    above = surface.vertices[:, 1] > Face(body()).eyes[0, 1]
    head = body().skeleton.names.index("head")
    share = np.where(surface.skin_joints == head, surface.skin_weights, 0).sum(axis=1)
    assert share[above].min() > 0.94
    np.testing.assert_allclose(surface.skin_weights.sum(axis=1), 1, rtol=1e-5)
    long = worn("long").surface
    share = np.where(long.skin_joints == head, long.skin_weights, 0).sum(axis=1)
    assert share[long.vertices[:, 1] < body().joint("neck_01")[1] - 0.05].max() < 0.05


def test_the_hairline_is_where_people_have_it() -> None:
    scalp, face = scalp_of(body()), Face(body())
    height = scalp.crown_height - scalp.eye_height
    forehead = np.array([[0.0, scalp.eye_height + share * height, face.nose[2]] for share in (0.45, 0.75)])
    assert scalp.inside_hairline(forehead)[0] < 0 < scalp.inside_hairline(forehead)[1]
    nape = scalp.centre - [0.0, 0.035, 0.09]
    throat = scalp.centre - [0.0, 0.10, 0.06]
    assert scalp.inside_hairline(nape[None])[0] > 0 > scalp.inside_hairline(throat[None])[0]
    crown = np.array([[0.0, scalp.crown_height - 0.002, scalp.centre[2]]])
    assert scalp.inside_hairline(crown, 0.0) > 0 > scalp.inside_hairline(crown, 1.0)
    assert scalp_triangles(body(), 1.0).sum() < scalp_triangles(body(), 0.4).sum() < scalp_triangles(body()).sum()


def test_the_same_seed_gives_the_same_hair() -> None:
    again = hair(body(), palette(0), seed=0, count=COUNT)
    np.testing.assert_array_equal(again.gaussians.offset, worn().gaussians.offset)
    np.testing.assert_array_equal(again.gaussians.sh, worn().gaussians.sh)
    other = hair(body(), palette(5), seed=5, count=COUNT)
    assert len(other.gaussians) != len(again.gaussians) or not np.array_equal(
        other.gaussians.offset, again.gaussians.offset
    )
    for style in HAIR_STYLES:
        assert 0.8 * COUNT < len(worn(style).gaussians) < 1.15 * COUNT, style
    assert (np.diff(again.importance) <= 0).all()


def test_a_style_that_is_not_there_is_refused() -> None:
    with pytest.raises(ForgeError, match="choose one of bob"):
        hair(body(), palette(0), seed=0, count=100, style="mohawk")
