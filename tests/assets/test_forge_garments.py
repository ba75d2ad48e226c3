"""Clothes: nothing shines through, edges are clean, soles stand on the floor, and they move with the body."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation, binary_erosion
from scipy.spatial import ConvexHull, cKDTree

from assets.avatar import Avatar
from assets.forge.garments import garments
from assets.forge.layer import Layer, albedo_of, falling_importance, merge, positions, surface_of, surfels
from assets.forge.sampling import scatter
from render.motion.skeleton import skinning_matrices
from render.offscreen import look_at_view, render_image
from render.view import View
from tests.assets.forged import body

SIZE = 384
RED = np.array([1.0, 0.0, 0.0])


@cache
def dressed() -> tuple[list[Layer], NDArray[np.bool_]]:
    return garments(body(), seed=0, count=28_000)


def skin_layer(kept: NDArray[np.bool_]) -> Layer:
    """The body's skin painted red."""
    surface = surface_of(body(), body().triangles["body"][kept])
    samples = scatter(surface.vertices, surface.triangles, 40_000, 0)
    count = len(samples)
    colour = np.tile(RED, (count, 1))
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour, overlap=0.74
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(count),
        lit=np.ones(count, np.float32),
        gloss=np.zeros(count, np.float32),
    )


@cache
def avatar() -> Avatar:
    layers, covered = dressed()
    return merge([*layers, skin_layer(~covered)], body().skeleton, name="test", licence="CC0-1.0")


@cache
def joints(degrees: float) -> NDArray[np.float32]:
    """Skinning matrices with the arms `degrees` lower than in the A-pose."""
    names = body().skeleton.names
    turns = np.tile([1.0, 0.0, 0.0, 0.0], (len(names), 1))
    half = np.radians(degrees) / 2
    turns[names.index("upperarm_l")] = [np.cos(half), 0, 0, -np.sin(half)]
    turns[names.index("upperarm_r")] = [np.cos(half), 0, 0, np.sin(half)]
    return skinning_matrices(body().skeleton, turns, np.zeros(3))


def posed(layer: Layer, degrees: float) -> NDArray[np.float64]:
    surface, matrices = layer.surface, joints(degrees).astype(np.float64)
    blend = np.einsum("vk,vkij->vij", surface.skin_weights, matrices[surface.skin_joints.astype(int)])
    return np.einsum("vij,vj->vi", blend[:, :3, :3], surface.vertices) + blend[:, :3, 3]


def pixels(view: View, points: NDArray[np.float64]) -> NDArray[np.float64]:
    local = points @ view.world_to_eye[:3, :3].T + view.world_to_eye[:3, 3]
    lens = view.intrinsics
    column = lens.cx - lens.fx * local[..., 0] / local[..., 2]
    row = lens.cy - lens.fy * local[..., 1] / local[..., 2]
    return np.stack([column, view.height - row], axis=-1)


def outline(view: View, layer: Layer, degrees: float) -> NDArray[np.bool_]:
    """Where the layer's triangles are seen, by Pillow."""
    picture = Image.new("1", (view.width, view.height))
    draw = ImageDraw.Draw(picture)
    for corners in pixels(view, posed(layer, degrees)[layer.surface.triangles]):
        draw.polygon([tuple(corner) for corner in corners], fill=1)
    return np.asarray(picture)


@pytest.mark.parametrize("degrees", [0.0, 33.0])
@pytest.mark.parametrize("angle", [0, 40, 90, 180, 270])
def test_cloth_is_closed_and_no_skin_shines_through(angle: float, degrees: float) -> None:
    turn = np.radians(angle)
    aim = np.array([0.0, 0.75, 0.02])
    view = look_at_view(aim + 2.4 * np.array([np.sin(turn), 0.1, np.cos(turn)]), aim, 38.0, SIZE, SIZE)
    picture = render_image(avatar(), view, joints=joints(degrees), background=None).astype(float) / 255
    pullover, trousers, _ = dressed()[0]
    cloth = outline(view, pullover, degrees) | outline(view, trousers, degrees)
    inside = binary_erosion(cloth, iterations=3)
    hands = outline(view, skin_layer(~dressed()[1]), degrees)
    assert inside.sum() > 6000
    assert np.mean(picture[..., 3][inside] < 0.98) < 0.001
    away_from_skin = inside & ~binary_dilation(hands, iterations=4)
    redness = picture[..., 0] - picture[..., 1:3].max(axis=-1)
    assert np.mean(redness[away_from_skin] > 0.25) < 0.001


