"""Clothes: closed, nothing shines through in any pose, edges are clean, soles stand on the floor, cloth follows."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation, binary_erosion
from scipy.spatial import ConvexHull, cKDTree

from assets.errors import ForgeError
from assets.forge.clothes.garments import garments
from assets.forge.clothes.outfit import KINDS, OUTFITS, outfit
from assets.forge.clothes.tailor.fabric import YARNS
from assets.forge.layer import Layer, frames, positions, stacked, vertex_normals
from render.measure.dress import come_through
from render.offscreen import look_at_view, render_image
from render.view import View
from tests.assets.forge.dressed import CASUAL, POSES, SKIRT, SUIT, avatar, dressed, joints, posed, skin_layer, struck
from tests.assets.forge.forged import body
from tests.assets.makehuman_data import asset
from tests.motion_set import motion_set

SIZE = 320


def outline(view: View, layer: Layer, pose: str) -> NDArray[np.bool_]:
    """Where the layer's triangles are seen, by Pillow."""
    local = posed(layer, pose) @ view.world_to_eye[:3, :3].T + view.world_to_eye[:3, 3]
    lens = view.intrinsics
    column = lens.cx - lens.fx * local[:, 0] / local[:, 2]
    row = lens.cy - lens.fy * local[:, 1] / local[:, 2]
    pixels = np.stack([column, view.height - row], axis=1)
    picture = Image.new("1", (view.width, view.height))
    draw = ImageDraw.Draw(picture)
    for corners in pixels[layer.surface.triangles[np.unique(layer.gaussians.triangle)]]:
        draw.polygon([tuple(corner) for corner in corners], fill=1)
    return np.asarray(picture)


@pytest.mark.parametrize("number", range(3), ids=("shirt", "trousers", "blazer"))
def test_linings_are_lit_as_the_cloth_beside_them(number: int) -> None:
    """They come through at hems, seen along the cloth: shading normals of their own would be blotches."""
    layer = [each for each in dressed(SUIT)[0] if positions(each.surface, each.gaussians)[:, 1].max() > 0.3][number]
    place = positions(layer.surface, layer.gaussians)
    around = layer.normals[cKDTree(place).query(place, k=13)[1]].mean(axis=1)
    against = (around * layer.normals).sum(axis=1) < 0.5
    print(f"{against.mean():.4f} of the shading normals disagree with those around them")
    assert against.mean() < 0.02


def test_trousers_are_finer_where_they_end() -> None:
    layer = dressed(SUIT)[0][1]
    height = positions(layer.surface, layer.gaussians)[:, 1]
    _, edge = frames(layer.surface.vertices, layer.surface.triangles)
    wide = layer.gaussians.scale.max(axis=1) * edge[layer.gaussians.triangle]
    assert np.median(wide[height < 0.12]) < 0.85 * np.median(wide[(height > 0.35) & (height < 0.6)])


@pytest.mark.parametrize(
    ("pieces", "pose"),
    [(CASUAL, "raised"), (CASUAL, "bent"), (SKIRT, "twisted"), (SKIRT, "stepping"), (SUIT, "crossed"), (SUIT, "bent")],
)
def test_cloth_is_closed_and_no_skin_shines_through(pieces: str, pose: str) -> None:
    """Counts pixels: within the cloth's outline all is opaque, and away from the skin's outline nothing is red."""
    aim = np.array([0.0, 0.85, 0.05])
    for angle in (20, 200) if pose == "bent" else (20,):
        turn = np.radians(angle)
        view = look_at_view(aim + 2.7 * np.array([np.sin(turn), 0.1, np.cos(turn)]), aim, 40.0, SIZE, SIZE)
        picture = render_image(avatar(pieces), view, joints=joints(pose), background=None).astype(float) / 255
        cloth = np.logical_or.reduce([outline(view, layer, pose) for layer in dressed(pieces)[0]])
        inside = binary_erosion(cloth, iterations=3)
        assert inside.sum() > 3000
        assert np.mean(picture[..., 3][inside] < 0.95) < 0.003
        away_from_skin = inside & ~binary_dilation(outline(view, skin_layer(pieces), pose), iterations=3)
        redness = picture[..., 0] - picture[..., 1:3].max(axis=-1)
        assert np.mean(redness[away_from_skin] > 0.25) < 0.001


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("pieces", [CASUAL, SUIT])
def test_what_skin_is_left_under_borders_stays_inside(pieces: str, pose: str) -> None:
    """The margins: skin that goes on under collar, cuffs and hems lies within the cloth, whatever the pose."""
    cloth, now, normals = [], [], []
    for layer in dressed(pieces)[0]:
        cloth.append(posed(layer, "rest"))
        now.append(posed(layer, pose))
        normals.append(vertex_normals(now[-1], layer.surface.triangles))
    at_rest = np.concatenate([vertex_normals(posed(x, "rest"), x.surface.triangles) for x in dressed(pieces)[0]])
    skin = skin_layer(pieces)
    rest, moved = posed(skin, "rest"), posed(skin, pose)
    facing = vertex_normals(rest, skin.surface.triangles)
    away, near = cKDTree(np.concatenate(cloth)).query(rest, k=12)
    above = np.einsum("nkc,nc->nk", np.concatenate(cloth)[near] - rest[:, None], facing)
    # of the cloth right above, the outside; its lining faces the skin
    over = (above > 0.7 * away) & (away < 0.025) & (np.einsum("nkc,nc->nk", at_rest[near], facing) > 0.5)
    under = over.any(axis=1)
    assert under.sum() > 40
    best = near[np.arange(len(near)), np.argmax(over, axis=1)][under]
    height = ((np.concatenate(now)[best] - moved[under]) * np.concatenate(normals)[best]).sum(axis=1)
    assert np.mean(height < -0.002) < 0.02


