"""The figure of light: a body that can be told from its surroundings, moved by time alone."""

import numpy as np
import pytest

from render.gl.targets import colour_target, read_linear
from render.motes import HEIGHT_M, Motes, grains
from render.offscreen import Offscreen
from render.view import View, look_at_view

VIEW = look_at_view((0.0, 1.0, 2.6), (0.0, 0.9, 0.0), 50, 200, 200)


def drawn(
    gl: Offscreen, time_s: float = 0.0, *, view: View = VIEW, before: tuple[float, ...] = (), **others: float
) -> np.ndarray:
    """(H, W, 4) linear light, premultiplied, top row first."""
    target, motes = colour_target(gl.ctx, view.width, view.height, "rgba16f"), Motes(gl.ctx)
    target.clear(*before)
    motes.draw(view, target, np.eye(4), time_s, **others)
    motes.release()
    return read_linear(target)


def test_it_has_the_shape_of_a_body_on_a_ring() -> None:
    places = grains()[:, :3]
    body = places[places[:, 1] > 0.02]
    assert HEIGHT_M - 0.06 < body[:, 1].max() < HEIGHT_M and np.abs(body[:, 0]).max() < 0.4
    assert abs(float(body[:, 0].mean())) < 0.01, "as much on the left as on the right"
    np.testing.assert_array_equal(grains(), grains())


def test_it_is_seen_where_it_stands(gl: Offscreen) -> None:
    picture = drawn(gl)
    alpha = picture[..., 3]
    rows = np.nonzero(alpha.max(axis=1) > 0.2)[0]
    assert rows[0] < 40 and rows[-1] > 160, "from the head to the ring"
    assert alpha[:, 95:105].mean() > 0.1 and alpha[:, :40].max() == 0
    assert (picture[..., :3] <= picture[..., 3:] + 2e-2).all(), "premultiplied"


def test_time_alone_moves_it(gl: Offscreen) -> None:
    first, again, later = drawn(gl, 0.4), drawn(gl, 0.4), drawn(gl, 1.4)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - later).max() > 0.1


def test_it_leaves(gl: Offscreen) -> None:
    amounts = [float(drawn(gl, gone=gone)[..., 3].sum()) for gone in (0.0, 0.5, 0.9, 1.0)]
    assert amounts[0] > amounts[1] > amounts[2] > amounts[3] == 0


def test_it_lies_beneath_what_is_there(gl: Offscreen) -> None:
    solid = drawn(gl, before=(0.2, 0.3, 0.4, 1.0))
    assert np.abs(solid - solid[0, 0]).max() == 0


def test_light_dims_it(gl: Offscreen) -> None:
    plain, dim = drawn(gl), drawn(gl, light=(0.5, 0.5, 0.5))  # type: ignore[arg-type]
    bright = plain[..., 3] > 0.3
    assert float(dim[bright][:, 2].mean() / plain[bright][:, 2].mean()) == pytest.approx(0.5, abs=0.05)
    np.testing.assert_array_equal(plain[..., 3], dim[..., 3])