def test_what_is_covered_is_inside() -> None:
    layers, covered = dressed()
    centres = body().vertices[body().triangles["body"]].mean(axis=1)
    assert 8_000 < covered.sum() < len(covered)
    head = centres[:, 1] > body().joint("head")[1]
    hands = np.abs(centres[:, 0]) > abs(body().joint("hand_l")[0]) + 0.01
    assert not covered[head | hands].any()
    cloth = np.concatenate([layer.surface.vertices for layer in layers])
    away, _ = cKDTree(cloth).query(centres[covered])
    assert np.quantile(away, 0.999) < 0.06


def test_feet_are_gone_and_shoes_stand_on_the_floor() -> None:
    layers, covered = dressed()
    triangles = body().triangles["body"]
    low = body().vertices[triangles][..., 1].max(axis=1) < 0.09
    assert covered[low].all()
    shoe = layers[2].surface.vertices
    assert abs(shoe[:, 1].min()) < 0.003
    left = shoe[shoe[:, 0] > 0][:, [0, 2]]
    assert 0.22 < np.ptp(left[:, 1]) < 0.32 and 0.08 < np.ptp(left[:, 0]) < 0.14


def test_shoes_have_no_toes() -> None:
    """Seen from above, a shoe is nearly convex; the bare foot's own outline falls short of its hull by more."""
    shoe = dressed()[0][2].surface
    left = shoe.triangles[(shoe.vertices[shoe.triangles][..., 0] > 0).all(axis=1)]
    plan = shoe.vertices[:, [0, 2]] * 4000 + [200, 400]
    picture = Image.new("1", (1600, 1600))
    draw = ImageDraw.Draw(picture)
    for corners in plan[left]:
        draw.polygon([tuple(corner) for corner in corners], fill=1)
    hull = ConvexHull(plan[np.unique(left)]).volume
    assert np.asarray(picture).sum() / hull > 0.93


def test_edges_are_level_and_smooth() -> None:
    pullover, trousers, _ = dressed()[0]
    place = positions(pullover.surface, pullover.gaussians)
    trunk = np.abs(place[:, 0]) < 0.22
    hem = place[trunk & (place[:, 1] < place[trunk, 1].min() + 0.004)]
    around = np.unique(np.round(np.arctan2(hem[:, 0], hem[:, 2]) * 4))
    assert len(around) >= 24, "the lowest 4 mm of the pullover do not go round the body"
    assert place[:, 1].max() < body().joint("neck_01")[1] + 0.04
    legs = positions(trousers.surface, trousers.gaussians)
    assert 0.015 < legs[:, 1].min() < 0.05
    assert legs[:, 1].max() > hem[:, 1].max() + 0.03, "the trousers do not reach under the pullover"


def test_clothes_move_with_the_body() -> None:
    for layer in dressed()[0]:
        surface = layer.surface
        np.testing.assert_allclose(surface.skin_weights.sum(axis=1), 1, atol=1e-5)
        before = surface.vertices[surface.triangles]
        after = posed(layer, 33.0)[surface.triangles]

        def longest(corners: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)

        assert np.quantile(longest(after) / longest(before), 0.999) < 2.5


def test_the_same_seed_gives_the_same_clothes() -> None:
    again, covered = garments(body(), seed=0, count=28_000)
    np.testing.assert_array_equal(covered, dressed()[1])
    for one, other in zip(dressed()[0], again, strict=True):
        np.testing.assert_array_equal(one.gaussians.offset, other.gaussians.offset)
        np.testing.assert_array_equal(one.gaussians.sh, other.gaussians.sh)
        assert (np.diff(one.importance) <= 0).all()
    other, _ = garments(body(), seed=4, count=28_000)
    assert not np.allclose(albedo_of(other[0].gaussians).mean(0), albedo_of(again[0].gaussians).mean(0), atol=0.01)
    assert abs(sum(len(layer.gaussians) for layer in again) - 28_000) < 1_400