@pytest.mark.parametrize(("pose", "share"), [("sitting", 0.2), ("stepping", 0.01), ("bent", 0.01)])
def test_legs_stay_inside_the_skirt(pose: str, share: float) -> None:
    """What looks out of a leg at the skirt goes on to do so: it is one tube around both, and no leg leaves it. Who sits
    shows the knees' sides."""
    skirt, skin = dressed(SKIRT)[0][1], skin_layer(SKIRT)
    x, y = skin.surface.vertices[:, 0], skin.surface.vertices[:, 1]
    hem = skirt.surface.vertices[:, 1].min()
    legs = (np.abs(x) < 0.25) & (y < body().joint("thigh_l")[1] - 0.05) & (y > hem + 0.04)

    def under(pose: str) -> NDArray[np.bool_]:
        place = posed(skin, pose)
        outward = vertex_normals(place, skin.surface.triangles)
        return struck(place[legs], outward[legs], posed(skirt, pose)[skirt.surface.triangles])

    before = under("rest")
    assert before.sum() > 200
    assert np.mean(~under(pose)[before]) < share


@pytest.mark.parametrize("pieces", [CASUAL, SKIRT, SUIT])
def test_no_skin_comes_through_while_who_wears_it_talks(pieces: str) -> None:
    keys = [key.joints for key in motion_set(avatar(pieces), 12)]
    cloth, _ = stacked([layer.surface for layer in dressed(pieces)[0]])
    through = come_through(skin_layer(pieces).surface, cloth, keys)
    assert through.under > 100
    assert max(through.showing) == 0


def test_skin_that_does_come_through_is_found() -> None:
    skin, cloth = skin_layer(CASUAL).surface, dressed(CASUAL)[0][0].surface
    skin = replace(skin, skin_joints=np.zeros_like(skin.skin_joints))
    cloth = replace(cloth, skin_joints=np.ones_like(cloth.skin_joints))
    still, back = (np.tile(np.eye(4, dtype=np.float32), (2, 1, 1)) for _ in range(2))
    back[1, 2, 3] = -0.016
    showing = come_through(skin, cloth, [still, back]).showing
    assert showing[0] == 0 and showing[1] > 10


def test_edges_are_as_thick_as_the_cloth() -> None:
    """At hem, cuffs and collar the cloth turns over its own thickness and goes on inside: it is no sheet of paper."""
    sweater = dressed(CASUAL)[0][0].surface
    thickness = YARNS["knit"].thickness
    sides = np.concatenate([sweater.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    edges, uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    rim = np.unique(edges[uses == 1])
    normals = vertex_normals(sweater.vertices, sweater.triangles)
    away = sweater.vertices[None, rim] - sweater.vertices[:, None]
    height = -np.einsum("vrc,vc->vr", away, normals)
    beside = np.linalg.norm(away + height[..., None] * normals[:, None], axis=2)
    over = (height > 0.5 * thickness) & (height < 4 * thickness) & (beside < 0.012)
    assert len(rim) > 150
    assert np.mean(over.any(axis=0)) > 0.95, "the lining does not lie beneath the outside"
    assert 0.8 * thickness < np.median(np.where(over, height, np.inf).min(axis=0)) < 2.5 * thickness


def test_what_is_covered_is_inside() -> None:
    layers, covered = dressed(CASUAL)
    centres = body().vertices[body().triangles["body"]].mean(axis=1)
    assert 8_000 < covered.sum() < len(covered)
    head = centres[:, 1] > body().joint("head")[1]
    hands = np.abs(centres[:, 0]) > abs(body().joint("hand_l")[0]) + 0.01
    assert not covered[head | hands].any()
    cloth = np.concatenate([layer.surface.vertices for layer in layers])
    away, _ = cKDTree(cloth).query(centres[covered])
    assert np.quantile(away, 0.999) < 0.07


def test_feet_are_gone_and_shoes_stand_on_the_floor() -> None:
    layers, covered = dressed(CASUAL)
    triangles = body().triangles["body"]
    low = body().vertices[triangles][..., 1].max(axis=1) < 0.06
    assert covered[low].all()
    shoe = layers[2].surface.vertices
    assert abs(shoe[:, 1].min()) < 0.003
    left = shoe[shoe[:, 0] > 0][:, [0, 2]]
    assert 0.22 < np.ptp(left[:, 1]) < 0.32 and 0.08 < np.ptp(left[:, 0]) < 0.14


def test_shoes_have_no_toes() -> None:
    """Seen from above, a shoe is nearly convex; the bare foot's own outline falls short of its hull by more."""
    shoe = dressed(CASUAL)[0][2].surface
    left = shoe.triangles[(shoe.vertices[shoe.triangles][..., 0] > 0).all(axis=1)]
    plan = shoe.vertices[:, [0, 2]] * 4000 + [200, 400]
    picture = Image.new("1", (1600, 1600))
    draw = ImageDraw.Draw(picture)
    for corners in plan[left]:
        draw.polygon([tuple(corner) for corner in corners], fill=1)
    hull = ConvexHull(plan[np.unique(left)]).volume
    assert np.asarray(picture).sum() / hull > 0.93


def test_edges_go_round_and_pieces_overlap() -> None:
    sweater, jeans, _ = dressed(CASUAL)[0]
    place = positions(sweater.surface, sweater.gaussians)
    trunk = np.abs(place[:, 0]) < 0.22
    hem = place[trunk & (place[:, 1] < place[trunk, 1].min() + 0.02)]
    around = np.unique(np.round(np.arctan2(hem[:, 0], hem[:, 2]) * 4))
    assert len(around) >= 24, "the lowest 2 cm of the sweater do not go round the body"
    assert place[:, 1].max() < body().joint("neck_01")[1] + 0.05
    legs = positions(jeans.surface, jeans.gaussians)
    assert -0.01 < legs[:, 1].min() < 0.06
    assert legs[:, 1].max() > hem[:, 1].max() + 0.02, "the jeans do not reach under the sweater"


def test_what_is_tucked_in_is_not_drawn_over_the_skirt() -> None:
    blouse, skirt, _ = dressed(SKIRT)[0]
    waist = positions(skirt.surface, skirt.gaussians)[:, 1].max()
    trunk = np.abs(blouse.surface.vertices[:, 0]) < 0.13
    assert blouse.surface.vertices[trunk, 1].min() > waist - 0.05


@pytest.mark.parametrize("pieces", [CASUAL, SKIRT, SUIT])
def test_clothes_move_with_the_body(pieces: str) -> None:
    for layer in dressed(pieces)[0]:
        surface = layer.surface
        np.testing.assert_allclose(surface.skin_weights.sum(axis=1), 1, atol=1e-5)
        before = surface.vertices[surface.triangles]
        after = posed(layer, "crossed")[surface.triangles]

        def longest(corners: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)

        assert np.quantile(longest(after) / longest(before), 0.998) < 2.5


def test_folds_are_deeper_than_the_body_is_uneven() -> None:
    """Real displacement: the sleeve's surface waves by millimetres along the forearm, which the arm does not."""
    sweater = dressed(CASUAL)[0][0]
    elbow, wrist = body().joint("lowerarm_l"), body().joint("hand_l")
    along = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    away = posed(sweater, "rest") - elbow
    t = away @ along
    radius = np.linalg.norm(away - t[:, None] * along, axis=1)
    sleeve = (t > 0.02) & (t < 0.16) & (radius < 0.1)
    assert sleeve.sum() > 300
    smooth = np.polyval(np.polyfit(t[sleeve], radius[sleeve], 3), t[sleeve])
    assert np.std(radius[sleeve] - smooth) > 0.002


def test_as_many_gaussians_as_asked_for_the_most_important_first() -> None:
    for pieces in (CASUAL, SKIRT):
        assert abs(sum(len(layer.gaussians) for layer in dressed(pieces)[0]) - 24_000) < 1_400
        assert all((np.diff(layer.importance) <= 0).all() for layer in dressed(pieces)[0])


def test_packs_are_worn_alone_or_besides() -> None:
    layers, covered = garments(body(), seed=0, count=6_000, packs=[asset("clothes/male_elegantsuit01")])
    assert len(layers) == 1 and covered.sum() > 5_000


def test_outfits_are_read_and_completed() -> None:
    items = outfit(3, "striped navy t-shirt, pumps")
    assert [item.slot for item in items] == ["feet", "legs", "top"]
    assert items[2].fabric.pattern == "stripes" and items[2].name == "t-shirt"
    assert [item.name for item in outfit(3)] == [item.name for item in outfit(3)]
    assert len({tuple(item.name for item in outfit(seed)) for seed in range(20)}) >= 4
    for text in OUTFITS:
        assert {part.split()[-1] for part in text.split(",")} <= set(KINDS)


@pytest.mark.parametrize("wanted", ["toga", "shiny shirt", "jeans, skirt", "white"])
def test_what_there_is_not_is_said(wanted: str) -> None:
    with pytest.raises(ForgeError, match=r"[.;]"):
        outfit(0, wanted)
